#include "geo/policy.hpp"
#include "tests/services/decode.hpp"
#include "tests/services/world.hpp"
#include "tests/support/mvt_reader.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

using diaban::services::http::Encoding;
using diaban::tests::World;
using namespace std::chrono_literals;

namespace {

constexpr char tile[] = "/tiles/blocks/12/3245/1838.mvt";

std::string accept(std::string_view coding) {
    return fmt::format("Accept-Encoding: {}\r\n", coding);
}

} // namespace

BOOST_AUTO_TEST_SUITE(tiles)

BOOST_AUTO_TEST_CASE(a_tile_is_readable_and_says_what_it_shows) {
    auto& world = World::shared();
    auto const answer = world.get(tile);
    BOOST_REQUIRE(answer.status == 200);
    BOOST_TEST(answer.field("content-type") == "application/vnd.mapbox-vector-tile");
    auto const layers = diaban::tests::read_tile(answer.body);
    BOOST_REQUIRE(layers.size() == 2u);
    BOOST_TEST(layers[0].name == "blocks");
    BOOST_TEST(layers[1].name == "blocks_label");
    BOOST_TEST(answer.field("diaban-shown") == std::to_string(layers[0].features.size()));
    BOOST_TEST(answer.field("diaban-total") == answer.field("diaban-shown"));
    BOOST_TEST(layers[0].features[0].tags.contains("kind"));
    BOOST_TEST(!layers[0].features[0].tags.contains("area")); // not a tile field
}

BOOST_AUTO_TEST_CASE(every_coding_decodes_to_the_same_tile_and_has_its_own_tag) {
    auto& world = World::shared();
    auto const plain = world.get(tile);
    std::set<std::string> tags{plain.field("etag")};
    struct Case {
        char const* name;
        Encoding encoding;
    };
    for (auto const& [name, encoding] : {Case{"gzip", Encoding::gzip}, Case{"br", Encoding::brotli},
                                         Case{"zstd", Encoding::zstd}}) {
        auto const coded = world.get(tile, accept(name));
        BOOST_TEST(coded.field("content-encoding") == name);
        BOOST_TEST(coded.field("vary") == "Accept-Encoding");
        BOOST_TEST((diaban::tests::decode(coded.body, encoding) == plain.body));
        tags.insert(coded.field("etag"));
    }
    BOOST_TEST(tags.size() == 4u);
}

BOOST_AUTO_TEST_CASE(a_tile_the_client_has_is_304) {
    auto& world = World::shared();
    auto const first = world.get(tile);
    BOOST_TEST(first.field("cache-control") == "no-cache");
    auto const again =
        world.get(tile, fmt::format("If-None-Match: \"x\", {}\r\n", first.field("etag")));
    BOOST_TEST(again.status == 304);
    BOOST_TEST(again.body.empty());
    BOOST_TEST(again.field("etag") == first.field("etag"));
    BOOST_TEST(world.get(tile, "If-None-Match: \"x\"\r\n").status == 200);
}

BOOST_AUTO_TEST_CASE(a_composite_tile_is_its_collections_one_after_the_other) {
    auto& world = World::shared();
    auto const together = world.get("/tiles/blocks,ways,blocks/12/3245/1838.mvt");
    auto const blocks = world.get(tile);
    auto const ways = world.get("/tiles/ways/12/3245/1838.mvt");
    BOOST_TEST((together.body == blocks.body + ways.body));
    auto const json = world.json("/tiles/blocks,ways.json");
    BOOST_TEST(json["tilejson"] == "3.0.0");
    BOOST_TEST(json["vector_layers"].size() == 3u);
    BOOST_TEST(json["tiles"][0] == "http://localhost/tiles/blocks,ways/{z}/{x}/{y}.mvt");
    BOOST_TEST(json["bounds"].size() == 4u);
    BOOST_TEST(json["vector_layers"][0]["fields"].contains("kind"));
}

BOOST_AUTO_TEST_CASE(empty_is_204_outside_is_404_and_no_number_is_400) {
    auto& world = World::shared();
    auto const empty = world.get("/tiles/blocks/12/0/0.mvt");
    BOOST_TEST(empty.status == 204);
    BOOST_TEST(empty.body.empty());
    BOOST_TEST(empty.field("content-length") == "");
    for (auto const* const target :
         {"/tiles/blocks/20/0/0.mvt", "/tiles/blocks/3/8/0.mvt", "/tiles/blocks/3/0/8.mvt",
          "/tiles/nothing/3/0/0.mvt", "/tiles/indicators/3/0/0.mvt", "/tiles/nothing.json",
          "/tiles/blocks,nothing/3/0/0.mvt", "/collections/blocks/tiles/WebMercatorQuad/3/8/0",
          "/collections/blocks/tiles/WorldCRS84Quad/3/0/0"})
        BOOST_TEST(world.get(target).status == 404, target);
    for (auto const* const target :
         {"/tiles/blocks/x/0/0.mvt", "/tiles/blocks/3/-1/0.mvt", "/tiles/blocks/3/0/1.5.mvt",
          "/tiles/blocks/3/0/0x1.mvt", "/tiles/blocks/99999999999/0/0.mvt",
          "/collections/blocks/tiles/WebMercatorQuad/a/0/0",
          "/collections/blocks/tiles/WebMercatorQuad/3/0/0?f=png"})
        BOOST_TEST(world.get(target).status == 400, target);
}

BOOST_AUTO_TEST_CASE(the_ogc_path_has_row_before_column_and_the_same_bytes) {
    auto& world = World::shared();
    auto const ogc = world.get("/collections/blocks/tiles/WebMercatorQuad/12/1838/3245?f=mvt");
    BOOST_TEST((ogc.body == world.get(tile).body));
    auto const tileset = world.json("/collections/blocks/tiles/WebMercatorQuad");
    bool templated = false;
    for (auto const& link : tileset["links"]) templated |= link["rel"] == "item";
    BOOST_TEST(templated);
    BOOST_TEST(tileset["tileMatrixSetLimits"].size() > 0u);
    BOOST_TEST(world.json("/collections/blocks/tiles")["tilesets"].size() == 2u);
    auto const set = world.json("/tileMatrixSets/WebMercatorQuad");
    BOOST_TEST(set["tileMatrices"].size() == 20u);
    BOOST_TEST(set["tileMatrices"][0]["scaleDenominator"].get<double>() == 559082264.028717,
               boost::test_tools::tolerance(1e-9)); // OGC 17-083r4, annex D.1
}

BOOST_AUTO_TEST_CASE(callers_at_once_make_a_tile_once) {
    auto& world = World::shared();
    auto& atlas = world.server().atlas();
    auto const id = diaban::tiles::TileId::make(11, 1622, 919);
    BOOST_REQUIRE(id.has_value());
    std::vector<std::string> const ids{"blocks"};
    auto const before = atlas.cache_counters().misses;
    std::vector<std::jthread> callers;
    std::vector<diaban::tiles::Cache::Made> made(32);
    for (auto& one : made)
        callers.emplace_back([&] {
            one = atlas
                      .tile(ids, *id,
                            diaban::services::access::Rights{
                                {}, diaban::services::access::Rights::open_to_all()},
                            Encoding::zstd)
                      .tile;
        });
    callers.clear();
    BOOST_TEST(atlas.cache_counters().misses == before + 1);
    for (auto const& one : made) BOOST_TEST(one == made[0]);
}

BOOST_AUTO_TEST_CASE(a_change_in_the_record_reaches_tiles_and_items) {
    World world; // one of its own: this test writes
    constexpr char there[] = "/tiles/blocks/12/3245/1839.mvt";
    auto const before = world.get(there).field("etag");
    auto const count = world.json("/collections/blocks")["count"].get<int>();
    world.database().sql("INSERT INTO record.blocks (name, geom) VALUES "
                         "('mới', ST_MakeEnvelope(105.25, 18.05, 105.26, 18.06, 4326))");
    bool seen = false;
    for (int i = 0; i < 100 && !seen; ++i) {
        std::this_thread::sleep_for(50ms);
        seen = world.get(there).field("etag") != before;
    }
    BOOST_TEST(seen);
    BOOST_TEST(world.json("/collections/blocks")["count"] == count + 1);
    BOOST_TEST(world.get("/readyz").status == 200);
}

BOOST_AUTO_TEST_CASE(tiles_go_on_without_the_database_and_items_come_back_with_it) {
    World world;
    auto const name = world.database().value("SELECT current_database()");
    BOOST_TEST(world.get("/collections/blocks/items").status == 200);
    diaban::tests::Database other{diaban::tests::Database::Kind::empty};
    other.sql("ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
    other.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name +
              "'");
    auto const items = world.get("/collections/blocks/items");
    BOOST_TEST(items.status == 503);
    BOOST_TEST(!items.field("retry-after").empty());
    BOOST_TEST(world.get("/at?lon=105.3&lat=18.3").status == 503);
    BOOST_TEST(world.get(tile).status == 200);
    BOOST_TEST(world.get("/tiles/ways/13/6491/3673.mvt").status == 200); // not cut before
    BOOST_TEST(world.get("/places?q=cam%20due").status == 200);
    BOOST_TEST(world.get("/collections").status == 200);
    BOOST_TEST(world.get("/healthz").status == 200);
    other.sql("ALTER DATABASE " + name + " ALLOW_CONNECTIONS true");
    int status = 0;
    for (int i = 0; i < 50 && status != 200; ++i) {
        status = world.get("/collections/blocks/items").status;
        std::this_thread::sleep_for(100ms);
    }
    BOOST_TEST(status == 200);
}

BOOST_AUTO_TEST_SUITE_END()
