#include "tiles/pyramid/bends.hpp"

#include "geo/index/packed_rtree.hpp"
#include "geo/parallel.hpp"
#include "tiles/sides.hpp"

#include <algorithm>
#include <atomic>
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

/// The unit squares of a zoom, on the grid.
class Units {
public:
    explicit Units(std::uint32_t zoom)
        : m_frame{*TileId::make(zoom, 0, 0)}, m_width{std::int64_t{1}
                                                      << (TileId::max_zoom - zoom)} {}

    [[nodiscard]] GridPoint of(GridPoint p) const noexcept { return m_frame.unit(p); }
    [[nodiscard]] std::int64_t width() const noexcept { return m_width; }
    [[nodiscard]] std::int64_t middle(std::int32_t unit) const noexcept { return unit * m_width; }
    /// The first step of a unit.
    [[nodiscard]] std::int64_t first(std::int32_t unit) const noexcept {
        return unit * m_width - m_width / 2;
    }
    /// Whether the side from a to b, which does not end in `unit`, meets it.
    [[nodiscard]] bool meets(GridPoint a, GridPoint b, GridPoint unit) const noexcept {
        auto const west = first(unit.x);
        auto const north = first(unit.y);
        auto const east = west + m_width;
        auto const south = north + m_width;
        if (std::max(a.x, b.x) < west || std::min(a.x, b.x) >= east || std::max(a.y, b.y) < north ||
            std::min(a.y, b.y) >= south)
            return false;
        // Twice the coordinates: the far borders are half a step before the next unit.
        auto const dx = 2 * (std::int64_t{b.x} - a.x);
        auto const dy = 2 * (std::int64_t{b.y} - a.y);
        bool left = false;
        bool right = false;
        for (auto const x2 : {2 * west, 2 * east - 1})
            for (auto const y2 : {2 * north, 2 * south - 1}) {
                auto const turn = Wide{dx} * (y2 - 2 * std::int64_t{a.y}) -
                                  Wide{dy} * (x2 - 2 * std::int64_t{a.x});
                left = left || turn >= 0;
                right = right || turn <= 0;
            }
        return left && right;
    }

private:
    TileFrame m_frame;
    std::int64_t m_width;
};

/// Runs `work(first, last, thread)` over portions of [0, size).
template <typename Work>
void share_out(std::size_t size, unsigned threads, Work&& work) {
    constexpr std::size_t portion = 4096;
    std::atomic<std::size_t> next{0};
    geo::in_parallel(threads, threads, [&](std::size_t thread) {
        for (auto first = next.fetch_add(portion); first < size; first = next.fetch_add(portion))
            work(first, std::min(first + portion, size), thread);
    });
}

/// The sides of all arcs that one zoom draws, in boxed runs.
class DrawnSides {
public:
    DrawnSides(Arcs const& arcs, std::span<std::uint8_t const> first_zooms, std::uint32_t zoom)
        : m_arcs{arcs}, m_zoom{zoom}, m_units{zoom} {
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

    /// The sides that meet the unit of `through` and do not end in it.
    void bends_at(GridPoint through, std::vector<ArcBend>& bends) const {
        auto const unit = m_units.of(through);
        auto const x = m_units.first(unit.x);
        auto const y = m_units.first(unit.y);
        auto const step = [](std::int64_t v) {
            return std::int32_t(std::clamp<std::int64_t>(v, 0, INT32_MAX));
        };
        GridBox const around{step(x), step(y), step(x + m_units.width()),
                             step(y + m_units.width())};
        m_tree.search(around, [&](std::size_t r) {
            auto const& run = m_runs[r];
            for (auto i = run.first; i < run.last; ++i) {
                auto const a = at(i);
                auto const b = at(i + 1);
                if (!m_units.meets(a, b, unit) || m_units.of(a) == unit || m_units.of(b) == unit)
                    continue;
                auto const along = Wide{std::int64_t{b.x} - a.x} * (m_units.middle(unit.x) - a.x) +
                                   Wide{std::int64_t{b.y} - a.y} * (m_units.middle(unit.y) - a.y);
                // The middle stands for the point: equal units give equal bends.
                bends.push_back(
                    {run.arc,
                     m_zoom,
                     m_points[i],
                     along,
                     {std::int32_t(m_units.middle(unit.x)), std::int32_t(m_units.middle(unit.y))}});
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

    Arcs const& m_arcs;
    std::uint32_t m_zoom;
    Units m_units;
    std::vector<std::uint32_t> m_points; // drawn ones, as places in Arcs::points
    std::vector<Run> m_runs;             // first and last of m_points; sides lie between
    std::vector<GridBox> m_boxes;
    geo::index::PackedRtree<GridBox> m_tree;
};

/// Finds the points of a zoom whose unit a side may meet. Where a side meets a point's unit, so
/// does one that lies in view of a point of that unit: both border one row, or one gap between
/// rows.
class Suspects {
public:
    Suspects(Arcs const& arcs, std::span<std::uint8_t const> first_zooms, std::uint32_t zoom,
             std::span<std::uint8_t const> uses, bool gaps, std::vector<std::uint32_t>& found)
        : m_arcs{arcs}, m_first_zooms{first_zooms}, m_zoom{zoom}, m_units{zoom}, m_uses{uses},
          m_gaps{gaps}, m_found{found} {}

    /// Of the row that has the rings [first, last).
    void look(std::uint32_t first, std::uint32_t last) {
        m_drawn.clear();
        for (auto ring = first; ring < last; ++ring) {
            auto const begin = m_drawn.size();
            take(ring);
            for (auto i = begin; i < m_drawn.size(); ++i)
                m_drawn[i].next = std::uint32_t(i + 1 == m_drawn.size() ? begin : i + 1);
        }
        constexpr std::size_t few = 64;
        bool const many = m_drawn.size() > few;
        for (auto const& drawn : m_drawn)
            if (many || (m_gaps && drawn.alone) || is_met(drawn)) m_found.push_back(drawn.point);
    }

private:
    struct Drawn {
        GridPoint at;
        GridPoint unit;
        std::uint32_t point; // of the arcs
        std::uint32_t next;
        bool alone; // no other row runs along its arc
    };

    void take(std::uint32_t ring) {
        for (auto r = m_arcs.ring_begin[ring]; r < m_arcs.ring_begin[ring + 1]; ++r) {
            bool const forwards = m_arcs.references[r] >= 0;
            auto const arc = std::uint32_t(forwards ? m_arcs.references[r] : ~m_arcs.references[r]);
            auto const begin = m_arcs.arc_begin[arc];
            auto const end =
                m_arcs.arc_begin[arc + 1] - 1; // the last point is the next arc's first
            for (auto i = begin; i < end; ++i) {
                auto const point = forwards ? i : end - (i - begin);
                if (m_first_zooms[point] > m_zoom) continue;
                auto const at = m_arcs.points[point];
                m_drawn.push_back({at, m_units.of(at), point, 0, m_uses[arc] == 1});
            }
        }
    }

    [[nodiscard]] bool is_met(Drawn const& drawn) const noexcept {
        for (auto const& from : m_drawn) {
            auto const& to = m_drawn[from.next];
            if (m_units.meets(from.at, to.at, drawn.unit) && from.unit != drawn.unit &&
                to.unit != drawn.unit)
                return true;
        }
        return false;
    }

    Arcs const& m_arcs;
    std::span<std::uint8_t const> m_first_zooms;
    std::uint32_t m_zoom;
    Units m_units;
    std::span<std::uint8_t const> m_uses; // by arc: by how many rings; 2: or more
    bool m_gaps;
    std::vector<std::uint32_t>& m_found;
    std::vector<Drawn> m_drawn; // of the row under way
};

std::vector<std::uint8_t> uses_of(Arcs const& arcs) {
    std::vector<std::uint8_t> uses(arcs.size());
    for (auto const reference : arcs.references) {
        auto& count = uses[std::size_t(reference >= 0 ? reference : ~reference)];
        if (count < 2) ++count;
    }
    return uses;
}

} // namespace

std::span<Bend const> bends_of(std::span<Bend const> sorted, std::uint32_t zoom,
                               std::uint32_t first, std::uint32_t last) noexcept {
    auto const before = [&](Bend const& bend, std::uint32_t point) {
        return std::tie(bend.zoom, bend.point) < std::tie(zoom, point);
    };
    auto const from = std::lower_bound(sorted.begin(), sorted.end(), first, before);
    auto const to = std::lower_bound(from, sorted.end(), last, before);
    return sorted.subspan(std::size_t(from - sorted.begin()), std::size_t(to - from));
}

Bends find_bends(Rings const& rings, std::span<std::uint32_t const> row_begin, Arcs const& arcs,
                 std::span<std::uint8_t const> first_zooms, ZoomRange zooms, bool gaps,
                 unsigned threads) {
    threads = std::max(1U, threads);
    auto const uses = uses_of(arcs);
    std::vector<ArcBend> found;
    for (auto zoom = zooms.lowest; zoom <= zooms.highest && zoom < TileId::max_zoom; ++zoom) {
        std::vector<std::vector<std::uint32_t>> suspects(threads);
        share_out(row_begin.size() - 1, threads, [&](auto first, auto last, std::size_t thread) {
            Suspects search{arcs, first_zooms, zoom, uses, gaps, suspects[thread]};
            for (auto row = first; row < last; ++row)
                search.look(row_begin[row], row_begin[row + 1]);
        });
        std::vector<GridPoint> places;
        for (auto const& part : suspects)
            for (auto const point : part) places.push_back(arcs.points[point]);
        std::sort(places.begin(), places.end());
        places.erase(std::unique(places.begin(), places.end()), places.end());
        if (places.empty()) continue;
        DrawnSides const sides{arcs, first_zooms, zoom};
        std::vector<std::vector<ArcBend>> bends(threads);
        share_out(places.size(), threads, [&](auto first, auto last, std::size_t thread) {
            for (auto i = first; i < last; ++i) sides.bends_at(places[i], bends[thread]);
        });
        for (auto const& part : bends) found.insert(found.end(), part.begin(), part.end());
    }
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
    geo::coverage::follow(rings, arcs, [&](std::uint32_t arc, bool forwards, auto&& ring_point) {
        for (auto k = begin[arc]; k < begin[arc + 1]; ++k) {
            auto const& bend = found[k];
            auto from = bend.point;
            // Run backwards, the side begins at the drawn point after it.
            if (!forwards) do
                    ++from;
                while (first_zooms[from] > bend.zoom);
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
