#pragma once

#include "tiles/grid.hpp"
#include "tiles/pyramid/bends.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace diaban::tiles::pyramid {

/// From this zoom up every point of the mirror is drawn: a pixel is 1.2 m there.
constexpr std::uint32_t full_detail_zoom = 17;

/// A point is left out of a zoom's tiles while the triangle it makes with its neighbours is smaller
/// than this, in square tile units: a sixty-fourth of a pixel's area (a pixel is 16 units). With an
/// eighth the islets of Hạ Long lose a twentieth of a tile's land at z5; with this all land is
/// drawn within a hundredth and a block.
constexpr double least_triangle = 4;

/// How much of each ring a zoom draws.
///
/// `first_zooms`  by point: the lowest zoom whose tiles draw it; 0 for those that are always drawn.
///                The rings of a zoom are their points with first_zoom <= zoom, which keeps the
///                topology of the whole (geo/coverage/simplify.hpp): neighbours leave out the same
///                points, nothing gapes, overlaps or folds flat.
/// `bends`        what keeps that through the rounding to tile units.
struct Detail {
    std::vector<std::uint8_t> first_zooms;
    Bends bends;
};

/// The detail of the rings of a layer.
///
/// Shape     row i has the paths [row_begin[i], row_begin[i + 1]); path p is the open ring
///           [path_begin[p], path_begin[p + 1]) of `points`.
/// Lowest    zooms below `lowest` are not asked for: its answer stands for them, and they have no
///           bends. At the last zoom, where a unit is a step, there are none either.
/// Gaps      as `find_bends` says.
/// Local     the first zooms of a row follow from the rows whose boxes meet its own; its bends from
///           those whose boxes come within a unit of `lowest` of it, and their first zooms.
/// Cost      a million parcels of 17 points from z12 on: some 5 s on two threads.
[[nodiscard]] Detail detail_of(std::span<GridPoint const> points,
                               std::span<std::uint32_t const> path_begin,
                               std::span<std::uint32_t const> row_begin, std::uint32_t lowest,
                               bool gaps, unsigned threads);

} // namespace diaban::tiles::pyramid
