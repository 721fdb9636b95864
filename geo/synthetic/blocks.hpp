#pragma once

#include "geo/synthetic/landscape.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace diaban::geo::synthetic {

/// What a block is for; decides how large it is and how finely it is cut.
enum class Tier : std::uint8_t {
    settlement, ///< 360 m: houses, shops, gardens
    farmland,   ///< 720 m, or 360 m where only that is left
    open,       ///< 720 to 2,880 m: forests in the hills, wide fields in the plain
};

/// A patch of land of one use, cut into parcels: a rectangle of the lattice wholly inside a
/// commune.
struct Block {
    std::uint32_t commune = 0; ///< index
    Rect rect;
    Tier tier = Tier::settlement;
    std::uint32_t parcels = 0;
    std::uint32_t sheet = 0; ///< of the commune's cadastral map, from 1
    std::string_view land_use;
    std::string_view planned_use; ///< what the block is to become; mostly what it is
};

constexpr std::int32_t block_step = 128; ///< lattice steps of the smallest block

/// Chooses blocks for exactly `parcels` parcels in the communes of `land`.
///
/// Where     around centres and villages settlements, then farmland; open land covers what is left,
///           as far as the number reaches, up to the last 300 m before the commune's border. Larger
///           and urban communes get more. Too few parcels for all communes go to the largest.
/// Land use  by distance to centre, rivers and coast; blocks that share an edge never have one use,
///           so a patch is one block of 50 to 500 parcels (fewer if fewer are asked for).
/// Throws    Error{bad_input, "bad-parameter"} naming how many parcels there is room for.
std::vector<Block> plan_blocks(Landscape const& land, std::uint64_t parcels, std::uint64_t seed);

} // namespace diaban::geo::synthetic
