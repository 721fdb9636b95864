#pragma once

#include "tiles/grid.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace diaban::tiles::pyramid {

/// From this zoom up every point of the mirror is drawn: a pixel is 1.2 m there.
constexpr std::uint32_t full_detail_zoom = 17;

/// A point is left out of a zoom's tiles while the triangle it makes with its neighbours is smaller
/// than this, in square tile units: an eighth of a pixel's area (a pixel is 16 units).
constexpr double least_triangle = 32;

/// By point: the lowest zoom whose tiles draw it; 0 for those that are always drawn.
///
/// Shape     path p is the open ring [path_begin[p], path_begin[p + 1]) of `points`.
/// Result    the rings of a zoom are their points with first_zoom <= zoom, which keeps the
///           topology of the whole (geo/coverage/simplify.hpp): neighbours leave out the same
///           points, nothing gapes, overlaps or folds flat. Rounding to tile units comes after.
/// Lowest    zooms below `lowest` are not asked for; its answer stands for them.
[[nodiscard]] std::vector<std::uint8_t> first_zooms(std::span<GridPoint const> points,
                                                    std::span<std::uint32_t const> path_begin,
                                                    std::uint32_t lowest, unsigned threads);

} // namespace diaban::tiles::pyramid
