#include "geo/coverage/match.hpp"

#include "geo/coverage/box.hpp"
#include "geo/index/packed_rtree.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace diaban::geo::coverage {
namespace {

/// A side that only one ring uses: from ring point `from` to ring point `to`.
struct Side {
    std::uint32_t from;
    std::uint32_t to;
};

/// A point that comes into a side.
struct Insertion {
    std::uint32_t side; // its ring point `from`
    double along;       // 0 at `from`, 1 at `to`
    GridPoint at;
};

std::vector<Side> lone_sides(Rings const& rings, Arcs const& arcs) {
    std::vector<std::uint32_t> uses(arcs.size());
    for (auto const r : arcs.references) ++uses[std::size_t(r >= 0 ? r : ~r)];
    std::vector<Side> sides;
    for (std::size_t ring = 0; ring < rings.size(); ++ring) {
        auto const begin = rings.ring_begin[ring];
        auto const size = rings.ring_begin[ring + 1] - begin;
        auto step = arcs.ring_start[ring];
        for (auto r = arcs.ring_begin[ring]; r < arcs.ring_begin[ring + 1]; ++r) {
            auto const reference = arcs.references[r];
            auto const arc = std::size_t(reference >= 0 ? reference : ~reference);
            auto const count = arcs.arc_begin[arc + 1] - arcs.arc_begin[arc] - 1;
            if (uses[arc] == 1)
                for (std::uint32_t k = 0; k < count; ++k)
                    sides.push_back({begin + (step + k) % size, begin + (step + k + 1) % size});
            step = (step + count) % size;
        }
    }
    return sides;
}

/// Places that are one: each leads to the least of its kind.
class Mergers {
public:
    void join(GridPoint a, GridPoint b) {
        a = of(a);
        b = of(b);
        if (a != b) m_to[std::max(a, b)] = std::min(a, b);
    }
    [[nodiscard]] GridPoint of(GridPoint p) const {
        for (auto found = m_to.find(p); found != m_to.end(); found = m_to.find(p))
            p = found->second;
        return p;
    }
    [[nodiscard]] bool empty() const noexcept { return m_to.empty(); }

private:
    std::map<GridPoint, GridPoint> m_to;
};

class Matcher {
public:
    Matcher(Rings const& rings, std::int32_t tolerance, std::vector<Side> sides)
        : m_rings{rings}, m_tolerance{tolerance}, m_sides{std::move(sides)} {
        for (auto const& side : m_sides) {
            Box box;
            box.extend(rings.points[side.from]);
            box.extend(rings.points[side.to]);
            m_boxes.push_back(box);
        }
        m_tree = index::PackedRtree<Box>{m_boxes};
    }

    Matched run() {
        // Every end of a lone side is the `from` of one, or of a side that others use too.
        for (auto const& side : m_sides) {
            look_at(m_rings.points[side.from]);
            look_at(m_rings.points[side.to]);
        }
        std::sort(m_insertions.begin(), m_insertions.end(),
                  [](Insertion const& a, Insertion const& b) {
                      return std::tie(a.side, a.along, a.at) < std::tie(b.side, b.along, b.at);
                  });
        return put_together();
    }

private:
    void look_at(GridPoint p) {
        auto const low = [&](std::int32_t v) {
            return std::int32_t(std::max<std::int64_t>(std::int64_t{v} - m_tolerance, INT32_MIN));
        };
        auto const high = [&](std::int32_t v) {
            return std::int32_t(std::min<std::int64_t>(std::int64_t{v} + m_tolerance, INT32_MAX));
        };
        Box const around{low(p.x), low(p.y), high(p.x), high(p.y)};
        m_tree.search(around, [&](std::size_t s) { meet(p, m_sides[s]); });
    }

    void meet(GridPoint p, Side const& side) {
        auto const a = m_rings.points[side.from];
        auto const b = m_rings.points[side.to];
        double const reach = double(m_tolerance) * m_tolerance;
        auto const squared = [](double x, double y) { return x * x + y * y; };
        for (auto const end : {a, b})
            if (squared(double(p.x) - end.x, double(p.y) - end.y) <= reach) {
                m_mergers.join(p, end);
                return;
            }
        // Exact up to 2^53 for sides of up to 2^26 steps (1,250 km); beyond, off by far less than
        // a step.
        double const dx = double(b.x) - a.x;
        double const dy = double(b.y) - a.y;
        double const px = double(p.x) - a.x;
        double const py = double(p.y) - a.y;
        double const length = squared(dx, dy);
        double const along = (px * dx + py * dy) / length;
        double const across = px * dy - py * dx;
        if (along > 0 && along < 1 && across * across <= reach * length)
            m_insertions.push_back({side.from, along, p});
    }

    Matched put_together() const {
        Matched result;
        result.points.reserve(m_rings.points.size() + m_insertions.size());
        auto next = m_insertions.begin();
        for (std::size_t ring = 0; ring < m_rings.size(); ++ring) {
            auto const start = result.points.size();
            auto const add = [&](GridPoint p, std::uint32_t origin) {
                if (!m_mergers.empty()) p = m_mergers.of(p);
                if (result.points.size() > start && result.points.back() == p) return;
                result.points.push_back(p);
                result.origin.push_back(origin);
            };
            for (auto i = m_rings.ring_begin[ring]; i < m_rings.ring_begin[ring + 1]; ++i) {
                add(m_rings.points[i], i);
                for (; next != m_insertions.end() && next->side == i; ++next)
                    add(next->at, Matched::inserted);
            }
            while (result.points.size() > start + 1 &&
                   result.points.back() == result.points[start]) {
                result.points.pop_back();
                result.origin.pop_back();
            }
            result.ring_begin.push_back(std::uint32_t(result.points.size()));
        }
        return result;
    }

    Rings const& m_rings;
    std::int32_t m_tolerance;
    std::vector<Side> m_sides;
    std::vector<Box> m_boxes;
    index::PackedRtree<Box> m_tree;
    Mergers m_mergers;
    std::vector<Insertion> m_insertions;
};

} // namespace

Matched match(Rings const& rings, std::int32_t tolerance, unsigned threads) {
    return Matcher{rings, tolerance, lone_sides(rings, find_arcs(rings, threads))}.run();
}

} // namespace diaban::geo::coverage
