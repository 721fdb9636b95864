#pragma once

#include "geo/geometry.hpp"

#include <optional>
#include <vector>

namespace diaban::geo::ops {

/// Planar overlay, by GEOS (OverlayNG) on the doubles as they are; whatever the CRS, which results
/// keep of the first argument. Of polygons only polygons come back: what merely touches has no
/// intersection.
///
/// Invalid   input gives an empty geometry where GEOS gives up.
[[nodiscard]] Geometry intersection(Geometry const& a, Geometry const& b);
[[nodiscard]] Geometry difference(Geometry const& a, Geometry const& b);
[[nodiscard]] Geometry united(Geometry const& polygons);

/// The faces that lines bound together, each a polygon with its holes; lines are noded first. The
/// unbounded face is none of them.
[[nodiscard]] std::vector<Geometry> faces(Geometry const& lines);

/// A position inside a polygon; nothing of an empty one.
[[nodiscard]] std::optional<Position> point_inside(Geometry const& polygon);

/// Planar area of a polygon, holes taken out, and the length of all its rings, in units of its CRS.
[[nodiscard]] double planar_area(Geometry const& polygon) noexcept;
[[nodiscard]] double planar_perimeter(Geometry const& polygon) noexcept;

/// What a polygon has in common with another geometry, as GEOS overlays them on the doubles.
///
/// CRS       of both the same; planar. The result keeps that of `other` and its kind: of a line the
///           parts inside, of a polygon the common area; what only touches gives nothing.
/// Throws    Error{internal, "internal"} if GEOS gives up, which it does not on valid geometries.
[[nodiscard]] Geometry common(Geometry const& polygon, Geometry const& other);

/// The least convex polygon around the positions of `geometry`; empty where they lie on one line or
/// in one place.
[[nodiscard]] Geometry convex_hull(Geometry const& geometry);

} // namespace diaban::geo::ops
