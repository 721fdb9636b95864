#pragma once

#include "tiles/grid.hpp"

#include <algorithm>
#include <span>

namespace diaban::tiles {

/// A box of doubles in grid steps, closed.
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

/// Whether a segment meets the window (Liang and Barsky 1984).
[[nodiscard]] inline bool meets(geo::Position a, geo::Position b, Window const& window) noexcept {
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
    double const dx = b.x - a.x;
    double const dy = b.y - a.y;
    return cut(-dx, a.x - window.min_x) && cut(dx, window.max_x - a.x) &&
           cut(-dy, a.y - window.min_y) && cut(dy, window.max_y - a.y);
}
[[nodiscard]] inline bool meets(GridPoint a, GridPoint b, Window const& window) noexcept {
    return meets(geo::Position{double(a.x), double(a.y)}, geo::Position{double(b.x), double(b.y)},
                 window);
}

/// Whether a ray from (x, y) to the east crosses the open ring's sides an odd number of times.
[[nodiscard]] inline bool odd_crossings(double x, double y,
                                        std::span<GridPoint const> ring) noexcept {
    bool odd = false;
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
        if ((ring[i].y > y) == (ring[j].y > y)) continue;
        double const along = (y - ring[i].y) / (double(ring[j].y) - ring[i].y);
        odd ^= x < ring[i].x + along * (double(ring[j].x) - ring[i].x);
    }
    return odd;
}

} // namespace diaban::tiles
