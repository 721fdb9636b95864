#pragma once

#include "services/domain/coverage_read.hpp"
#include "tiles/tile_id.hpp"

#include <cstdint>
#include <string>

namespace diaban::services::domain {

/// From line to line (m) on maps of a zoom.
[[nodiscard]] double contour_interval(std::uint32_t zoom) noexcept;

/// Lines of equal height in a tile, as MVT: the layer `contours` with the fields `level_m` and
/// `index`, which is 1 for each fifth line.
///
/// Method   marching squares over the tile's pixels of heights; lines of neighbours meet on their
///          border, which they compute from the same heights.
[[nodiscard]] std::string contour_tile(CoverageShelf const& shelf, CoverageLayer const& layer,
                                       tiles::TileId tile);

} // namespace diaban::services::domain
