#pragma once

#include "geo/geometry.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace diaban::geo::raster {

/// No data, in grids of floating-point cells. Never build with -ffast-math.
inline constexpr float no_data = std::numeric_limits<float>::quiet_NaN();

/// How many cells a grid has along each axis. Cells are stored row by row, row 0 is north.
struct Shape {
    std::int32_t columns = 0;
    std::int32_t rows = 0;

    [[nodiscard]] constexpr std::size_t cells() const noexcept {
        return std::size_t(columns) * std::size_t(rows);
    }
    [[nodiscard]] constexpr std::size_t index(std::int32_t column,
                                              std::int32_t row) const noexcept {
        return std::size_t(row) * std::size_t(columns) + std::size_t(column);
    }
    [[nodiscard]] constexpr bool holds(std::int32_t column, std::int32_t row) const noexcept {
        return column >= 0 && row >= 0 && column < columns && row < rows;
    }

    friend constexpr bool operator==(Shape const&, Shape const&) = default;
};

/// A cell by its place; row 0 is north.
struct Cell {
    std::int32_t column = 0;
    std::int32_t row = 0;

    friend constexpr bool operator==(Cell const&, Cell const&) = default;
};

/// A rectangle of cells: [column, column + columns) × [row, row + rows).
struct Window {
    std::int32_t column = 0;
    std::int32_t row = 0;
    std::int32_t columns = 0;
    std::int32_t rows = 0;

    [[nodiscard]] constexpr Shape shape() const noexcept { return {columns, rows}; }
    [[nodiscard]] constexpr bool empty() const noexcept { return columns <= 0 || rows <= 0; }

    friend constexpr bool operator==(Window const&, Window const&) = default;
};

/// Where the cells of a grid lie.
///
/// CRS      `srid`, an EPSG code; 0 is unknown. Sides are in its units, x = easting or longitude.
/// Shape    parallel to the axes, north up: `west`, `north` is the outer corner of cell (0, 0), not
///          its centre; `width` and `height` are a cell's sides, both positive.
struct Frame {
    Shape shape;
    double west = 0;
    double north = 0;
    double width = 1;
    double height = 1;
    std::int32_t srid = 0;

    [[nodiscard]] Window window() const noexcept { return {0, 0, shape.columns, shape.rows}; }
    [[nodiscard]] Box box() const noexcept {
        return {west, north - shape.rows * height, west + shape.columns * width, north};
    }
    [[nodiscard]] Position centre(Cell cell) const noexcept {
        return {west + (cell.column + 0.5) * width, north - (cell.row + 0.5) * height};
    }
    [[nodiscard]] Box box(Cell cell) const noexcept {
        return {west + cell.column * width, north - (cell.row + 1) * height,
                west + (cell.column + 1) * width, north - cell.row * height};
    }
    /// The cell that holds `p`: its west and north sides belong to it, its east and south sides to
    /// its neighbours. Nothing outside the grid.
    [[nodiscard]] std::optional<Cell> cell(Position p) const noexcept {
        double const column = std::floor((p.x - west) / width);
        double const row = std::floor((north - p.y) / height);
        if (!(column >= 0 && row >= 0 && column < shape.columns && row < shape.rows)) return {};
        return Cell{std::int32_t(column), std::int32_t(row)};
    }
    /// The frame of a part. Not checked: that it lies inside.
    [[nodiscard]] Frame part(Window const& w) const noexcept {
        return {w.shape(), west + w.column * width, north - w.row * height, width, height, srid};
    }
    /// The least window whose cells meet `box`, cut to the grid; empty if none does.
    [[nodiscard]] Window cover(Box const& box) const noexcept {
        auto const within = [](double value, std::int32_t most) {
            return std::int32_t(std::clamp(value, 0.0, double(most)));
        };
        if (box.empty()) return {};
        auto const left = within(std::floor((box.min_x - west) / width), shape.columns);
        auto const top = within(std::floor((north - box.max_y) / height), shape.rows);
        auto const right = within(std::ceil((box.max_x - west) / width), shape.columns);
        auto const bottom = within(std::ceil((north - box.min_y) / height), shape.rows);
        return {left, top, right - left, bottom - top};
    }

    friend bool operator==(Frame const&, Frame const&) = default;
};

/// Cells with their place. Of floating-point cells NaN is no data; of whole numbers the grid's
/// user says which value is.
template <typename T>
class Grid {
public:
    Grid() = default;
    /// All cells `value`.
    explicit Grid(Frame frame, T value = T{})
        : m_frame{frame}, m_cells(frame.shape.cells(), value) {}
    /// Not checked: that there are as many cells as the frame has.
    Grid(Frame frame, std::vector<T> cells) : m_frame{frame}, m_cells{std::move(cells)} {}

    [[nodiscard]] Frame const& frame() const noexcept { return m_frame; }
    [[nodiscard]] Shape const& shape() const noexcept { return m_frame.shape; }
    [[nodiscard]] std::span<T> cells() noexcept { return m_cells; }
    [[nodiscard]] std::span<T const> cells() const noexcept { return m_cells; }
    [[nodiscard]] std::span<T> row(std::int32_t r) noexcept {
        return cells().subspan(shape().index(0, r), std::size_t(shape().columns));
    }
    [[nodiscard]] std::span<T const> row(std::int32_t r) const noexcept {
        return cells().subspan(shape().index(0, r), std::size_t(shape().columns));
    }
    /// Not checked: that the grid holds the cell.
    [[nodiscard]] T& at(std::int32_t column, std::int32_t r) noexcept {
        return m_cells[shape().index(column, r)];
    }
    [[nodiscard]] T const& at(std::int32_t column, std::int32_t r) const noexcept {
        return m_cells[shape().index(column, r)];
    }

private:
    Frame m_frame;
    std::vector<T> m_cells;
};

} // namespace diaban::geo::raster
