#pragma once

#include "geo/raster/grid.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace diaban::geo::raster {

/// The height between the centres of cells: bilinear.
///
/// Place    `column`, `row` count cells from the outer corner of cell (0, 0); half a cell from it
/// is
///          that cell's centre. Beyond the outermost centres their values hold, up to the edge.
/// No data  cells without are left aside and the others weigh more; NaN where the cell that holds
///          the place has none, and outside the grid.
[[nodiscard]] inline float between(Shape shape, std::span<float const> cells, double column,
                                   double row) noexcept {
    if (!(column >= 0 && row >= 0 && column <= shape.columns && row <= shape.rows)) return no_data;
    auto const held = [](double at, std::int32_t count) {
        return std::min(std::int32_t(at), count - 1);
    };
    if (std::isnan(cells[shape.index(held(column, shape.columns), held(row, shape.rows))]))
        return no_data;
    double const x = std::clamp(column - 0.5, 0.0, double(shape.columns - 1));
    double const y = std::clamp(row - 0.5, 0.0, double(shape.rows - 1));
    auto const left = std::int32_t(x);
    auto const top = std::int32_t(y);
    auto const right = std::min(left + 1, shape.columns - 1);
    auto const bottom = std::min(top + 1, shape.rows - 1);
    double const s = x - left;
    double const t = y - top;
    double sum = 0;
    double weights = 0;
    auto const add = [&](std::int32_t c, std::int32_t r, double weight) {
        float const value = cells[shape.index(c, r)];
        if (std::isnan(value)) return;
        sum += weight * double(value);
        weights += weight;
    };
    add(left, top, (1 - s) * (1 - t));
    add(right, top, s * (1 - t));
    add(left, bottom, (1 - s) * t);
    add(right, bottom, s * t);
    return weights > 0 ? float(sum / weights) : no_data;
}

} // namespace diaban::geo::raster
