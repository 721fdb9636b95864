#pragma once

#include "tiles/pyramid/pyramid.hpp"
#include "tiles/tile_id.hpp"

#include <vector>

namespace diaban::tiles::pyramid {

/// The tiles that `after`, an edit of `before`, shows otherwise to someone: what differs for a key
/// differs for who sees that key alone, and nothing else differs for anybody.
///
/// Cost   the squares that were made anew.
[[nodiscard]] std::vector<TileId> changed_tiles(Pyramid const& before, Pyramid const& after);

} // namespace diaban::tiles::pyramid
