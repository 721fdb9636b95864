#pragma once

#include <cstdint>

namespace diaban::tiles::pyramid {

/// The number of a tile among those of its zoom; numbers of a column follow one another.
[[nodiscard]] constexpr std::uint64_t number_of(std::uint32_t x, std::uint32_t y) noexcept {
    return std::uint64_t{x} << 32U | y;
}
[[nodiscard]] constexpr std::uint32_t x_of(std::uint64_t number) noexcept {
    return std::uint32_t(number >> 32U);
}
[[nodiscard]] constexpr std::uint32_t y_of(std::uint64_t number) noexcept {
    return std::uint32_t(number);
}

} // namespace diaban::tiles::pyramid
