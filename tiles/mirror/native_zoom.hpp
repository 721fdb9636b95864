#pragma once

#include "tiles/mirror/layer.hpp"

#include <cstddef>
#include <cstdint>

namespace diaban::tiles::mirror {

constexpr std::size_t native_tile_bytes = 500'000;

/// The lowest zoom at which, and above which, no tile of `layer` is larger than
/// `native_tile_bytes` (identity encoding, usual buffer). TileId::max_zoom if there is none.
///
/// Method  points are counted by tile; only tiles that the count does not clear by a wide margin
///         are cut and weighed.
/// Cost    one pass over the points, and some hundreds of tiles.
[[nodiscard]] std::uint32_t native_zoom(Layer const& layer);

} // namespace diaban::tiles::mirror
