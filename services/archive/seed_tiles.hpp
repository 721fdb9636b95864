#pragma once

#include "geo/geometry.hpp"
#include "services/archive/seed_ground.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace diaban::services::archive {

/// Zooms, both included.
struct Zooms {
    std::uint32_t least = 0;
    std::uint32_t most = 14;
};

/// Most tiles that one archive is asked for.
inline constexpr std::size_t most_tiles = 20'000'000;

/// Numbers of the tiles in which there may be something, ascending: all that are not empty are
/// among them.
///
/// `within`  EPSG:4326; only tiles that meet it. Empty: all.
/// Method    down the pyramid with the boxes of the rows that the rights let see, each grown by the
///           buffer; below a native zoom by a whole tile, as blocks give on what they err.
/// Throws    Error{too_large, "too-many-tiles"} beyond `most`.
/// Cost      the rows for each zoom, and the tiles.
[[nodiscard]] std::vector<std::uint64_t> tiles_of(SeedGround const& ground, Zooms zooms,
                                                  geo::Box const& within, std::uint32_t buffer,
                                                  std::size_t most = most_tiles);

} // namespace diaban::services::archive
