// Heat, rhythm, trend, hot spots and clusters over HTTP, held against PostGIS on the same rows.

#include "services/http/uri.hpp"
#include "tests/services/job_client.hpp"
#include "tests/services/world.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

using diaban::tests::World;
using nlohmann::json;

namespace {

std::string encoded(std::string_view text) {
    return diaban::services::http::percent_encode(text);
}

/// Ways of choosing spots, and the same in SQL.
struct Chosen {
    std::string query;
    std::string sql;
};

std::vector<Chosen> choices() {
    return {{"", "true"},
            {"&filter=" + encoded("note LIKE '%8'"), "note LIKE '%8'"},
            {"&datetime=2025-10-01/2025-10-09",
             "seen_at >= '2025-10-01T00:00+07' AND seen_at < '2025-10-10T00:00+07'"},
            {"&hours=22-3", "extract(hour FROM seen_at AT TIME ZONE 'Asia/Ho_Chi_Minh') IN "
                            "(22, 23, 0, 1, 2, 3)"},
            {"&weekdays=1-5&hours=8",
             "extract(isodow FROM seen_at AT TIME ZONE 'Asia/Ho_Chi_Minh') <= 5 AND "
             "extract(hour FROM seen_at AT TIME ZONE 'Asia/Ho_Chi_Minh') = 8"}};
}

/// The sum of all tiles of a zoom around the spots of Hà Tĩnh.
double sum_of_tiles(World const& world, int zoom, std::string const& query) {
    auto const column = [&](double lon) { return int((lon + 180) / 360 * (1 << zoom)); };
    auto const row = [&](double lat) {
        return int((1 - std::asinh(std::tan(lat * M_PI / 180)) / M_PI) / 2 * (1 << zoom));
    };
    double sum = 0;
    for (int x = column(104.95); x <= column(106.05); ++x)
        for (int y = row(19.05); y <= row(17.95); ++y)
            sum += world
                       .json(fmt::format("/collections/spots/heat/tiles/{}/{}/{}?f=json{}", zoom, x,
                                         y, query))["weight"]
                       .get<double>();
    return sum;
}

constexpr char around[] = "geom && ST_MakeEnvelope(104, 17, 107, 20, 4326) AND ";

double counted(World& world, std::string const& where) {
    return std::stod(world.database().value("SELECT count(*) FROM record.spots WHERE " +
                                            std::string{around} + where));
}

std::string const spots_box = "104,17,107,20";

} // namespace

BOOST_AUTO_TEST_SUITE(heat)

BOOST_AUTO_TEST_CASE(tiles_sum_to_the_rows_that_are_chosen) {
    auto& world = World::shared();
    for (auto const& [query, sql] : choices())
        for (auto const& [zoom, radius] : {std::pair{8, 2000}, {9, 5000}, {10, 900}}) {
            double const sum =
                sum_of_tiles(world, zoom, fmt::format("&radius={}{}", radius, query));
            double const rows = counted(world, sql);
            BOOST_TEST(std::abs(sum - rows) <= 0.002 * rows + 1e-6,
                       query << " z" << zoom << ": " << sum << " of " << rows);
        }
}

BOOST_AUTO_TEST_CASE(heat_says_how_many_and_in_which_units) {
    auto& world = World::shared();
    for (auto const& [query, sql] : choices()) {
        auto const about =
            world.json("/collections/spots/heat?radius=500&bbox=" + spots_box + query);
        BOOST_TEST(about["count"].get<double>() == counted(world, sql));
        BOOST_TEST(about["unit"] == "1/km2");
        BOOST_TEST(about["peak_of_one"].get<double>() == 3 / (M_PI * 0.25),
                   boost::test_tools::tolerance(1e-9));
        BOOST_TEST(about["top"].get<double>() >= about["peak_of_one"].get<double>());
    }
}

BOOST_AUTO_TEST_CASE(a_tile_is_a_picture_with_a_name_or_numbers_with_their_error) {
    auto& world = World::shared();
    auto const picture = world.get("/collections/spots/heat/tiles/7/101/57?radius=3000");
    BOOST_TEST(picture.status == 200);
    BOOST_TEST(picture.field("content-type") == "image/png");
    BOOST_TEST(std::stod(picture.field("diaban-radius")) == 3000);
    auto const again = world.get("/collections/spots/heat/tiles/7/101/57?radius=3000",
                                 "If-None-Match: " + picture.field("etag") + "\r\n");
    BOOST_TEST(again.status == 304);
    auto const grid = world.json("/collections/spots/heat/tiles/7/101/57?radius=3000&f=json");
    BOOST_TEST(grid["density"].size() == 256U * 256U);
    BOOST_TEST(grid["error"]["share_of_peak"].get<double>() > 0);
    BOOST_TEST(grid["weight"].get<double>() == std::stod(picture.field("diaban-weight")),
               boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(an_edit_is_in_the_next_tile) {
    World world;
    auto const before = sum_of_tiles(world, 8, "&radius=2000");
    world.database().sql("INSERT INTO record.spots (note, geom) SELECT 'mới', "
                         "ST_SetSRID(ST_MakePoint(105.5, 18.5), 4326) FROM generate_series(1, 5)");
    diaban::tests::await("five more", [&] {
        return std::abs(sum_of_tiles(world, 8, "&radius=2000") - before - 5) < 0.01;
    });
}

BOOST_AUTO_TEST_CASE(rhythm_is_what_sql_groups_by_local_weekday_and_hour) {
    auto& world = World::shared();
    for (auto const& [query, sql] : choices()) {
        auto const rhythm = world.json("/collections/spots/rhythm?bbox=" + spots_box + query);
        std::map<std::pair<int, int>, int> expected;
        int total = 0;
        for (auto const& row : world.database().sql(
                 "SELECT extract(isodow FROM t)::int, extract(hour FROM t)::int, count(*) FROM "
                 "(SELECT seen_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS t FROM record.spots WHERE " +
                 std::string{around} + sql + ") AS local WHERE t IS NOT NULL GROUP BY 1, 2")) {
            expected[{std::stoi(row[0]), std::stoi(row[1])}] = std::stoi(row[2]);
            total += std::stoi(row[2]);
        }
        for (int day = 1; day <= 7; ++day)
            for (int hour = 0; hour < 24; ++hour) {
                auto const found = expected.find({day, hour});
                BOOST_TEST(rhythm["counts"][std::size_t(day - 1)][std::size_t(hour)] ==
                           (found == expected.end() ? 0 : found->second));
            }
        BOOST_TEST(rhythm["count"] == total);
    }
}

BOOST_AUTO_TEST_CASE(a_trend_counts_every_step_and_says_whether_it_rises) {
    auto& world = World::shared();
    for (std::string const step : {"day", "week", "month"}) {
        auto const trend = world.json("/collections/spots/trend?step=" + step);
        std::map<std::string, int> expected;
        for (auto const& row : world.database().sql(
                 "SELECT date_trunc('" + step +
                 "', seen_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, count(*) FROM record.spots "
                 "WHERE seen_at IS NOT NULL GROUP BY 1"))
            expected[row[0]] = std::stoi(row[1]);
        std::size_t shown = 0;
        for (auto const& one : trend["series"])
            if (one["count"] != 0) {
                BOOST_TEST(expected[one["begin"].get<std::string>()] == one["count"]);
                ++shown;
            }
        BOOST_TEST(shown == expected.size());
        double const p = trend["trend"]["p"];
        BOOST_TEST(p >= 0);
        BOOST_TEST(p <= 1);
    }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_heat_is_refused_by_name) {
    auto& world = World::shared();
    auto const refused = [&](std::string const& target, std::string const& type) {
        auto const answer = world.get(target);
        BOOST_TEST(answer.status >= 400);
        BOOST_TEST(answer.status < 500);
        BOOST_TEST(answer.body.find(type) != std::string::npos, answer.body);
    };
    refused("/collections/blocks/heat", "heat-of-points");
    refused("/collections/blocks/heat/tiles/8/202/114", "heat-of-points");
    refused("/collections/nothing/heat", "unknown-collection");
    refused("/collections/spots/heat?radius=5", "bad-parameter");
    refused("/collections/spots/heat?radius=x", "bad-parameter");
    refused("/collections/spots/heat?weight=note", "unanswerable-field");
    refused("/collections/spots/heat?hours=24", "bad-parameter");
    refused("/collections/spots/heat?hours=8-", "bad-parameter");
    refused("/collections/spots/heat?weekdays=0", "bad-parameter");
    refused("/collections/spots/heat/tiles/3/8/0", "not-a-tile");
    refused("/collections/spots/heat/tiles/3/1/1?top=0", "bad-parameter");
    refused("/collections/spots/heat/tiles/3/1/1?f=mvt", "bad-parameter");
    refused("/collections/spots/trend?step=year", "bad-parameter");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(hot_spots)

BOOST_AUTO_TEST_CASE(clusters_are_those_that_ST_ClusterDBSCAN_has) {
    auto& world = World::shared();
    json const inputs{{"collection", "spots"}, {"bbox", spots_box}, {"metres", 6000}, {"least", 4}};
    auto const results = diaban::tests::results_of(world, "clusters", inputs);
    auto const& database = world.database();
    std::string const clustered =
        "SELECT ST_ClusterDBSCAN(ST_Transform(geom, 32648), 6000, 4) OVER () AS c FROM "
        "record.spots WHERE " +
        std::string{around} + "true";
    BOOST_TEST(results["clusters"] ==
               std::stoi(database.value("SELECT count(DISTINCT c) FROM (" + clustered + ") AS k")));
    BOOST_TEST(results["noise"] == std::stoi(database.value("SELECT count(*) FROM (" + clustered +
                                                            ") AS k WHERE c IS NULL")));
    for (auto const* const said : {"inputs", "method", "plane", "events", "read_at"})
        BOOST_TEST(results["details"].contains(said), said);
}

BOOST_AUTO_TEST_CASE(hot_spots_say_p_adjusted_p_neighbours_and_parameters) {
    World world;
    world.database().sql(
        "INSERT INTO record.spots (note, seen_at, geom) SELECT 'dày', "
        "'2025-10-20T08:00+07'::timestamptz + i * interval '1 minute', "
        "ST_SetSRID(ST_MakePoint(105.5 + (i % 10) * 0.0004, 18.5 + (i / 10) * 0.0004), 4326) "
        "FROM generate_series(0, 99) i");
    auto const asked = diaban::tests::ask_process(
        world.port(), "hot-spots",
        {{"collection", "spots"}, {"bbox", spots_box}, {"cell", 2000}, {"band", 5000}});
    auto const file = json::parse(diaban::tests::export_of(world.port(), asked));
    BOOST_TEST(file["features"].size() > 0U);
    bool found = false;
    for (auto const& feature : file["features"]) {
        auto const& said = feature["properties"];
        for (auto const* const name : {"z", "p", "adjusted_p", "neighbours", "count", "kind"})
            BOOST_TEST(said.contains(name), name);
        BOOST_TEST(said["adjusted_p"].get<double>() <= 0.05);
        BOOST_TEST(said["p"].get<double>() <= said["adjusted_p"].get<double>());
        auto const& corner = feature["geometry"]["coordinates"][0][0];
        found |= std::abs(corner[0].get<double>() - 105.5) < 0.03 &&
                 std::abs(corner[1].get<double>() - 18.5) < 0.03 && said["kind"] == "hot";
    }
    BOOST_TEST(found);
    auto const evenings = diaban::tests::results_of(
        world, "hot-spots", {{"collection", "spots"}, {"bbox", spots_box}, {"hours", "18-23"}});
    BOOST_TEST(evenings["details"]["events"] ==
               std::stoi(world.database().value(
                   "SELECT count(*) FROM record.spots WHERE " + std::string{around} +
                   "extract(hour FROM seen_at AT TIME ZONE 'Asia/Ho_Chi_Minh') >= 18")));
    auto const moving = diaban::tests::results_of(
        world, "hot-spots",
        {{"collection", "spots"}, {"bbox", spots_box}, {"cell", 4000}, {"step_days", 7}});
    BOOST_TEST(moving["spots"]["times"].get<int>() >= 5);
    BOOST_TEST(moving["details"]["level"] == 0.05);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_counted_is_refused_before_there_is_a_job) {
    auto& world = World::shared();
    auto const refused = [&](std::string const& process, json const& inputs,
                             std::string const& type) {
        auto const answer = diaban::tests::ask_process(world.port(), process, inputs);
        BOOST_TEST(answer.status >= 400);
        BOOST_TEST(answer.status < 500);
        BOOST_TEST(answer.body.find(type) != std::string::npos, answer.body);
    };
    for (std::string const process : {"hot-spots", "clusters"}) {
        refused(process, {{"collection", "blocks"}}, "heat-of-points");
        refused(process, {{"collection", "nothing"}}, "unknown-collection");
        refused(process, {{"collection", "spots"}, {"filter", "nosuch = 1"}}, "nosuch");
        refused(process, {{"collection", "spots"}, {"surprise", 1}}, "unknown-parameter");
    }
    refused("hot-spots", {{"collection", "spots"}, {"cell", 1}}, "bad-parameter");
    refused("hot-spots", {{"collection", "spots"}, {"cell", 1000}, {"band", 10}}, "bad-parameter");
    refused("hot-spots", {{"collection", "spots"}, {"weight", "note"}}, "bad-parameter");
    refused("clusters", {{"collection", "spots"}, {"least", 0}}, "bad-parameter");
    refused("clusters", {{"collection", "spots"}, {"hours", "25"}}, "bad-parameter");
}

// PostGIS counts the same rows in each cell, on the same plane.
BOOST_AUTO_TEST_CASE(hexagons_and_squares_hold_what_postgis_finds_in_them_and_sum_to_the_whole) {
    auto& world = World::shared();
    std::string const plane = "'+proj=cea +lat_ts=16 +datum=WGS84 +units=m'";
    for (auto const& [query, sql] : choices())
        for (std::string const by : {"hexagon", "square"}) {
            auto const cells = world.json(fmt::format(
                "/collections/spots/heat/cells?by={}&size=9000&bbox={}{}", by, spots_box, query));
            double const rows = counted(world, sql);
            BOOST_TEST(cells["count"].get<double>() == rows);
            std::uint64_t sum = 0;
            double top = 0;
            auto const area = cells["cell_km2"].get<double>();
            std::string values;
            for (auto const& cell : cells["features"]) {
                auto const& held = cell["properties"];
                auto const count = held["count"].get<std::uint64_t>();
                sum += count;
                top = std::max(top, held["per_km2"].get<double>());
                BOOST_TEST(held["per_km2"].get<double>() == double(count) / area,
                           boost::test_tools::tolerance(1e-12));
                values += fmt::format("{}('{}', {})", values.empty() ? "" : ",",
                                      cell["geometry"].dump(), count);
            }
            BOOST_TEST(double(sum) == rows);
            BOOST_TEST(cells["top"] == top);
            if (values.empty()) continue;
            auto const differing = world.database().value(fmt::format(
                "WITH cell AS (SELECT ST_Transform(ST_SetSRID(ST_GeomFromGeoJSON(shape), 4326), "
                "{0}) AS shape, held FROM (VALUES {1}) AS v (shape, held)) SELECT count(*) FROM "
                "cell WHERE held <> (SELECT count(*) FROM record.spots WHERE {2}{3} AND "
                "ST_Contains(cell.shape, ST_Transform(geom, {0})))",
                plane, values, around, sql));
            BOOST_TEST(differing == "0", by << query);
            auto const worst = std::stod(world.database().value(
                fmt::format("SELECT max(abs(ST_Area(ST_GeomFromGeoJSON(shape)::geography) / 1e6 - "
                            "{})) FROM (VALUES {}) AS v (shape, held)",
                            area, values)));
            BOOST_TEST(worst < 1e-4 * area);
        }
}

BOOST_AUTO_TEST_CASE(units_hold_what_postgis_finds_in_them_and_sum_to_the_whole) {
    auto& world = World::shared();
    for (auto const& [query, sql] : choices()) {
        auto const units =
            world.json("/collections/spots/heat/cells?by=commune&bbox=" + spots_box + query);
        std::uint64_t sum = units["elsewhere"].get<std::uint64_t>();
        for (auto const& unit : units["features"]) {
            auto const& held = unit["properties"];
            sum += held["count"].get<std::uint64_t>();
            BOOST_TEST(held["count"].get<double>() ==
                       counted(world, fmt::format("{} AND ST_Contains((SELECT geom FROM "
                                                  "record.places WHERE fid = {}), geom)",
                                                  sql, held["fid"].get<long>())));
        }
        BOOST_TEST(double(sum) == counted(world, sql));
    }
}

BOOST_AUTO_TEST_CASE(cells_that_cannot_be_are_refused_by_name) {
    auto& world = World::shared();
    for (std::string const query : {"by=parish", "size=1", "size=x", "weight=note", "hours=25"})
        BOOST_TEST(world.get("/collections/spots/heat/cells?" + query).status == 400, query);
    BOOST_TEST(world.get("/collections/blocks/heat/cells").status == 400);
    BOOST_TEST(world.get("/collections/nothing/heat/cells").status == 404);
}

BOOST_AUTO_TEST_SUITE_END()
