#include "tiles/mirror/layer.hpp"
#include "tiles/mirror/visibility.hpp"
#include "tiles/shape.hpp"

#include <algorithm>
#include <cmath>

namespace diaban::tiles::mirror {
namespace {

/// A box of doubles in grid steps.
struct Window {
    double min_x;
    double min_y;
    double max_x;
    double max_y;

    [[nodiscard]] Window grown(double by) const noexcept {
        return {min_x - by, min_y - by, max_x + by, max_y + by};
    }
    [[nodiscard]] bool empty() const noexcept { return min_x > max_x || min_y > max_y; }
    [[nodiscard]] bool contains(GridPoint p) const noexcept {
        return min_x <= p.x && p.x <= max_x && min_y <= p.y && p.y <= max_y;
    }
    [[nodiscard]] bool contains(GridBox const& box) const noexcept {
        return min_x <= box.min_x && box.max_x <= max_x && min_y <= box.min_y && box.max_y <= max_y;
    }
};

Window window_of(geo::Box const& box) noexcept {
    auto const north_west = grid_position({box.min_x, box.max_y});
    auto const south_east = grid_position({box.max_x, box.min_y});
    return {north_west.x, north_west.y, south_east.x, south_east.y};
}

/// Whether a segment meets the window (Liang and Barsky 1984).
bool meets(GridPoint a, GridPoint b, Window const& window) noexcept {
    double enter = 0;
    double leave = 1;
    auto const cut = [&](double delta, double to_border) {
        if (delta == 0) return to_border >= 0;
        double const at = to_border / delta;
        if (delta < 0)
            enter = std::max(enter, at);
        else
            leave = std::min(leave, at);
        return enter <= leave;
    };
    double const dx = double(b.x) - a.x;
    double const dy = double(b.y) - a.y;
    return cut(-dx, a.x - window.min_x) && cut(dx, window.max_x - a.x) &&
           cut(-dy, a.y - window.min_y) && cut(dy, window.max_y - a.y);
}

/// Whether a ray from `at` crosses the ring's sides an odd number of times.
bool odd_crossings(double x, double y, std::span<GridPoint const> ring) noexcept {
    bool odd = false;
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
        if ((ring[i].y > y) == (ring[j].y > y)) continue;
        double const along = (y - ring[i].y) / (double(ring[j].y) - ring[i].y);
        odd ^= x < ring[i].x + along * (double(ring[j].x) - ring[i].x);
    }
    return odd;
}

bool meets(Base const& base, std::size_t row, Window const& window) noexcept {
    if (window.empty()) return false;
    bool const closed = base.schema.geometry == geo::GeometryKind::polygon;
    bool const points = base.schema.geometry == geo::GeometryKind::point;
    bool corner_inside = false;
    for (auto p = base.path_begin[row]; p < base.path_begin[row + 1]; ++p) {
        auto const path = base.path(p);
        if (points) {
            if (std::any_of(path.begin(), path.end(), [&](auto at) { return window.contains(at); }))
                return true;
            continue;
        }
        for (std::size_t i = 0; i + 1 < path.size(); ++i)
            if (meets(path[i], path[i + 1], window)) return true;
        if (!closed) continue;
        if (meets(path.back(), path.front(), window)) return true;
        corner_inside ^= odd_crossings(window.min_x, window.min_y, path);
    }
    return corner_inside;
}

} // namespace

Found Layer::find(geo::Box const& box, geo::Policy const& policy) const {
    // The grid is off by at most half a step an axis; a whole step leaves room for the query's own
    // rounding. Beyond the world's border latitudes are not told apart: those rows are doubtful.
    constexpr double step = 1.0;
    auto const window = window_of(box);
    auto const outer = window.grown(step);
    auto const inner = window.grown(-step);
    auto const at_border = [](GridBox const& of) {
        return of.min_y <= 1 || of.max_y >= INT32_MAX - 1;
    };
    Visibility const sees{m_base, policy};

    auto const grid = [](double v) { return std::int32_t(std::clamp(v, 0.0, double(INT32_MAX))); };
    GridBox const query{grid(std::floor(outer.min_x)), grid(std::floor(outer.min_y)),
                        grid(std::ceil(outer.max_x)), grid(std::ceil(outer.max_y))};
    Found found;
    m_base.index.search(m_base.boxes, query, [&](std::size_t row) {
        if (!sees(row)) return;
        auto const& of = m_base.boxes[row];
        if (at_border(of))
            found.doubtful.push_back(m_base.fids[row]);
        else if (inner.contains(of) || meets(m_base, row, inner))
            found.matched.push_back(m_base.fids[row]);
        else if (meets(m_base, row, outer))
            found.doubtful.push_back(m_base.fids[row]);
    });
    std::sort(found.matched.begin(), found.matched.end());
    std::sort(found.doubtful.begin(), found.doubtful.end());
    return found;
}

} // namespace diaban::tiles::mirror
