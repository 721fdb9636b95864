#pragma once

#include "geo/raster/grid.hpp"

#include <cstdint>
#include <span>

namespace diaban::geo::synthetic {

/// How generated hills are made.
struct Relief {
    double longest = 25'600; ///< metres from hill to hill, of the largest ones
    double height = 300;     ///< metres, half of the range of the largest ones
    double base = 0;         ///< metres, about which heights vary
    int octaves = 10;        ///< each half as long as the one before …
    double roughness = 0.5;  ///< … and so much as high: 0.5 keeps slopes alike at all lengths
};

/// Generated ground: smooth noise of many lengths, added up. Not real, and to be labelled so.
///
/// Frame     in metres; a place has one height, whatever grid it is asked through.
/// Shape     `heights` is as long as the frame has cells.
void make_relief(raster::Frame const& frame, Relief const& relief, std::uint64_t seed,
                 std::span<float> heights, unsigned threads);

} // namespace diaban::geo::synthetic
