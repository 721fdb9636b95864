// 86,314 real incidents: heat, hot spots and clusters held against PostGIS and slow ways.

#include "services/domain/intake_plan.hpp"
#include "tests/services/job_client.hpp"
#include "tests/services/world.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <climits>
#include <cmath>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>

using namespace diaban;
using nlohmann::json;
using tests::World;

namespace {

std::unique_ptr<World> world_with_incidents(std::filesystem::path const& data) {
    auto world = std::make_unique<World>();
    auto const plan = services::domain::read_plan(
        std::filesystem::path{DIABAN_PLANS} / "hatinh" / "6-incidents.toml", data);
    static_cast<void>(
        services::domain::run_plan(world->database().uri(), plan, [](std::string_view) {}));
    tests::await("incidents", [&] { // the collection is there before what is imported into it
        auto const answer = world->get("/collections/incidents_houston/heat");
        return answer.status == 200 && json::parse(answer.body)["count"] != 0;
    });
    return world;
}

/// A world with the incidents, for all tests; null without the real files.
World* houston(std::string const& test) {
    auto const data = tests::real_data(test, "");
    if (!data) return nullptr;
    // Made by its initialiser, so that it ends before what its server logs to.
    static auto const world = world_with_incidents(*data);
    return world.get();
}

std::string const city = "-95.8,29.5,-95,30.1";
constexpr char in_city[] = "geom && ST_MakeEnvelope(-95.8, 29.5, -95, 30.1, 4326)";

} // namespace

BOOST_AUTO_TEST_SUITE(incidents)

BOOST_AUTO_TEST_CASE(heat_of_all_incidents_sums_to_their_count) {
    auto* const world = houston("heat_of_all_incidents_sums_to_their_count");
    if (world == nullptr) return;
    auto const about = world->json("/collections/incidents_houston/heat");
    BOOST_TEST(about["count"] == 86'309); // five lack coordinates
    for (auto const& [filter, sql] :
         {std::pair<std::string, std::string>{"", "true"},
          {"&filter=kind%3D%27robbery%27", "kind = 'robbery'"},
          {"&hours=22-3", "extract(hour FROM occurred_at AT TIME ZONE 'Asia/Ho_Chi_Minh') IN "
                          "(22, 23, 0, 1, 2, 3)"}}) {
        double sum = 0;
        for (int x = 0; x < 8; ++x)
            for (int y = 0; y < 8; ++y)
                sum += world
                           ->json(fmt::format("/collections/incidents_houston/heat/tiles/3/{}/{}"
                                              "?f=json&radius=20000{}",
                                              x, y, filter))["weight"]
                           .get<double>();
        double const rows = std::stod(world->database().value(
            "SELECT count(geom) FROM record.incidents_houston WHERE " + sql));
        BOOST_TEST(std::abs(sum / rows - 1) < 1e-4);
    }
}

BOOST_AUTO_TEST_CASE(clusters_of_robberies_are_those_of_postgis) {
    auto* const world = houston("clusters_of_robberies_are_those_of_postgis");
    if (world == nullptr) return;
    auto const results = tests::results_of(*world, "clusters",
                                           {{"collection", "incidents_houston"},
                                            {"bbox", city},
                                            {"filter", "kind = 'robbery'"},
                                            {"metres", 400},
                                            {"least", 8}});
    std::string const clustered =
        "SELECT ST_ClusterDBSCAN(ST_Transform(geom, 32615), 400, 8) OVER () AS c FROM "
        "record.incidents_houston WHERE kind = 'robbery' AND " +
        std::string{in_city};
    auto const& database = world->database();
    BOOST_TEST(results["clusters"] ==
               std::stoi(database.value("SELECT count(DISTINCT c) FROM (" + clustered + ") AS k")));
    BOOST_TEST(results["noise"] == std::stoi(database.value("SELECT count(*) FROM (" + clustered +
                                                            ") AS k WHERE c IS NULL")));
    BOOST_TEST(results["clusters"].get<int>() > 5);
}

BOOST_AUTO_TEST_CASE(hot_cells_are_those_of_the_formula_over_counts_by_sql) {
    auto* const world = houston("hot_cells_are_those_of_the_formula_over_counts_by_sql");
    if (world == nullptr) return;
    constexpr double cell = 1000;
    constexpr double band = 2.5;
    auto const asked = tests::ask_process(world->port(), "hot-spots",
                                          {{"collection", "incidents_houston"},
                                           {"bbox", city},
                                           {"cell", cell},
                                           {"band", band * cell}});
    auto const file = json::parse(tests::export_of(world->port(), asked));
    std::map<std::pair<int, int>, double> counts;
    for (auto const& row : world->database().sql(
             "SELECT floor(ST_X(p) / 1000), floor(ST_Y(p) / 1000), count(*) FROM (SELECT "
             "ST_Transform(geom, 32615) AS p FROM record.incidents_houston WHERE " +
             std::string{in_city} + ") AS plane GROUP BY 1, 2"))
        counts[{std::stoi(row[0]), std::stoi(row[1])}] = std::stod(row[2]);
    std::map<std::pair<int, int>, double> studied; // within the band of an event
    for (auto const& [at, count] : counts)
        for (int dx = -2; dx <= 2; ++dx)
            for (int dy = -2; dy <= 2; ++dy)
                if (std::hypot(dx, dy) <= band) {
                    auto const here = std::pair{at.first + dx, at.second + dy};
                    auto const found = counts.find(here);
                    studied[here] = found == counts.end() ? 0 : found->second;
                }
    // The grid ends where the events do.
    int west = INT_MAX, east = INT_MIN, south = INT_MAX, north = INT_MIN;
    for (auto const& [at, count] : counts) {
        west = std::min(west, at.first);
        east = std::max(east, at.first);
        south = std::min(south, at.second);
        north = std::max(north, at.second);
    }
    std::erase_if(studied, [&](auto const& one) {
        auto const [x, y] = one.first;
        return x < west || x > east || y < south - 1 || y > north;
    });
    double mean = 0;
    double squares = 0;
    auto const n = double(studied.size());
    for (auto const& [at, count] : studied) mean += count / n;
    for (auto const& [at, count] : studied) squares += (count - mean) * (count - mean) / n;
    std::multimap<double, double> by_count; // of hot cells: count to z
    for (auto const& [at, count] : studied) {
        double sum = 0;
        double w = 0;
        for (int dx = -2; dx <= 2; ++dx)
            for (int dy = -2; dy <= 2; ++dy) {
                auto const found = studied.find({at.first + dx, at.second + dy});
                if (std::hypot(dx, dy) > band || found == studied.end()) continue;
                sum += found->second;
                ++w;
            }
        by_count.emplace(count, (sum - mean * w) / std::sqrt(squares * w * (n - w) / (n - 1)));
    }
    std::size_t matched = 0;
    for (auto const& feature : file["features"]) {
        auto const& said = feature["properties"];
        auto const [first, last] = by_count.equal_range(said["count"].get<double>());
        for (auto at = first; at != last; ++at)
            if (std::abs(at->second - said["z"].get<double>()) < 1e-6) {
                ++matched;
                by_count.erase(at);
                break;
            }
    }
    BOOST_TEST(file["features"].size() > 50U);
    BOOST_TEST(matched == file["features"].size());
}

BOOST_AUTO_TEST_CASE(the_rhythm_of_incidents_is_that_of_the_file) {
    auto* const world = houston("the_rhythm_of_incidents_is_that_of_the_file");
    if (world == nullptr) return;
    auto const rhythm = world->json("/collections/incidents_houston/rhythm");
    BOOST_TEST(rhythm["count"] == 86'314);
    for (auto const& row : world->database().sql(
             "SELECT extract(isodow FROM t)::int - 1, extract(hour FROM t)::int, count(*) FROM "
             "(SELECT occurred_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS t FROM "
             "record.incidents_houston) AS local GROUP BY 1, 2"))
        BOOST_TEST(rhythm["counts"][std::stoul(row[0])][std::stoul(row[1])] == std::stoi(row[2]));
}

BOOST_AUTO_TEST_SUITE_END()
