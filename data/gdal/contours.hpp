#pragma once

#include "geo/geometry.hpp"
#include "geo/raster/grid.hpp"

#include <span>
#include <vector>

namespace diaban::data::gdal {

/// A line along which a surface has one height.
struct ContourLine {
    double level = 0;
    std::vector<geo::Position> points; ///< in cells: x to the east, y to the south, from the corner
};

/// Lines of equal height at whole multiples of `interval`, from cell centre to cell centre,
/// straight between the sides that they cross.
///
/// Cells     row by row, as many as `shape` has; no line comes near one without data.
/// Method    marching squares, by GDAL.
/// Throws    Error{internal, "internal"} if GDAL fails.
[[nodiscard]] std::vector<ContourLine> contour_lines(std::span<float const> cells,
                                                     geo::raster::Shape shape, double interval);

} // namespace diaban::data::gdal
