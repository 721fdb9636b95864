#pragma once

#include <array>
#include <cstdint>

namespace diaban::geo::terrain {

/// Which of its eight neighbours a cell drains to: ESRI's codes.
///
///     32  64 128
///     16   .   1
///      8   4   2
using Direction = std::uint8_t;

/// The cell drains out of the grid, or into what has no data.
inline constexpr Direction outlet = 0;
/// The cell has no data.
inline constexpr Direction unknown = 255;

/// A step to a neighbour; rows grow southwards.
struct Step {
    std::int32_t column;
    std::int32_t row;
    Direction code;
    bool diagonal;
};

/// The eight steps in the order that decides ties: of equal slopes, and of equally short ways over
/// a flat, the first wins. East first, then clockwise.
inline constexpr std::array<Step, 8> steps = {{{1, 0, 1, false},
                                               {1, 1, 2, true},
                                               {0, 1, 4, false},
                                               {-1, 1, 8, true},
                                               {-1, 0, 16, false},
                                               {-1, -1, 32, true},
                                               {0, -1, 64, false},
                                               {1, -1, 128, true}}};

} // namespace diaban::geo::terrain
