// Order, selection of properties and generalised geometry (OGC API Features, Parts 6 to 8), held
// against ORDER BY and PostGIS on the record.

#include "geo/alphabet.hpp"
#include "services/http/uri.hpp"
#include "tests/services/world.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
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

void await(World& world) {
    auto const head = std::stoll(world.database().value("SELECT diaban.feed_head()"));
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (world.server().atlas().follower_counters().seq < head) {
        BOOST_REQUIRE(std::chrono::steady_clock::now() < end);
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
}

std::string next_of(json const& page) {
    for (auto const& link : page["links"])
        if (link["rel"] == "next") {
            std::string const href = link["href"];
            return href.substr(href.find('/', 8));
        }
    return {};
}

/// All pages, first to last.
Fids all_pages(World& world, std::string target) {
    Fids fids;
    while (!target.empty()) {
        auto const page = world.json(target);
        for (auto const& feature : page["features"]) fids.push_back(feature["id"]);
        target = next_of(page);
    }
    return fids;
}

Fids in_record(World& world, std::string const& table, std::string const& condition,
               std::string const& order) {
    Fids fids;
    for (auto const& row : world.database().sql(
             fmt::format("SELECT fid FROM record.{} WHERE sensitivity = 0 AND ({}) ORDER BY {}",
                         table, condition, order)))
        fids.push_back(std::stoll(row[0]));
    return fids;
}

/// `+name,-id` as ORDER BY.
std::string order_by(std::vector<std::pair<std::string, bool>> const& keys) {
    std::string order;
    for (auto const& [name, descending] : keys) {
        bool const text = name == "name" || name == "kind" || name == "note";
        order += fmt::format("{}{}{} NULLS LAST, ", name == "id" ? "fid" : name,
                             text ? " COLLATE \"vi-x-icu\"" : "", descending ? " DESC" : "");
    }
    return order + "fid";
}

std::string sortby(std::vector<std::pair<std::string, bool>> const& keys) {
    std::string text;
    for (auto const& [name, descending] : keys)
        text += (text.empty() ? "" : ",") + std::string{descending ? "-" : "+"} + name;
    return percent_encode(text);
}

/// Rows with ties and nulls in every column, in the base and in smaller runs behind it.
void stir(World& world) {
    world.database().sql("UPDATE record.blocks SET kind = NULL WHERE fid % 5 = 0;"
                         "UPDATE record.blocks SET name = (ARRAY['Đồng Lộc','Dân Chủ','Em','Ân "
                         "Phú','An Phú','ân phú',"
                         "'Ẩn','Thạch Hà','Đ','đ','Ông','Oanh'])[1 + fid % 12] WHERE fid % 3 = 0");
    await(world);
    world.database().sql("UPDATE record.blocks SET name = NULL WHERE fid % 7 = 0;"
                         "UPDATE record.ways SET number = number % 10 WHERE fid % 2 = 0;"
                         "UPDATE record.ways SET number = NULL WHERE fid % 9 = 0;"
                         "DELETE FROM record.blocks WHERE fid % 101 = 0");
    await(world);
    world.database().sql("INSERT INTO record.blocks (name, kind, geom) SELECT 'Mới ' || i % 4, "
                         "'LUC', ST_MakeEnvelope(105.2, 18.1, 105.21, 18.2, 4326) "
                         "FROM generate_series(1, 30) AS i;"
                         "UPDATE record.blocks SET sensitivity = 9 WHERE fid % 13 = 0");
    await(world);
}

} // namespace

BOOST_AUTO_TEST_SUITE(conformance_pages)

BOOST_AUTO_TEST_CASE(pages_in_any_order_hold_the_rows_as_ORDER_BY_has_them_with_ties_and_nulls) {
    World world;
    stir(world);
    std::mt19937_64 random{tests::seed()};
    for (int i = 0; i < 24; ++i) {
        bool const blocks = i % 3 != 0;
        std::vector<std::string> names = blocks ? std::vector<std::string>{"name", "kind", "id"}
                                                : std::vector<std::string>{"number", "id"};
        std::ranges::shuffle(names, random);
        names.resize(1 + random() % names.size());
        std::vector<std::pair<std::string, bool>> keys;
        for (auto const& name : names) keys.emplace_back(name, random() % 2 == 0);
        auto const* const table = blocks ? "blocks" : "ways";
        auto const limit = 100 + random() % 1200;
        BOOST_TEST_CONTEXT(table << " " << order_by(keys) << " limit " << limit)
        BOOST_TEST(all_pages(world, fmt::format("/collections/{}/items?limit={}&sortby={}", table,
                                                limit, sortby(keys))) ==
                   in_record(world, table, "true", order_by(keys)));
    }
}

BOOST_AUTO_TEST_CASE(an_order_goes_with_box_time_and_filter) {
    auto& world = World::shared();
    BOOST_TEST(all_pages(world, "/collections/blocks/items?limit=71&sortby=-name&bbox=105.1,18.1,"
                                "105.3,18.2&filter=" +
                                    percent_encode("kind <> 'ONT'")) ==
               in_record(world, "blocks",
                         "kind <> 'ONT' AND ST_Intersects(geom, "
                         "ST_MakeEnvelope(105.1,18.1,105.3,18.2,4326))",
                         "name COLLATE \"vi-x-icu\" DESC, fid"));
    BOOST_TEST(all_pages(world, "/collections/spots/items?limit=50&sortby=note&datetime="
                                "2025-10-01/2025-10-09") ==
               in_record(world, "spots",
                         "seen_at >= '2025-10-01T00:00+07' AND seen_at < '2025-10-10T00:00+07'",
                         "note COLLATE \"vi-x-icu\", fid"));
}

BOOST_AUTO_TEST_CASE(a_next_page_stays_exact_when_the_row_before_it_is_gone_or_moved) {
    World world;
    auto const first = world.json("/collections/blocks/items?limit=100&sortby=kind,-name");
    auto const last = first["features"][99];
    auto const second = next_of(first);
    world.database().sql(
        fmt::format("DELETE FROM record.blocks WHERE fid = {}", last["id"].get<std::int64_t>()));
    await(world);
    auto const left = in_record(world, "blocks", "true",
                                "kind COLLATE \"vi-x-icu\" NULLS LAST, "
                                "name COLLATE \"vi-x-icu\" DESC NULLS LAST, fid");
    BOOST_TEST(all_pages(world, second) == Fids(left.begin() + 99, left.end()));
}

BOOST_AUTO_TEST_CASE(a_sortby_or_cursor_that_does_not_fit_is_refused) {
    auto& world = World::shared();
    for (auto const* const wrong :
         {"nothing", "name,name", "", "name,,kind", "area", "geometry", "valid", "+-name"})
        BOOST_TEST(world.get("/collections/blocks/items?sortby=" + percent_encode(wrong)).status ==
                       400,
                   wrong);
    auto const problem =
        json::parse(world.get("/collections/blocks/items?sortby=ownar&lang=en").body);
    BOOST_TEST(problem["type"] == "urn:diaban:problem:unknown-sortable");
    BOOST_TEST(problem["accepted"] == "name, kind, id");
    auto next = next_of(world.json("/collections/blocks/items?limit=5&sortby=name"));
    BOOST_TEST(world.get(next).status == 200);
    auto const other = std::string{next}.replace(next.find("sortby=name"), 11, "sortby=kind");
    BOOST_TEST(world.get(other).status == 400);
    for (auto const* const cursor : {"x", "AAAA", "%2B", "1"})
        BOOST_TEST(world.get(fmt::format("/collections/blocks/items?sortby=name&cursor={}", cursor))
                           .status == 400,
                   cursor);
    BOOST_TEST(
        world.get("/collections/blocks/items?sortby=name&as-of=2026-01-01T00:00:00Z").status ==
        400);
}

BOOST_AUTO_TEST_CASE(texts_stand_as_the_Vietnamese_alphabet_has_them) {
    using diaban::geo::compare_texts;
    char const* const alphabet[] = {"a", "ă", "â", "b", "c", "d", "đ", "e", "ê", "g",
                                    "h", "i", "k", "l", "m", "n", "o", "ô", "ơ", "p",
                                    "q", "r", "s", "t", "u", "ư", "v", "x", "y"};
    for (std::size_t i = 0; i + 1 < std::size(alphabet); ++i)
        BOOST_TEST(compare_texts(alphabet[i], alphabet[i + 1]) < 0, alphabet[i]);
    BOOST_TEST(compare_texts("Dân Chủ", "Đồng Lộc") < 0);
    BOOST_TEST(compare_texts("Đồng Lộc", "Em") < 0);
}

BOOST_AUTO_TEST_CASE(only_the_properties_asked_for_come_in_the_order_of_the_schema) {
    auto& world = World::shared();
    auto const keys = [](json const& feature) {
        std::vector<std::string> names;
        for (auto const& [name, value] : feature["properties"].items()) names.push_back(name);
        return names;
    };
    auto const one = world.json("/collections/blocks/items/8?properties=kind,name");
    BOOST_TEST((keys(one) == std::vector<std::string>{"kind", "name"})); // by name, once read
    BOOST_TEST(one["properties"]["name"] == "Ô 7");
    BOOST_TEST(one["geometry"]["type"] == "Polygon");
    BOOST_TEST(world.get("/collections/blocks/items/8?properties=kind,name")
                   .body.find(R"("properties":{"name":"Ô 7","kind":)") != std::string::npos);
    auto const page = world.json("/collections/blocks/items?limit=20&properties=area");
    for (auto const& feature : page["features"])
        BOOST_TEST((keys(feature) == std::vector<std::string>{"area"}));
    BOOST_TEST(world.json("/collections/blocks/items/8?properties=")["properties"].empty());
    auto const past =
        world.json("/collections/blocks/items?limit=1&properties=kind&as-of=2099-01-01T00:00:00Z");
    BOOST_TEST((keys(past["features"][0]) == std::vector<std::string>{"kind"}));
    auto const refused = world.get("/collections/blocks/items?properties=name,x&lang=en");
    BOOST_TEST(refused.status == 400);
    BOOST_TEST(json::parse(refused.body)["accepted"] == "name, kind, area");
}

BOOST_AUTO_TEST_CASE(geometry_can_be_left_out_everywhere) {
    auto& world = World::shared();
    for (auto const* const target :
         {"/collections/blocks/items?skipGeometry=true&limit=30",
          "/collections/blocks/items?skipGeometry=true&sortby=-name&limit=30",
          "/collections/blocks/items?skipGeometry=true&bbox=105.1,18.1,105.3,18.2",
          "/collections/blocks/items?skipGeometry=true&as-of=2099-01-01T00:00:00Z&bbox=105.1,18.1,"
          "105.3,18.2"}) {
        auto const page = world.json(target);
        BOOST_TEST(page["numberReturned"].get<int>() > 5, target);
        for (auto const& feature : page["features"]) {
            BOOST_TEST(feature["geometry"].is_null(), target);
            BOOST_TEST(feature["properties"].contains("name"));
        }
    }
    BOOST_TEST(world.json("/collections/blocks/items/8?skipGeometry=true")["geometry"].is_null());
    BOOST_TEST(world.get("/collections/blocks/items?skipGeometry=yes").status == 400);
}

BOOST_AUTO_TEST_CASE(geometry_of_a_zoom_is_valid_smaller_and_near_to_the_records) {
    World world;
    // Two communes with a common border of many small bends, and a long winding way.
    world.database().sql(
        "UPDATE record.places SET geom = ST_Multi(ST_MakePolygon(ST_MakeLine(ARRAY["
        "ST_Point(105.2,18.4,4326), ST_Point(105.2,18.2,4326)] || (SELECT array_agg(ST_Point("
        "105.4 + 0.0004 * (i % 2), 18.2 + i * 0.0002, 4326) ORDER BY i) FROM "
        "generate_series(0, 1000) i) || ARRAY[ST_Point(105.2,18.4,4326)]))) WHERE name = 'Cẩm Duệ';"
        "UPDATE record.places SET geom = ST_Multi(ST_MakePolygon(ST_MakeLine((SELECT array_agg("
        "ST_Point(105.4 + 0.0004 * (i % 2), 18.2 + i * 0.0002, 4326) ORDER BY i) FROM "
        "generate_series(0, 1000) i) || ARRAY[ST_Point(105.6,18.4,4326), "
        "ST_Point(105.6,18.2,4326), ST_Point(105.4,18.2,4326)]))) WHERE name = 'Thành Sen';"
        "UPDATE record.ways SET geom = (SELECT ST_SetSRID(ST_MakeLine(ST_Point(105 + i * 0.0005, "
        "18 + 0.0004 * (i % 3)) ORDER BY i), 4326) FROM generate_series(0, 1000) i) WHERE fid = 1");
    await(world);
    std::size_t fewest = 5000;
    for (int zoom = 0; zoom <= 19; ++zoom) {
        auto const body =
            world.json(fmt::format("/collections/ways/items/1?zoom-level={}", zoom))["geometry"];
        BOOST_TEST(body["type"] == "LineString");
        if (zoom == 8) fewest = body["coordinates"].size();
        auto const near = world.database().value(
            fmt::format("SELECT ST_IsValid(g) AND ST_HausdorffDistance(g, geom) <= 180.0 / 256 / "
                        "2 ^ {} + 1e-9 FROM record.ways, ST_GeomFromGeoJSON('{}') AS g WHERE "
                        "fid = 1",
                        zoom, body.dump()));
        BOOST_TEST(near == "t", zoom);
    }
    BOOST_TEST(fewest < 500U);
    auto const whole = world.json("/collections/ways/items/1")["geometry"];
    BOOST_TEST(world.json("/collections/ways/items/1?zoom-level=17")["geometry"] == whole);
    for (int zoom = 0; zoom <= 10; zoom += 2) {
        auto const page =
            world.json(fmt::format("/collections/places/items?filter={}&zoom-level={}",
                                   percent_encode("name IN ('Cẩm Duệ','Thành Sen')"), zoom));
        BOOST_REQUIRE(page["features"].size() == 2U);
        auto const joined = world.database().value(fmt::format(
            "SELECT ST_IsValid(a) AND ST_IsValid(b) AND NOT ST_Overlaps(a, b) AND "
            "ST_NumGeometries(ST_Union(a, b)) = 1 AND ST_NumInteriorRings(ST_GeometryN("
            "ST_Union(a, b), 1)) = 0 FROM ST_GeomFromGeoJSON('{}') AS a, "
            "ST_GeomFromGeoJSON('{}') AS b",
            page["features"][0]["geometry"].dump(), page["features"][1]["geometry"].dump()));
        BOOST_TEST(joined == "t", zoom);
    }
    BOOST_TEST(world.get("/collections/ways/items?zoom-level=20").status == 400);
    BOOST_TEST(world.get("/collections/ways/items?zoom-level=-1").status == 400);
}

BOOST_AUTO_TEST_SUITE_END()
