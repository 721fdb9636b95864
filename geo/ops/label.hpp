#pragma once

#include "geo/geometry.hpp"

namespace diaban::geo::ops {

/// The position inside a polygon that is farthest from its boundary: where a label belongs.
///
/// Method    Mapbox's polylabel (quadtree search, best cell first), cells seeded for each part; of
///           several parts the one with the widest inside wins.
/// CRS       planar, any; `precision` is in its units: the distance found is at most that much
///           below the best.
/// Cost      at most 20,000 cells. Distances of larger polygons are read from a hierarchy of boxes
///           over runs of edges: 100,000 vertices take tens of milliseconds, 17 take microseconds.
/// Else      a line gives the middle of its longest path, points the first of them; a polygon
///           without inside a position of its box; an empty geometry {0, 0}.
[[nodiscard]] Position pole_of_inaccessibility(Geometry const& geometry, double precision);

/// Distance from `p` to the boundary of a polygon: positive inside, negative outside. One pass.
[[nodiscard]] double signed_distance(Geometry const& polygon, Position p) noexcept;

} // namespace diaban::geo::ops
