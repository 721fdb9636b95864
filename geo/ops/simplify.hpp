#pragma once

#include "geo/geometry.hpp"

namespace diaban::geo::ops {

/// `geometry` with fewer positions, none of which is new: each that was left out lay within
/// `tolerance` of what replaces it.
///
/// CRS       planar, any; `tolerance` is in its units.
/// Method    Douglas and Peucker (1973) as GEOS keeps it valid (TopologyPreservingSimplifier).
/// Valid     a valid geometry stays valid, keeps its parts and holes, and a ring at least four
///           positions. Neighbours are not looked at: shared borders may gape by `tolerance`.
/// Points    stay as they are; so does what GEOS cannot simplify.
[[nodiscard]] Geometry simplified(Geometry const& geometry, double tolerance);

} // namespace diaban::geo::ops
