#include "geo/ops/measure.hpp"

#include <geodesic.h>

#include <cmath>

namespace diaban::geo::ops {

namespace {

/// WGS 84: EPSG:7030.
geod_geodesic const& ellipsoid() noexcept {
    static geod_geodesic const wgs84 = [] {
        geod_geodesic g;
        geod_init(&g, 6378137.0, 1 / 298.257223563);
        return g;
    }();
    return wgs84;
}

double ring_area(std::span<Position const> ring) noexcept {
    geod_polygon polygon;
    geod_polygon_init(&polygon, 0);
    std::size_t const corners = ring.empty() ? 0 : ring.size() - 1; // without the closing position
    for (auto const& p : ring.first(corners))
        geod_polygon_addpoint(&ellipsoid(), &polygon, p.y, p.x);
    double area = 0;
    geod_polygon_compute(&ellipsoid(), &polygon, 0, 1, &area, nullptr);
    return std::abs(area);
}

} // namespace

double geodesic_area(Geometry const& geometry) {
    if (geometry.kind != GeometryKind::polygon) return 0;
    double area = 0;
    std::size_t ring = 0;
    for (std::size_t const end : geometry.part_ends) {
        for (std::size_t const exterior = ring; ring < end; ++ring)
            area += (ring == exterior ? 1 : -1) * ring_area(geometry.path(ring));
    }
    return area;
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
    geod_inverse(&ellipsoid(), a.y, a.x, b.y, b.x, &metres, nullptr, nullptr);
    return metres;
}

Position geodesic_offset(Position from, double azimuth, double metres) {
    Position to;
    geod_direct(&ellipsoid(), from.y, from.x, azimuth, metres, &to.y, &to.x, nullptr);
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
