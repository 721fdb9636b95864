#include "tiles/mirror/partition.hpp"

#include "geo/parallel.hpp"
#include "tiles/sides.hpp"
#include "tiles/window.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace diaban::tiles::mirror {
namespace {

/// Sums of a moment, taken from an origin so that nothing large is left to cancel.
struct Moment {
    double weight = 0;
    double x = 0;
    double y = 0;

    void add(double w, double at_x, double at_y) noexcept {
        weight += w;
        x += w * at_x;
        y += w * at_y;
    }
};

/// Calls `visit(a, b)` for each side of a row's paths, seen from the row's first point.
template <typename Visit>
void each_side(Run const& run, std::size_t row, bool closed, Visit&& visit) {
    auto const origin = run.points_of(row).front();
    auto const seen = [&](GridPoint p) {
        return geo::Position{double(p.x) - origin.x, double(p.y) - origin.y};
    };
    for (auto p = run.path_begin[row]; p < run.path_begin[row + 1]; ++p) {
        auto const path = run.path(p);
        auto last = seen(closed ? path.back() : path.front());
        for (auto const point : path.subspan(closed ? 0 : 1)) {
            auto const next = seen(point);
            visit(last, next);
            last = next;
        }
    }
}

/// Of the area; of the length where there is none; of the points where there is none either.
Moment moment_of(Run const& run, std::size_t row) {
    auto const kind = run.schema->geometry;
    Moment moment;
    if (kind == geo::GeometryKind::polygon)
        each_side(run, row, true, [&](geo::Position a, geo::Position b) {
            moment.add(a.x * b.y - b.x * a.y, (a.x + b.x) / 3, (a.y + b.y) / 3);
        });
    if (moment.weight == 0 && kind != geo::GeometryKind::point)
        each_side(
            run, row, kind == geo::GeometryKind::polygon, [&](geo::Position a, geo::Position b) {
                moment.add(std::hypot(b.x - a.x, b.y - a.y), (a.x + b.x) / 2, (a.y + b.y) / 2);
            });
    if (moment.weight == 0) {
        auto const points = run.points_of(row);
        for (auto const p : points)
            moment.add(1, double(p.x) - points.front().x, double(p.y) - points.front().y);
    }
    return moment;
}

GridPoint centroid(Run const& run, std::size_t row) {
    auto const origin = run.points_of(row).front();
    auto const of = moment_of(run, row);
    return {std::int32_t(std::lrint(origin.x + of.x / of.weight)),
            std::int32_t(std::lrint(origin.y + of.y / of.weight))};
}

/// Tells stretches of rows at once where it can.
class Telling {
public:
    Telling(Run const& run, Partition const& partition) : m_run{run}, m_partition{partition} {}

    void tell(std::span<std::uint32_t const> rows, std::span<std::uint32_t> parts) const {
        constexpr std::size_t few = 4;
        constexpr std::size_t pieces = 8;
        if (rows.size() <= few) {
            for (std::size_t i = 0; i < rows.size(); ++i)
                parts[i] = m_partition.holding(centroid(m_run, rows[i]));
            return;
        }
        if (auto const part = m_partition.whole(around(rows))) {
            std::ranges::fill(parts, *part);
            return;
        }
        auto const size = std::max(few, (rows.size() + pieces - 1) / pieces);
        for (std::size_t first = 0; first < rows.size(); first += size) {
            auto const count = std::min(size, rows.size() - first);
            tell(rows.subspan(first, count), parts.subspan(first, count));
        }
    }

private:
    /// Holds their boxes; where rows lie close, the index has it nearly ready.
    [[nodiscard]] GridBox around(std::span<std::uint32_t const> rows) const {
        constexpr auto fanout = geo::index::PackedRtree<GridBox>::fanout;
        GridBox box;
        auto const first = rows.front() / fanout;
        auto const last = rows.back() / fanout;
        if (last - first < rows.size() / 2)
            for (auto node = first; node <= last; ++node) box.extend(m_run.nodes[node]);
        else
            for (auto const row : rows) box.extend(m_run.boxes[row]);
        return box;
    }

    Run const& m_run;
    Partition const& m_partition;
};

/// Whether `p` lies to the left of the side; exact, and the same whichever way the side runs.
bool crosses_right_of(GridPoint a, GridPoint b, GridPoint p) noexcept {
    if ((a.y > p.y) == (b.y > p.y)) return false;
    if (a.y > b.y) std::swap(a, b);
    return cross(a, b, p) > 0;
}

} // namespace

std::vector<std::uint32_t> parts_of(Run const& run, std::span<std::uint32_t const> rows,
                                    Partition const& partition, unsigned threads) {
    constexpr std::size_t stretch = 4096;
    std::vector<std::uint32_t> parts(rows.size(), Partition::nowhere);
    auto const located = std::size_t(std::ranges::lower_bound(rows, run.located()) - rows.begin());
    Telling const telling{run, partition};
    geo::in_parallel((located + stretch - 1) / stretch, threads, [&](std::size_t number) {
        auto const first = number * stretch;
        auto const count = std::min(stretch, located - first);
        telling.tell(rows.subspan(first, count), std::span{parts}.subspan(first, count));
    });
    return parts;
}

std::uint32_t Cells::holding(GridPoint p) const {
    auto const shift = 31 - m_zoom;
    return (std::uint32_t(p.y) >> shift) << m_zoom | std::uint32_t(p.x) >> shift;
}

std::optional<std::uint32_t> Cells::whole(GridBox const& box) const {
    auto const part = holding({box.min_x, box.min_y});
    if (part != holding({box.max_x, box.max_y})) return std::nullopt;
    return part;
}

/// The sides of one polygon by bands of y, each side in all bands that it meets.
struct Areas::Area {
    struct Edge {
        GridPoint a;
        GridPoint b;
    };

    void make(Run const& run, std::size_t row) {
        std::vector<Edge> all;
        for (auto p = run.path_begin[row]; p < run.path_begin[row + 1]; ++p) {
            auto const path = run.path(p);
            for (std::size_t i = 0; i < path.size(); ++i)
                all.push_back({path[i], path[i + 1 == path.size() ? 0 : i + 1]});
        }
        auto const& box = run.boxes[row];
        low = box.min_y;
        auto const height = std::int64_t{box.max_y} - box.min_y + 1;
        auto const bands = std::int64_t(std::clamp<std::size_t>(all.size() / 4, 1, 4096));
        band = (height + bands - 1) / bands;
        auto const each = [&](auto&& visit) {
            for (auto const& edge : all) {
                auto const [from, to] = std::minmax(edge.a.y, edge.b.y);
                for (auto k = number(from); k <= number(to); ++k) visit(std::size_t(k), edge);
            }
        };
        begins.assign(std::size_t(height / band) + 2, 0);
        each([&](std::size_t k, Edge const&) { ++begins[k + 1]; });
        for (std::size_t k = 1; k < begins.size(); ++k) begins[k] += begins[k - 1];
        edges.resize(begins.back());
        auto next = begins;
        each([&](std::size_t k, Edge const& edge) { edges[next[k]++] = edge; });
    }

    /// Band of a y within the box.
    [[nodiscard]] std::int64_t number(std::int32_t y) const noexcept {
        return (std::int64_t{y} - low) / band;
    }
    [[nodiscard]] std::span<Edge const> in_band(std::int64_t k) const noexcept {
        auto const first = begins[std::size_t(k)];
        return std::span{edges}.subspan(first, begins[std::size_t(k) + 1] - first);
    }
    /// Not checked: p.y is within the box.
    [[nodiscard]] bool holds(GridPoint p) const noexcept {
        bool inside = false;
        for (auto const& edge : in_band(number(p.y))) inside ^= crosses_right_of(edge.a, edge.b, p);
        return inside;
    }
    /// Whether a side comes within a step of the box.
    [[nodiscard]] bool has_side_at(GridBox const& box, GridBox const& own) const noexcept {
        Window const window =
            Window{double(box.min_x), double(box.min_y), double(box.max_x), double(box.max_y)}
                .grown(1);
        auto const from = number(std::max(own.min_y, box.min_y > 0 ? box.min_y - 1 : 0));
        auto const to =
            number(std::min(own.max_y, box.max_y < INT32_MAX ? box.max_y + 1 : box.max_y));
        for (auto k = from; k <= to; ++k)
            for (auto const& edge : in_band(k))
                if (tiles::meets(edge.a, edge.b, window)) return true;
        return false;
    }

    std::once_flag made;
    std::int32_t low = 0;
    std::int64_t band = 1; // height of one, in steps
    std::vector<std::uint32_t> begins;
    std::vector<Edge> edges;
};

Areas::Areas(std::shared_ptr<Layer const> layer, std::vector<Layer::At> rows)
    : m_layer{std::move(layer)}, m_rows{std::move(rows)} {
    m_boxes.reserve(m_rows.size());
    for (auto const& [run, row] : m_rows) m_boxes.push_back(run->boxes[row]);
    m_index = geo::index::PackedRtree<GridBox>{m_boxes};
    m_areas = std::make_unique<Area[]>(m_rows.size());
}

Areas::~Areas() = default;

Areas::Area const& Areas::area(std::size_t part) const {
    auto& area = m_areas[part];
    std::call_once(area.made, [&] { area.make(*m_rows[part].run, m_rows[part].row); });
    return area;
}

std::optional<std::uint32_t> Areas::whole(GridBox const& box) const {
    std::optional<std::uint32_t> holder;
    bool unsure = false;
    m_index.search(box, [&](std::size_t part) {
        if (holder || unsure) return;
        auto const& of = area(part);
        if (of.has_side_at(box, m_boxes[part]))
            unsure = true;
        else if (m_boxes[part].contains(GridPoint{box.min_x, box.min_y}) &&
                 of.holds({box.min_x, box.min_y}))
            holder = std::uint32_t(part);
    });
    if (unsure) return std::nullopt;
    return holder ? holder : std::optional{nowhere};
}

std::uint32_t Areas::holding(GridPoint p) const {
    std::uint32_t holder = nowhere;
    m_index.search({p.x, p.y, p.x, p.y}, [&](std::size_t part) {
        if (holder == nowhere && area(part).holds(p)) holder = std::uint32_t(part);
    });
    return holder;
}

} // namespace diaban::tiles::mirror
