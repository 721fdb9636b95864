// The rain of October 2020 over Hà Tĩnh, as ERA5-Land has it, on generated ground: the weather is
// real, the ground is not.

#include "data/gdal/raster_source.hpp"
#include "geo/synthetic/terrain.hpp"
#include "tests/services/valley.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

using namespace diaban::tests;
using nlohmann::json;
namespace fs = std::filesystem;
namespace geo = diaban::geo;

namespace {

/// Millimetres a day in October 2020, of the cell that holds a place.
double rain_of_october(fs::path const& data, geo::Position place) {
    auto const source =
        diaban::data::gdal::RasterSource::open(data / "climate/era5land_precip_monthly_2020.tif");
    auto const& frame = source.description().frame;
    auto const cell = frame.cell(place);
    BOOST_REQUIRE(cell.has_value());
    std::vector<float> value(1);
    source.read({cell->column, cell->row, 1, 1}, value, 10);
    return double(value[0]);
}

} // namespace

BOOST_AUTO_TEST_SUITE(scenes)

BOOST_AUTO_TEST_CASE(the_rain_of_october_2020_falls_on_generated_ground_and_none_of_it_is_lost) {
    auto const* const given = std::getenv("DIABAN_DATA");
    if (given == nullptr) {
        BOOST_TEST_MESSAGE("SKIPPED (DIABAN_DATA not set): the_rain_of_october_2020");
        return;
    }
    // The station Hà Tĩnh (48846) stands at 105.9° E, 18.35° N: on the border of two cells, of
    // which the northern one holds what is said of the station, 60.7 mm a day, and the southern
    // one 64.23.
    auto const rain = rain_of_october(given, {105.9, 18.351});
    BOOST_TEST(std::abs(rain - 60.70) < 1e-3);
    BOOST_TEST(std::abs(rain_of_october(given, {105.9, 18.349}) - 64.23) < 1e-3);

    geo::raster::Frame const frame{{160, 120}, 590'000, 2'040'000, 90, 90, 3405};
    auto const box = frame.box();
    geo::Geometry land;
    land.kind = geo::GeometryKind::polygon;
    land.srid = 3405;
    land.positions = {{box.min_x, box.min_y},
                      {box.max_x - 1000, box.min_y},
                      {box.max_x - 3000, box.max_y},
                      {box.min_x, box.max_y},
                      {box.min_x, box.min_y}};
    land.path_ends = {5};
    land.part_ends = {1};
    auto const ground = geo::synthetic::make_terrain({.frame = frame, .land = {land}}, 2);
    auto const file = fs::temp_directory_path() / fmt::format("rain-{}.tif", ::getpid());
    diaban::data::gdal::RasterSink sink{
        file, frame, {.band_names = {""}, .unit = "m", .vertical_srid = hon_dau}};
    sink.write(frame.window(), ground.cells());
    sink.finish();
    auto& world = World::shared();
    import_raster(world, {.coverage = "generated", .file = file, .synthetic = true});
    fs::remove(file);

    json const inputs{
        {"terrain", "generated"}, {"bbox", {105.86, 18.36, 105.94, 18.43}}, {"hours", 24},
        {"frame_minutes", 240},   {"start", "2020-10-18T00:00:00+07:00"},   {"friction", 0.06},
        {"rain", rain / 24}};
    auto const results = results_of(world, "inundation", inputs);
    BOOST_TEST(results["mass_error"].get<double>() < 1e-6);
    BOOST_TEST(results["details"]["terrain_origin"] == "synthetic");
    std::string const flood = results["coverage"];
    auto const about = world.json("/coverages/" + flood);
    BOOST_TEST(about["origin"] == "synthetic");
    // All that fell: millimetres times the area of known ground.
    auto const& grid = about["grid"];
    double const cells = grid["columns"].get<double>() * grid["rows"].get<double>();
    double const most = cells * 90 * 90 * rain / 1000;
    double const fell = results["details"]["balance"]["rain_m3"];
    BOOST_TEST(fell <= most * (1 + 1e-6));
    BOOST_TEST(fell > 0.5 * most);
}

BOOST_AUTO_TEST_SUITE_END()
