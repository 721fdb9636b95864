#include "geo/ops/nearest.hpp"

#include "geo/ops/ellipsoid.hpp"

#include <geodesic.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

namespace diaban::geo::ops {

namespace {

constexpr double degree = std::numbers::pi / 180;
constexpr double mean_radius = 6371008.8; // m, WGS 84

struct Vector {
    double x;
    double y;
    double z;
};

Vector on_sphere(Position p) noexcept {
    double const across = std::cos(p.y * degree);
    return {across * std::cos(p.x * degree), across * std::sin(p.x * degree),
            std::sin(p.y * degree)};
}

Vector less(Vector const& a, Vector const& b) noexcept {
    return {a.x - b.x, a.y - b.y, a.z - b.z};
}

double dot(Vector const& a, Vector const& b) noexcept {
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

double metres_of_chord(double chord) noexcept {
    return 2 * mean_radius * std::asin(std::min(1.0, chord / 2));
}

/// An edge as the sphere sees it from the position, which is the origin of its vectors.
struct Bounds {
    double least; ///< metres that the edge is away at least
    double most;  ///< and at most
    double along; ///< share of its length where it seems nearest
};

/// The chord's distance, widened by what it lies below its arc (L² / 8R, and a tenth), by a
/// thousandth of its length for the ellipsoid's geodesic beside the great circle, and by what the
/// ellipsoid's distances differ from the sphere's with geodetic latitudes (0.7 %).
Bounds bounds_of(Vector const& a, Vector const& b) noexcept {
    auto const side = less(b, a);
    double const square = dot(side, side);
    double const along = square > 0 ? std::clamp(-dot(a, side) / square, 0.0, 1.0) : 0.0;
    Vector const at{a.x + along * side.x, a.y + along * side.y, a.z + along * side.z};
    double const metres = metres_of_chord(std::sqrt(dot(at, at)));
    double const length = metres_of_chord(std::sqrt(square));
    double const off = length * length / (8 * mean_radius) * 1.1 + length * 0.001;
    return {metres * 0.993 - off, metres * 1.007 + off, along};
}

/// Distance, and azimuth at `from`; without one where they are one place.
Nearest towards(Position from, Position to) {
    Nearest nearest{0, std::nullopt, to};
    double azimuth = 0;
    geod_inverse(&wgs84(), from.y, from.x, to.y, to.x, &nearest.metres, &azimuth, nullptr);
    if (nearest.metres > 0) nearest.bearing = azimuth < 0 ? azimuth + 360 : azimuth;
    return nearest;
}

/// The foot of the perpendicular on the geodesic from a to b, or an end.
Nearest nearest_on(Position a, Position b, Position from, double along) {
    geod_geodesicline line;
    geod_inverseline(&line, &wgs84(), a.y, a.x, b.y, b.x, 0);
    double const length = line.s13;
    double at = along * length;
    Position here = a;
    for (int step = 0; step < 20; ++step) {
        double heading = 0;
        geod_position(&line, at, &here.y, &here.x, &heading);
        double metres = 0;
        double azimuth = 0;
        geod_inverse(&wgs84(), here.y, here.x, from.y, from.x, &metres, &azimuth, nullptr);
        double const next =
            std::clamp(at + metres * std::cos((azimuth - heading) * degree), 0.0, length);
        bool const arrived = std::abs(next - at) < 1e-7;
        at = next;
        if (arrived) break;
    }
    if (at <= 0) return towards(from, a);
    if (at >= length) return towards(from, b);
    geod_position(&line, at, &here.y, &here.x, nullptr);
    return towards(from, here);
}

bool holds(Geometry const& polygon, Position p) noexcept {
    bool inside = false;
    for (std::size_t k = 0; k < polygon.path_ends.size(); ++k) {
        auto const ring = polygon.path(k);
        for (std::size_t i = 1; i < ring.size(); ++i) {
            auto low = ring[i - 1];
            auto high = ring[i];
            if (low.y > high.y) std::swap(low, high);
            if ((low.y > p.y) == (high.y > p.y)) continue;
            inside ^= (high.x - low.x) * (p.y - low.y) > (p.x - low.x) * (high.y - low.y);
        }
    }
    return inside;
}

/// An edge between two positions, or a position alone (begin = end), that may be the nearest.
struct Edge {
    std::size_t begin;
    std::size_t end;
    Bounds bounds;
};

struct Edges {
    std::vector<Edge> some; ///< among them the nearest
    DistanceBounds bounds;
};

Edges edges_near(Geometry const& geometry, Position from) {
    auto const origin = on_sphere(from);
    std::vector<Vector> vectors;
    vectors.reserve(geometry.positions.size());
    for (auto const p : geometry.positions) vectors.push_back(less(on_sphere(p), origin));
    Edges edges;
    auto& [least, most] = edges.bounds;
    auto const consider = [&](std::size_t i, std::size_t k) {
        auto const bounds = bounds_of(vectors[i], vectors[k]);
        least = std::min(least, std::max(0.0, bounds.least));
        most = std::min(most, bounds.most);
        if (bounds.least <= most) edges.some.push_back({i, k, bounds});
    };
    if (geometry.kind == GeometryKind::point)
        for (std::size_t i = 0; i < vectors.size(); ++i) consider(i, i);
    std::size_t begin = 0;
    for (std::size_t const end : geometry.path_ends) {
        if (end == begin + 1) consider(begin, begin);
        for (std::size_t i = begin; i + 1 < end; ++i) consider(i, i + 1);
        begin = end;
    }
    return edges;
}

bool is_inside(Geometry const& geometry, Position from) noexcept {
    return geometry.kind == GeometryKind::polygon && holds(geometry, from);
}

} // namespace

DistanceBounds distance_bounds(Geometry const& geometry, Position from) {
    if (is_inside(geometry, from)) return {0, 0};
    return edges_near(geometry, from).bounds;
}

Nearest nearest_point(Geometry const& geometry, Position from) {
    if (is_inside(geometry, from)) return {0, std::nullopt, from};
    auto edges = edges_near(geometry, from);
    std::ranges::sort(edges.some, {}, [](Edge const& edge) { return edge.bounds.least; });
    Nearest best;
    for (auto const& [begin, end, bounds] : edges.some) {
        if (bounds.least > std::min(edges.bounds.most, best.metres)) break;
        auto const a = geometry.positions[begin];
        auto const one = begin == end ? towards(from, a)
                                      : nearest_on(a, geometry.positions[end], from, bounds.along);
        if (one.metres < best.metres) best = one;
    }
    return best;
}

double least_distance(Box const& box, Position p) {
    constexpr double least_radius = 6'335'439.0; // a (1 - e²) of WGS 84
    constexpr double cosine_error = 0.2;         // m: √2ε of an angle near zero, with room
    double const west = std::remainder(box.min_x - p.x, 360);
    double const east = std::remainder(box.max_x - p.x, 360);
    double const climb = std::max({box.min_y - p.y, p.y - box.max_y, 0.0});
    bool const beside = west <= east ? west > 0 || east < 0 : west > 0 && east < 0;
    if (!beside || box.max_x - box.min_x >= 360) return climb * degree * least_radius;
    double const turn = std::min(std::abs(west), std::abs(east)) * degree;
    double const up = std::sin(p.y * degree);
    double const along = std::cos(p.y * degree) * std::cos(turn);
    // The cosine of the angle to latitude φ of the nearer meridian: largest at its foot, if it has
    // it.
    auto const cosine = [&](double latitude) {
        return up * std::sin(latitude * degree) + along * std::cos(latitude * degree);
    };
    double const foot = std::clamp(std::atan2(up, along) / degree, box.min_y, box.max_y);
    double const nearest = std::max({cosine(box.min_y), cosine(box.max_y), cosine(foot)});
    return std::max(0.0, std::acos(std::min(1.0, nearest)) * least_radius - cosine_error);
}

} // namespace diaban::geo::ops
