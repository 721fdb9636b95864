#pragma once

#include "geo/geometry.hpp"

#include <cmath>
#include <numbers>

namespace diaban::geo::route {

/// Metres to a degree at a latitude of the WGS 84 ellipsoid: along the parallel and along the
/// meridian. Over some kilometres distances by it are exact to 1e-4.
struct GroundScale {
    explicit GroundScale(double latitude) {
        constexpr double radians = std::numbers::pi / 180;
        constexpr double equator = 6'378'137;
        constexpr double eccentricity = 0.006'694'379'990'14; // squared
        double const sine = std::sin(latitude * radians);
        double const bent = 1 - eccentricity * sine * sine;
        east = radians * equator * std::cos(latitude * radians) / std::sqrt(bent);
        north = radians * equator * (1 - eccentricity) / (bent * std::sqrt(bent));
    }
    [[nodiscard]] double distance(Position a, Position b) const noexcept {
        return std::hypot((a.x - b.x) * east, (a.y - b.y) * north);
    }
    double east = 0;
    double north = 0;
};

} // namespace diaban::geo::route
