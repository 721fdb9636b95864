#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace diaban::tiles {

/// Pixels along a side of a tile of heights.
inline constexpr std::int32_t terrain_side = 256;

/// How a height stands in the colour of a pixel.
enum class HeightCode : std::uint8_t {
    terrarium, ///< R·256 + G + B/256 − 32768: steps of 1/256 m
    mapbox,    ///< (R·65536 + G·256 + B) · 0.1 − 10000: steps of 0.1 m
};

/// A tile of heights as a PNG of 256 × 256 pixels.
///
/// Heights   metres, row by row; rounded to the nearest step, cut off at what the code can say.
/// No data   NaN is written as `absent`.
[[nodiscard]] std::string height_tile(std::span<float const> heights, HeightCode code,
                                      float absent);

/// Hills in light from the north-west, 45° high, as a PNG of 256 × 256 pixels, grey with opacity;
/// pixels without data are clear.
///
/// Heights   metres, of 258 × 258 pixels: one more on every side.
/// Method    Horn 1981: slopes from eight neighbours.
/// Units     `pixel`: metres on the ground along a side.
[[nodiscard]] std::string hillshade_tile(std::span<float const> heights, double pixel);

} // namespace diaban::tiles
