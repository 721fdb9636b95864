#pragma once

#include "tiles/grid.hpp"
#include "tiles/pyramid/square.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace diaban::tiles::pyramid {

/// Paths of rows of one key, joined end to end: what low zooms draw as one line.
///
/// Joined     where exactly two ends of paths of the key meet, and nowhere else: a junction of
///            three stays one, and rows of another key change nothing.
/// Direction  depends on the points alone, as does the point at which a ring begins.
/// `centres`  of the rows whose longest path it holds, sorted: each row is of one chain.
struct Chain {
    std::uint32_t key = 0;
    std::vector<GridPoint> points;
    std::vector<GridPoint> centres;

    /// Along the grid, in steps; each side is rounded, so that direction changes nothing.
    [[nodiscard]] std::int64_t length() const noexcept;
};

/// What an edit did to the lines of a collection.
///
/// `gone`, `come`            chains that were there before, that are there now; some may be in
/// both. `rows_gone`, `rows_come`  a tally for each row that changed.
struct LineChange {
    std::vector<Chain> gone;
    std::vector<Chain> come;
    std::vector<Tally> rows_gone;
    std::vector<Tally> rows_come;
};

/// The change from `before` (null: nothing) to `after`, all of which lies in `dirty`: the old and
/// new boxes of the rows that changed.
///
/// Cost   the rows that meet the boxes, and the chains of those that changed or end where one of
///        those ends: some microseconds a row.
[[nodiscard]] LineChange find_line_change(RowSource const* before, RowSource const& after,
                                          std::span<GridBox const> dirty);

} // namespace diaban::tiles::pyramid
