// Questions about collections, held against PostGIS on the same rows.

#include "services/http/uri.hpp"
#include "tests/services/world.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>

using diaban::tests::World;
using nlohmann::json;

namespace {

std::string encoded(std::string_view text) {
    return diaban::services::http::percent_encode(text);
}

/// What items, and questions alike, choose rows by; and the same in SQL, of table t.
struct Chosen {
    std::string query;
    std::string sql;
};

std::string const box_sql = "ST_Intersects(geom, ST_MakeEnvelope(105.1, 18.1, 105.4, 18.3, 4326))";

std::vector<Chosen> choices(std::string const& id) {
    std::vector<Chosen> all{{"", "true"}, {"&bbox=105.1,18.1,105.4,18.3", box_sql}};
    if (id == "blocks") {
        all.push_back({"&filter=" + encoded("kind = 'LUC'"), "kind = 'LUC'"});
        all.push_back({"&bbox=105.1,18.1,105.4,18.3&filter=" +
                           encoded("S_TOUCHES(geometry, BBOX(105.2,18.1,105.3,18.2))"),
                       box_sql + " AND ST_Touches(geom, "
                                 "ST_MakeEnvelope(105.2,18.1,105.3,18.2,4326))"});
    }
    if (id == "ways") all.push_back({"&filter=" + encoded("number < 40"), "number < 40"});
    if (id == "spots")
        all.push_back({"&datetime=2025-09-28", "seen_at >= '2025-09-28T00:00+07' AND "
                                               "seen_at < '2025-09-29T00:00+07'"});
    return all;
}

/// Where a row's centroid lies, in Web Mercator.
constexpr char centroid[] = "ST_Centroid(ST_Transform(t.geom, 3857))";

constexpr double step = 10; // metres between the points that stand for a shape

/// The seven nearest rows and their distances, by ST_Distance to points along each shape: of points
/// it is the geodesic. Of whole shapes it is not: PostGIS chooses edge and foot on a sphere, and is
/// up to a hundredth too long; that much room its choice of rows is given.
std::string nearest_sql(std::string const& id, std::string const& point, std::string const& where) {
    return fmt::format("WITH rows AS (SELECT fid, geom, ST_Distance(geom::geography, {0}) AS about "
                       "FROM record.{1} t WHERE geom IS NOT NULL AND {2}), "
                       "reach AS (SELECT about FROM rows ORDER BY about OFFSET 6 LIMIT 1) "
                       "SELECT fid, CASE WHEN ST_Covers(geom, ({0})::geometry) THEN 0 ELSE (SELECT "
                       "min(ST_Distance(p.geom::geography, {0})) FROM "
                       "ST_DumpPoints(ST_Segmentize(geom::geography, {3})::geometry) AS p) END AS "
                       "metres FROM rows "
                       "WHERE about <= 1.01 * coalesce((SELECT about FROM reach), 'infinity') + 1 "
                       "ORDER BY metres, fid LIMIT 7",
                       point, id, where, step);
}

} // namespace

BOOST_AUTO_TEST_SUITE(questions)

BOOST_AUTO_TEST_CASE(the_nearest_are_those_that_ST_Distance_of_geographies_puts_first) {
    auto& world = World::shared();
    std::mt19937_64 random{diaban::tests::seed()};
    std::uniform_real_distribution<double> lon{104.9, 106.1};
    std::uniform_real_distribution<double> lat{17.9, 19.1};
    for (int i = 0; i < 20; ++i)
        for (std::string const id : {"blocks", "ways", "spots"})
            for (auto const& choice : choices(id)) {
                double const x = lon(random);
                double const y = lat(random);
                auto const answer = world.json(fmt::format(
                    "/collections/{}/nearest?lon={}&lat={}&limit=7{}", id, x, y, choice.query));
                auto const point = fmt::format("ST_Point({}, {}, 4326)::geography", x, y);
                auto const rows = world.database().sql(nearest_sql(id, point, choice.sql));
                BOOST_REQUIRE_MESSAGE(answer["features"].size() == rows.size(),
                                      id << choice.query << " at " << x << "," << y);
                std::string fids{"0"};
                for (std::size_t k = 0; k < rows.size(); ++k) {
                    auto const& feature = answer["features"][k];
                    fids += "," + feature["id"].dump();
                    double const ours = feature["distance_m"];
                    double const theirs = std::stod(rows[k][1]);
                    // The nearest point lies within half a step of one that PostGIS measured.
                    double const least =
                        std::sqrt(std::max(0.0, theirs * theirs - step * step / 4));
                    BOOST_TEST((ours - theirs < 0.002 && least - ours < 0.002),
                               id << choice.query << " at " << x << "," << y << ": " << ours
                                  << " and " << theirs);
                }
                BOOST_TEST(world.database().value(fmt::format(
                               "SELECT count(*) FROM record.{} t WHERE fid IN ({}) AND NOT ({})",
                               id, fids, choice.sql)) == "0");
            }
}

BOOST_AUTO_TEST_CASE(bearings_lead_to_the_nearest_point_and_a_point_inside_has_none) {
    auto& world = World::shared();
    auto const spots =
        world.json("/collections/spots/nearest?lon=105.5&lat=18.5&limit=20")["features"];
    for (auto const& spot : spots) {
        auto const row = world.database().sql(fmt::format(
            "SELECT degrees(ST_Azimuth(ST_Point(105.5, 18.5, 4326)::geography, geom::geography)) "
            "FROM record.spots WHERE fid = {}",
            spot["id"].get<int>()))[0];
        BOOST_TEST(std::abs(spot["bearing_deg"].get<double>() - std::stod(row[0])) < 0.001);
    }
    auto const inside =
        world.json("/collections/places/nearest?lon=105.3&lat=18.3&limit=1")["features"][0];
    BOOST_TEST(inside["distance_m"] == 0);
    BOOST_TEST(inside["bearing_deg"].is_null());
    BOOST_TEST(inside["nearest"] == json::array({105.3, 18.3}));
}

BOOST_AUTO_TEST_CASE(nothing_beyond_within_is_found_and_across_180_degrees_is_near) {
    auto& world = World::shared();
    auto const count = [&](std::string const& query) {
        return world.json("/collections/spots/nearest?" + query)["features"].size();
    };
    BOOST_TEST(count("lon=-179.9&lat=10&within=200000") == 2U);
    BOOST_TEST(count("lon=-179.9&lat=10&within=50000") == 1U);
    BOOST_TEST(count("lon=-100&lat=-40&within=1000") == 0U);
    BOOST_TEST(count("lon=-100&lat=-40&limit=100") == 100U);
}

BOOST_AUTO_TEST_CASE(counts_equal_those_of_the_record_under_every_choice) {
    auto& world = World::shared();
    for (std::string const id : {"blocks", "ways", "spots"})
        for (auto const& choice : choices(id))
            BOOST_TEST(world.json("/collections/" + id + "/count?f=json" + choice.query)["count"] ==
                           std::stoi(world.database().value("SELECT count(*) FROM record." + id +
                                                            " t WHERE " + choice.sql)),
                       id << choice.query);
}

BOOST_AUTO_TEST_CASE(counts_and_sums_by_commune_are_those_of_the_centroids_and_sum_to_the_whole) {
    auto& world = World::shared();
    for (std::string const id : {"blocks", "ways", "spots"})
        for (auto const& choice : choices(id)) {
            std::string const sum = id == "ways" ? "&sum=number" : "";
            auto const answer = world.json("/collections/" + id +
                                           "/count?by=commune&on=2025-07-01" + sum + choice.query);
            std::map<std::string, std::pair<int, std::string>> theirs;
            for (auto const& row : world.database().sql(fmt::format(
                     "SELECT coalesce(p.code, CASE WHEN t.geom IS NULL THEN 'unlocated' ELSE "
                     "'elsewhere' END), count(*), {} FROM (SELECT * FROM record.{} WHERE {}) t "
                     "LEFT JOIN record.places p ON p.level = 'commune' AND p.valid_to IS NULL AND "
                     "ST_Contains(ST_Transform(p.geom, 3857), {}) GROUP BY 1",
                     id == "ways" ? "sum(t.number)" : "0", id, choice.sql, centroid)))
                theirs[row[0]] = {std::stoi(row[1]), row[2]};
            int counted = 0;
            auto const hold = [&](std::string const& code, json const& group) {
                counted += group["count"].get<int>();
                BOOST_TEST(group["count"] == theirs[code].first, id << choice.query << " " << code);
                if (!sum.empty() && theirs[code].first > 0)
                    BOOST_TEST(group["sums"]["number"]["sum"].dump() == theirs[code].second);
                theirs.erase(code);
            };
            for (auto const& group : answer["groups"]) hold(group["code"], group);
            hold("elsewhere", answer["elsewhere"]);
            hold("unlocated", answer["unlocated"]);
            BOOST_TEST(theirs.empty());
            BOOST_TEST(answer["count"] == counted);
        }
}

BOOST_AUTO_TEST_CASE(areas_by_commune_are_those_of_the_ellipsoid) {
    auto& world = World::shared();
    auto const answer =
        world.json("/collections/blocks/count?by=commune&on=2025-07-01&sum=geometry_area_m2");
    for (auto const& group : answer["groups"]) {
        auto const theirs = std::stod(world.database().value(fmt::format(
            "SELECT sum(ST_Area(t.geom::geography)) FROM record.blocks t, record.places p WHERE "
            "p.fid = {} AND ST_Contains(ST_Transform(p.geom, 3857), {})",
            group["fid"].get<int>(), centroid)));
        auto const& sum = group["sums"]["geometry_area_m2"];
        BOOST_TEST(sum["of"] == group["count"]);
        // PostGIS's edges are geodesics, ours straight in degrees: squares of a kilometre differ
        // by less than 1e-6 of their area.
        BOOST_TEST(std::abs(sum["sum"].get<double>() / theirs - 1) < 1e-6);
    }
    BOOST_TEST(world.get("/collections/ways/count?sum=geometry_area_m2").status == 400);
}

BOOST_AUTO_TEST_CASE(counts_by_cell_are_those_of_the_centroids) {
    auto& world = World::shared();
    for (std::string const id : {"blocks", "ways", "spots"}) {
        auto const answer = world.json("/collections/" + id + "/count?by=grid&zoom=11");
        std::map<std::string, int> theirs;
        for (auto const& row : world.database().sql(fmt::format(
                 "SELECT floor((ST_X({0}) / 40075016.685578488 + 0.5) * 2048), "
                 "floor((0.5 - ST_Y({0}) / 40075016.685578488) * 2048), count(*) FROM record.{1} t "
                 "WHERE geom IS NOT NULL GROUP BY 1, 2",
                 centroid, id)))
            theirs["11/" + row[0] + "/" + row[1]] = std::stoi(row[2]);
        int counted = answer["unlocated"]["count"].get<int>();
        for (auto const& group : answer["groups"]) {
            BOOST_TEST(group["count"] == theirs[group["tile"]], id << " " << group["tile"]);
            counted += group["count"].get<int>();
        }
        BOOST_TEST(answer["groups"].size() == theirs.size());
        BOOST_TEST(answer["count"] == counted);
        BOOST_TEST(answer["elsewhere"]["count"] == 0);
    }
}

BOOST_AUTO_TEST_CASE(a_day_without_units_of_that_level_is_told_not_counted_as_nothing) {
    auto& world = World::shared();
    BOOST_TEST(world.get("/collections/blocks/count?by=district").status == 404);
    BOOST_TEST(world.get("/collections/blocks/count?by=commune&on=1990-01-01").status == 404);
    BOOST_TEST(world.json("/collections/blocks/count?by=province&on=2010-01-01")["groups"].size() ==
               1U);
}

BOOST_AUTO_TEST_CASE(values_are_counted_as_group_by_counts_them) {
    auto& world = World::shared();
    for (auto const& choice : choices("blocks")) {
        auto const answer = world.json("/collections/blocks/values/kind?limit=2" + choice.query);
        auto const rows = world.database().sql(
            "SELECT kind, count(*) FROM record.blocks t WHERE " + choice.sql +
            " AND kind IS NOT NULL GROUP BY kind ORDER BY count(*) DESC, kind COLLATE \"C\"");
        int total = 0;
        for (auto const& row : rows) total += std::stoi(row[1]);
        BOOST_TEST(answer["distinct"] == rows.size());
        for (std::size_t i = 0; i < answer["values"].size(); ++i) {
            BOOST_TEST(answer["values"][i]["value"] == rows[i][0]);
            BOOST_TEST(answer["values"][i]["count"] == std::stoi(rows[i][1]));
            total -= std::stoi(rows[i][1]);
        }
        BOOST_TEST(answer["values"].size() == std::min<std::size_t>(2, rows.size()));
        BOOST_TEST(answer["others"]["count"] == total);
        BOOST_TEST(answer["others"]["distinct"] == rows.size() - answer["values"].size());
    }
}

BOOST_AUTO_TEST_CASE(a_histogram_counts_each_value_once_and_its_quantiles_are_percentile_disc) {
    auto& world = World::shared();
    for (auto const& choice : choices("ways")) {
        auto const answer = world.json("/collections/ways/histogram/number?bins=7" + choice.query);
        auto const where = " FROM record.ways t WHERE " + choice.sql;
        for (auto const& bin : answer["bins"]) {
            bool const last = bin == answer["bins"].back();
            BOOST_TEST(bin["count"] ==
                       std::stoi(world.database().value(
                           fmt::format("SELECT count(*){} AND number >= {} AND number {} {}", where,
                                       bin["from"].dump(), last ? "<=" : "<", bin["to"].dump()))));
        }
        for (auto const& quantile : answer["quantiles"])
            BOOST_TEST(quantile["value"] ==
                       std::stod(world.database().value(fmt::format(
                           "SELECT percentile_disc({}) WITHIN GROUP (ORDER BY number){}",
                           quantile["share"].dump(), where))));
        auto const row =
            world.database().sql("SELECT min(number), max(number), avg(number)" + where)[0];
        BOOST_TEST(answer["least"] == std::stod(row[0]));
        BOOST_TEST(answer["most"] == std::stod(row[1]));
        BOOST_TEST(std::abs(answer["mean"].get<double>() - std::stod(row[2])) < 1e-9);
    }
    auto const part = world.json("/collections/ways/histogram/number?bins=4&from=100.5&to=300.5");
    BOOST_TEST(part["below"] == 100);
    BOOST_TEST(part["above"] == 700);
    for (auto const& bin : part["bins"]) BOOST_TEST(bin["count"] == 50);
}

BOOST_AUTO_TEST_CASE(fields_that_may_not_be_asked_about_are_refused_as_unknown_ones_are) {
    auto& world = World::shared();
    auto const refusal = [&](std::string const& target, std::string const& field) {
        auto const answer = world.get(target + field + "?lang=en");
        BOOST_TEST(answer.status == 400, target << field);
        auto body = json::parse(answer.body);
        for (auto const* const own : {"value", "detail", "instance", "request"}) body.erase(own);
        return body;
    };
    for (std::string const target :
         {"/collections/blocks/values/", "/collections/blocks/histogram/"}) {
        auto const unknown = refusal(target, "ownar");
        BOOST_TEST(unknown["type"] == "urn:diaban:problem:unanswerable-field");
        BOOST_TEST(refusal(target, "owner") == unknown); // personal
        BOOST_TEST(refusal(target, "area") == unknown);  // not in the mirror
    }
    BOOST_TEST(world.get("/collections/blocks/count?sum=owner").status == 400);
    BOOST_TEST(world.get("/collections/blocks/count?sum=kind").status == 400);
    for (auto const* const target :
         {"/collections/blocks/count?by=owner", "/collections/blocks/count?by=grid",
          "/collections/blocks/count?by=grid&zoom=16", "/collections/blocks/nearest?lon=105",
          "/collections/blocks/nearest?lon=105&lat=18&limit=0",
          "/collections/blocks/nearest?lon=105&lat=18&within=-1",
          "/collections/ways/histogram/number?bins=0",
          "/collections/ways/histogram/number?from=5&to=5",
          "/collections/blocks/values/kind?filter=owner%3D1"})
        BOOST_TEST(world.get(target).status == 400, target);
    BOOST_TEST(world.get("/collections/blocks/count?by=grid&zoom=15").status == 200);
}

BOOST_AUTO_TEST_CASE(hidden_rows_are_in_no_answer) {
    World world;
    world.database().sql("UPDATE record.blocks SET sensitivity = 9 WHERE kind = 'LUC'");
    json count;
    for (int i = 0; i < 200; ++i) {
        count = world.json("/collections/blocks/count?by=commune");
        if (count["count"] == 3667) break;
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    BOOST_TEST(count["count"] == 3667); // 1,333 of 5,000 are rice
    auto const kinds = world.json("/collections/blocks/values/kind");
    for (auto const& entry : kinds["values"]) BOOST_TEST(entry["value"] != "LUC");
    auto const near =
        world.json("/collections/blocks/nearest?lon=105.3&lat=18.3&limit=100")["features"];
    for (auto const& feature : near) BOOST_TEST(feature["properties"]["kind"] != "LUC");
}

BOOST_AUTO_TEST_CASE(a_row_with_times_among_rows_without_leaves_those_at_all_times) {
    World world;
    world.database().sql("UPDATE record.ways SET valid_from = '2030-01-01' WHERE fid = 1");
    json count;
    for (int i = 0; i < 200; ++i) {
        count = world.json("/collections/ways/count?datetime=2025-07-01");
        if (count["count"] == 999) break;
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    BOOST_TEST(count["count"] == 999);
    BOOST_TEST(world.json("/collections/ways/count?datetime=2031-07-01")["count"] == 1000);
    auto const at = world.database().value(
        "SELECT 'lon=' || ST_X(p) || '&lat=' || ST_Y(p) FROM (SELECT ST_StartPoint("
        "ST_GeometryN(geom, 1)) AS p FROM record.ways WHERE fid = 1) AS here");
    auto const near =
        world.json("/collections/ways/nearest?" + at + "&datetime=2025-07-01")["features"];
    BOOST_TEST(near.size() == 10U);
    for (auto const& feature : near) BOOST_TEST(feature["id"] != 1);
}

BOOST_AUTO_TEST_SUITE_END()
