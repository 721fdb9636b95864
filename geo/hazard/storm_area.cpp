#include "geo/hazard/storm_area.hpp"

#include "geo/ops/measure.hpp"
#include "geo/ops/nearest.hpp"
#include "geo/ops/overlay.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <utility>

namespace diaban::geo::hazard {

namespace {

constexpr double degree = std::numbers::pi / 180;
constexpr double corner_every = 2.5;       // degrees
constexpr double longest_piece = 50'000;   // m
constexpr std::int64_t look = 600'000'000; // µs

void add_corners(Geometry& into, Circle const& circle) {
    if (circle.radius <= 0) {
        into.positions.push_back(circle.centre);
        return;
    }
    for (double bearing = 0; bearing < 360; bearing += corner_every)
        into.positions.push_back(ops::geodesic_offset(circle.centre, bearing, circle.radius));
}

/// Great circles are straight in the gnomonic projection around a position of the sphere.
class Gnomonic {
public:
    explicit Gnomonic(Position about)
        : m_lon{about.x}, m_sin{std::sin(about.y * degree)}, m_cos{std::cos(about.y * degree)} {}

    [[nodiscard]] Position operator()(Position p) const noexcept {
        double const turn = (p.x - m_lon) * degree;
        double const up = std::sin(p.y * degree);
        double const across = std::cos(p.y * degree);
        double const depth = m_sin * up + m_cos * across * std::cos(turn);
        return {across * std::sin(turn) / depth,
                (m_cos * up - m_sin * across * std::cos(turn)) / depth};
    }

private:
    double m_lon;
    double m_sin;
    double m_cos;
};

/// The hull of two circles; its corners are some of theirs, bit for bit, so that hulls side by side
/// share them.
Geometry hull_of(Circle const& a, Circle const& b) {
    Geometry corners;
    corners.kind = GeometryKind::point;
    corners.srid = 4326;
    add_corners(corners, a);
    add_corners(corners, b);
    Gnomonic const plane{a.centre};
    std::map<std::pair<double, double>, Position> corner_of;
    for (auto& p : corners.positions) {
        auto const flat = plane(p);
        corner_of.emplace(std::pair{flat.x, flat.y}, p);
        p = flat;
    }
    auto hull = ops::convex_hull(corners);
    for (auto& p : hull.positions) p = corner_of.at({p.x, p.y});
    return hull;
}

void add_part(Geometry& into, Geometry const& part) {
    if (part.empty()) return;
    auto const paths = std::uint32_t(into.path_ends.size());
    auto const positions = std::uint32_t(into.positions.size());
    into.positions.insert(into.positions.end(), part.positions.begin(), part.positions.end());
    for (auto const end : part.path_ends) into.path_ends.push_back(positions + end);
    for (auto const end : part.part_ends) into.part_ends.push_back(paths + end);
}

} // namespace

Geometry swept(std::span<Circle const> circles) {
    Geometry parts;
    parts.kind = GeometryKind::polygon;
    parts.multi = true;
    parts.srid = 4326;
    if (circles.size() == 1) add_part(parts, hull_of(circles[0], circles[0]));
    for (std::size_t i = 0; i + 1 < circles.size(); ++i) {
        Fix const from{{}, circles[i].centre, circles[i].radius};
        Fix const to{{}, circles[i + 1].centre, circles[i + 1].radius};
        auto const metres = ops::geodesic_distance(from.centre, to.centre);
        auto const count = std::max(1, int(std::ceil(metres / longest_piece)));
        Circle last = circles[i];
        for (int k = 1; k <= count; ++k) {
            auto const fix = between(from, to, double(k) / count);
            Circle const next{fix.centre, *fix.wind};
            add_part(parts, hull_of(last, next));
            last = next;
        }
    }
    return parts.empty() ? parts : ops::united(parts);
}

std::optional<MovingStorm> storm_at(std::span<Fix const> fixes, StormShape const& shape,
                                    Instant at) {
    auto const fix = fix_at(fixes, at);
    if (!fix || !fix->wind || !(*fix->wind > 0)) return std::nullopt;
    auto const motion = motion_at(fixes, at);
    MovingStorm storm;
    storm.centre = fix->centre;
    storm.shape = {*fix->wind, shape.radius.value_or(usual_radius(*fix->wind, fix->centre.y)),
                   shape.b, shape.outer_wind, shape.outer_radius};
    storm.speed = motion.speed;
    storm.heading = motion.heading;
    storm.share = shape.share;
    return storm;
}

namespace {

/// Bounds of the wind at some places at once.
struct WindBounds {
    double least = 0;
    double most = 0;
};

/// What the wind at any of the places in a box can be, without looking at them. Known beyond the
/// radius of the highest wind, where the storm's own falls with the distance: without an outer
/// wind.
///
/// Method    its own wind by distance; the movement adds at most itself, and takes at most itself.
WindBounds bounds_of(MovingStorm const& storm, Box const& box, double across) {
    constexpr double unbounded = std::numeric_limits<double>::infinity();
    double const near = ops::least_distance(box, storm.centre);
    auto own = storm.shape;
    if (own.outer_radius > 0 || near <= own.radius) return {0, unbounded};
    double const far = near * 1.012 + 1 + across; // least_distance falls short of the nearest
    double const added = storm.share * storm.speed;
    own.highest -= added;
    double const along = added * own.radius / near;
    if (own.highest <= 0) return {0, along};
    return {surface_wind(own, far) - along, surface_wind(own, near) + along};
}

} // namespace

Arrival wind_arrival(std::span<Fix const> fixes, StormShape const& shape,
                     std::span<Position const> places, double wind) {
    constexpr double longest_degree = 111'700; // m
    Arrival arrival;
    if (fixes.empty() || places.empty()) return arrival;
    Box box;
    for (auto const p : places) box.extend(p);
    double const across = longest_degree * std::hypot(box.max_x - box.min_x, box.max_y - box.min_y);
    auto const highest = [&](MovingStorm const& storm) {
        double most = 0;
        for (auto const p : places) most = std::max(most, wind_at(storm, p));
        return most;
    };
    auto const blows_at = [&](std::int64_t at) {
        auto const storm = storm_at(fixes, shape, {at});
        if (!storm) return false;
        auto const bounds = bounds_of(*storm, box, across);
        if (bounds.most < wind || bounds.least >= wind) return bounds.least >= wind;
        return std::ranges::any_of(places, [&](Position p) { return wind_at(*storm, p) >= wind; });
    };
    // Where between a calm and a windy instant the wind sets in.
    auto const edge = [&](std::int64_t calm, std::int64_t windy) {
        while (std::abs(windy - calm) > 500'000) {
            auto const middle = calm + (windy - calm) / 2;
            (blows_at(middle) ? windy : calm) = middle;
        }
        return Instant{windy};
    };
    auto const last = fixes.back().at.microseconds;
    std::int64_t before = fixes.front().at.microseconds;
    bool blew = false;
    for (auto at = before;; at = std::min(at + look, last)) {
        auto const storm = storm_at(fixes, shape, {at});
        auto const bounds = storm ? bounds_of(*storm, box, across) : WindBounds{};
        bool blows = storm && bounds.least >= wind;
        // Looked at only where it may tell more than is known.
        if (storm && bounds.most >= wind && (!blows || bounds.most > arrival.most)) {
            double const here = highest(*storm);
            if (here > arrival.most) {
                arrival.most = here;
                arrival.most_at = {at};
            }
            blows = here >= wind;
        }
        if (blows && !arrival.begins)
            arrival.begins = at == before ? Instant{at} : edge(before, at);
        if (blew && !blows) arrival.ends = edge(at, before);
        if (blows) arrival.ends = Instant{at};
        blew = blows;
        before = at;
        if (at == last) break;
    }
    return arrival;
}

} // namespace diaban::geo::hazard
