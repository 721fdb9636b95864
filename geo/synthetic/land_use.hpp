#pragma once

#include "geo/synthetic/blocks.hpp"

#include <cstdint>
#include <span>

namespace diaban::geo::synthetic {

/// Gives each block a land use that suits its tier and its place, and a planned one.
///
/// Blocks that share an edge get different uses; if every use that suits is taken around a block,
/// one that suits anywhere.
void choose_land_use(Landscape const& land, std::uint64_t seed, std::span<Block> blocks);

} // namespace diaban::geo::synthetic
