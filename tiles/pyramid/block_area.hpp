#pragma once

#include "tiles/grid.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diaban::tiles::pyramid {

/// A square of `side` × `side` blocks of the grid, each 2^shift steps wide, with its north-west
/// corner at a block's corner.
struct BlockSquare {
    std::int64_t west = 0; ///< in steps
    std::int64_t north = 0;
    std::uint32_t shift = 0;
    std::uint32_t side = 0; ///< in blocks

    [[nodiscard]] std::int64_t width() const noexcept { return std::int64_t{side} << shift; }
    /// The grid points that lie in it; its eastern and southern border belong to its neighbours.
    [[nodiscard]] GridBox box() const noexcept {
        auto const last = [](std::int64_t v) {
            return std::int32_t(std::min<std::int64_t>(v - 1, INT32_MAX));
        };
        return {std::int32_t(west), std::int32_t(north), last(west + width()),
                last(north + width())};
    }
};

/// How much of each block polygons cover, one polygon after another.
///
/// Method    signed trapezoids to the right of each side, as scan converters of outline fonts do
///           (Levien's libart; FreeType's smooth rasteriser), in whole numbers.
/// Exact     but for the places at which sides cross the blocks' borders, which are rounded to
///           steps: off by half a step a crossing. The rounding depends on the side's ends alone,
///           so neighbours divide a block without rest, and a block's answer does not depend on the
///           square through which it is asked.
/// Cost      some 10 ns a side and a block of the polygon's box; no allocation once warm.
class BlockArea {
public:
    explicit BlockArea(BlockSquare const& square) : m_square{square} {}

    /// Calls `visit(block, twice_area)` for every block of the square in which the polygon has
    /// area, in square steps; block = row · side + column.
    ///
    /// Shape     paths [first, last) of `path_begin` into `points` are open rings, exteriors of
    ///           positive area (y down), holes negative; `box` is around them.
    template <typename Visit>
    void add(std::span<GridPoint const> points, std::span<std::uint32_t const> path_begin,
             GridBox const& box, Visit&& visit) {
        if (!begin(box)) return;
        for (std::size_t p = 0; p + 1 < path_begin.size(); ++p)
            add_ring(points.subspan(path_begin[p], path_begin[p + 1] - path_begin[p]));
        std::int64_t const block = std::int64_t{1} << m_square.shift;
        for (std::int64_t row = m_first_row; row < m_last_row; ++row) {
            std::int64_t left = 0;
            auto* cell = &m_cells[std::size_t((row - m_first_row) * m_stride)];
            left += cell->cover; // what lies west of the first column
            *cell = {};
            for (auto column = m_first_column; column < m_last_column; ++column) {
                ++cell;
                left += cell->cover;
                auto const twice = 2 * block * left - cell->moment;
                *cell = {};
                if (twice != 0) visit(std::uint32_t(row * m_square.side + column), twice);
            }
        }
    }

private:
    /// Of the sides in a block: their run in y, and twice that times their distance from the
    /// block's west.
    struct Cell {
        std::int64_t cover = 0;
        std::int64_t moment = 0;
    };

    bool begin(GridBox const& box);
    void add_ring(std::span<GridPoint const> ring);
    void add_side(GridPoint a, GridPoint b);
    void add_in_row(std::int64_t row, std::int64_t ax, std::int64_t ay, std::int64_t bx,
                    std::int64_t by, int sign);
    void add_in_cell(std::int64_t row, std::int64_t column, std::int64_t ax, std::int64_t ay,
                     std::int64_t bx, std::int64_t by, int sign);

    BlockSquare m_square;
    std::int64_t m_first_row = 0; // of the polygon under way, within the square
    std::int64_t m_last_row = 0;
    std::int64_t m_first_column = 0;
    std::int64_t m_last_column = 0;
    std::int64_t m_stride = 0;
    std::vector<Cell> m_cells; // zero between polygons
};

} // namespace diaban::tiles::pyramid
