#pragma once

#include <compare>
#include <cstdint>

namespace diaban::geo {

/// A point of a grid of whole numbers. Which grid, and which way its axes run, is said by what
/// holds it (the mirror's: tiles/grid.hpp).
struct GridPoint {
    std::int32_t x = 0;
    std::int32_t y = 0;

    friend constexpr auto operator<=>(GridPoint const&, GridPoint const&) = default;
};

} // namespace diaban::geo
