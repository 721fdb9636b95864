#pragma once

#include "geo/geometry.hpp"

namespace diaban::geo::ops {

/// The polygon of a box's four corners, counter-clockwise from its least, in the box's CRS.
[[nodiscard]] inline Geometry rectangle(Box const& box) {
    Geometry shape;
    shape.kind = GeometryKind::polygon;
    shape.positions = {{box.min_x, box.min_y},
                       {box.max_x, box.min_y},
                       {box.max_x, box.max_y},
                       {box.min_x, box.max_y},
                       {box.min_x, box.min_y}};
    shape.path_ends = {5};
    shape.part_ends = {1};
    return shape;
}

} // namespace diaban::geo::ops
