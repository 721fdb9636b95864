#include "geo/hazard/storm_track.hpp"

#include "geo/ops/geodesic.hpp"
#include "geo/ops/measure.hpp"
#include "geo/ops/nearest.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace diaban::geo::hazard {

namespace {

constexpr std::size_t run_length = 32; // edges looked at together
constexpr double piece = 5000;         // m: of edges, when crossings are looked for

Geometry shape_of(GeometryKind kind, std::span<Position const> positions) {
    Geometry shape;
    shape.kind = kind;
    shape.srid = 4326;
    shape.positions.assign(positions.begin(), positions.end());
    if (kind == GeometryKind::line) shape.path_ends = {std::uint32_t(positions.size())};
    return shape;
}

Geometry path_shape(std::span<Position const> path) {
    return shape_of(path.size() == 1 ? GeometryKind::point : GeometryKind::line, path);
}

std::size_t pieces_in(Position a, Position b) {
    return std::max<std::size_t>(1, std::size_t(std::ceil(ops::geodesic_distance(a, b) / piece)));
}

/// The same path with positions at every 5 km of it at the latest.
std::vector<Position> in_pieces(std::span<Position const> path) {
    std::vector<Position> all;
    if (!path.empty()) all.push_back(path.front());
    for (std::size_t i = 0; i + 1 < path.size(); ++i)
        for (auto const next :
             ops::geodesic_pieces(path[i], path[i + 1], pieces_in(path[i], path[i + 1])))
            all.push_back(next);
    return all;
}

/// The place on a path of its nearest position to `from`.
Approach along(std::span<Position const> path, Position from) {
    Approach best;
    best.metres = std::numeric_limits<double>::infinity();
    best.at_place = from;
    if (path.size() == 1) {
        best.metres = ops::geodesic_distance(path[0], from);
        best.on_path = path[0];
        return best;
    }
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
        auto const edge = shape_of(GeometryKind::line, path.subspan(i, 2));
        if (ops::distance_bounds(edge, from).least >= best.metres) continue;
        auto const near = ops::nearest_point(edge, from);
        if (near.metres >= best.metres) continue;
        best.metres = near.metres;
        best.on_path = near.position;
        best.segment = i;
        double const length = ops::geodesic_distance(path[i], path[i + 1]);
        best.share =
            length > 0 ? std::min(1.0, ops::geodesic_distance(path[i], near.position) / length) : 0;
    }
    return best;
}

double side(Position a, Position b, Position p) noexcept {
    return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
}

/// Where on ab, 0 … 1, it meets cd; nothing where it does not.
std::optional<double> crossing(Position a, Position b, Position c, Position d) noexcept {
    double const from = side(c, d, a);
    double const to = side(c, d, b);
    if ((from > 0) == (to > 0) && from != 0 && to != 0) return std::nullopt;
    double const left = side(a, b, c);
    double const right = side(a, b, d);
    if ((left > 0) == (right > 0) && left != 0 && right != 0) return std::nullopt;
    if (from == to) return std::nullopt; // along each other: their ends tell
    return std::clamp(from / (from - to), 0.0, 1.0);
}

/// A piece of a path, short enough to be straight in degrees.
struct Piece {
    Position a;
    Position b;
    std::size_t segment;
    double from; ///< share of its segment
    double to;
};

std::vector<Piece> pieces_of(std::span<Position const> path, double about) {
    std::vector<Piece> pieces;
    auto const turned = [&](Position p) {
        return Position{p.x - 360 * std::round((p.x - about) / 360), p.y};
    };
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
        auto const count = pieces_in(path[i], path[i + 1]);
        auto last = path[i];
        std::size_t k = 0;
        for (auto const next : ops::geodesic_pieces(path[i], path[i + 1], count)) {
            pieces.push_back({turned(last), turned(next), i, double(k) / double(count),
                              double(k + 1) / double(count)});
            last = next;
            ++k;
        }
    }
    return pieces;
}

bool earlier(Approach const& a, Approach const& b) noexcept {
    return std::pair{a.segment, a.share} < std::pair{b.segment, b.share};
}

/// The first place where a path meets the edges of a run.
void meet(std::span<Piece const> pieces, Geometry const& run, std::optional<Approach>& first) {
    auto const box = run.box();
    for (auto const& one : pieces) {
        if (std::max(one.a.x, one.b.x) < box.min_x || std::min(one.a.x, one.b.x) > box.max_x ||
            std::max(one.a.y, one.b.y) < box.min_y || std::min(one.a.y, one.b.y) > box.max_y)
            continue;
        for (std::size_t i = 0; i + 1 < run.positions.size(); ++i) {
            auto const met = crossing(one.a, one.b, run.positions[i], run.positions[i + 1]);
            if (!met) continue;
            Position const at{one.a.x + *met * (one.b.x - one.a.x),
                              one.a.y + *met * (one.b.y - one.a.y)};
            Approach const here{0, at, at, one.segment, one.from + *met * (one.to - one.from)};
            if (!first || earlier(here, *first)) first = here;
        }
    }
}

/// The same shape with positions at every 5 km of its paths at the latest.
Geometry in_pieces(Geometry shape) {
    std::vector<Position> positions;
    std::vector<std::uint32_t> ends;
    for (std::size_t k = 0; k < shape.path_ends.size(); ++k) {
        auto const path = in_pieces(shape.path(k));
        positions.insert(positions.end(), path.begin(), path.end());
        ends.push_back(std::uint32_t(positions.size()));
    }
    if (shape.path_ends.empty()) return shape;
    shape.positions = std::move(positions);
    shape.path_ends = std::move(ends);
    return shape;
}

} // namespace

NearPlace::NearPlace(Geometry shape) : m_shape{in_pieces(std::move(shape))}, m_box{m_shape.box()} {
    auto const add = [&](GeometryKind kind, std::span<Position const> positions) {
        m_runs.push_back(shape_of(kind, positions));
        auto const box = m_runs.back().box();
        Position const middle{(box.min_x + box.max_x) / 2, (box.min_y + box.max_y) / 2};
        double radius = 0;
        for (auto const p : positions) radius = std::max(radius, ops::geodesic_distance(middle, p));
        m_rounds.push_back({middle, radius});
    };
    if (m_shape.kind == GeometryKind::point)
        for (auto const& p : m_shape.positions) add(GeometryKind::point, std::span{&p, 1});
    for (std::size_t k = 0; k < m_shape.path_ends.size(); ++k) {
        auto const path = m_shape.path(k);
        for (std::size_t i = 0; i + 1 < path.size(); i += run_length)
            add(GeometryKind::line, path.subspan(i, std::min(run_length + 1, path.size() - i)));
    }
}

bool NearPlace::holds(Position p) const {
    if (m_shape.kind != GeometryKind::polygon) return false;
    p.x -= 360 * std::round((p.x - (m_box.min_x + m_box.max_x) / 2) / 360);
    if (p.x < m_box.min_x || p.x > m_box.max_x || p.y < m_box.min_y || p.y > m_box.max_y)
        return false;
    return ops::nearest_point(m_shape, p).metres == 0;
}

std::optional<Approach> NearPlace::approach(std::span<Position const> path) const {
    if (path.empty() || m_runs.empty()) return std::nullopt;
    if (holds(path.front())) return Approach{0, path.front(), path.front(), 0, 0};
    auto const track = path_shape(path);
    // Runs by how near they can be: none after the first that cannot be nearer than the best.
    std::vector<double> least(m_runs.size());
    for (std::size_t i = 0; i < m_runs.size(); ++i)
        least[i] = ops::distance_bounds(track, m_rounds[i].middle).least - m_rounds[i].radius;
    std::vector<std::size_t> order(m_runs.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return least[i]; });
    if (m_shape.kind != GeometryKind::point && least[order.front()] <= 0) {
        auto const pieces = pieces_of(path, (m_box.min_x + m_box.max_x) / 2);
        std::optional<Approach> first;
        for (auto const i : order) {
            if (least[i] > 0) break;
            meet(pieces, m_runs[i], first);
        }
        if (first) return first;
    }
    std::optional<Approach> best;
    auto const take = [&](Approach const& one) {
        if (!best || one.metres < best->metres) best = one;
    };
    for (auto const i : order) {
        if (best && least[i] > best->metres) break;
        auto const& run = m_runs[i];
        for (auto const p : run.positions)
            if (!best || ops::distance_bounds(track, p).least < best->metres) take(along(path, p));
        for (std::size_t k = 0; k < path.size(); ++k) {
            if (best && ops::distance_bounds(run, path[k]).least >= best->metres) continue;
            auto const near = ops::nearest_point(run, path[k]);
            bool const last = k + 1 == path.size() && k > 0;
            take({near.metres, path[k], near.position, last ? k - 1 : k, last ? 1.0 : 0.0});
        }
    }
    return best;
}

Fix between(Fix const& a, Fix const& b, double share) {
    Fix fix;
    fix.at = {a.at.microseconds +
              std::llround(share * double(b.at.microseconds - a.at.microseconds))};
    fix.centre = ops::geodesic_between(a.centre, b.centre, share);
    if (a.wind && b.wind) fix.wind = *a.wind + share * (*b.wind - *a.wind);
    return fix;
}

namespace {

/// The fix that an instant comes after, not the last; nothing outside the track.
std::optional<std::size_t> step_at(std::span<Fix const> fixes, Instant at) {
    if (fixes.size() < 2 || at < fixes.front().at || at > fixes.back().at) return std::nullopt;
    auto const next = std::ranges::upper_bound(fixes, at, {}, &Fix::at);
    return std::min(std::size_t(next - fixes.begin()), fixes.size() - 1) - 1;
}

} // namespace

std::optional<Fix> fix_at(std::span<Fix const> fixes, Instant at) {
    if (fixes.size() == 1 && fixes[0].at == at) return fixes[0];
    auto const step = step_at(fixes, at);
    if (!step) return std::nullopt;
    auto const& a = fixes[*step];
    auto const& b = fixes[*step + 1];
    double const whole = seconds_between(a.at, b.at);
    return between(a, b, whole > 0 ? seconds_between(a.at, at) / whole : 0);
}

Motion motion_at(std::span<Fix const> fixes, Instant at) {
    auto const step = step_at(fixes, at);
    if (!step) return {};
    auto const& a = fixes[*step];
    auto const& b = fixes[*step + 1];
    double const seconds = seconds_between(a.at, b.at);
    auto const way = ops::geodesic_way(a.centre, b.centre);
    if (!(seconds > 0) || !(way.metres > 0)) return {};
    return {way.metres / seconds, way.azimuth};
}

} // namespace diaban::geo::hazard
