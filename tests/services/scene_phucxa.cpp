// The real scene of Phúc Xá on the Red River: the river rises, a dyke breaches, buildings are
// listed by depth and by arrival. Its ground is a teaching model's, clipped to 0–10 m: heights mean
// nothing beyond it.

#include "services/domain/intake.hpp"
#include "tests/services/valley.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <gdal_priv.h>
#include <gdal_utils.h>
#include <ogrsf_frmts.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

using namespace diaban::tests;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr char buildings[] = "phucxa_buildings";

/// All geometries of a file as one, in GeoJSON.
json merged(fs::path const& file, OGRwkbGeometryType type) {
    std::unique_ptr<GDALDataset> const set{GDALDataset::Open(file.c_str(), GDAL_OF_VECTOR)};
    std::unique_ptr<OGRGeometryCollection> all{
        OGRGeometryFactory::createGeometry(type)->toGeometryCollection()};
    for (auto const& feature : set->GetLayer(0)) {
        auto const* const shape = feature->GetGeometryRef();
        if (wkbFlatten(shape->getGeometryType()) != type) {
            all->addGeometry(shape);
            continue;
        }
        for (auto const* const part : *shape->toGeometryCollection()) all->addGeometry(part);
    }
    std::unique_ptr<char, decltype(&CPLFree)> const text{all->exportToJson(), CPLFree};
    return json::parse(text.get());
}

/// The ground in UTM; its own CRS has no code.
fs::path warped(fs::path const& file) {
    auto const out = fs::temp_directory_path() / fmt::format("phucxa-{}.tif", ::getpid());
    char const* words[] = {"-t_srs", "EPSG:32648", "-tr", "50", "50", "-r", "bilinear", nullptr};
    auto* const options = GDALWarpAppOptionsNew(const_cast<char**>(words), nullptr);
    GDALDatasetH source = GDALOpen(file.c_str(), GA_ReadOnly);
    BOOST_REQUIRE(source != nullptr);
    GDALDatasetH made = GDALWarp(out.c_str(), nullptr, 1, &source, options, nullptr);
    BOOST_REQUIRE(made != nullptr);
    GDALClose(made);
    GDALClose(source);
    GDALWarpAppOptionsFree(options);
    return out;
}

json exposed(World& world, json hazard) {
    return results_of(world, "exposure",
                      {{"hazard", std::move(hazard)},
                       {"collections", {buildings}}})["total"]["collections"][buildings];
}

/// The river rises by 5 m in three hours, behind dykes that the ground does not hold.
json rising(fs::path const& data) {
    return {
        {"terrain", "phucxa"},
        {"bbox", {105.83, 21.022, 105.89, 21.067}},
        {"hours", 5},
        {"frame_minutes", 60},
        {"start", "2026-08-01T00:00:00Z"},
        {"friction", 0.05},
        {"levels",
         {{{"geometry", merged(data / "red_river.fgb", wkbMultiPolygon)},
           {"level", {{0, 0.5}, {180, 5.5}}}}}},
        {"dykes", {{{"geometry", merged(data / "dykes.fgb", wkbMultiLineString)}, {"crest", 9}}}}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(scenes)

BOOST_AUTO_TEST_CASE(phuc_xa_is_flooded_building_by_building_and_a_breach_lets_more_in) {
    auto const* const given = std::getenv("DIABAN_DATA");
    if (given == nullptr) {
        BOOST_TEST_MESSAGE("SKIPPED (DIABAN_DATA not set): phuc_xa_is_flooded");
        return;
    }
    GDALAllRegister();
    auto const data = fs::path{given} / "hanoi";
    auto& world = World::shared();
    auto const ground = warped(data / "phucxa_dem_50m.tif");
    import_raster(world, {.coverage = "phucxa", .file = ground, .unit = "m", .vertical = hon_dau});
    fs::remove(ground);
    diaban::services::domain::ImportRequest houses;
    houses.collection = buildings;
    houses.file = data / "phucxa_buildings.fgb";
    houses.create = true;
    auto const read = diaban::services::domain::import_file(database_of(world), houses);
    BOOST_TEST(read.written == 5155);
    await("the buildings are served", [&] {
        auto const answer = world.get(std::string{"/collections/"} + buildings + "/items?limit=1");
        return answer.status == 200 && json::parse(answer.body)["numberMatched"] == 5155;
    });

    auto inputs = rising(data);
    auto const flood = results_of(world, "inundation", inputs);
    std::string const id = flood["coverage"];
    BOOST_TEST(flood["mass_error"].get<double>() < 1e-6);

    // As the water rises, more of them stand in it.
    int before = 0;
    for (auto const& frame : flood["details"]["frames"]) {
        auto const wet = exposed(world, {{"coverage", id}, {"datetime", frame["datetime"]}});
        BOOST_TEST(wet["count"].get<int>() >= before);
        before = wet["count"].get<int>();
    }
    BOOST_TEST(before > 500);

    // By depth and by arrival: classes share the wet area out, and every number opens its list.
    auto const sum_of = [&](std::string const& band, std::vector<double> const& bounds) {
        double area = 0;
        for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
            auto const part = exposed(
                world,
                {{"coverage", id}, {"band", band}, {"from", bounds[i]}, {"to", bounds[i + 1]}});
            area += part["area_m2"].get<double>();
            std::uint64_t listed = 0;
            for (std::string const link : part["list"])
                listed += world.json(link + "&limit=1")["numberMatched"].get<std::uint64_t>();
            BOOST_TEST(listed == part["count"].get<std::uint64_t>());
        }
        return area;
    };
    auto const whole = [&](std::string const& band, double from, double to) {
        return exposed(world,
                       {{"coverage", id}, {"band", band}, {"from", from}, {"to", to}})["area_m2"]
            .get<double>();
    };
    BOOST_TEST(sum_of("depth", {0.1, 0.5, 1, 2, 100}) == whole("depth", 0.1, 100),
               boost::test_tools::tolerance(1e-9));
    BOOST_TEST(sum_of("arrival", {0, 3600, 7200, 10800, 18001}) == whole("arrival", 0, 18001),
               boost::test_tools::tolerance(1e-9));

    // Two hours in, the dykes go down to 3 m within the hour.
    inputs["breaches"] = {
        {{"geometry", inputs["dykes"][0]["geometry"]}, {"level", {{120, 9}, {180, 3}}}}};
    auto const breached = results_of(world, "inundation", inputs);
    BOOST_TEST(breached["details"]["balance"]["stored_m3"].get<double>() >
               flood["details"]["balance"]["stored_m3"].get<double>());
    BOOST_TEST(breached["details"]["balance"]["levels_m3"].get<double>() >
               flood["details"]["balance"]["levels_m3"].get<double>());
    // The buildings stand on the river's side: what runs into the city is missing there.
    BOOST_TEST(exposed(world, {{"coverage", breached["coverage"]}})["count"].get<int>() < before);
}

BOOST_AUTO_TEST_SUITE_END()
