#pragma once

#include "geo/raster/blocks.hpp"
#include "geo/raster/grid.hpp"
#include "geo/terrain/d8.hpp"

#include <cstdint>
#include <span>

// Shape     spans are row-major, of one length, and do not overlap.
// Blocks    every function visits blocks of cells one after the other, at most a few times, on
//           `threads` threads, so that spans may lie on mapped files larger than memory. What is
//           kept beside them grows with the blocks' rims: about 1 % of the cells. Neither the side
//           of blocks nor the threads change a result, sums of fractions apart (see there).

namespace diaban::geo::terrain {

/// Directions of flow over ground without depressions (as `fill` leaves it).
///
/// Method    D8 (O'Callaghan and Mark 1984): to the neighbour of steepest descent, drop over
///           distance, computed in single precision; ties by the order of `steps`. On a flat, to
///           the neighbour of equal height from which the fewest steps lead to where the flat
///           drains; ties likewise (Jenson and Domingue 1988).
/// Outlets   a cell at the grid's edge or beside no data, without a lower neighbour.
/// Units     `width`, `height` of a cell in one unit; only their ratio matters.
/// Scratch   as long as the grid; its contents are lost.
/// Throws    Error{bad_input, "depression"} with a cell from which water cannot leave.
void flow_directions(raster::Shape shape, std::span<float const> ground, double width,
                     double height, std::span<Direction> directions,
                     std::span<std::uint32_t> scratch, unsigned threads,
                     std::int32_t block_side = raster::Blocks::usual_side);

/// By cell: how many cells drain through it, itself among them; 0 where there is no data.
///
/// A direction out of the grid, or into a cell without data, is an outlet.
/// Throws    Error{bad_input, "bad-direction"} with a cell whose code is none;
///           Error{bad_input, "circular-flow"} with a cell whose water returns to it.
void accumulate(raster::Shape shape, std::span<Direction const> directions,
                std::span<std::uint32_t> cells, unsigned threads,
                std::int32_t block_side = raster::Blocks::usual_side);

/// By cell: the sum of the weights of the cells that drain through it, itself among them; 0 where
/// there is no data. Not checked: that weights are finite.
///
/// Accuracy  whole numbers below 2^53 exactly; of fractions, the order of addition depends on the
///           side of blocks, but not on threads.
/// Throws    as above.
void accumulate(raster::Shape shape, std::span<Direction const> directions,
                std::span<float const> weights, std::span<double> sums, unsigned threads,
                std::int32_t block_side = raster::Blocks::usual_side);

/// By cell: the first value that water from it meets, itself included. A cell of value 0 has none
/// of its own; cells whose water meets none keep 0. So basins are found of streams numbered from 1.
/// Throws    as above.
void carry_upstream(raster::Shape shape, std::span<Direction const> directions,
                    std::span<std::uint32_t> values, unsigned threads,
                    std::int32_t block_side = raster::Blocks::usual_side);

/// Height above the nearest drainage (HAND; Rennó et al. 2008, Nobre et al. 2011): a cell's ground
/// less that of the first stream cell that its water meets.
///
/// Units     those of `ground`. Where water meets no stream before it leaves the grid, and where
///           there is no data, NaN. Over filled ground never negative.
/// Streams   cells that are not 0.
/// Throws    as above.
void height_above_drainage(raster::Shape shape, std::span<float const> ground,
                           std::span<Direction const> directions,
                           std::span<std::uint8_t const> streams, std::span<float> height,
                           unsigned threads, std::int32_t block_side = raster::Blocks::usual_side);

} // namespace diaban::geo::terrain
