#pragma once

#include "tiles/grid.hpp"
#include "tiles/shape.hpp"

#include <cstdint>
#include <span>

namespace diaban::tiles {

/// What clipping a polygon tells of its result.
enum class Clipped : std::uint8_t {
    not_a_polygon, ///< ways out and in do not alternate; the result is of no use
    may_touch,     ///< rounding may have brought rings to touch: `is_clean` tells
    clean,         ///< as `is_clean` has it
};

/// Puts into `out` what of a polygon lies in `window`. A ring that a border cuts into several
/// pieces becomes several rings, each closed along the border.
///
/// Method    border by border: the ring's chains on the near side are joined along the border, each
///           way out to the next way in, which for simple rings is exact (the half-plane case of
///           Weiler and Atherton 1977).
/// Rounding  crossings go to the nearest whole number, from an order of ends that does not depend
/// on
///           the ring's direction: neighbours that share an edge share its crossings.
/// Clean     a crossing moves by half a unit at most, on each border once more. A ring whose sides,
///           where they do not meet, were over 2^spare √2 units apart before its points were
///           rounded (by √2/2 at most) keeps them apart while that is more than the borders can
///           take: √2 (2^spare - 1) > borders. Left are sides that meet: their crossings must
///           differ, and no border may find more than one ring.
/// Shape     `whole` and `out` as tiles/shape.hpp says; they are not the same object.
[[nodiscard]] Clipped clip_polygon(Shape const& whole, GridBox const& window, std::uint32_t spare,
                                   Shape& out);

/// Appends to `out` the pieces of an open line that lie in `window`.
void clip_line(std::span<GridPoint const> line, GridBox const& window, Shape& out);

} // namespace diaban::tiles
