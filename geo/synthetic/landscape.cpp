#include "geo/synthetic/landscape.hpp"

#include "geo/error.hpp"
#include "geo/ops/label.hpp"
#include "geo/ops/measure.hpp"
#include "geo/synthetic/noise.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace diaban::geo::synthetic {

namespace {

/// How the lattice is bent: wave length and amplitude in metres. Slopes 3·amplitude/length add up
/// to 0.48 for each of the four derivatives, so the displacement contracts (2 · 0.48 < 1).
struct Octave {
    double length;
    double amplitude;
};
constexpr Octave octaves[] = {{6000, 250}, {1500, 80}, {400, 14}, {90, 2.5}};

constexpr double margin = 400; // metres around the communes, so that no node is negative
constexpr double centre_precision = 100;

// Villages: one for so many km², each the best of a few places tried, near water and off the
// border.
constexpr double km2_a_village = 9;
constexpr std::size_t most_villages = 12;
constexpr int places_tried = 12;
constexpr double off_border = 700;

constexpr std::uint64_t bend = 100; // purposes of the hashed numbers
constexpr std::uint64_t village = 110;

} // namespace

Landscape::Shape::Shape(Geometry metres)
    : geometry{std::make_unique<Geometry const>(std::move(metres))}, edges{*geometry},
      box{geometry->box()} {}

Landscape::Landscape(Ground ground, std::uint64_t seed)
    : m_ground{std::move(ground)}, m_seed{seed} {
    Box extent;
    for (auto const& commune : m_ground.communes) extent.extend(commune.outline.box());
    if (extent.empty()) throw Error{Code::bad_input, "no-communes"};
    constexpr double per_degree = 100'000; // at least, up to 26° of latitude
    extent.min_x -= 2 * margin / per_degree;
    extent.min_y -= 2 * margin / per_degree;
    m_plane = Plane{extent};
    for (auto const& commune : m_ground.communes) {
        Shape shape{m_plane.metres(commune.outline)};
        shape.centres = {ops::pole_of_inaccessibility(*shape.geometry, centre_precision)};
        shape.area_km2 = ops::geodesic_area(commune.outline) / 1e6;
        m_shapes.push_back(std::move(shape));
    }
    if (!m_ground.rivers.empty()) m_rivers.emplace_back(m_plane.metres(m_ground.rivers));
    if (!m_ground.coast.empty()) m_coast.emplace_back(m_plane.metres(m_ground.coast));
    for (std::size_t i = 0; i < m_shapes.size(); ++i) found_villages(i);
}

void Landscape::found_villages(std::size_t commune) {
    Shape& shape = m_shapes[commune];
    Random random{mix(m_seed, village, commune)};
    auto const wanted =
        std::min(most_villages, static_cast<std::size_t>(shape.area_km2 / km2_a_village));
    for (std::size_t i = 0; i < wanted; ++i) {
        std::optional<Position> best;
        for (int attempt = 0; attempt < places_tried; ++attempt) {
            Position const p{random.between(shape.box.min_x, shape.box.max_x),
                             random.between(shape.box.min_y, shape.box.max_y)};
            if (!inside(commune, p, off_border)) continue;
            if (!best || to_river(p) < to_river(*best)) best = p;
        }
        if (best) shape.centres.push_back(*best);
    }
}

double Landscape::to_settlement(std::size_t commune, Position p) const noexcept {
    double nearest = std::numeric_limits<double>::infinity();
    for (Position const centre : m_shapes[commune].centres)
        nearest = std::min(nearest, distance(p, centre));
    return nearest;
}

Position Landscape::place(Node node) const noexcept {
    double const x = node.u * step;
    double const y = node.v * step;
    Position p{x, y};
    std::uint64_t purpose = bend;
    for (auto const& [length, amplitude] : octaves) {
        p.x += amplitude * noise(m_seed, purpose, x / length, y / length);
        p.y += amplitude * noise(m_seed, purpose + 1, x / length, y / length);
        purpose += 2;
    }
    return p;
}

bool Landscape::inside(std::size_t commune, Position p, double radius) const noexcept {
    Box const& b = m_shapes[commune].box;
    if (p.x - radius < b.min_x || p.x + radius > b.max_x || p.y - radius < b.min_y ||
        p.y + radius > b.max_y)
        return false;
    return m_shapes[commune].edges.signed_distance(p) > radius;
}

double Landscape::to_river(Position p) const noexcept {
    if (m_rivers.empty()) return std::numeric_limits<double>::infinity();
    return std::abs(m_rivers.front().edges.signed_distance(p));
}

double Landscape::to_coast(Position p) const noexcept {
    if (m_coast.empty()) return std::numeric_limits<double>::infinity();
    return std::abs(m_coast.front().edges.signed_distance(p));
}

} // namespace diaban::geo::synthetic
