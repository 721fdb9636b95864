#pragma once

#include "tiles/grid.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace diaban::tiles::pyramid {

/// The lines of a layer, borrowed: row i has the paths [row_begin[i], row_begin[i + 1]), path p is
/// the points [path_begin[p], path_begin[p + 1]).
///
/// `ranks`        by row: 0 comes first. What a rank is, the collection says (its classes' order).
/// `first_zooms`  by point: the lowest zoom that draws it; empty: every zoom draws every point.
struct Lines {
    std::span<GridPoint const> points;
    std::span<std::uint32_t const> path_begin;
    std::span<std::uint32_t const> row_begin;
    std::span<std::uint32_t const> ranks;
    std::span<std::uint8_t const> first_zooms;

    [[nodiscard]] std::size_t size() const noexcept { return ranks.size(); }
};

/// How much of a tile lines may fill, and what they are reckoned at. The defaults are above what
/// they take: four bytes a point, and a feature's frame and tags beside.
struct LineBudget {
    std::uint32_t tile_bytes = 450'000;
    std::uint32_t row_bytes = 60;
    std::uint32_t point_bytes = 4;
};

/// By row: the lowest zoom below `native` that draws it, or `native` if none does.
///
/// Choice   a zoom shows what the zoom above it in the world shows, then goes on by rank, then by
///          length, the longest first: a row is shown if every tile that it meets has room for it.
///          So a line is never cut off at the border of a tile, and a full town empties no country.
/// Short    a row whose box is less than `shortest` wide and high in tile units is not shown: it
///          would be a dot. What is not shown is counted (shown and total are said with the tile).
/// Whole    the answer for one row depends on all: after an edit it is asked for anew.
/// Cost     some 0.2 µs a point and zoom.
constexpr std::int32_t shortest_line = 8; // half a pixel
[[nodiscard]] std::vector<std::uint8_t> choose_lines(Lines const& lines, std::uint32_t lowest,
                                                     std::uint32_t native,
                                                     LineBudget const& budget);

} // namespace diaban::tiles::pyramid
