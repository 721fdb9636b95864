#pragma once

#include "data/gdal/raster_sink.hpp"
#include "services/domain/coverage_intake.hpp"
#include "tests/services/job_client.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <ogr_spatialref.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace diaban::tests {

inline constexpr int utm48 = 32648;
inline constexpr int hon_dau = 5727;
inline constexpr double west = 500'000; // the zone's meridian, 105° E
inline constexpr double north = 2'030'000;
inline constexpr double cell = 100;
inline constexpr int columns = 120;
inline constexpr int rows = 80;

/// A valley that falls to the south along its middle column: V-shaped, 1 m a cell across, 0.1 m a
/// cell along.
inline double valley(int column, int row) {
    return std::abs(column - 60) + 0.1 * (rows - row);
}

inline geo::raster::Frame valley_frame() {
    return {{columns, rows}, west, north, cell, cell, utm48};
}

inline std::filesystem::path write_valley(std::string const& name, int vertical,
                                          std::string const& unit) {
    auto const file =
        std::filesystem::temp_directory_path() / fmt::format("{}-{}.tif", name, ::getpid());
    data::gdal::RasterSink sink{
        file, valley_frame(), {.band_names = {""}, .unit = unit, .vertical_srid = vertical}};
    std::vector<float> cells;
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column)
            cells.push_back(float(valley(column, row)));
    sink.write(valley_frame().window(), cells);
    sink.finish();
    return file;
}

inline std::string database_of(World& world) {
    return world.database().options(data::postgis::Role::owner).uri;
}

inline void import_raster(World& world, services::domain::CoverageImport const& wanted) {
    services::domain::import_coverage(database_of(world), world.blobs(), wanted);
}

/// Imports the valley once for all cases, and prepares it.
inline void need_valley(World& world) {
    static bool done = false; // one in the whole program, for it is inline
    if (done) return;
    done = true;
    auto const file = write_valley("valley", hon_dau, "m");
    import_raster(world, {.coverage = "valley", .file = file, .synthetic = true});
    static_cast<void>(
        results_of(world, "terrain-prepare", {{"terrain", "valley"}, {"stream_km2", 1.3}}));
    std::filesystem::remove(file);
}

/// Degrees of a place of the valley, by GDAL.
inline std::pair<double, double> degrees(double column, double row) {
    OGRSpatialReference from;
    OGRSpatialReference to;
    from.importFromEPSG(utm48);
    to.importFromEPSG(4326);
    from.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    to.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    double x = west + column * cell;
    double y = north - row * cell;
    std::unique_ptr<OGRCoordinateTransformation> {
        OGRCreateCoordinateTransformation(&from, &to)
        } -> Transform(1, &x, &y);
    return {x, y};
}

inline std::string at(double column, double row) {
    auto const [lon, lat] = degrees(column, row);
    return fmt::format("lon={:.12f}&lat={:.12f}", lon, lat);
}

} // namespace diaban::tests
