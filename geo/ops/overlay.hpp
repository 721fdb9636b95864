#pragma once

#include "geo/geometry.hpp"

namespace diaban::geo::ops {

/// What a polygon has in common with another geometry, as GEOS overlays them on the doubles.
///
/// CRS       of both the same; planar. The result keeps that of `other` and its kind: of a line the
///           parts inside, of a polygon the common area; what only touches gives nothing.
/// Throws    Error{internal, "internal"} if GEOS gives up, which it does not on valid geometries.
[[nodiscard]] Geometry common(Geometry const& polygon, Geometry const& other);

} // namespace diaban::geo::ops
