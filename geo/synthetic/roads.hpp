#pragma once

#include "geo/synthetic/plane.hpp"
#include "geo/synthetic/territory.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace diaban::geo::synthetic {

/// Two highways and a railway along the strip, and provincial roads that join all towns by the
/// shortest net there is (Prim's minimum spanning tree).
///
/// `towns`  in metres of the plane.
/// `place`  where a share of the strip's length (south to north) and of its depth (coast to inland)
///          lies, in metres of the plane.
std::vector<Road> make_roads(Plane const& plane, std::vector<Position> const& towns,
                             std::function<Position(double, double)> const& place,
                             std::uint64_t seed);

} // namespace diaban::geo::synthetic
