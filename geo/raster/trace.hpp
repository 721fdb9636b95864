#pragma once

#include "geo/geometry.hpp"
#include "geo/raster/grid.hpp"

#include <vector>

namespace diaban::geo::raster {

/// The cells that lines pass, or that points lie in, each once, in the order they are first met.
///
/// CRS       of both the same.
/// Closed    every cell that a line enters is there, so neighbours share a side wherever it does
/// not
///           pass through a corner exactly; there one of the two beside the corner is added. So
///           what is raised along a line lets nothing through, not even from corner to corner.
/// Outside   what lies outside the grid is left out.
/// Throws    Error{bad_input, "not-a-line"} for polygons.
[[nodiscard]] std::vector<Cell> cells_along(Frame const& frame, Geometry const& lines);

} // namespace diaban::geo::raster
