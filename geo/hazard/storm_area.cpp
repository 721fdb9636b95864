#include "geo/hazard/storm_area.hpp"

#include "geo/ops/measure.hpp"
#include "geo/ops/overlay.hpp"

#include <algorithm>
#include <cmath>
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

Arrival wind_arrival(std::span<Fix const> fixes, StormShape const& shape,
                     std::span<Position const> places, double wind) {
    Arrival arrival;
    if (fixes.empty() || places.empty()) return arrival;
    auto const highest = [&](std::int64_t at) {
        auto const storm = storm_at(fixes, shape, {at});
        double most = 0;
        if (storm)
            for (auto const p : places) most = std::max(most, wind_at(*storm, p));
        return most;
    };
    // Where between a calm and a windy instant the wind sets in.
    auto const edge = [&](std::int64_t calm, std::int64_t windy) {
        while (std::abs(windy - calm) > 500'000) {
            auto const middle = calm + (windy - calm) / 2;
            (highest(middle) >= wind ? windy : calm) = middle;
        }
        return Instant{windy};
    };
    auto const last = fixes.back().at.microseconds;
    std::int64_t before = fixes.front().at.microseconds;
    bool blew = false;
    for (auto at = before;; at = std::min(at + look, last)) {
        double const here = highest(at);
        if (here > arrival.most) {
            arrival.most = here;
            arrival.most_at = {at};
        }
        bool const blows = here >= wind;
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
