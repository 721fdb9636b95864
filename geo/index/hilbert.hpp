#pragma once

#include <cstdint>

namespace diaban::geo::index {

/// Distance along the Hilbert curve of order 16 that fills the square [0, 2^16)².
///
/// Source   the quadrant recursion of Hilbert's curve (Warren, Hacker's Delight, 2nd ed., §16-1).
/// Cost     16 steps, no branches on data that miss often, no allocation.
[[nodiscard]] constexpr std::uint32_t hilbert(std::uint32_t x, std::uint32_t y) noexcept {
    std::uint32_t distance = 0;
    for (std::uint32_t side = 1U << 15; side != 0; side >>= 1) {
        std::uint32_t const right = (x & side) != 0 ? 1U : 0U;
        std::uint32_t const upper = (y & side) != 0 ? 1U : 0U;
        distance += side * side * ((3U * right) ^ upper);
        if (upper == 0) {
            if (right == 1) {
                x = 0xFFFFU - x;
                y = 0xFFFFU - y;
            }
            std::uint32_t const swapped = x;
            x = y;
            y = swapped;
        }
    }
    return distance;
}

static_assert(hilbert(0, 0) == 0 && hilbert(0xFFFF, 0) == 0xFFFFFFFFU);

} // namespace diaban::geo::index
