#pragma once

#include "tiles/shape.hpp"

namespace diaban::tiles {

/// Makes a valid polygon of rings that touch, run along one another, or fold back, but do not
/// cross: what rounding mostly does to narrow places. The area stays what it is.
///
/// Method    points that lie on a side become its points; sides run both ways cancel; what is left
///           is followed around each region of the inside, and a ring that meets itself at a point
///           is parted there into exterior and holes. Whole numbers throughout, nothing moves.
/// Result    valid as OGC has it: rings may touch at points.
/// Returns   false, with `shape` as it was, if sides cross, a side is run twice the same way, or
/// the
///           rings found do not nest: then rounding has turned a place inside out.
/// Cost      as `is_clean`, and a sort.
[[nodiscard]] bool untangle(Shape& shape);

} // namespace diaban::tiles
