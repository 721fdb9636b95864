#include "tiles/shape.hpp"

#include "geo/index/hilbert.hpp"
#include "geo/index/packed_rtree.hpp"
#include "tiles/sides.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace diaban::tiles {
namespace {

/// Whether two closed segments have a point in common.
bool touch(Side const& s, Side const& t) noexcept {
    int const d1 = turn(s.a, s.b, t.a);
    int const d2 = turn(s.a, s.b, t.b);
    if (d1 * d2 > 0) return false;
    int const d3 = turn(t.a, t.b, s.a);
    int const d4 = turn(t.a, t.b, s.b);
    if (d3 * d4 > 0) return false;
    if (d1 != 0 || d2 != 0) return true;
    return in_box(t.a, s.a, s.b) || in_box(t.b, s.a, s.b) || in_box(s.a, t.a, t.b);
}

/// Whether side `t`, which follows `s` and starts where `s` ends, folds back over it.
bool folds_back(Side const& s, Side const& t) noexcept {
    if (turn(s.a, s.b, t.b) != 0) return false;
    Wide const along = Wide{std::int64_t{s.b.x} - s.a.x} * (std::int64_t{t.b.x} - t.a.x) +
                       Wide{std::int64_t{s.b.y} - s.a.y} * (std::int64_t{t.b.y} - t.a.y);
    return along <= 0;
}

bool in_conflict(Side const& s, Side const& t) noexcept {
    if (s.next == t.index) return folds_back(s, t);
    if (t.next == s.index) return folds_back(t, s);
    return touch(s, t);
}

bool no_sides_touch(std::vector<Side>& sides) {
    return for_each_meeting_pair(sides,
                                 [](Side const& s, Side const& t) { return !in_conflict(s, t); });
}

/// Whether the middle of a and b, which is on no side of the open ring, lies inside it.
bool is_inside(GridPoint a, GridPoint b, std::span<GridPoint const> ring) noexcept {
    auto const x2 = std::int64_t{a.x} + b.x;
    auto const y2 = std::int64_t{a.y} + b.y;
    bool in = false;
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
        auto upper = ring[i];
        auto lower = ring[j];
        if ((2 * std::int64_t{upper.y} > y2) == (2 * std::int64_t{lower.y} > y2)) continue;
        if (upper.y > lower.y) std::swap(upper, lower);
        Wide const turn = Wide{std::int64_t{lower.x} - upper.x} * (y2 - 2 * std::int64_t{upper.y}) -
                          Wide{std::int64_t{lower.y} - upper.y} * (x2 - 2 * std::int64_t{upper.x});
        in ^= turn < 0;
    }
    return in;
}

struct Ring {
    std::span<GridPoint const> points;
    GridBox box;
    bool exterior = false;
    std::size_t part = 0;
};

/// Whether `inner` lies inside `outer`; they share at most corners.
bool holds(Ring const& outer, Ring const& inner) noexcept {
    return outer.box.contains(inner.box) && is_ring_inside(inner.points, outer.points);
}

/// Whether rings that share at most corners nest as a polygon's do.
bool rings_nest(std::vector<Ring> const& rings) {
    for (auto const& ring : rings) {
        if (!ring.exterior) {
            for (auto const& other : rings) {
                if (&other == &ring || other.part != ring.part) continue;
                if (holds(other, ring) != other.exterior) return false;
            }
            continue;
        }
        for (auto const& other : rings) {
            if (other.part == ring.part || !other.exterior || !holds(other, ring)) continue;
            bool const in_hole = std::any_of(rings.begin(), rings.end(), [&](Ring const& hole) {
                return hole.part == other.part && !hole.exterior && holds(hole, ring);
            });
            if (!in_hole) return false;
        }
    }
    return true;
}

double squared_distance(GridPoint p, GridPoint a, GridPoint b) noexcept {
    double const dx = double(b.x) - a.x;
    double const dy = double(b.y) - a.y;
    double const px = double(p.x) - a.x;
    double const py = double(p.y) - a.y;
    double const length = dx * dx + dy * dy;
    double const along = length > 0 ? std::clamp((px * dx + py * dy) / length, 0.0, 1.0) : 0.0;
    double const ex = px - along * dx;
    double const ey = py - along * dy;
    return ex * ex + ey * ey;
}

double squared_distance(GridPoint p, GridBox const& box) noexcept {
    double const dx = std::max({0.0, double(box.min_x) - p.x, double(p.x) - box.max_x});
    double const dy = std::max({0.0, double(box.min_y) - p.y, double(p.y) - box.max_y});
    return dx * dx + dy * dy;
}

/// The square of the shortest side: a first bound of the clearance, for each end of a side faces
/// the side beyond the other end.
double shortest_squared(std::vector<Side> const& sides) noexcept {
    double best = std::numeric_limits<double>::infinity();
    for (auto const& side : sides) {
        double const dx = double(side.b.x) - side.a.x;
        double const dy = double(side.b.y) - side.a.y;
        best = std::min(best, dx * dx + dy * dy);
    }
    return best;
}

/// Clearance of a shape of many points: a tree over the sides, asked around each point for what is
/// nearer than the best so far.
double tree_clearance(std::vector<Side>& sides) {
    GridBox all;
    for (auto const& side : sides) all.extend(side.box);
    double const width =
        std::max({1.0, double(all.max_x) - all.min_x, double(all.max_y) - all.min_y});
    auto const key = [&](Side const& side) {
        auto const cell = [&](double v, double min) {
            return std::uint32_t((v - min) / width * 65535.0);
        };
        return geo::index::hilbert(cell((double(side.box.min_x) + side.box.max_x) / 2, all.min_x),
                                   cell((double(side.box.min_y) + side.box.max_y) / 2, all.min_y));
    };
    std::vector<std::pair<std::uint32_t, std::uint32_t>> order(sides.size());
    for (std::uint32_t i = 0; i < sides.size(); ++i) order[i] = {key(sides[i]), i};
    std::sort(order.begin(), order.end());
    std::vector<GridBox> boxes(sides.size());
    for (std::size_t i = 0; i < order.size(); ++i) boxes[i] = sides[order[i].second].box;
    double best = shortest_squared(sides);
    geo::index::PackedRtree<GridBox> const tree{std::span<GridBox const>{boxes}};
    for (auto const& from : sides) {
        auto const reach = std::int64_t(std::ceil(std::sqrt(best)));
        auto const low = [&](std::int64_t v) {
            return std::int32_t(std::max<std::int64_t>(v - reach, INT32_MIN));
        };
        auto const high = [&](std::int64_t v) {
            return std::int32_t(std::min<std::int64_t>(v + reach, INT32_MAX));
        };
        GridBox const around{low(from.a.x), low(from.a.y), high(from.a.x), high(from.a.y)};
        tree.search(around, [&](std::size_t i) {
            auto const& side = sides[order[i].second];
            if (side.index == from.index || side.next == from.index) return;
            best = std::min(best, squared_distance(from.a, side.a, side.b));
        });
    }
    return best;
}

} // namespace

std::vector<Side>& sides_of(Shape const& shape) {
    thread_local std::vector<Side> sides;
    sides.clear();
    for (std::size_t path = 0; path < shape.path_ends.size(); ++path) {
        auto const begin = std::uint32_t(shape.path_start(path));
        auto const end = shape.path_ends[path];
        for (auto i = begin; i < end; ++i) {
            auto const next = i + 1 == end ? begin : i + 1;
            Side side{shape.points[i], shape.points[next], {}, i, next};
            side.box.extend(side.a);
            side.box.extend(side.b);
            sides.push_back(side);
        }
    }
    return sides;
}

bool is_inside(GridPoint p, std::span<GridPoint const> ring) noexcept {
    return is_inside(p, p, ring);
}

bool is_ring_inside(std::span<GridPoint const> inner, std::span<GridPoint const> outer) noexcept {
    // The middle of a side is no corner, and no side of the other ring passes there.
    return is_inside(inner[0], inner[1], outer);
}

GridBox box_of(std::span<GridPoint const> points) noexcept {
    GridBox box;
    for (auto const p : points) box.extend(p);
    return box;
}

Wide twice_area(std::span<GridPoint const> ring) noexcept {
    if (ring.size() < 3) return 0;
    auto const origin = ring.front();
    Wide sum = 0;
    for (std::size_t i = 1; i + 1 < ring.size(); ++i) {
        std::int64_t const ax = std::int64_t{ring[i].x} - origin.x;
        std::int64_t const ay = std::int64_t{ring[i].y} - origin.y;
        std::int64_t const bx = std::int64_t{ring[i + 1].x} - origin.x;
        std::int64_t const by = std::int64_t{ring[i + 1].y} - origin.y;
        sum += Wide{ax} * by - Wide{ay} * bx;
    }
    return sum;
}

bool is_clean(Shape const& shape) {
    return no_sides_touch(sides_of(shape)) && nests(shape);
}

bool nests(Shape const& shape) {
    thread_local std::vector<Ring> rings;
    rings.clear();
    for (std::size_t i = 0; i < shape.path_ends.size(); ++i) {
        auto const points = shape.path(i);
        auto const area = twice_area(points);
        if (points.size() < 3 || area == 0) return false;
        bool const exterior = area > 0;
        if (!exterior && rings.empty()) return false;
        std::size_t const part = rings.empty() ? 0 : rings.back().part + (exterior ? 1 : 0);
        rings.push_back({points, box_of(points), exterior, part});
    }
    return rings.size() < 2 || rings_nest(rings);
}

double squared_clearance(Shape const& shape) {
    auto& sides = sides_of(shape);
    constexpr std::size_t small = 64;
    if (sides.size() > small) return tree_clearance(sides);
    double best = shortest_squared(sides);
    for (auto const& from : sides)
        for (auto const& side : sides) {
            if (side.index == from.index || side.next == from.index) continue;
            if (squared_distance(from.a, side.box) >= best) continue;
            best = std::min(best, squared_distance(from.a, side.a, side.b));
        }
    return best;
}

geo::Geometry to_polygon(Shape const& shape) {
    geo::Geometry polygon;
    polygon.kind = geo::GeometryKind::polygon;
    polygon.multi = true;
    for (std::size_t i = 0; i < shape.path_ends.size(); ++i) {
        auto const ring = shape.path(i);
        if (i > 0 && twice_area(ring) > 0)
            polygon.part_ends.push_back(std::uint32_t(polygon.path_ends.size()));
        for (auto const p : ring) polygon.positions.push_back({double(p.x), double(p.y)});
        polygon.positions.push_back({double(ring.front().x), double(ring.front().y)});
        polygon.path_ends.push_back(std::uint32_t(polygon.positions.size()));
    }
    if (!polygon.path_ends.empty())
        polygon.part_ends.push_back(std::uint32_t(polygon.path_ends.size()));
    return polygon;
}

void from_polygon(geo::Geometry const& polygon, Shape& out) {
    std::size_t path = 0;
    for (auto const end : polygon.part_ends) {
        bool exterior = true;
        for (; path < end; ++path) {
            auto const start = out.points.size();
            auto const ring = polygon.path(path);
            for (std::size_t i = 0; i + 1 < ring.size(); ++i)
                out.points.push_back(
                    {std::int32_t(std::lrint(ring[i].x)), std::int32_t(std::lrint(ring[i].y))});
            auto const area = twice_area(std::span{out.points}.subspan(start));
            if (area == 0) {
                out.points.resize(start);
                if (exterior) break;
                continue;
            }
            if ((area > 0) != exterior)
                std::reverse(out.points.begin() + std::ptrdiff_t(start), out.points.end());
            out.close_path();
            exterior = false;
        }
        path = end;
    }
}

} // namespace diaban::tiles
