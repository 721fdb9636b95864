#include "geo/coverage/simplify.hpp"

#include "geo/coverage/box.hpp"
#include "geo/index/packed_rtree.hpp"
#include "geo/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <tuple>

namespace diaban::geo::coverage {
namespace {

__extension__ typedef __int128 Wide;

Wide cross(GridPoint a, GridPoint b, GridPoint c) noexcept {
    return Wide{std::int64_t{b.x} - a.x} * (std::int64_t{c.y} - a.y) -
           Wide{std::int64_t{b.y} - a.y} * (std::int64_t{c.x} - a.x);
}

int turn(GridPoint a, GridPoint b, GridPoint c) noexcept {
    auto const value = cross(a, b, c);
    return value > 0 ? 1 : value < 0 ? -1 : 0;
}

/// Three points, closed; perhaps on one line.
struct Triangle {
    GridPoint a;
    GridPoint b;
    GridPoint c;

    [[nodiscard]] double twice_area() const noexcept {
        auto const value = cross(a, b, c);
        return double(value < 0 ? -value : value);
    }
    [[nodiscard]] Box box() const noexcept {
        Box box;
        for (auto const p : {a, b, c}) box.extend(p);
        return box;
    }
    /// For a `p` in the box: with all three on one line, the box's points of that line are just
    /// those between the outermost.
    [[nodiscard]] bool holds(GridPoint p) const noexcept {
        int const ab = turn(a, b, p);
        int const bc = turn(b, c, p);
        int const ca = turn(c, a, p);
        return (ab >= 0 && bc >= 0 && ca >= 0) || (ab <= 0 && bc <= 0 && ca <= 0);
    }
};

/// The points of all arcs, in boxed runs: neighbours along an arc lie near each other, and so do
/// arcs that rings in curve order use first.
class PointIndex {
public:
    explicit PointIndex(Arcs const& arcs) : m_arcs{arcs} {
        constexpr std::uint32_t points_a_run = 8;
        for (std::uint32_t arc = 0; arc < arcs.size(); ++arc)
            for (auto first = arcs.arc_begin[arc]; first < arcs.arc_begin[arc + 1];
                 first += points_a_run) {
                Run const run{arc, first, std::min(first + points_a_run, arcs.arc_begin[arc + 1])};
                Box box;
                for (auto i = run.first; i < run.last; ++i) box.extend(arcs.points[i]);
                m_runs.push_back(run);
                m_boxes.push_back(box);
            }
        m_tree = index::PackedRtree<Box>{std::span<Box const>{m_boxes}};
    }

    /// Whether `test(arc, point)` holds for a point in `box`; `point` is its place in Arcs::points.
    /// An arc with a run that meets the box is first asked for as a whole: `test_arc(arc)`.
    template <typename TestArc, typename Test>
    [[nodiscard]] bool any(Box const& box, TestArc&& test_arc, Test&& test) const {
        bool found = false;
        m_tree.search(box, [&](std::size_t r) {
            auto const& run = m_runs[r];
            found = found || test_arc(run.arc);
            for (auto i = run.first; !found && i < run.last; ++i) {
                auto const p = m_arcs.points[i];
                found = box.min_x <= p.x && p.x <= box.max_x && box.min_y <= p.y &&
                        p.y <= box.max_y && test(run.arc, i);
            }
        });
        return found;
    }

private:
    struct Run {
        std::uint32_t arc;
        std::uint32_t first;
        std::uint32_t last;
    };

    Arcs const& m_arcs;
    std::vector<Run> m_runs;
    std::vector<Box> m_boxes;
    index::PackedRtree<Box> m_tree;
};

/// Takes the points of one arc after another.
class ArcSimplifier {
public:
    ArcSimplifier(Arcs const& arcs, PointIndex const& index, std::span<double const> thresholds,
                  std::vector<std::uint8_t>& outlived)
        : m_arcs{arcs}, m_index{index}, m_thresholds{thresholds}, m_outlived{outlived} {}

    void run(std::uint32_t arc) {
        m_arc = arc;
        m_points = m_arcs.arc(arc);
        m_begin = m_arcs.arc_begin[arc];
        auto const size = std::uint32_t(m_points.size());
        m_left = size - 2;
        m_closed = m_points.front() == m_points.back();
        if (m_left == 0) return;
        m_links.resize(size);
        for (std::uint32_t i = 0; i < size; ++i) m_links[i] = {i - 1, i + 1, false};
        m_queue.clear();
        m_blocked.clear();
        for (std::uint32_t i = 1; i + 1 < size; ++i) m_queue.push_back(entry(i));
        std::make_heap(m_queue.begin(), m_queue.end(), later);
        for (std::size_t level = 0; level < m_thresholds.size() && m_left > 0; ++level) {
            for (auto const point : m_blocked) push(entry(point));
            m_blocked.clear();
            take_below(level);
        }
    }

private:
    struct Link {
        std::uint32_t before;
        std::uint32_t after;
        bool gone;
    };
    /// A point and the triangle it had when it was queued: once a neighbour has gone, it is void.
    struct Entry {
        double area;
        std::uint32_t point;
        std::uint32_t before;
        std::uint32_t after;
        GridPoint place;
    };
    static bool later(Entry const& a, Entry const& b) noexcept {
        return std::tie(a.area, a.place) > std::tie(b.area, b.place);
    }

    [[nodiscard]] Triangle triangle(std::uint32_t point) const noexcept {
        auto const& link = m_links[point];
        return {m_points[link.before], m_points[point], m_points[link.after]};
    }
    [[nodiscard]] Entry entry(std::uint32_t point) const noexcept {
        auto const& link = m_links[point];
        return {triangle(point).twice_area(), point, link.before, link.after, m_points[point]};
    }
    void push(Entry const& entry) {
        m_queue.push_back(entry);
        std::push_heap(m_queue.begin(), m_queue.end(), later);
    }

    void take_below(std::size_t level) {
        while (!m_queue.empty() && m_queue.front().area < m_thresholds[level]) {
            auto const next = m_queue.front();
            std::pop_heap(m_queue.begin(), m_queue.end(), later);
            m_queue.pop_back();
            auto& link = m_links[next.point];
            if (link.gone || link.before != next.before || link.after != next.after) continue;
            if (m_left <= (m_closed ? 2U : 0U)) return;
            if (is_blocked(next.point)) {
                m_blocked.push_back(next.point);
                continue;
            }
            link.gone = true;
            --m_left;
            m_outlived[m_begin + next.point] = std::uint8_t(level);
            m_links[link.before].after = link.after;
            m_links[link.after].before = link.before;
            if (link.before != 0) push(entry(link.before));
            if (link.after + 1 != m_points.size()) push(entry(link.after));
        }
    }

    [[nodiscard]] bool is_blocked(std::uint32_t point) const {
        auto const swept = triangle(point);
        bool const last = m_left == 1;
        auto const ends_alike = [&](std::uint32_t arc) {
            if (!last || arc == m_arc) return false;
            auto const other = m_arcs.arc(arc);
            return (other.front() == swept.a && other.back() == swept.c) ||
                   (other.front() == swept.c && other.back() == swept.a);
        };
        auto const in_the_way = [&](std::uint32_t arc, std::uint32_t i) {
            if (arc == m_arc && m_links[i - m_begin].gone) return false;
            auto const p = m_arcs.points[i];
            return p != swept.a && p != swept.b && p != swept.c && swept.holds(p);
        };
        return m_index.any(swept.box(), ends_alike, in_the_way);
    }

    Arcs const& m_arcs;
    PointIndex const& m_index;
    std::span<double const> m_thresholds;
    std::vector<std::uint8_t>& m_outlived;

    std::uint32_t m_arc = 0; // the arc under way
    std::span<GridPoint const> m_points;
    std::uint32_t m_begin = 0;
    std::uint32_t m_left = 0; // points between the ends
    bool m_closed = false;
    std::vector<Link> m_links;
    std::vector<Entry> m_queue;
    std::vector<std::uint32_t> m_blocked;
};

} // namespace

std::vector<std::uint8_t> outlived(Arcs const& arcs, std::span<double const> thresholds,
                                   unsigned threads) {
    std::vector<std::uint8_t> result(arcs.points.size(), std::uint8_t(thresholds.size()));
    PointIndex const index{arcs};
    // Arcs differ in length: threads take them by the thousand, as they get free.
    constexpr std::uint32_t portion = 1024;
    std::atomic<std::uint32_t> next{0};
    auto const work = [&](std::size_t) {
        ArcSimplifier simplifier{arcs, index, thresholds, result};
        for (auto first = next.fetch_add(portion); first < arcs.size();
             first = next.fetch_add(portion))
            for (auto arc = first; arc < std::min<std::size_t>(first + portion, arcs.size()); ++arc)
                simplifier.run(arc);
    };
    in_parallel(threads, threads, work);
    return result;
}

std::vector<std::uint8_t> by_ring(Rings const& rings, Arcs const& arcs,
                                  std::span<std::uint8_t const> by_arc) {
    std::vector<std::uint8_t> result(rings.points.size());
    follow(rings, arcs, [&](std::uint32_t arc, bool forwards, auto const& ring_point) {
        auto const first = arcs.arc_begin[arc];
        auto const last = arcs.arc_begin[arc + 1] - 1;
        // An arc's last point, in the ring's direction, is the next one's first.
        for (auto i = forwards ? first : first + 1; i < (forwards ? last : last + 1); ++i)
            result[ring_point(i)] = by_arc[i];
    });
    return result;
}

} // namespace diaban::geo::coverage
