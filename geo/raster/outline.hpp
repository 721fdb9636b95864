#pragma once

#include "geo/geometry.hpp"
#include "geo/raster/grid.hpp"

#include <cstdint>
#include <span>

namespace diaban::geo::raster {

/// The cells that are marked (not 0) as polygons: their sides, cell for cell, holes among them.
///
/// Parts     one for all cells that are joined over sides; cells that meet at a corner alone are
///           parts that touch there. Valid by the rules of simple features. Exteriors run
///           counter-clockwise, holes clockwise; corners stand only where a ring turns.
/// CRS       the frame's. Nothing marked gives an empty multipolygon.
/// Cost      a pass over the cells, and one over their borders; 5 bytes a cell beside the answer.
[[nodiscard]] Geometry outline(Frame const& frame, std::span<std::uint8_t const> marked);

} // namespace diaban::geo::raster
