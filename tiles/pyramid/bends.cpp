#include "tiles/pyramid/bends.hpp"

#include "geo/index/packed_rtree.hpp"
#include "tiles/sides.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <tuple>

namespace diaban::tiles::pyramid {
namespace {

using geo::coverage::Arcs;
using geo::coverage::Rings;

/// A bend of an arc: between point `point` of the arcs and the next that is drawn.
struct ArcBend {
    std::uint32_t arc = 0;
    std::uint32_t zoom = 0;
    std::uint32_t point = 0;
    Wide along = 0; // where on the side
    GridPoint through;

    [[nodiscard]] auto order() const noexcept { return std::tie(arc, zoom, point, along, through); }
};

/// The points of all arcs that one zoom draws, in boxed runs that overlap by a point.
class DrawnArcs {
public:
    DrawnArcs(Arcs const& arcs, std::span<std::uint8_t const> first_zooms, std::uint32_t zoom)
        : m_arcs{arcs}, m_zoom{zoom}, m_shift{TileId::max_zoom - zoom} {
        constexpr std::uint32_t sides_a_run = 8;
        for (std::uint32_t arc = 0; arc < arcs.size(); ++arc) {
            auto const first = std::uint32_t(m_points.size());
            for (auto i = arcs.arc_begin[arc]; i < arcs.arc_begin[arc + 1]; ++i)
                if (first_zooms[i] <= zoom) m_points.push_back(i);
            auto const last = std::uint32_t(m_points.size()) - 1;
            for (auto begin = first; begin < last; begin += sides_a_run) {
                Run const run{arc, begin, std::min(begin + sides_a_run, last)};
                GridBox box;
                for (auto i = run.first; i <= run.last; ++i) box.extend(at(i));
                m_runs.push_back(run);
                m_boxes.push_back(box);
            }
        }
        m_tree = geo::index::PackedRtree<GridBox>{std::span<GridBox const>{m_boxes}};
    }

    [[nodiscard]] std::size_t size() const noexcept { return m_points.size(); }

    /// The sides that meet the unit square of drawn point `p` and do not end in it.
    void bends_at(std::size_t p, std::vector<ArcBend>& bends) const {
        auto const through = at(p);
        auto const unit = unit_of(through);
        auto const width = std::int64_t{1} << m_shift;
        auto const half = width / 2;
        auto const low = [&](std::int32_t u) { return std::int64_t{u} * width - half; };
        auto const step = [](std::int64_t v) {
            return std::int32_t(std::clamp<std::int64_t>(v, 0, INT32_MAX));
        };
        GridBox const around{step(low(unit.x)), step(low(unit.y)), step(low(unit.x) + width),
                             step(low(unit.y) + width)};
        m_tree.search(m_boxes, around, [&](std::size_t r) {
            auto const& run = m_runs[r];
            for (auto i = run.first; i < run.last; ++i) {
                auto const a = at(i);
                auto const b = at(i + 1);
                if (unit_of(a) == unit || unit_of(b) == unit) continue;
                if (!meets(a, b, low(unit.x), low(unit.y), width)) continue;
                auto const along = Wide{std::int64_t{b.x} - a.x} * (unit.x * width - a.x) +
                                   Wide{std::int64_t{b.y} - a.y} * (unit.y * width - a.y);
                bends.push_back({run.arc, m_zoom, m_points[i], along, through});
            }
        });
    }

private:
    struct Run {
        std::uint32_t arc;
        std::uint32_t first;
        std::uint32_t last;
    };

    [[nodiscard]] GridPoint at(std::size_t drawn) const noexcept {
        return m_arcs.points[m_points[drawn]];
    }
    [[nodiscard]] GridPoint unit_of(GridPoint p) const noexcept {
        return TileFrame{*TileId::make(m_zoom, 0, 0)}.unit(p);
    }

    /// Whether the side meets the square [west, west + width) × [north, north + width).
    static bool meets(GridPoint a, GridPoint b, std::int64_t west, std::int64_t north,
                      std::int64_t width) noexcept {
        auto const east = west + width;
        auto const south = north + width;
        if (std::max(a.x, b.x) < west || std::min(a.x, b.x) >= east || std::max(a.y, b.y) < north ||
            std::min(a.y, b.y) >= south)
            return false;
        // Twice the coordinates: the square's far borders are half a step before the next square.
        auto const dx = 2 * (std::int64_t{b.x} - a.x);
        auto const dy = 2 * (std::int64_t{b.y} - a.y);
        auto const side = [&](std::int64_t x2, std::int64_t y2) {
            return Wide{dx} * (y2 - 2 * std::int64_t{a.y}) -
                   Wide{dy} * (x2 - 2 * std::int64_t{a.x});
        };
        bool left = false;
        bool right = false;
        for (auto const x2 : {2 * west, 2 * east - 1})
            for (auto const y2 : {2 * north, 2 * south - 1}) {
                left = left || side(x2, y2) >= 0;
                right = right || side(x2, y2) <= 0;
            }
        return left && right;
    }

    Arcs const& m_arcs;
    std::uint32_t m_zoom;
    std::uint32_t m_shift;
    std::vector<std::uint32_t> m_points; // drawn ones, as places in Arcs::points
    std::vector<Run> m_runs;             // first and last of m_points; sides lie between
    std::vector<GridBox> m_boxes;
    geo::index::PackedRtree<GridBox> m_tree;
};

void bends_of_zoom(DrawnArcs const& drawn, unsigned threads, std::vector<ArcBend>& bends) {
    constexpr std::size_t portion = 4096;
    std::atomic<std::size_t> next{0};
    std::vector<std::vector<ArcBend>> found(threads);
    auto const work = [&](unsigned thread) {
        for (auto first = next.fetch_add(portion); first < drawn.size();
             first = next.fetch_add(portion))
            for (auto p = first; p < std::min(first + portion, drawn.size()); ++p)
                drawn.bends_at(p, found[thread]);
    };
    std::vector<std::thread> others;
    for (unsigned i = 1; i < threads; ++i) others.emplace_back(work, i);
    work(0);
    for (auto& other : others) other.join();
    for (auto const& part : found) bends.insert(bends.end(), part.begin(), part.end());
}

/// Calls `visit(arc, forwards, ring_point)` for every reference of every ring; `ring_point` turns a
/// point of the arc into the rings' point it is there.
template <typename Visit>
void follow(Rings const& rings, Arcs const& arcs, Visit&& visit) {
    for (std::size_t ring = 0; ring < rings.size(); ++ring) {
        auto const begin = rings.ring_begin[ring];
        auto const size = rings.ring_begin[ring + 1] - begin;
        auto step = arcs.ring_start[ring];
        for (auto r = arcs.ring_begin[ring]; r < arcs.ring_begin[ring + 1]; ++r) {
            bool const forwards = arcs.references[r] >= 0;
            auto const arc = std::uint32_t(forwards ? arcs.references[r] : ~arcs.references[r]);
            auto const first = arcs.arc_begin[arc];
            auto const last = arcs.arc_begin[arc + 1] - 1;
            visit(arc, forwards, [&](std::uint32_t arc_point) {
                auto const offset = forwards ? arc_point - first : last - arc_point;
                return begin + (step + offset) % size;
            });
            step = (step + last - first) % size;
        }
    }
}

/// What is known by the rings' points, by the arcs' points instead.
std::vector<std::uint8_t> by_arcs(Rings const& rings, Arcs const& arcs,
                                  std::span<std::uint8_t const> by_ring) {
    std::vector<std::uint8_t> result(arcs.points.size());
    follow(rings, arcs, [&](std::uint32_t arc, bool, auto&& ring_point) {
        for (auto i = arcs.arc_begin[arc]; i < arcs.arc_begin[arc + 1]; ++i)
            result[i] = by_ring[ring_point(i)];
    });
    return result;
}

} // namespace

std::span<Bend const> Bends::of(std::uint32_t zoom, std::uint32_t first,
                                std::uint32_t last) const noexcept {
    auto const before = [&](Bend const& bend, std::uint32_t point) {
        return std::tie(bend.zoom, bend.point) < std::tie(zoom, point);
    };
    auto const from = std::lower_bound(m_bends.begin(), m_bends.end(), first, before);
    auto const to = std::lower_bound(from, m_bends.end(), last, before);
    return std::span{m_bends}.subspan(std::size_t(from - m_bends.begin()), std::size_t(to - from));
}

Bends find_bends(Rings const& rings, Arcs const& arcs, std::span<std::uint8_t const> first_zooms,
                 std::uint32_t lowest, std::uint32_t highest, unsigned threads) {
    auto const by_arc = by_arcs(rings, arcs, first_zooms);
    std::vector<ArcBend> found;
    for (auto zoom = lowest; zoom <= highest && zoom < TileId::max_zoom; ++zoom)
        bends_of_zoom(DrawnArcs{arcs, by_arc, zoom}, std::max(1U, threads), found);
    std::sort(found.begin(), found.end(),
              [](ArcBend const& a, ArcBend const& b) { return a.order() < b.order(); });
    found.erase(
        std::unique(found.begin(), found.end(),
                    [](ArcBend const& a, ArcBend const& b) { return a.order() == b.order(); }),
        found.end());

    std::vector<std::uint32_t> begin(arcs.size() + 1); // by arc: its bends
    for (auto const& bend : found) ++begin[bend.arc + 1];
    for (std::size_t arc = 0; arc < arcs.size(); ++arc) begin[arc + 1] += begin[arc];
    std::vector<std::tuple<Bend, std::uint32_t>> bends; // with their turn along the side
    follow(rings, arcs, [&](std::uint32_t arc, bool forwards, auto&& ring_point) {
        for (auto k = begin[arc]; k < begin[arc + 1]; ++k) {
            auto const& bend = found[k];
            auto from = bend.point;
            // Run backwards, the side begins at the drawn point after it.
            if (!forwards) do
                    ++from;
                while (by_arc[from] > bend.zoom);
            auto const turn = forwards ? k : begin[arc + 1] - k;
            bends.push_back({{bend.zoom, ring_point(from), bend.through}, turn});
        }
    });
    std::sort(bends.begin(), bends.end(), [](auto const& a, auto const& b) {
        auto const& [one, turn] = a;
        auto const& [other, other_turn] = b;
        return std::tie(one.zoom, one.point, turn) < std::tie(other.zoom, other.point, other_turn);
    });
    std::vector<Bend> result;
    for (auto const& [bend, turn] : bends) result.push_back(bend);
    return Bends{std::move(result)};
}

} // namespace diaban::tiles::pyramid
