#include "tiles/untangle.hpp"

#include "tiles/sides.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace diaban::tiles {
namespace {

struct Edge {
    GridPoint from;
    GridPoint to;
    bool used = false;
};

/// A point of one side that lies inside another.
struct Split {
    std::uint32_t side; // by its index
    GridPoint at;
};

bool strictly_on(GridPoint p, Side const& side) noexcept {
    return p != side.a && p != side.b && turn(side.a, side.b, p) == 0 && in_box(p, side.a, side.b);
}

bool cross_inside(Side const& s, Side const& t) noexcept {
    return turn(s.a, s.b, t.a) * turn(s.a, s.b, t.b) < 0 &&
           turn(t.a, t.b, s.a) * turn(t.a, t.b, s.b) < 0;
}

/// The sides, cut where points of others lie on them. False if two cross.
bool edges_of(std::vector<Side>& sides, std::vector<Edge>& edges) {
    std::vector<Split> splits;
    bool const none_cross = for_each_meeting_pair(sides, [&](Side const& s, Side const& t) {
        if (cross_inside(s, t)) return false;
        for (auto const p : {t.a, t.b})
            if (strictly_on(p, s)) splits.push_back({s.index, p});
        for (auto const p : {s.a, s.b})
            if (strictly_on(p, t)) splits.push_back({t.index, p});
        return true;
    });
    if (!none_cross) return false;
    std::sort(splits.begin(), splits.end(),
              [](Split const& a, Split const& b) { return a.side < b.side; });
    std::vector<GridPoint> stops;
    for (auto const& side : sides) {
        auto const [first, last] =
            std::equal_range(splits.begin(), splits.end(), Split{side.index, {}},
                             [](Split const& a, Split const& b) { return a.side < b.side; });
        stops.assign({side.a, side.b});
        for (auto split = first; split != last; ++split) stops.push_back(split->at);
        // Points of one line are in order when they are in the order of their coordinates.
        std::sort(stops.begin(), stops.end());
        stops.erase(std::unique(stops.begin(), stops.end()), stops.end());
        if (side.b < side.a) std::reverse(stops.begin(), stops.end());
        for (std::size_t i = 0; i + 1 < stops.size(); ++i)
            edges.push_back({stops[i], stops[i + 1]});
    }
    return true;
}

/// Takes out edges that are run both ways. False if one is left that is run twice.
bool cancel(std::vector<Edge>& edges) {
    auto const both = [](Edge const& e) { return std::minmax(e.from, e.to); };
    std::sort(edges.begin(), edges.end(), [&](Edge const& a, Edge const& b) {
        return std::tuple{both(a), a.from} < std::tuple{both(b), b.from};
    });
    std::vector<Edge> kept;
    for (std::size_t i = 0; i < edges.size();) {
        std::ptrdiff_t net = 0;
        auto j = i;
        for (; j < edges.size() && both(edges[j]) == both(edges[i]); ++j)
            net += edges[j].from < edges[j].to ? 1 : -1;
        if (net > 1 || net < -1) return false;
        auto const [low, high] = both(edges[i]);
        if (net == 1) kept.push_back({low, high});
        if (net == -1) kept.push_back({high, low});
        i = j;
    }
    edges = std::move(kept);
    return true;
}

/// Order of directions out of `at`, counter-clockwise on screen, beginning after `at`→`back`.
class AroundPoint {
public:
    AroundPoint(GridPoint at, GridPoint back) : m_at{at}, m_back{back} {}
    bool operator()(Edge const& a, Edge const& b) const noexcept {
        int const half_a = half(a.to);
        int const half_b = half(b.to);
        if (half_a != half_b) return half_a < half_b;
        return turn(m_at, a.to, b.to) < 0;
    }

private:
    [[nodiscard]] int half(GridPoint p) const noexcept {
        int const side = turn(m_at, m_back, p);
        return side < 0 ? 0 : side == 0 ? 1 : 2;
    }
    GridPoint m_at;
    GridPoint m_back;
};

/// The edge that bounds the same region of the inside as `edge`, after it. The inside lies on the
/// right, so it is the sharpest turn to the right. `edges` are sorted by `from`.
Edge* next_edge(std::vector<Edge>& edges, Edge const& edge) {
    auto const before = [](Edge const& a, Edge const& b) { return a.from < b.from; };
    auto const [first, last] =
        std::equal_range(edges.begin(), edges.end(), Edge{edge.to, {}}, before);
    Edge* best = nullptr;
    AroundPoint const order{edge.to, edge.from};
    for (auto candidate = first; candidate != last; ++candidate)
        if (best == nullptr || order(*candidate, *best)) best = &*candidate;
    return best;
}

using Ring = std::vector<GridPoint>;

/// Parts a ring where it meets itself.
void part_at_points(Ring const& ring, std::vector<Ring>& rings) {
    std::map<GridPoint, std::size_t> places;
    Ring path;
    for (auto const p : ring) {
        auto const [place, is_new] = places.emplace(p, path.size());
        if (is_new) {
            path.push_back(p);
            continue;
        }
        auto const from = path.begin() + std::ptrdiff_t(place->second);
        rings.emplace_back(from, path.end());
        for (auto gone = from + 1; gone != path.end(); ++gone) places.erase(*gone);
        path.erase(from + 1, path.end());
    }
    rings.push_back(std::move(path));
}

bool trace(std::vector<Edge>& edges, std::vector<Ring>& rings) {
    std::sort(edges.begin(), edges.end(),
              [](Edge const& a, Edge const& b) { return a.from < b.from; });
    for (auto& start : edges) {
        if (start.used) continue;
        Ring ring;
        Edge* edge = &start;
        while (edge != nullptr && !edge->used) {
            edge->used = true;
            ring.push_back(edge->from);
            edge = next_edge(edges, *edge);
        }
        if (edge != &start) return false;
        part_at_points(ring, rings);
    }
    return true;
}

/// Exteriors, each followed by its holes. False if they do not nest.
bool assemble(std::vector<Ring> const& rings, Shape& out) {
    std::vector<Ring const*> exteriors;
    std::vector<std::vector<Ring const*>> holes;
    for (auto const& ring : rings)
        if (twice_area(ring) > 0) exteriors.push_back(&ring);
    // The smallest exterior around a hole is its own.
    std::sort(exteriors.begin(), exteriors.end(),
              [](Ring const* a, Ring const* b) { return twice_area(*a) < twice_area(*b); });
    holes.resize(exteriors.size());
    for (auto const& ring : rings) {
        if (twice_area(ring) >= 0) continue;
        auto const owner = std::find_if(exteriors.begin(), exteriors.end(),
                                        [&](Ring const* e) { return is_ring_inside(ring, *e); });
        if (owner == exteriors.end()) return false;
        holes[std::size_t(owner - exteriors.begin())].push_back(&ring);
    }
    Shape result;
    auto const add = [&](Ring const& ring) {
        result.points.insert(result.points.end(), ring.begin(), ring.end());
        result.close_path();
    };
    for (std::size_t i = 0; i < exteriors.size(); ++i) {
        add(*exteriors[i]);
        for (auto const* hole : holes[i]) add(*hole);
    }
    if (!nests(result)) return false;
    out = std::move(result);
    return true;
}

} // namespace

bool untangle(Shape& shape) {
    std::vector<Edge> edges;
    std::vector<Ring> rings;
    return edges_of(sides_of(shape), edges) && cancel(edges) && trace(edges, rings) &&
           assemble(rings, shape);
}

} // namespace diaban::tiles
