#pragma once

#include "data/gdal/raster_source.hpp"
#include "geo/hazard/scenario.hpp"
#include "services/domain/flood_inputs.hpp"

namespace diaban::services::domain {

/// Cells that one run may have: some 40 bytes each while it runs.
inline constexpr std::size_t most_flood_cells = 8'000'000;

/// The grid of a run: cells of the ground that meet the box, or squares of several of them.
///
/// Throws   Error{bad_input, "bad-parameter"} where the ground is not in metres, its cells are not
///          square, `cell` is no multiple of theirs, or the box misses it; Error{too_large,
///          "too-many-cells"}.
struct FloodGrid {
    geo::raster::Window window; ///< of the ground
    geo::raster::Frame frame;   ///< of the run
};
[[nodiscard]] FloodGrid flood_grid(FloodInputs const& inputs, data::model::Coverage const& ground);

/// The scenario that the inputs mean on that ground.
/// Throws   as `flood_grid`; Error{bad_input, "bad-parameter"} where something is drawn outside.
[[nodiscard]] geo::hazard::Scenario flood_scenario(FloodInputs const& inputs, FloodGrid const& grid,
                                                   data::gdal::RasterSource const& ground);

} // namespace diaban::services::domain
