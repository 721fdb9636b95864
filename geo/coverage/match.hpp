#pragma once

#include "geo/coverage/arcs.hpp"

#include <cstdint>
#include <vector>

namespace diaban::geo::coverage {

/// Rings whose neighbours have the same points between them.
///
/// `origin`  by point: the input's point that it stands for, or `inserted`.
struct Matched {
    static constexpr std::uint32_t inserted = UINT32_MAX;

    std::vector<GridPoint> points;
    std::vector<std::uint32_t> ring_begin{0};
    std::vector<std::uint32_t> origin;

    [[nodiscard]] Rings rings() const noexcept { return {points, ring_begin}; }
};

/// Gives a side the points of others that lie on it, and points that lie together one place, where
/// neighbours were drawn apart: a corner of two parcels in the middle of the third one's side.
///
/// Tolerance  in steps: how far a point may lie from a side, or from a point, to be taken for one
/// on
///            it. 0: on it exactly. Points move and sides bend by up to that much; chains of near
///            points by more, so it must stay far below what tells points of one ring apart. What
///            comes to stand on its neighbour in the ring is left out.
/// Not kept   validity: a place narrower than the tolerance can fold or shrink to nothing, as it
/// can
///            when it is rounded; who draws the rings mends them as then.
/// Use        what draws fewer points at low zooms must hold the matched rings: an inserted point
/// may
///            outlive those beside it.
/// Where      only along arcs that one ring alone uses: those that several use match already. For
///            a coverage that matches this is its rim.
/// Cost       `find_arcs`, and some 0.5 µs a point of such arcs.
[[nodiscard]] Matched match(Rings const& rings, std::int32_t tolerance, unsigned threads);

} // namespace diaban::geo::coverage
