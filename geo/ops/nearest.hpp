#pragma once

#include "geo/geometry.hpp"

#include <limits>
#include <optional>

namespace diaban::geo::ops {

/// Where a geometry comes nearest to a position.
struct Nearest {
    double metres = std::numeric_limits<double>::infinity();
    /// Of the geodesic from the position to there, degrees clockwise from north, 0 ≤ … < 360;
    /// nothing where there is no way to go.
    std::optional<double> bearing;
    Position position;
};

/// The point of `geometry` nearest to `from`, along the WGS 84 ellipsoid; edges are geodesics. A
/// position in a polygon or on its border (its edges straight in degrees, as the record's
/// predicates take them) is its own nearest point.
///
/// CRS       EPSG:4326. An empty geometry is infinitely far.
/// Method    edges that a bound on the sphere rules out are left out; along the others the foot of
///           the perpendicular is found by stepping d·cos(turn) along the geodesic (Karney 2013 for
///           each step).
/// Accuracy  a micrometre, for edges up to a quarter of the meridian.
/// Cost      about 50 ns a position, and some microseconds for each edge that is left.
[[nodiscard]] Nearest nearest_point(Geometry const& geometry, Position from);

/// Metres between which the distance of `nearest_point` certainly lies: within 0.7 % for short
/// edges. Both are infinite for an empty geometry.
///
/// Cost      about 50 ns a position.
struct DistanceBounds {
    double least = std::numeric_limits<double>::infinity();
    double most = std::numeric_limits<double>::infinity();
};
[[nodiscard]] DistanceBounds distance_bounds(Geometry const& geometry, Position from);

/// Metres that every position of `box` (degrees; it may reach beyond 180°) is away from `from`, at
/// least; up to 1.1 % less than the nearest is, and 0.2 m.
///
/// Method    an ellipsoid is nowhere more curved than along its meridian at the equator: on a
/// sphere
///           of that radius, a (1 - e²), with the same latitudes and longitudes, no way is longer;
///           the largest radius of curvature, a / √(1 - e²) at the poles, is 1.01 % more.
[[nodiscard]] double least_distance(Box const& box, Position from);

} // namespace diaban::geo::ops
