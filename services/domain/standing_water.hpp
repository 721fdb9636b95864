#pragma once

#include "geo/raster/grid.hpp"
#include "services/domain/cut_off_inputs.hpp"
#include "services/domain/process.hpp"

#include <vector>

namespace diaban::services::domain {

/// How deep water stands over a grid, and what is said of it.
struct StandingWater {
    geo::raster::Frame frame;
    std::vector<float> depth;  ///< m; NaN where it is not known
    std::vector<float> ground; ///< m in its datum; empty: not asked for, or not known
    Json about;
};

/// Reads, or computes by a level, the water that was asked for; not of a polygon.
///
/// `with_ground`  to hold levels of decks against.
/// Throws   as CoverageWork; Error{too_large, "too-many-cells"}; Error{bad_input, "bad-parameter"}
///          for a coverage that holds no depths.
[[nodiscard]] StandingWater read_standing_water(Work const& work, WaterInputs const& inputs,
                                                bool with_ground);

/// The instants of a coverage of depths, up to the one that is asked for.
[[nodiscard]] std::vector<geo::Instant> water_times(Work const& work, WaterInputs const& inputs);

/// Refuses a coverage that the water cannot be read from. Throws as `read_standing_water`.
void check_water_source(WaterInputs const& inputs, data::model::Coverage const& coverage);

} // namespace diaban::services::domain
