#pragma once

#include "geo/geometry.hpp"

namespace diaban::geo::ops {

/// On which side of the line a→b the point c lies: 1 left, -1 right, 0 exactly on it.
///
/// Exact for all finite doubles whose products neither overflow nor underflow (coordinates of any
/// CRS): a floating-point filter first, then Shewchuk's expansion arithmetic ("Adaptive Precision
/// Floating-Point Arithmetic and Fast Robust Geometric Predicates", 1997) without his adaptive
/// stages. About 2 ns where the filter decides.
[[nodiscard]] int orientation(Position a, Position b, Position c) noexcept;

/// Whether the closed segments ab and cd have a point in common. Exact, as `orientation`.
[[nodiscard]] bool segments_meet(Position a, Position b, Position c, Position d) noexcept;

} // namespace diaban::geo::ops
