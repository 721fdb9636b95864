// Filters (CQL2) over the API, held against SQL on the record.

#include "data/postgis/collections.hpp"
#include "geo/filter/cql2_text.hpp"
#include "services/domain/filtered.hpp"
#include "services/domain/items.hpp"
#include "services/http/uri.hpp"
#include "tests/services/world.hpp"
#include "tests/support/mvt_reader.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <ostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

using diaban::services::http::percent_encode;
using diaban::tests::World;
using nlohmann::json;
namespace tests = diaban::tests;

namespace {

using Fids = std::vector<std::int64_t>;

std::string items_of(std::string const& collection, std::string const& filter,
                     std::string const& more = {}) {
    return fmt::format("/collections/{}/items?limit=10000&filter={}{}", collection,
                       percent_encode(filter), more);
}

Fids fids_in(json const& page) {
    Fids fids;
    for (auto const& feature : page["features"]) fids.push_back(feature["id"]);
    return fids;
}

/// What one large page answers; its count is checked.
Fids asked(World& world, std::string const& target) {
    auto const page = world.json(target);
    auto fids = fids_in(page);
    BOOST_TEST(page["numberMatched"] == fids.size(), target);
    return fids;
}

/// What the record answers to a condition on its table `t`, for the policy of the public.
Fids in_record(World& world, std::string const& table, std::string const& condition) {
    Fids fids;
    for (auto const& row : world.database().sql(
             fmt::format("SELECT t.fid FROM record.{} t WHERE t.sensitivity = 0 AND ({}) "
                         "ORDER BY t.fid",
                         table, condition)))
        fids.push_back(std::stoll(row[0]));
    return fids;
}

void await(World& world) {
    auto const head = std::stoll(world.database().value("SELECT diaban.feed_head()"));
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (world.server().atlas().follower_counters().seq < head) {
        BOOST_REQUIRE(std::chrono::steady_clock::now() < end);
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
}

struct Pair {
    char const* collection;
    char const* filter;
    char const* sql;
};
std::ostream& operator<<(std::ostream& out, Pair const& sample) {
    return out << sample.collection << ": " << sample.filter;
}

Pair const pairs[] = {
    {"blocks", "kind = 'LUC'", "kind = 'LUC'"},
    {"blocks", "kind IN ('ONT','RSX') AND name LIKE '%7'",
     "kind IN ('ONT','RSX') AND name LIKE '%7'"},
    {"blocks", "ACCENTI(CASEI(name)) LIKE ACCENTI(CASEI('MANH 1%'))", "name LIKE 'Mảnh 1%'"},
    {"blocks", "NOT (kind = 'LUC' OR kind > 'P')",
     "NOT (kind = 'LUC' OR kind > 'P' COLLATE \"C\")"},
    {"blocks", "length(name) = 4 AND id < 3000", "length(name) = 4 AND fid < 3000"},
    // Corners on the squares' own: all is touching, and the doubles decide.
    {"blocks", "S_INTERSECTS(geometry, BBOX(105.1,18.1,105.2,18.2))",
     "ST_Intersects(geom, ST_MakeEnvelope(105.1,18.1,105.2,18.2,4326))"},
    {"blocks", "S_WITHIN(geometry, BBOX(105.1,18.1,105.2,18.2))",
     "ST_Within(geom, ST_MakeEnvelope(105.1,18.1,105.2,18.2,4326))"},
    {"blocks", "S_TOUCHES(geometry, POLYGON((105.1 18.1,105.2 18.1,105.2 18.2,105.1 18.1)))",
     "ST_Touches(geom, 'SRID=4326;POLYGON((105.1 18.1,105.2 18.1,105.2 18.2,105.1 18.1))')"},
    {"blocks", "S_DISJOINT(geometry, BBOX(105,18,106,18.25)) AND kind <> 'CLN'",
     "ST_Disjoint(geom, ST_MakeEnvelope(105,18,106,18.25,4326)) AND kind <> 'CLN'"},
    {"blocks", "S_CONTAINS(geometry, POINT(105.305 18.205)) OR name = 'Ô 9'",
     "ST_Contains(geom, ST_Point(105.305, 18.205, 4326)) OR name = 'Ô 9'"},
    {"ways", "number % 7 = 3 AND number * 2 BETWEEN 100 AND 900",
     "number % 7 = 3 AND number * 2 BETWEEN 100 AND 900"},
    {"ways", "S_CROSSES(geometry, LINESTRING(105 18,105.4 18.3)) OR number = 5",
     "ST_Crosses(geom, 'SRID=4326;LINESTRING(105 18,105.4 18.3)') OR number = 5"},
    {"ways", "NOT S_INTERSECTS(geometry, BBOX(105,18,105.3,18.2))",
     "NOT ST_Intersects(geom, ST_MakeEnvelope(105,18,105.3,18.2,4326))"},
    {"spots", "geometry IS NULL", "geom IS NULL"},
    {"spots", "NOT S_INTERSECTS(geometry, BBOX(105,18,105.5,19))",
     "NOT ST_Intersects(geom, ST_MakeEnvelope(105,18,105.5,19,4326))"},
    {"spots", "S_INTERSECTS(geometry, BBOX(179,9,-179,11))", "abs(ST_X(geom)) > 179"},
    {"spots", "T_AFTER(valid, DATE('2025-10-20')) AND note LIKE '%1%'",
     "seen_at >= '2025-10-21T00:00+07' AND note LIKE '%1%'"},
    {"spots", "valid IS NULL", "seen_at IS NULL"},
    {"places", "level = 'commune' AND T_INTERSECTS(valid, DATE('2025-07-01'))",
     "level = 'commune' AND valid_from < '2025-07-02T00:00+07' AND "
     "(valid_to IS NULL OR valid_to > '2025-07-01T00:00+07')"},
    {"places", "A_CONTAINEDBY((name, kind), ('xa', 'Cẩm Duệ', 'Cẩm Mỹ'))",
     "ARRAY[name, kind] <@ ARRAY['xa', 'Cẩm Duệ', 'Cẩm Mỹ']"},
};

std::string type_of(tests::RawAnswer const& answer) {
    return json::parse(answer.body)["type"];
}

} // namespace

BOOST_AUTO_TEST_SUITE(filters)

BOOST_DATA_TEST_CASE(a_filter_finds_the_rows_that_sql_finds, pairs) {
    auto& world = World::shared();
    auto const expected = in_record(world, sample.collection, sample.sql);
    BOOST_TEST(!expected.empty());
    BOOST_TEST(asked(world, items_of(sample.collection, sample.filter)) == expected);
}

BOOST_AUTO_TEST_CASE(random_shapes_find_the_rows_that_postgis_finds) {
    auto& world = World::shared();
    std::mt19937_64 random{tests::seed()};
    std::uniform_real_distribution<double> x{105, 105.8};
    std::uniform_real_distribution<double> y{18, 18.5};
    char const* const names[] = {"INTERSECTS", "WITHIN", "TOUCHES", "OVERLAPS", "DISJOINT"};
    for (int i = 0; i < 40; ++i) {
        double const west = i % 2 == 0 ? 105 + double(random() % 60) * 0.01 : x(random);
        double const south = i % 2 == 0 ? 18 + double(random() % 40) * 0.01 : y(random);
        auto const shape = fmt::format("POLYGON(({0} {1},{2} {1},{2} {3},{0} {1}))", west, south,
                                       west + 0.11, south + 0.06);
        for (auto const* const collection : {"blocks", "ways"}) {
            std::string const name = names[std::size_t(i) % 5];
            BOOST_TEST(asked(world, items_of(collection,
                                             fmt::format("S_{}(geometry, {})", name, shape))) ==
                           in_record(world, collection,
                                     fmt::format("ST_{}(geom, 'SRID=4326;{}')", name, shape)),
                       collection << " " << name << " " << shape);
        }
    }
}

BOOST_AUTO_TEST_CASE(null_is_neither_true_nor_false) {
    World world;
    world.database().sql("UPDATE record.blocks SET kind = NULL WHERE fid % 4 = 0");
    await(world);
    auto const count = [&](std::string const& filter) {
        return asked(world, items_of("blocks", filter)).size();
    };
    auto const yes = count("kind = 'LUC'");
    auto const no = count("NOT kind = 'LUC'");
    auto const null = count("kind IS NULL");
    BOOST_TEST(null == 1250U);
    BOOST_TEST(yes + no + null == 5000U);
    BOOST_TEST(count("kind = 'LUC' OR TRUE") == 5000U);
    BOOST_TEST(count("kind <> 'LUC'") == no);
}

BOOST_AUTO_TEST_CASE(a_filter_goes_with_box_and_time) {
    auto& world = World::shared();
    BOOST_TEST(asked(world, items_of("spots", "note LIKE '%2%'",
                                     "&bbox=105,18,105.5,19&datetime=2025-09-28/2025-10-10")) ==
               in_record(world, "spots",
                         "note LIKE '%2%' AND ST_Intersects(geom, "
                         "ST_MakeEnvelope(105,18,105.5,19,4326)) AND "
                         "seen_at >= '2025-09-28T00:00+07' AND seen_at < '2025-10-11T00:00+07'"));
    BOOST_TEST(asked(world, items_of("spots", "note LIKE 'bên%'", "&bbox=179,9,-179,11")).size() ==
               2U);
    BOOST_TEST(asked(world, items_of("blocks", "S_WITHIN(geometry, BBOX(105.1,18.1,105.2,18.2))",
                                     "&bbox=105.15,18.15,105.3,18.3")) ==
               in_record(world, "blocks",
                         "ST_Within(geom, ST_MakeEnvelope(105.1,18.1,105.2,18.2,4326)) AND "
                         "ST_Intersects(geom, ST_MakeEnvelope(105.15,18.15,105.3,18.3,4326))"));
    BOOST_TEST(asked(world, items_of("blocks", "S_WITHIN(geometry, BBOX(105.1,18.1,105.2,18.2))",
                                     "&bbox=105.5,18.15,105.6,18.3"))
                   .empty());
}

BOOST_AUTO_TEST_CASE(pages_under_a_filter_hold_each_row_once) {
    auto& world = World::shared();
    auto const filter = percent_encode("kind = 'LUC' AND NOT name LIKE '%3'");
    Fids fids;
    std::string target = "/collections/blocks/items?limit=97&filter=" + filter;
    std::uint64_t matched = 0;
    while (!target.empty()) {
        auto const page = world.json(target);
        matched = page["numberMatched"];
        auto const some = fids_in(page);
        fids.insert(fids.end(), some.begin(), some.end());
        target.clear();
        for (auto const& link : page["links"])
            if (link["rel"] == "next") {
                std::string const href = link["href"];
                target = href.substr(href.find('/', 8));
            }
    }
    BOOST_TEST(fids == in_record(world, "blocks", "kind = 'LUC' AND NOT name LIKE '%3'"));
    BOOST_TEST(fids.size() == matched);
}

BOOST_AUTO_TEST_CASE(after_edits_a_filter_finds_what_sql_finds) {
    World world;
    auto& database = world.database();
    auto const random = tests::seed();
    for (auto const& edit :
         {std::string{"DELETE FROM record.blocks WHERE fid % 11 = 0"},
          std::string{"UPDATE record.blocks SET kind = 'mới ' || fid % 3 WHERE fid % 7 = 0"},
          fmt::format("UPDATE record.blocks SET geom = ST_Translate(geom, {}, 0.005) "
                      "WHERE fid % 13 = 0",
                      double(random % 20) / 2000.0),
          std::string{"INSERT INTO record.blocks (name, geom) SELECT 'thêm ' || i, "
                      "CASE WHEN i % 2 = 0 THEN ST_MakeEnvelope(105.2, 18.1, 105.21 + i * 0.01, "
                      "18.2, 4326) END FROM generate_series(1, 20) AS i"}}) {
        database.sql(edit);
        await(world);
    }
    for (auto const& [filter, sql] : std::vector<std::pair<std::string, std::string>>{
             {"kind LIKE 'mới%'", "kind LIKE 'mới%'"},
             {"kind IS NULL OR kind = 'ONT'", "kind IS NULL OR kind = 'ONT'"},
             {"geometry IS NULL", "geom IS NULL"},
             {"S_INTERSECTS(geometry, BBOX(105.2,18.1,105.3,18.2)) AND NOT kind = 'LUC'",
              "ST_Intersects(geom, ST_MakeEnvelope(105.2,18.1,105.3,18.2,4326)) "
              "AND NOT kind = 'LUC'"},
             {"S_TOUCHES(geometry, BBOX(105.2,18.1,105.3,18.2))",
              "ST_Touches(geom, ST_MakeEnvelope(105.2,18.1,105.3,18.2,4326))"},
             {"id < 500", "fid < 500"}}) {
        auto const expected = in_record(world, "blocks", sql);
        BOOST_TEST(!expected.empty(), sql);
        BOOST_TEST(asked(world, items_of("blocks", filter)) == expected, filter);
    }
}

BOOST_AUTO_TEST_CASE(hidden_rows_and_masked_fields_are_not_found_by_any_filter) {
    World world;
    world.database().sql("UPDATE record.blocks SET sensitivity = 9 WHERE fid % 2 = 0;"
                         "UPDATE record.blocks SET scope = '42' WHERE fid % 3 = 0");
    await(world);
    for (auto const* const filter :
         {"TRUE", "id = 2", "NOT name = 'x'", "S_TOUCHES(geometry, BBOX(105.1,18.1,105.2,18.2))"})
        for (auto const fid : asked(world, items_of("blocks", filter)))
            BOOST_REQUIRE_MESSAGE(fid % 2 == 1, filter << " finds " << fid);
    BOOST_TEST(asked(world, items_of("blocks", "id = 2")).empty());
    BOOST_TEST(asked(world, items_of("blocks", "TRUE")).size() == 2500U);

    using namespace diaban;
    auto const policy = geo::Policy::limited({"42"}, 0, {"kind"});
    auto const view = world.server().atlas().view("blocks");
    data::postgis::Pool pool{world.database().options(data::postgis::Role::serve)};
    data::postgis::FeatureStore const store{pool};
    auto const found = [&](std::string const& filter) {
        return services::domain::fids_of_filter(
            *view, store,
            geo::filter::Filter::make(geo::filter::read_text(filter), view->layer->schema(),
                                      policy),
            {}, {}, policy);
    };
    BOOST_TEST(found("NOT name = 'x'") ==
               in_record(world, "blocks", "scope = '42' AND NOT name = 'x'"));
    BOOST_TEST(found("S_TOUCHES(geometry, BBOX(105.1,18.1,105.2,18.2))") ==
               in_record(world, "blocks",
                         "scope = '42' AND ST_Touches(geom, "
                         "ST_MakeEnvelope(105.1,18.1,105.2,18.2,4326))"));
    BOOST_TEST(tests::throws("unknown-queryable", [&] { found("kind = 'LUC'"); }));
}

BOOST_AUTO_TEST_CASE(fields_unknown_personal_or_not_mirrored_are_refused_alike) {
    auto& world = World::shared();
    auto const refusal = [&](std::string const& field) {
        auto const answer = world.get(items_of("blocks", field + " = 'Nguyễn Văn 7'", "&lang=en"));
        BOOST_TEST(answer.status == 400);
        auto body = json::parse(answer.body);
        BOOST_TEST(body["value"] == field);
        body.erase("value");
        body.erase("detail");
        body.erase("instance");
        body.erase("request");
        return body;
    };
    auto const unknown = refusal("ownar");
    BOOST_TEST(unknown["type"] == "urn:diaban:problem:unknown-queryable");
    BOOST_TEST(unknown["accepted"] == "name, kind, id, valid, geometry");
    BOOST_TEST(refusal("owner") == unknown);
    BOOST_TEST(refusal("area") == unknown);
}

BOOST_AUTO_TEST_CASE(a_bad_filter_is_refused_with_the_place) {
    auto& world = World::shared();
    auto const answer = world.get(items_of("blocks", "kind = 'LUC' AND"));
    BOOST_TEST(answer.status == 400);
    auto const body = json::parse(answer.body);
    BOOST_TEST(body["type"] == "urn:diaban:problem:bad-filter");
    BOOST_TEST(body["position"] == "17");
    auto const typed = json::parse(world.get(items_of("ways", "number = 'x'")).body);
    BOOST_TEST(typed["type"] == "urn:diaban:problem:filter-type");
    BOOST_TEST(typed["position"] == "1");
    auto const pointed =
        json::parse(world
                        .get(items_of("ways", R"({"op":"=","args":[{"property":"number"}]})",
                                      "&filter-lang=cql2-json"))
                        .body);
    BOOST_TEST(pointed["type"] == "urn:diaban:problem:bad-filter");
    BOOST_TEST(pointed["position"].get<std::string>().starts_with("/args"));
    BOOST_TEST(world.get("/collections/ways/items?filter=TRUE&filter-lang=ecql").status == 400);
    BOOST_TEST(
        type_of(world.get("/collections/ways/items?filter=TRUE&as-of=2025-07-01T00:00:00Z")) ==
        "urn:diaban:problem:filter-past");
}

BOOST_AUTO_TEST_CASE(languages_and_axis_orders_ask_the_same) {
    auto& world = World::shared();
    auto const expected = in_record(world, "blocks",
                                    "kind = 'LUC' AND ST_Intersects(geom, "
                                    "ST_MakeEnvelope(105.1,18.1,105.2,18.2,4326))");
    BOOST_TEST(asked(world, items_of("blocks",
                                     R"({"op":"and","args":[{"op":"=","args":[{"property":"kind"},)"
                                     R"("LUC"]},{"op":"s_intersects","args":[{"property":)"
                                     R"("geometry"},{"bbox":[105.1,18.1,105.2,18.2]}]}]})",
                                     "&filter-lang=cql2-json")) == expected);
    auto const text = [](char const* shape) {
        return fmt::format("kind = 'LUC' AND S_INTERSECTS(geometry, {})", shape);
    };
    auto const crs = [](std::string const& name) {
        return "&filter-crs=" + percent_encode("http://www.opengis.net/def/crs/" + name);
    };
    BOOST_TEST(asked(world, items_of("blocks", text("BBOX(105.1,18.1,105.2,18.2)"),
                                     "&filter-lang=cql-text" + crs("OGC/1.3/CRS84"))) == expected);
    BOOST_TEST(asked(world, items_of("blocks", text("BBOX(18.1,105.1,18.2,105.2)"),
                                     crs("EPSG/0/4326"))) == expected);
    BOOST_TEST(
        asked(world,
              items_of("blocks",
                       text("POLYGON((18.1 105.1,18.1 105.2,18.2 105.2,18.2 105.1,18.1 105.1))"),
                       crs("EPSG/0/4326"))) == expected);
    BOOST_TEST(asked(world, items_of("spots", "S_INTERSECTS(geometry, BBOX(9,179,11,-179))",
                                     crs("EPSG/0/4326")))
                   .size() == 2U);
    auto const refused = world.get(items_of("blocks", "TRUE", crs("EPSG/0/2056")));
    BOOST_TEST(refused.status == 400);
    BOOST_TEST(json::parse(refused.body)["accepted"].get<std::string>().find("EPSG:4326") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_tile_under_a_filter_shows_of_its_rows_those_that_sql_finds) {
    World world;
    auto const shown = [&](std::string const& target, std::string const& filter) {
        auto const answer =
            world.get(filter.empty() ? target : target + "?filter=" + percent_encode(filter));
        BOOST_REQUIRE(answer.status == (answer.body.empty() ? 204 : 200));
        Fids fids;
        for (auto const& layer : tests::read_tile(answer.body))
            if (layer.name == "blocks")
                for (auto const& feature : layer.features) fids.push_back(std::int64_t(feature.id));
        BOOST_TEST(answer.field("diaban-shown") == std::to_string(fids.size()));
        std::ranges::sort(fids);
        return fids;
    };
    // No border of the shape lies on a row's own: there the grid and the record agree.
    std::string const shape =
        "POLYGON((105.2134 18.0931,105.2637 18.0872,105.2541 18.1423,105.2134 18.0931))";
    std::vector<std::pair<std::string, std::string>> const filters{
        {"kind = 'LUC'", "kind = 'LUC'"},
        {"kind = 'ONT' OR name LIKE 'Mảnh%'", "kind = 'ONT' OR name LIKE 'Mảnh%'"},
        {"S_INTERSECTS(geometry, " + shape + ")", "ST_Intersects(geom, 'SRID=4326;" + shape + "')"},
        {"FALSE", "FALSE"}};
    for (int round = 0; round < 2; ++round) {
        for (std::string const target :
             {"/tiles/blocks/11/1622/919.mvt", "/tiles/blocks/12/3245/1838.mvt",
              "/collections/blocks/tiles/WebMercatorQuad/13/3677/6490"}) {
            auto const all = shown(target, {});
            BOOST_TEST(!all.empty());
            for (auto const& [filter, sql] : filters) {
                Fids expected;
                std::ranges::set_intersection(all, in_record(world, "blocks", sql),
                                              std::back_inserter(expected));
                BOOST_TEST(shown(target, filter) == expected, target << " " << filter);
            }
        }
        // Tiles under a filter follow edits, also of what it asks about alone.
        world.database().sql("UPDATE record.blocks SET kind = 'LUC' WHERE fid % 5 = 0;"
                             "DELETE FROM record.blocks WHERE fid % 9 = 0");
        await(world);
    }
}

BOOST_AUTO_TEST_CASE(tiles_refuse_a_filter_where_collections_are_joined_or_past) {
    World world;
    auto const asked_of = [&](std::uint16_t port, std::string const& target) {
        auto const answer = tests::get(port, target);
        BOOST_TEST(answer.status == 400, target);
        return type_of(answer);
    };
    BOOST_TEST(asked_of(world.port(), "/tiles/blocks,ways/12/3245/1838.mvt?filter=TRUE") ==
               "urn:diaban:problem:filter-collections");
    BOOST_TEST(
        asked_of(world.port(), "/tiles/blocks/12/3245/1838.mvt?filter=TRUE&datetime=2025-07-01") ==
        "urn:diaban:problem:filter-past");
    BOOST_TEST(asked_of(world.port(), "/tiles/blocks/12/3245/1838.mvt?filter=owner%20IS%20NULL") ==
               "urn:diaban:problem:unknown-queryable");
}

BOOST_AUTO_TEST_CASE(queryables_are_a_schema_of_what_filters_may_name) {
    auto& world = World::shared();
    auto const answer = world.get("/collections/places/queryables?lang=en");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.field("content-type") == "application/schema+json");
    auto const places = json::parse(answer.body);
    BOOST_TEST(places["$schema"] == "https://json-schema.org/draft/2020-12/schema");
    BOOST_TEST(places["type"] == "object");
    BOOST_TEST(places["additionalProperties"] == false);
    auto const& level = places["properties"]["level"];
    BOOST_TEST(level["type"] == "string");
    BOOST_TEST(std::ranges::count(level["enum"], json("commune")) == 1);
    BOOST_TEST(places["properties"]["geometry"]["x-ogc-role"] == "primary-geometry");
    BOOST_TEST(places["properties"]["geometry"]["format"] == "geometry-polygon-or-multipolygon");
    BOOST_TEST(places["properties"]["id"]["x-ogc-role"] == "id");
    // Every property can be asked for, and personal ones are not among them.
    auto const blocks = world.json("/collections/blocks/queryables")["properties"];
    BOOST_TEST(!blocks.contains("owner"));
    BOOST_TEST(!blocks.contains("area"));
    for (auto const& [name, description] : blocks.items())
        BOOST_TEST(world.get(items_of("blocks", name + " IS NULL")).status == 200, name);
    BOOST_TEST(world.json("/collections/ways/queryables")["properties"]["number"]["type"] ==
               "integer");
    BOOST_TEST(world.get("/collections/nothing/queryables").status == 404);
    auto const links = world.json("/collections/blocks")["links"];
    BOOST_TEST(std::ranges::any_of(links, [](json const& link) {
        return link["rel"] == "http://www.opengis.net/def/rel/ogc/1.0/queryables";
    }));
}

BOOST_AUTO_TEST_CASE(functions_are_listed_and_can_be_called) {
    auto& world = World::shared();
    auto const functions = world.json("/functions")["functions"];
    BOOST_TEST(functions.size() == 8U);
    for (auto const& function : functions) {
        auto const argument = function["arguments"][0]["type"][0].get<std::string>();
        auto const call = fmt::format("{}({})", function["name"].get<std::string>(),
                                      argument == "string" ? "name" : "id");
        BOOST_TEST(world.get(items_of("blocks", call + " IS NULL")).status == 200, call);
    }
}

BOOST_AUTO_TEST_SUITE_END()
