#pragma once

#include "tiles/grid.hpp"
#include "tiles/shape.hpp"

#include <span>

namespace diaban::tiles {

/// Puts into `out` what of a polygon lies in `window`. A ring that a border cuts into several
/// pieces becomes several rings, each closed along the border.
///
/// Method    border by border: the ring's chains on the near side are joined along the border, each
///           way out to the next way in, which for simple rings is exact (the half-plane case of
///           Weiler and Atherton 1977).
/// Rounding  crossings go to the nearest whole number, from an order of ends that does not depend
/// on
///           the ring's direction: neighbours that share an edge share its crossings. Rounding can
///           make rings touch: `is_clean` tells.
/// Returns   false if the rings cannot be those of a polygon (ways out and in do not alternate);
///           `out` is of no use then.
/// Shape     `whole` and `out` as tiles/shape.hpp says; they are not the same object.
[[nodiscard]] bool clip_polygon(Shape const& whole, GridBox const& window, Shape& out);

/// Appends to `out` the pieces of an open line that lie in `window`.
void clip_line(std::span<GridPoint const> line, GridBox const& window, Shape& out);

} // namespace diaban::tiles
