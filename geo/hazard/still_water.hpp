#pragma once

#include "geo/geometry.hpp"
#include "geo/raster/grid.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace diaban::geo::hazard {

/// By cell: the lowest level of the sea at which its water reaches the cell, over ground that is
/// not higher: a bathtub with connectivity, for every level at once. A low field behind a dyke has
/// the dyke's height, or that of its lowest gap.
///
/// Shape     all spans are row-major, of one length; `ground` and `level` do not overlap.
/// Sea       cells that are not 0: where water comes from. They have their own ground's height.
/// Ways      over eight neighbours. What no way leads to, and what has no data, is NaN.
/// Method    Priority-Flood (Barnes, Lehman, Mulla 2014) from the sea alone.
void reaching_level(raster::Shape shape, std::span<float const> ground,
                    std::span<std::uint8_t const> sea, std::span<float> level);

/// Depth of still water over each cell at a level of the sea; 0 where it does not reach, NaN where
/// `ground` is. `reached` is what `reaching_level` found. Returns how many cells are wet.
std::size_t still_water_depth(std::span<float const> ground, std::span<float const> reached,
                              float level, std::span<float> depth) noexcept;

/// Depth of still water at a level of the sea, which is where `ground` has no data: on land that it
/// reaches over no higher ground; NaN in the sea itself. Returns how many cells are wet.
///
/// Shape     as `reaching_level`. Cost: that, and 9 bytes a cell.
std::size_t sea_depth(raster::Shape shape, std::span<float const> ground, float level,
                      std::span<float> depth);

/// Depth of a flood of rivers by height above drainage: the stage above the drainage less that
/// height; 0 where that is higher, NaN where `height` is. Returns how many cells are wet.
std::size_t stage_depth(std::span<float const> height, float stage,
                        std::span<float> depth) noexcept;

/// A place where the stage of a river is known.
struct StagePoint {
    Position place;  ///< in the CRS of the grid
    float stage = 0; ///< m above the drainage
};

/// By cell the stage of the nearest of `points` (of equally near ones the first), of which there is
/// at least one: distances in the plane, from the middle of the cell.
void nearest_stage(raster::Frame const& frame, std::span<StagePoint const> points,
                   std::span<float> stage);

/// As above, with a stage for each cell.
std::size_t stage_depth(std::span<float const> height, std::span<float const> stage,
                        std::span<float> depth) noexcept;

} // namespace diaban::geo::hazard
