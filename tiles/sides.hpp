#pragma once

#include "tiles/shape.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace diaban::tiles {

/// One side of a ring.
struct Side {
    GridPoint a;
    GridPoint b;
    GridBox box;
    std::uint32_t index; ///< of `a` among the shape's points
    std::uint32_t next;  ///< index of the side that follows in the ring
};

/// The sides of all rings of `shape`, in a buffer of this thread that the next call reuses.
[[nodiscard]] std::vector<Side>& sides_of(Shape const& shape);

/// (b - a) × (c - a): positive where the path a, b, c turns clockwise on screen (y down). Exact.
[[nodiscard]] inline Wide cross(GridPoint a, GridPoint b, GridPoint c) noexcept {
    return Wide{std::int64_t{b.x} - a.x} * (std::int64_t{c.y} - a.y) -
           Wide{std::int64_t{b.y} - a.y} * (std::int64_t{c.x} - a.x);
}

/// Its sign.
[[nodiscard]] inline int turn(GridPoint a, GridPoint b, GridPoint c) noexcept {
    Wide const value = cross(a, b, c);
    return value > 0 ? 1 : value < 0 ? -1 : 0;
}

/// Whether `p` lies in the box of a and b.
[[nodiscard]] inline bool in_box(GridPoint p, GridPoint a, GridPoint b) noexcept {
    return std::min(a.x, b.x) <= p.x && p.x <= std::max(a.x, b.x) && std::min(a.y, b.y) <= p.y &&
           p.y <= std::max(a.y, b.y);
}

/// Calls `visit(s, t)` for each pair of sides whose boxes meet, until it returns false; returns
/// whether it never did. Sorts `sides` if they are many.
template <typename Visit>
bool for_each_meeting_pair(std::vector<Side>& sides, Visit&& visit) {
    constexpr std::size_t few = 32;
    bool const sorted = sides.size() > few;
    if (sorted)
        std::sort(sides.begin(), sides.end(),
                  [](Side const& s, Side const& t) { return s.box.min_x < t.box.min_x; });
    for (std::size_t i = 0; i < sides.size(); ++i)
        for (std::size_t j = i + 1; j < sides.size(); ++j) {
            if (sorted && sides[j].box.min_x > sides[i].box.max_x) break;
            if (sides[i].box.intersects(sides[j].box) && !visit(sides[i], sides[j])) return false;
        }
    return true;
}

} // namespace diaban::tiles
