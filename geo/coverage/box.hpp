#pragma once

#include "geo/grid_point.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace diaban::geo::coverage {

/// A box of grid points, closed on all sides; the default one is empty.
struct Box {
    std::int32_t min_x = std::numeric_limits<std::int32_t>::max();
    std::int32_t min_y = std::numeric_limits<std::int32_t>::max();
    std::int32_t max_x = std::numeric_limits<std::int32_t>::min();
    std::int32_t max_y = std::numeric_limits<std::int32_t>::min();

    void extend(GridPoint p) noexcept { extend(Box{p.x, p.y, p.x, p.y}); }
    void extend(Box const& other) noexcept {
        min_x = std::min(min_x, other.min_x);
        min_y = std::min(min_y, other.min_y);
        max_x = std::max(max_x, other.max_x);
        max_y = std::max(max_y, other.max_y);
    }
    [[nodiscard]] bool intersects(Box const& other) const noexcept {
        return min_x <= other.max_x && other.min_x <= max_x && min_y <= other.max_y &&
               other.min_y <= max_y;
    }
};

} // namespace diaban::geo::coverage
