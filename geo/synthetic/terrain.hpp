#pragma once

#include "geo/geometry.hpp"
#include "geo/raster/grid.hpp"

#include <cstdint>
#include <vector>

namespace diaban::geo::synthetic {

/// Where a province's ground is made, and around what.
struct TerrainPlan {
    raster::Frame frame;        ///< in metres
    std::vector<Geometry> land; ///< polygons in the frame's CRS
    Geometry rivers{};          ///< lines in the frame's CRS; may be empty
    double seaward = 49;        ///< degrees clockwise from north: where the sea lies
    std::uint64_t seed = 1;
};

/// Generated ground of a coastal province: a plain that rises from the coast, valleys along the
/// rivers, hills inland. Not real, and to be labelled so.
///
/// Units     metres above the sea. The sea, which is what lies seaward of all land and in none of
///           it, has no data.
/// Coast     where land meets that sea; distance to it is counted from cell to cell (5 % off at
///           worst).
/// Repeats   the same plan gives the same bits on every machine.
/// Throws    Error{bad_input, "bad-parameter"} if no land lies in the frame.
[[nodiscard]] raster::Grid<float> make_terrain(TerrainPlan const& plan, unsigned threads);

} // namespace diaban::geo::synthetic
