#include "geo/ops/measure.hpp"

#include "geo/ops/ellipsoid.hpp"

#include <geodesic.h>

#include <cmath>
#include <numbers>

namespace diaban::geo::ops {

namespace {

double ring_area(std::span<Position const> ring) noexcept {
    geod_polygon polygon;
    geod_polygon_init(&polygon, 0);
    std::size_t const corners = ring.empty() ? 0 : ring.size() - 1; // without the closing position
    for (auto const& p : ring.first(corners)) geod_polygon_addpoint(&wgs84(), &polygon, p.y, p.x);
    double area = 0;
    geod_polygon_compute(&wgs84(), &polygon, 0, 1, &area, nullptr);
    return std::abs(area);
}

/// The area between the equator and a latitude, a radian of longitude wide, less a constant: b²/2 ·
/// (s / (1 - e²s²) + ln((1 + es) / (1 - es)) / 2e), s = sin φ.
double authalic(double latitude) noexcept {
    constexpr double a = 6378137.0;
    constexpr double f = 1 / 298.257223563;
    constexpr double e2 = f * (2 - f);
    static double const e = std::sqrt(e2);
    constexpr double half_b2 = a * a * (1 - e2) / 2;
    double const s = std::sin(latitude * (std::numbers::pi / 180));
    return half_b2 * (s / (1 - e2 * s * s) + std::atanh(e * s) / e);
}

double straight_ring_area(std::span<Position const> ring) noexcept {
    if (ring.size() < 4) return 0;
    // Less what the first position has, so that nothing large is left to cancel.
    double const first = authalic(ring.front().y);
    double previous = 0;
    double sum = 0;
    for (std::size_t i = 1; i < ring.size(); ++i) {
        double const width = ring[i].x - ring[i - 1].x;
        double const here = authalic(ring[i].y) - first;
        double const middle = authalic((ring[i - 1].y + ring[i].y) / 2) - first;
        sum += width * (previous + 4 * middle + here) / 6;
        previous = here;
    }
    return std::abs(sum) * (std::numbers::pi / 180);
}

/// Exteriors less holes, of whatever measures a ring.
template <typename RingArea>
double polygon_area(Geometry const& geometry, RingArea ring_area_of) {
    if (geometry.kind != GeometryKind::polygon) return 0;
    double area = 0;
    std::size_t ring = 0;
    for (std::size_t const end : geometry.part_ends)
        for (std::size_t const exterior = ring; ring < end; ++ring)
            area += (ring == exterior ? 1 : -1) * ring_area_of(geometry.path(ring));
    return area;
}

} // namespace

geod_geodesic const& wgs84() noexcept {
    static geod_geodesic const ellipsoid = [] {
        geod_geodesic g;
        geod_init(&g, 6378137.0, 1 / 298.257223563);
        return g;
    }();
    return ellipsoid;
}

double straight_area(Geometry const& geometry) noexcept {
    return polygon_area(geometry, straight_ring_area);
}

double geodesic_area(Geometry const& geometry) {
    return polygon_area(geometry, ring_area);
}

double geodesic_length(Geometry const& geometry) {
    double length = 0;
    for (std::size_t i = 0; i < geometry.path_ends.size(); ++i) {
        auto const path = geometry.path(i);
        for (std::size_t k = 1; k < path.size(); ++k)
            length += geodesic_distance(path[k - 1], path[k]);
    }
    return length;
}

double geodesic_distance(Position a, Position b) {
    double metres = 0;
    geod_inverse(&wgs84(), a.y, a.x, b.y, b.x, &metres, nullptr, nullptr);
    return metres;
}

Position geodesic_offset(Position from, double azimuth, double metres) {
    Position to;
    geod_direct(&wgs84(), from.y, from.x, azimuth, metres, &to.y, &to.x, nullptr);
    return to;
}

double planar_ring_area(std::span<Position const> ring) noexcept {
    if (ring.size() < 3) return 0;
    Position const origin = ring.front();
    double twice = 0;
    for (std::size_t i = 1; i < ring.size(); ++i) {
        Position const a{ring[i - 1].x - origin.x, ring[i - 1].y - origin.y};
        Position const b{ring[i].x - origin.x, ring[i].y - origin.y};
        twice += a.x * b.y - b.x * a.y;
    }
    return twice / 2;
}

} // namespace diaban::geo::ops
