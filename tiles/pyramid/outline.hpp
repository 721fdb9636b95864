#pragma once

#include "tiles/shape.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace diaban::tiles::pyramid {

/// The outlines of labelled cells.
///
/// `shape`    all rings, as tiles/shape.hpp says; `labels` are by ring; rings are in the order of
///            labels, then of areas, each exterior followed by its holes.
struct Outlines {
    Shape shape;
    std::vector<std::uint32_t> labels;
};

/// Traces around the cells of equal label that are joined by sides; 0 is no label.
///
/// Cells     row-major, `width` a row; cell (column, row) becomes the square from
///           (column, row) · scale + origin to (column + 1, row + 1) · scale + origin.
/// Valid     by construction: rings that would meet themselves at a corner are parted there, so
///           rings touch at points at most, and the inside of each exterior is connected.
/// Cost      some 20 ns a cell.
void trace(std::span<std::uint32_t const> cells, std::uint32_t width, std::int32_t scale,
           GridPoint origin, Outlines& out);

} // namespace diaban::tiles::pyramid
