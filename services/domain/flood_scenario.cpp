#include "services/domain/flood_scenario.hpp"

#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "geo/exposure/zonal.hpp"
#include "geo/hazard/still_water.hpp"
#include "geo/raster/trace.hpp"
#include "services/domain/process_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace diaban::services::domain {

namespace {

using geo::hazard::Scenario;
using geo::raster::Cell;
using geo::raster::Frame;

/// A box in degrees as one that holds it in the CRS of the ground.
geo::Box in_metres(geo::Box const& degrees, int srid) {
    return geo::box_after(geo::Transform::between(4326, srid), degrees, 16);
}

std::int32_t factor_of(FloodInputs const& inputs, Frame const& ground) {
    if (!inputs.cell) return 1;
    double const factor = std::round(*inputs.cell / ground.width);
    if (factor < 1 || std::abs(factor * ground.width - *inputs.cell) > 1e-6 * ground.width)
        refuse_input("cell", fmt::format("{}", *inputs.cell),
                     fmt::format("a whole multiple of {} m", ground.width));
    return std::int32_t(factor);
}

/// The cells of something drawn; those of a polygon are the ones of which it covers a half.
std::vector<Cell> cells_of(std::string_view input, geo::Geometry place, Frame const& frame) {
    geo::Transform::between(4326, frame.srid).apply(place.positions);
    place.srid = frame.srid;
    std::vector<Cell> cells;
    if (place.kind == geo::GeometryKind::polygon)
        geo::exposure::cover(frame, place)
            .each([&](std::int32_t column, std::int32_t row, double s) {
                if (s >= 0.5) cells.push_back({column, row});
            });
    else
        cells = geo::raster::cells_along(frame, place);
    if (cells.empty()) refuse_input(input, "", "something drawn inside the box, a cell large");
    return cells;
}

/// Only cells on known ground, which alone hold water.
std::vector<Cell> known_cells(std::string_view input, geo::Geometry const& place,
                              Scenario const& scenario) {
    auto cells = cells_of(input, place, scenario.frame);
    std::erase_if(cells, [&](Cell const& cell) {
        return std::isnan(scenario.bed[scenario.frame.shape.index(cell.column, cell.row)]);
    });
    if (cells.empty()) refuse_input(input, "", "a place where the ground is known");
    return cells;
}

void raise_dykes(FloodInputs const& inputs, Scenario& scenario) {
    for (auto const& dyke : inputs.dykes)
        for (auto const& cell : known_cells("dykes", dyke.line, scenario)) {
            auto& bed = scenario.bed[scenario.frame.shape.index(cell.column, cell.row)];
            bed = std::max(bed, float(dyke.crest));
        }
}

/// Where the ground has no data there is sea, five metres deep, whose level stands; so does at the
/// beginning the water in all land that it reaches.
void fill_sea(FloodInputs const& inputs, Scenario& scenario) {
    if (!inputs.sea) return;
    constexpr double deep = 5;
    auto const& shape = scenario.frame.shape;
    geo::hazard::StandingLevel sea{.cells = {}, .level = {{{0, *inputs.sea}}}};
    for (std::int32_t row = 0; row < shape.rows; ++row)
        for (std::int32_t column = 0; column < shape.columns; ++column) {
            auto const i = shape.index(column, row);
            if (!std::isnan(scenario.bed[i])) continue;
            scenario.bed[i] = float(*inputs.sea - deep);
            sea.cells.push_back({column, row});
        }
    if (sea.cells.empty()) return;
    std::vector<std::uint8_t> marked(shape.cells(), 0);
    for (auto const& cell : sea.cells) marked[shape.index(cell.column, cell.row)] = 1;
    std::vector<float> reached(shape.cells());
    geo::hazard::reaching_level(shape, scenario.bed, marked, reached);
    scenario.depth.resize(shape.cells());
    geo::hazard::still_water_depth(scenario.bed, reached, float(*inputs.sea), scenario.depth);
    scenario.levels.push_back(std::move(sea));
}

void open_edges(Scenario& scenario) {
    auto const& shape = scenario.frame.shape;
    std::vector<std::uint8_t> taken(shape.cells(), 0);
    for (auto const& level : scenario.levels)
        for (auto const& cell : level.cells) taken[shape.index(cell.column, cell.row)] = 1;
    geo::hazard::Outfall edge;
    auto const add = [&](std::int32_t column, std::int32_t row) {
        auto const i = shape.index(column, row);
        if (!std::isnan(scenario.bed[i]) && taken[i] == 0) edge.cells.push_back({column, row});
    };
    for (std::int32_t column = 0; column < shape.columns; ++column) {
        add(column, 0);
        if (shape.rows > 1) add(column, shape.rows - 1);
    }
    for (std::int32_t row = 1; row + 1 < shape.rows; ++row) {
        add(0, row);
        if (shape.columns > 1) add(shape.columns - 1, row);
    }
    if (!edge.cells.empty()) scenario.outfalls.push_back(std::move(edge));
}

} // namespace

FloodGrid flood_grid(FloodInputs const& inputs, data::model::Coverage const& ground) {
    auto const& frame = ground.frame;
    if (ground.quantity != "elevation" && ground.quantity != "filled")
        refuse_input("terrain", ground.id, "a coverage of heights");
    if (geo::is_geographic(frame.srid) || std::abs(frame.width - frame.height) > 1e-9 * frame.width)
        refuse_input("terrain", ground.id, "ground in square cells of metres");
    auto const factor = factor_of(inputs, frame);
    FloodGrid grid;
    grid.window = frame.cover(in_metres(inputs.box, frame.srid));
    grid.window.columns -= grid.window.columns % factor;
    grid.window.rows -= grid.window.rows % factor;
    constexpr std::int32_t least = 3;
    if (grid.window.columns / factor < least || grid.window.rows / factor < least)
        refuse_input("bbox", "",
                     fmt::format("a box of at least {} cells a side on {}", least, ground.id));
    grid.frame = frame.part(grid.window);
    grid.frame.shape = {grid.window.columns / factor, grid.window.rows / factor};
    grid.frame.width = grid.frame.height = frame.width * factor;
    if (grid.frame.shape.cells() > most_flood_cells)
        throw geo::Error{geo::Code::too_large,
                         "too-many-cells",
                         {{"cells", std::to_string(grid.frame.shape.cells())},
                          {"accepted", std::to_string(most_flood_cells)}}};
    return grid;
}

Scenario flood_scenario(FloodInputs const& inputs, FloodGrid const& grid,
                        data::gdal::RasterSource const& ground) {
    Scenario scenario;
    scenario.frame = grid.frame;
    scenario.bed.resize(grid.frame.shape.cells());
    if (grid.frame.shape == grid.window.shape())
        ground.read(grid.window, scenario.bed);
    else
        ground.read_reduced(grid.window, grid.frame.shape, scenario.bed);
    raise_dykes(inputs, scenario);
    fill_sea(inputs, scenario);
    scenario.friction = inputs.friction;
    scenario.infiltration = inputs.infiltration;
    if (!inputs.rain.points.empty()) scenario.rains.push_back({inputs.rain});
    for (auto const& release : inputs.releases)
        scenario.inflows.push_back(
            {known_cells("releases", release.place, scenario), release.over});
    for (auto const& level : inputs.levels)
        scenario.levels.push_back({known_cells("levels", level.place, scenario), level.over});
    for (auto const& breach : inputs.breaches)
        scenario.changes.push_back({geo::hazard::BedChange::Kind::breach,
                                    known_cells("breaches", breach.place, scenario), breach.over});
    for (auto const& gate : inputs.gates)
        scenario.changes.push_back({geo::hazard::BedChange::Kind::gate,
                                    known_cells("gates", gate.place, scenario), gate.over});
    if (inputs.open_edges) open_edges(scenario);
    return scenario;
}

} // namespace diaban::services::domain
