#pragma once

#include "geo/geometry.hpp"

namespace diaban::geo::ops {

/// What of a polygon lies in `window`, with every coordinate a whole number and every ring valid.
///
/// Shape   `shape` is a polygon (any number of parts); rings may be open or closed, wound either
///         way. The result's rings are closed; it is empty when nothing of any area is left.
/// CRS     none: plane coordinates, in which one unit is the grid.
/// Method  GEOS OverlayNG intersection with snap-rounding at precision 1 (Hobby 1999): vertices and
///         crossings move by at most one unit, and the result is valid by construction. A `shape`
///         that is not valid itself is first made valid: by its structure, or else from its lines.
/// Cost    some 50 µs and up: for the few shapes that a cheap test has refused.
/// Throws  Error{internal, "geos"} if GEOS gives up on all of it.
Geometry snap_to_units(Geometry const& shape, Box const& window);

} // namespace diaban::geo::ops
