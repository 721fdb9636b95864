#include "services/commands/generate_terrain.hpp"

#include "data/gdal/crs_extent.hpp"
#include "data/gdal/raster_sink.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "geo/synthetic/lines.hpp"
#include "geo/synthetic/terrain.hpp"
#include "services/commands/generate_input.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

namespace diaban::services::commands {

namespace {

struct TerrainFlags {
    std::filesystem::path communes;
    std::string where;
    std::filesystem::path rivers;
    std::string crs = "EPSG:3405";
    double cell = 90;
    double seaward = 49;
    std::uint64_t seed = 1;
    std::filesystem::path output;
};

/// Whole cells around all land, with room on every side.
geo::raster::Frame frame_around(std::vector<geo::Geometry> const& land, double cell, int srid) {
    geo::Box box;
    for (auto const& unit : land) box.extend(unit.box());
    constexpr double room = 1'000; // metres
    double const west = std::floor((box.min_x - room) / cell) * cell;
    double const north = std::ceil((box.max_y + room) / cell) * cell;
    auto const count = [&](double length) { return std::int32_t(std::ceil(length / cell)); };
    return {{count(box.max_x + room - west), count(north - box.min_y + room)},
            west,
            north,
            cell,
            cell,
            srid};
}

void generate_terrain(TerrainFlags const& flags) {
    int const srid = data::gdal::read_srid(flags.crs);
    if (geo::is_geographic(srid))
        throw geo::Error{
            geo::Code::bad_input,
            "bad-parameter",
            {{"parameter", "--crs"}, {"value", flags.crs}, {"accepted", "metres: EPSG:3405"}}};
    auto const to_metres = geo::Transform::between(4326, srid);
    geo::synthetic::TerrainPlan plan;
    for (auto& commune : read_communes(flags.communes, flags.where)) {
        to_metres.apply(commune.outline.positions);
        commune.outline.srid = srid;
        plan.land.push_back(std::move(commune.outline));
    }
    plan.frame = frame_around(plan.land, flags.cell, srid);
    plan.rivers = read_lines(flags.rivers);
    auto const around = [&] {
        auto box = plan.frame.box();
        std::vector<geo::Position> corners{{box.min_x, box.min_y}, {box.max_x, box.max_y}};
        geo::Transform::between(srid, 4326).apply(corners);
        return geo::Box{corners[0].x - 0.1, corners[0].y - 0.1, corners[1].x + 0.1,
                        corners[1].y + 0.1};
    }();
    plan.rivers = geo::synthetic::clip_lines(plan.rivers, around);
    to_metres.apply(plan.rivers.positions);
    plan.rivers.srid = srid;
    plan.seaward = flags.seaward;
    plan.seed = flags.seed;
    auto const ground =
        geo::synthetic::make_terrain(plan, std::max(1U, std::thread::hardware_concurrency()));
    constexpr int hon_dau = 5727;
    data::gdal::RasterSink sink{
        flags.output,
        ground.frame(),
        {.band_names = {"elevation"}, .unit = "m", .vertical_srid = hon_dau}};
    sink.write(ground.frame().window(), ground.cells());
    sink.finish();
    fmt::print("{}: {} × {} cells of {} m, {}\n", flags.output.string(), plan.frame.shape.columns,
               plan.frame.shape.rows, flags.cell, flags.crs);
}

} // namespace

void add_terrain(CLI::App& generate) {
    auto flags = std::make_shared<TerrainFlags>();
    auto* command = generate.add_subcommand(
        "terrain", "Ground of a coastal province that is made up: plain, valleys, hills");
    command->add_option("--communes", flags->communes, "land: polygons with code, name, full_name")
        ->required()
        ->type_name("FILE");
    command->add_option("--where", flags->where, "which of them: OGR SQL condition");
    command->add_option("--rivers", flags->rivers, "lines, or what gmt coast -M wrote")
        ->type_name("FILE");
    command->add_option("--crs", flags->crs, "of the cells, in metres")
        ->type_name("EPSG:n")
        ->capture_default_str();
    command->add_option("--cell", flags->cell, "metres along a side")
        ->check(CLI::Range(5.0, 5000.0))
        ->capture_default_str();
    command->add_option("--seaward", flags->seaward, "degrees from north to where the sea lies")
        ->check(CLI::Range(0.0, 360.0))
        ->capture_default_str();
    command->add_option("--seed", flags->seed, "another seed, other hills")->capture_default_str();
    command->add_option("-o,--output", flags->output, "GeoTIFF, replaced if it is there")
        ->required()
        ->type_name("FILE.tif");
    command->callback([flags] { generate_terrain(*flags); });
}

} // namespace diaban::services::commands
