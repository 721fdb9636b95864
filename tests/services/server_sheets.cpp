// Ground of several sheets, and what is done to it along lines by explicit choice.

#include "tests/services/valley.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <fstream>
#include <string>
#include <vector>

using namespace diaban::tests;
using nlohmann::json;
namespace domain = diaban::services::domain;
namespace geo = diaban::geo;
namespace fs = std::filesystem;

namespace {

fs::path scratch(std::string const& name) {
    return fs::temp_directory_path() / fmt::format("{}-{}", ::getpid(), name);
}

/// Some columns of the valley, raised by so many metres.
fs::path sheet(std::string const& name, int from, int to, float more) {
    auto const file = scratch(name + ".tif");
    auto const frame = valley_frame().part({from, 0, to - from, rows});
    diaban::data::gdal::RasterSink sink{
        file, frame, {.band_names = {""}, .unit = "m", .vertical_srid = hon_dau}};
    std::vector<float> cells;
    for (int row = 0; row < rows; ++row)
        for (int column = from; column < to; ++column)
            cells.push_back(float(valley(column, row)) + more);
    sink.write(frame.window(), cells);
    sink.finish();
    return file;
}

/// A line between two places of the valley, as a file.
fs::path line(std::string const& name, double column, double row, double to_column, double to_row) {
    auto const file = scratch(name + ".geojson");
    auto const [lon, lat] = degrees(column, row);
    auto const [to_lon, to_lat] = degrees(to_column, to_row);
    std::ofstream{file} << json{
        {"type", "Feature"},
        {"properties", json::object()},
        {"geometry", {{"type", "LineString"}, {"coordinates", {{lon, lat}, {to_lon, to_lat}}}}}};
    return file;
}

double height(World& world, double column, double row) {
    return world.json("/coverages/sheets/value?" + at(column, row))["value"];
}

} // namespace

BOOST_AUTO_TEST_SUITE(coverages)

BOOST_AUTO_TEST_CASE(sheets_are_one_ground_with_rivers_burnt_dykes_raised_and_water_under_bridges) {
    auto& world = World::shared();
    auto const left = sheet("left", 0, 70, 0);
    auto const right = sheet("right", 60, columns, 5);
    using Kind = domain::GroundEdit::Kind;
    domain::CoverageImport wanted{.coverage = "sheets", .file = left, .with = {right}};
    wanted.edits = {{Kind::burn, line("river", 60.5, 10.5, 60.5, 30.5), 3},
                    {Kind::raise, line("dyke", 10.5, 40.5, 40.5, 40.5), 2},
                    {Kind::pass, line("bridge", 20.5, 38.5, 20.5, 42.5), 0}};
    import_raster(world, wanted);
    auto const about = world.json("/coverages/sheets");
    BOOST_TEST(about["grid"]["columns"] == columns);
    BOOST_TEST(about["grid"]["rows"] == rows);
    BOOST_TEST(about["details"]["edits"].size() == 3u);
    BOOST_TEST(about["details"]["edited_cells"] == 21 + 31 + 4);
    auto const near = boost::test_tools::tolerance(1e-5);
    // Where both know a cell the first does; beyond, the second.
    BOOST_TEST(height(world, 65.5, 50.5) == valley(65, 50), near);
    BOOST_TEST(height(world, 75.5, 50.5) == valley(75, 50) + 5, near);
    BOOST_TEST(height(world, 60.5, 20.5) == valley(60, 20) - 3, near);
    BOOST_TEST(height(world, 60.5, 32.5) == valley(60, 32), near);
    BOOST_TEST(height(world, 30.5, 40.5) == valley(30, 40) + 2, near);
    // Under the bridge the dyke is open, from the ground before it to that behind it.
    BOOST_TEST(height(world, 20.5, 40.5) == (valley(20, 38) + valley(20, 42)) / 2, near);
    BOOST_TEST(height(world, 21.5, 40.5) == valley(21, 40) + 2, near);

    auto const refused = [&](auto&& change) {
        auto wrong = wanted;
        wrong.coverage = "wrong";
        change(wrong);
        BOOST_CHECK_THROW(import_raster(world, wrong), geo::Error);
    };
    refused([&](auto& wrong) { wrong.with = {line("none", 1, 1, 2, 2)}; });
    refused([&](auto& wrong) { wrong.edits[0].lines = left; });
    refused([&](auto& wrong) { wrong.edits[0].lines = line("away", 900, 900, 901, 901); });
    auto const moved = scratch("moved.tif");
    auto frame = valley_frame();
    frame.west += 30;
    diaban::data::gdal::RasterSink sink{
        moved, frame, {.band_names = {""}, .unit = "m", .vertical_srid = hon_dau}};
    sink.finish();
    refused([&](auto& wrong) { wrong.with = {moved}; });
}

BOOST_AUTO_TEST_SUITE_END()
