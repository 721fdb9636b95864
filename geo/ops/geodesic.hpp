#pragma once

#include "geo/geometry.hpp"

#include <cstddef>
#include <vector>

namespace diaban::geo::ops {

/// The shortest way between two positions on the WGS 84 ellipsoid (Karney 2013).
struct Way {
    double metres = 0;
    double azimuth = 0; ///< where it starts, degrees clockwise from north, 0 ≤ … < 360
};
[[nodiscard]] Way geodesic_way(Position from, Position to);

/// The position at a share, 0 … 1, of the way; longitudes go on beyond 180° where the way does.
[[nodiscard]] Position geodesic_between(Position from, Position to, double share);

/// The ends of `count` equal pieces of the way, its end the last: exactly `to`.
[[nodiscard]] std::vector<Position> geodesic_pieces(Position from, Position to, std::size_t count);

} // namespace diaban::geo::ops
