#pragma once

#include "geo/parallel.hpp"
#include "geo/raster/grid.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace diaban::geo::raster {

/// A grid cut into square blocks, the last ones narrower: what one thread works on at a time, and
/// what has to be in memory while it does.
class Blocks {
public:
    /// Some arrays of 512 × 512 cells fit the second-level cache of a core.
    static constexpr std::int32_t usual_side = 512;

    explicit Blocks(Shape shape, std::int32_t side = usual_side)
        : m_shape{shape}, m_side{side}, m_across{(shape.columns + side - 1) / side},
          m_down{(shape.rows + side - 1) / side} {}

    [[nodiscard]] std::size_t size() const noexcept {
        return std::size_t(m_across) * std::size_t(m_down);
    }
    [[nodiscard]] std::int32_t across() const noexcept { return m_across; }
    [[nodiscard]] std::int32_t down() const noexcept { return m_down; }
    [[nodiscard]] Shape const& shape() const noexcept { return m_shape; }
    [[nodiscard]] Window at(std::size_t block) const noexcept {
        auto const left = std::int32_t(block % std::size_t(m_across)) * m_side;
        auto const top = std::int32_t(block / std::size_t(m_across)) * m_side;
        return {left, top, std::min(m_side, m_shape.columns - left),
                std::min(m_side, m_shape.rows - top)};
    }
    /// The block that holds a cell of the grid.
    [[nodiscard]] std::size_t of(std::int32_t column, std::int32_t row) const noexcept {
        return std::size_t(row / m_side) * std::size_t(m_across) + std::size_t(column / m_side);
    }

private:
    Shape m_shape;
    std::int32_t m_side;
    std::int32_t m_across;
    std::int32_t m_down;
};

/// The outer cells of the blocks of a grid, numbered through.
class Rims {
public:
    explicit Rims(Blocks const& blocks) : m_blocks{blocks}, m_begin(blocks.size() + 1, 0) {
        for (std::size_t b = 0; b < blocks.size(); ++b) {
            auto const w = blocks.at(b);
            m_begin[b + 1] = m_begin[b] + 2 * std::uint32_t(w.columns + w.rows);
        }
    }
    [[nodiscard]] std::uint32_t size() const noexcept { return m_begin.back(); }
    [[nodiscard]] std::uint32_t begin(std::size_t block) const noexcept { return m_begin[block]; }

    /// The number of a cell on the rim of its block; column and row count within `window`. Not
    /// checked: that it is on the rim.
    [[nodiscard]] std::uint32_t id(std::size_t block, Window const& window, std::int32_t column,
                                   std::int32_t row) const noexcept {
        std::int32_t at = 0;
        if (row == 0)
            at = column;
        else if (row == window.rows - 1)
            at = window.columns + column;
        else if (column == 0)
            at = 2 * window.columns + row;
        else
            at = 2 * window.columns + window.rows + row - 1;
        return m_begin[block] + std::uint32_t(at);
    }
    /// The same for a cell of the grid.
    [[nodiscard]] std::uint32_t id(std::int32_t column, std::int32_t row) const noexcept {
        auto const block = m_blocks.of(column, row);
        auto const window = m_blocks.at(block);
        return id(block, window, column - window.column, row - window.row);
    }

private:
    Blocks m_blocks;
    std::vector<std::uint32_t> m_begin;
};

/// Calls `visit(column, row)` for every cell on the rim of a window, counted within it, once each.
template <typename Visit>
void around(Window const& window, Visit&& visit) {
    for (std::int32_t column = 0; column < window.columns; ++column) {
        visit(column, 0);
        if (window.rows > 1) visit(column, window.rows - 1);
    }
    for (std::int32_t row = 1; row < window.rows - 1; ++row) {
        visit(0, row);
        if (window.columns > 1) visit(window.columns - 1, row);
    }
}

} // namespace diaban::geo::raster
