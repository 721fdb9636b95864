#pragma once

#include "geo/geometry.hpp"

#include <cmath>
#include <numbers>

namespace diaban::geo::synthetic {

/// A plane of metres over a small part of the Earth: x east, y north from the south-western corner
/// of a box. Equirectangular: over a province distances are wrong by less than 1 %, which is
/// nothing where everything is invented. What is measured of the result is measured on the
/// ellipsoid.
class Plane {
public:
    Plane() = default;
    explicit Plane(Box const& degrees) noexcept : m_origin{degrees.min_x, degrees.min_y} {
        double const latitude = (degrees.min_y + degrees.max_y) / 2 * std::numbers::pi / 180;
        // Lengths of a degree on WGS 84, series in the latitude (Snyder 1987, p. 25, rounded).
        m_per_longitude = 111412.84 * std::cos(latitude) - 93.5 * std::cos(3 * latitude);
        m_per_latitude = 111132.92 - 559.82 * std::cos(2 * latitude);
    }

    [[nodiscard]] Position metres(Position degrees) const noexcept {
        return {(degrees.x - m_origin.x) * m_per_longitude,
                (degrees.y - m_origin.y) * m_per_latitude};
    }
    [[nodiscard]] Position degrees(Position metres) const noexcept {
        return {m_origin.x + metres.x / m_per_longitude, m_origin.y + metres.y / m_per_latitude};
    }
    [[nodiscard]] Geometry metres(Geometry geometry) const {
        for (auto& p : geometry.positions) p = metres(p);
        return geometry;
    }

private:
    Position m_origin;
    double m_per_longitude = 1;
    double m_per_latitude = 1;
};

[[nodiscard]] inline double distance(Position a, Position b) noexcept {
    return std::hypot(a.x - b.x, a.y - b.y);
}

} // namespace diaban::geo::synthetic
