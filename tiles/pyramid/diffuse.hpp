#pragma once

#include "tiles/pyramid/keys.hpp"
#include "tiles/pyramid/square.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace diaban::tiles::pyramid {

/// Who is drawn where in a square: each block goes to one key, or to none.
///
/// `keys`    that have a block, by rank.
/// `blocks`  place in `keys`, plus one; 0: none.
struct Drawn {
    std::vector<std::uint32_t> keys;
    std::vector<std::uint16_t> blocks; ///< empty if nothing is drawn

    friend bool operator==(Drawn const&, Drawn const&) = default;
};

/// Gives the blocks of a square away so that every class is drawn with the area it has.
///
/// Method    error diffusion (Floyd and Steinberg 1976) along Hilbert's curve (Witten and Neal
///           1982), with an error for each class and key instead of a grey level: at each block all
///           errors grow by what the block holds, the greatest takes the block and falls by one
///           block. What the block itself holds counts more, so that a key is drawn where it is.
///           First the class is chosen, then its key.
/// Truth     over the square each class is drawn within one block of its area; `none` is a class.
/// Local     the answer depends on the square's shares alone.
/// Cost      blocks × keys of the square, a few ns each.
[[nodiscard]] Drawn diffuse(Shares const& shares, std::uint32_t side, Keys const& keys,
                            std::span<std::uint32_t const> ranks);

} // namespace diaban::tiles::pyramid
