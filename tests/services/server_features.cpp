#include "services/http/uri.hpp"
#include "tests/services/world.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

using diaban::tests::World;
using nlohmann::json;

namespace {

/// The fids of all pages, in the order they came; follows the links rel=next.
std::vector<std::int64_t> every_page(World& world, std::string const& first) {
    std::vector<std::int64_t> fids;
    std::uint64_t matched = 0;
    for (std::string target = first; !target.empty();) {
        auto const page = world.json(target);
        matched = page["numberMatched"];
        BOOST_TEST(page["numberReturned"] == page["features"].size());
        for (auto const& feature : page["features"]) fids.push_back(feature["id"]);
        target.clear();
        for (auto const& link : page["links"])
            if (link["rel"] == "next") {
                std::string const href = link["href"];
                target = href.substr(href.find('/', 8));
            }
    }
    BOOST_TEST(fids.size() == matched);
    return fids;
}

/// How many rows of a table meet each box, as PostGIS says, in one query.
std::vector<int> intersecting(World& world, std::string const& table,
                              std::vector<std::string> const& boxes) {
    std::string values;
    for (std::size_t i = 0; i < boxes.size(); ++i)
        values += fmt::format("{}({}, ST_MakeEnvelope({}, 4326))", i == 0 ? "" : ", ", i, boxes[i]);
    std::vector<int> counts;
    for (auto const& row : world.database().sql(fmt::format(
             "SELECT count(t.fid) FROM (VALUES {}) b (number, box) LEFT JOIN record.{} t "
             "ON ST_Intersects(t.geom, b.box) GROUP BY b.number ORDER BY b.number",
             values, table)))
        counts.push_back(std::stoi(row[0]));
    return counts;
}

} // namespace

BOOST_AUTO_TEST_SUITE(features)

BOOST_AUTO_TEST_CASE(paging_visits_every_row_exactly_once) {
    auto& world = World::shared();
    for (auto const* const target :
         {"/collections/blocks/items?limit=999", "/collections/blocks/items?limit=10000",
          "/collections/ways/items?limit=13&bbox=105,18,105.1,18.1",
          "/collections/spots/items?limit=100&datetime=2025-10-01/..",
          "/collections/places/items?limit=1"}) {
        auto const fids = every_page(world, target);
        BOOST_TEST((std::set<std::int64_t>{fids.begin(), fids.end()}.size() == fids.size()),
                   target);
        BOOST_TEST(std::is_sorted(fids.begin(), fids.end()));
    }
    BOOST_TEST(every_page(world, "/collections/blocks/items?limit=999").size() == 5000u);
    BOOST_TEST(every_page(world, "/collections/spots/items?limit=500").size() == 1002u);
}

BOOST_AUTO_TEST_CASE(counts_in_random_boxes_equal_st_intersects) {
    auto& world = World::shared();
    std::mt19937 random{11};
    std::uniform_real_distribution<double> x{104.95, 105.85};
    std::uniform_real_distribution<double> y{17.95, 18.55};
    std::vector<std::string> boxes;
    for (int i = 0; i < 150; ++i) {
        double west = x(random);
        double south = y(random);
        double east = west + (x(random) - 104.95) * 0.3;
        double north = south + (y(random) - 17.95) * 0.3;
        if (i % 3 == 0) { // borders on the rows' own coordinates: all is touching
            west = 105 + (i % 40) * 0.01;
            east = west + 0.01 * (i % 4);
            south = 18 + (i % 25) * 0.01;
            north = south + 0.02;
        }
        boxes.push_back(fmt::format("{},{},{},{}", west, south, east, north));
    }
    for (auto const* const id : {"blocks", "ways", "spots"}) {
        auto const expected = intersecting(world, id, boxes);
        for (std::size_t i = 0; i < boxes.size(); ++i) {
            auto const page =
                world.json(fmt::format("/collections/{}/items?limit=1&bbox={}", id, boxes[i]));
            BOOST_TEST(page["numberMatched"] == expected[i], id << " " << boxes[i]);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_box_across_the_antimeridian_finds_both_sides) {
    auto& world = World::shared();
    BOOST_TEST(world.json("/collections/spots/items?bbox=179,9,-179,11")["numberMatched"] == 2);
    BOOST_TEST(world.json("/collections/spots/items?bbox=179,9,180,11")["numberMatched"] == 1);
    BOOST_TEST(world.json("/collections/spots/items?bbox=179,9,0,-179,11,5")["numberMatched"] == 2);
    BOOST_TEST(world.json("/collections/spots/items?bbox=-180,-90,180,90")["numberMatched"] == 502);
}

BOOST_AUTO_TEST_CASE(time_is_asked_of_the_time_field_or_else_of_validity) {
    auto& world = World::shared();
    auto const matched = [&](std::string const& id, std::string const& datetime) {
        return world
            .json("/collections/" + id + "/items?datetime=" +
                  diaban::services::http::percent_encode(datetime))["numberMatched"]
            .get<int>();
    };
    BOOST_TEST(matched("spots", "2025-09-28T00:00:00+07:00") == 1);
    BOOST_TEST(matched("spots", "2025-09-28") == 24);
    BOOST_TEST(matched("spots", "2025-09-28T00:00:00Z/2025-09-28T03:00:00Z") == 4);
    BOOST_TEST(matched("spots", "../2025-09-28") == 24);
    BOOST_TEST(matched("spots", "2025-09-29/..") == 976);
    BOOST_TEST(matched("spots", "../..") == 1000); // two rows have no time
    BOOST_TEST(matched("places", "2025-06-30") == 2);
    BOOST_TEST(matched("places", "2025-07-01") == 3);
    BOOST_TEST(matched("places", "2025-06-30T16:59:59Z") == 2);
    BOOST_TEST(matched("places", "2025-06-30T17:00:00Z") == 3);
    BOOST_TEST(matched("blocks", "1999-01-01") == 5000);
    BOOST_TEST(
        world.json(
            "/collections/spots/items?bbox=105,18,106,19&datetime=2025-09-28")["numberMatched"] ==
        12);
}

BOOST_AUTO_TEST_CASE(a_feature_has_the_records_own_doubles) {
    auto& world = World::shared();
    auto const row = world.database().sql(
        "SELECT fid, ST_X(ST_PointN(geom, 2)), ST_Y(ST_PointN(geom, 2)) FROM record.ways "
        "WHERE number = 7")[0];
    auto const item = world.json("/collections/ways/items/" + row[0]);
    BOOST_TEST(item["type"] == "Feature");
    BOOST_TEST(item["id"] == std::stoll(row[0]));
    BOOST_TEST(item["properties"]["number"] == 7);
    BOOST_TEST(item["geometry"]["coordinates"][1][0].get<double>() == std::stod(row[1]));
    BOOST_TEST(item["geometry"]["coordinates"][1][1].get<double>() == std::stod(row[2]));
    BOOST_TEST(world.get("/collections/ways/items/999999999").status == 404);
    BOOST_TEST(world.get("/collections/ways/items/x").status == 400);
    BOOST_TEST(world.get("/collections/nothing/items").status == 404);
}

BOOST_AUTO_TEST_CASE(what_is_about_a_person_never_leaves) {
    auto& world = World::shared();
    for (auto const* const target :
         {"/collections/blocks", "/collections/blocks?f=html", "/collections/blocks/items?limit=50",
          "/collections/blocks/items?f=html", "/collections/blocks/items/1", "/tiles/blocks.json",
          "/tiles/blocks/12/3245/1838.mvt", "/at?lon=105.005&lat=18.005"}) {
        auto const answer = world.get(target);
        BOOST_TEST(answer.status == 200, target);
        BOOST_TEST(answer.body.find("owner") == std::string::npos, target);
        BOOST_TEST(answer.body.find("Nguyễn") == std::string::npos, target);
    }
}

BOOST_AUTO_TEST_CASE(html_is_whole_escaped_and_in_both_languages) {
    auto& world = World::shared();
    for (auto const* const path :
         {"/", "/collections", "/collections/blocks", "/collections/blocks/items",
          "/collections/blocks/items/1", "/api", "/conformance"}) {
        auto const vietnamese = world.get(path, "Accept: text/html\r\n");
        BOOST_TEST(vietnamese.status == 200, path);
        BOOST_TEST(vietnamese.field("content-type") == "text/html; charset=utf-8");
        BOOST_TEST(vietnamese.body.find("<html lang=\"vi\">") != std::string::npos);
        BOOST_TEST(vietnamese.body.find("<thử>") == std::string::npos, path);
        auto const english = world.get(std::string{path} + "?f=html&lang=en");
        BOOST_TEST(english.body.find("<html lang=\"en\">") != std::string::npos);
    }
    BOOST_TEST(world.get("/collections", "Accept: image/png\r\n").status == 406);
}

BOOST_AUTO_TEST_CASE(codes_of_a_list_come_with_their_titles) {
    auto& world = World::shared();
    auto const fields = world.json("/collections/places")["fields"];
    auto const level = std::ranges::find(fields, "level", [](json const& f) { return f["name"]; });
    BOOST_REQUIRE(level != fields.end());
    auto const codes = (*level)["codes"];
    auto const commune =
        std::ranges::find(codes, "commune", [](json const& c) { return c["code"]; });
    BOOST_REQUIRE(commune != codes.end());
    BOOST_TEST((*commune)["titles"]["vi"] == "Cấp xã");
    BOOST_TEST((*commune)["titles"]["en"] == "Commune");
    auto const page = world.get("/collections/places/items?f=html").body;
    BOOST_TEST(page.find("<td>Cấp xã (commune)</td>") != std::string::npos);
    BOOST_TEST(page.find("<td>Phường (phuong)</td>") != std::string::npos);
    auto const fid = world.database().value("SELECT fid FROM record.places WHERE code = '42'");
    auto const file = world.get("/collections/places/items/" + fid + "?f=html&lang=en").body;
    BOOST_TEST(file.find("Province (province)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(collections_are_described_as_the_console_reads_them) {
    auto& world = World::shared();
    auto const blocks = world.json("/collections/blocks?lang=en");
    BOOST_TEST(blocks["title"] == "Collection blocks");
    BOOST_TEST(blocks["titles"]["vi"] == "Lớp blocks");
    BOOST_TEST(blocks["geometryType"] == "polygon");
    BOOST_TEST(blocks["count"] == 5000);
    BOOST_TEST(blocks["located"] == 5000);
    BOOST_TEST(blocks["synthetic"] == true);
    BOOST_TEST(blocks["maxzoom"] == 19);
    BOOST_TEST(blocks["classField"] == "kind");
    BOOST_TEST(blocks["labelField"] == "name");
    BOOST_TEST(blocks["fields"].size() == 3u);
    auto const spots = world.json("/collections/spots");
    BOOST_TEST(spots["count"] == 1002);
    BOOST_TEST(spots["located"] == 502);
    BOOST_TEST(spots["timeField"] == "seen_at");
    auto const indicators = world.json("/collections/indicators");
    BOOST_TEST(indicators["geometryType"] == "none");
    BOOST_TEST(world.json("/collections/indicators/items")["numberMatched"] == 0);
    std::set<std::string> ids;
    auto const list = world.json("/collections");
    for (auto const& collection : list["collections"]) ids.insert(collection["id"]);
    for (auto const* const noun : {"places", "parcels", "reports", "blocks", "ways", "spots"})
        BOOST_TEST(ids.contains(noun), noun);
}

BOOST_AUTO_TEST_SUITE_END()
