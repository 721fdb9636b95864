// 859 real tracks of storms: which came near Hà Tĩnh, held against PostGIS.

#include "services/domain/intake.hpp"
#include "services/domain/intake_plan.hpp"
#include "tests/services/job_client.hpp"
#include "tests/services/world.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <cmath>
#include <map>
#include <memory>
#include <string>

using namespace diaban;
using nlohmann::json;
using tests::World;

namespace {

void import_unit(std::string const& uri, std::filesystem::path const& file, std::string const& code,
                 std::string const& sql) {
    services::domain::ImportRequest request;
    request.file = file;
    request.collection = "places";
    request.source.sql = sql;
    request.constants = {{"code", code},
                         {"level", "province"},
                         {"name", code},
                         {"full_name", code},
                         {"valid_from", "2025-07-01"}};
    static_cast<void>(services::domain::import_file(uri, request));
}

std::unique_ptr<World> world_with_tracks(std::filesystem::path const& data) {
    auto world = std::make_unique<World>();
    auto const& uri = world->database().uri();
    auto const plan = services::domain::read_plan(
        std::filesystem::path{DIABAN_PLANS} / "hatinh" / "4-weather.toml", data);
    static_cast<void>(services::domain::run_plan(uri, plan, [](std::string_view) {}));
    services::domain::ImportRequest levels;
    levels.file = std::filesystem::path{DIABAN_PLANS}.parent_path() / "hazards" / "wind_levels.csv";
    levels.collection = "wind_levels";
    static_cast<void>(services::domain::import_file(uri, levels));
    import_unit(uri, data / "admin/vn_provinces_2025.fgb", "polygon",
                "SELECT geometry FROM vn_provinces_2025 WHERE code = '42'");
    import_unit(uri, data / "admin/hatinh_communes_2025_full.fgb", "union",
                "SELECT ST_Union(geometry) AS geometry FROM hatinh_communes_2025_full");
    tests::await("storms", [&] {
        return world->get("/storms/past?place=union").status == 200 &&
               world->get("/collections/cyclone_fixes/count").status == 200;
    });
    return world;
}

/// A world with the tracks, for all tests; null without the real files.
World* east_sea(std::string const& test) {
    auto const data = tests::real_data(test, "");
    if (!data) return nullptr;
    static auto const world = world_with_tracks(*data);
    return world.get();
}

/// Distances by storm as PostGIS has them on its geography.
std::map<std::string, double> by_postgis(World& world, std::string const& place, double within) {
    std::map<std::string, double> found;
    for (auto const& row : world.database().sql(fmt::format(
             "SELECT t.storm_id, ST_Distance(t.geom::geography, p.shape::geography) FROM "
             "record.cyclone_tracks t, ({}) AS p (shape) WHERE ST_DWithin(t.geom::geography, "
             "p.shape::geography, {})",
             place, within)))
        found[row[0]] = std::stod(row[1]);
    return found;
}

void compare(json const& answer, std::map<std::string, double> const& wanted) {
    BOOST_TEST(answer["storms"].size() == wanted.size());
    for (auto const& storm : answer["storms"]) {
        auto const at = wanted.find(storm["storm"].get<std::string>());
        BOOST_REQUIRE(at != wanted.end());
        BOOST_TEST(std::abs(storm["distance_m"].get<double>() - at->second) < 10,
                   storm["storm"] << ": " << storm["distance_m"] << " and " << at->second);
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(storms)

BOOST_AUTO_TEST_CASE(of_859_tracks_62_come_within_50_km_of_ha_tinh_and_59_of_its_communes) {
    auto* const world = east_sea("of_859_tracks_62_come_within_50_km_of_ha_tinh");
    if (world == nullptr) return;
    for (auto const& [code, count] : {std::pair{"polygon", 62}, {"union", 59}}) {
        auto const answer =
            world->json(fmt::format("/storms/past?place={}&within=50000&limit=1000", code));
        BOOST_TEST(answer["count"] == count);
        BOOST_TEST(answer["details"]["tracks"]["of"] == 859);
        compare(answer,
                by_postgis(*world,
                           fmt::format("SELECT geom FROM record.places WHERE code = '{}'", code),
                           50'000));
        int months = 0;
        for (auto const& month : answer["months"]) months += month["count"].get<int>();
        BOOST_TEST(months == count);
    }
}

BOOST_AUTO_TEST_CASE(distances_to_a_position_are_those_of_postgis_to_the_ends_of_the_sea) {
    auto* const world = east_sea("distances_to_a_position_are_those_of_postgis");
    if (world == nullptr) return;
    auto const answer =
        world->json("/storms/past/around?lon=105.905&lat=18.343&within=300000&limit=1000");
    compare(answer,
            by_postgis(*world, "SELECT ST_SetSRID(ST_MakePoint(105.905, 18.343), 4326)", 300'000));
}

BOOST_AUTO_TEST_CASE(time_and_strength_are_those_of_the_points_beside_the_approach) {
    auto* const world = east_sea("time_and_strength_are_those_of_the_points");
    if (world == nullptr) return;
    auto const answer = world->json("/storms/past?place=union&within=50000&limit=1000&month=9");
    json doksuri;
    for (auto const& storm : answer["storms"])
        if (storm["name"] == "DOKSURI") doksuri = storm;
    BOOST_REQUIRE(doksuri.is_object());
    // Doksuri crossed the coast of Hà Tĩnh and Quảng Bình about noon of 2017-09-15, local time.
    BOOST_TEST(doksuri["at"].get<std::string>().substr(0, 11) == "2017-09-15T");
    BOOST_TEST(doksuri["month"] == 9);
    auto const around = world->database().sql(fmt::format(
        "SELECT min(wind_kt), max(wind_kt), max(at) - min(at) < interval '7 hours' FROM (SELECT "
        "wind_kt, at FROM record.cyclone_fixes WHERE storm_id = '{}' AND abs(extract(epoch FROM at "
        "- timestamptz '{}')) < 6 * 3600) AS near",
        doksuri["storm"].get<std::string>(), doksuri["at"].get<std::string>()));
    BOOST_TEST(doksuri["wind_ms"].get<double>() > std::stod(around[0][0]) * 1852 / 3600 - 0.1);
    BOOST_TEST(doksuri["wind_ms"].get<double>() < std::stod(around[0][1]) * 1852 / 3600 + 0.1);
    // Of ten minutes' means it is weaker: the factor is the asker's.
    auto const softer =
        world->json("/storms/past?place=union&within=50000&limit=1000&month=9&wind-factor=0.88");
    for (auto const& storm : softer["storms"])
        if (storm["name"] == "DOKSURI")
            BOOST_TEST(storm["wind_ms"].get<double>() < doksuri["wind_ms"].get<double>());
}

BOOST_AUTO_TEST_CASE(what_is_not_accepted_is_named) {
    auto* const world = east_sea("what_is_not_accepted_is_named");
    if (world == nullptr) return;
    BOOST_TEST(world->get("/storms/past").status == 400);
    BOOST_TEST(world->get("/storms/past?place=99999").status == 404);
    BOOST_TEST(world->get("/storms/past?place=union&within=300001").status == 400);
    BOOST_TEST(world->get("/storms/past?place=union&month=13").status == 400);
    BOOST_TEST(world->get("/storms/past?place=union&wind-factor=2").status == 400);
    BOOST_TEST(world->get("/storms/past/around?lon=105").status == 400);
}

BOOST_AUTO_TEST_SUITE_END()
