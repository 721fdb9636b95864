#pragma once

#include "geo/raster/blocks.hpp"
#include "geo/raster/grid.hpp"

#include <cstdint>
#include <span>

namespace diaban::geo::terrain {

/// Raises every depression to the level at which it overflows: each cell becomes the lowest level
/// that water there can reach a border at, a border being the grid's edge or a neighbour without
/// data, over eight neighbours.
///
/// Shape     all spans are row-major, of one length, and do not overlap. NaN stays NaN.
/// Scratch   as long as the grid; its contents are lost. With `filled` it may lie on mapped files:
///           blocks are visited one after the other, twice, so that only some of them need be in
///           memory. What else is kept grows with the blocks' rims: about 1 % of the cells.
/// Method    Priority-Flood (Barnes, Lehman, Mulla 2014) in each block, then over the graph of the
///           blocks' watersheds (Barnes 2016, "Parallel Priority-Flood depression filling for
///           trillion cell digital elevation models").
/// Accuracy  exact: every result is the ground of some cell. Block side and threads change nothing.
void fill(raster::Shape shape, std::span<float const> ground, std::span<float> filled,
          std::span<std::uint32_t> scratch, unsigned threads,
          std::int32_t block_side = raster::Blocks::usual_side);

} // namespace diaban::geo::terrain
