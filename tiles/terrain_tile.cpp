#include "tiles/terrain_tile.hpp"

#include "tiles/png.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

namespace diaban::tiles {

namespace {

constexpr std::size_t pixels = std::size_t{terrain_side} * std::size_t{terrain_side};

/// The whole number that stands in 24 bits of colour.
std::uint32_t coded(double height, HeightCode code) noexcept {
    double const steps =
        code == HeightCode::terrarium ? (height + 32768) * 256 : (height + 10000) * 10;
    return std::uint32_t(std::clamp(std::round(steps), 0.0, 16777215.0));
}

} // namespace

std::string height_tile(std::span<float const> heights, HeightCode code, float absent) {
    std::vector<std::uint8_t> bytes(pixels * 3);
    for (std::size_t i = 0; i < pixels; ++i) {
        auto const word = coded(double(std::isnan(heights[i]) ? absent : heights[i]), code);
        bytes[3 * i] = std::uint8_t(word >> 16U);
        bytes[3 * i + 1] = std::uint8_t((word >> 8U) & 0xffU);
        bytes[3 * i + 2] = std::uint8_t(word & 0xffU);
    }
    return png(terrain_side, terrain_side, PixelForm::rgb, bytes);
}

std::string hillshade_tile(std::span<float const> heights, double pixel) {
    constexpr std::size_t stride = terrain_side + 2;
    double const sun = std::numbers::sqrt2 / 2; // sine and cosine of 45°
    std::vector<std::uint8_t> bytes(pixels * 2, 0);
    for (std::size_t row = 0; row < std::size_t{terrain_side}; ++row)
        for (std::size_t column = 0; column < std::size_t{terrain_side}; ++column) {
            auto const at = [&](std::size_t right, std::size_t down) {
                return double(heights[(row + down) * stride + column + right]);
            };
            double const east =
                (at(2, 0) + 2 * at(2, 1) + at(2, 2) - at(0, 0) - 2 * at(0, 1) - at(0, 2)) /
                (8 * pixel);
            double const south =
                (at(0, 2) + 2 * at(1, 2) + at(2, 2) - at(0, 0) - 2 * at(1, 0) - at(2, 0)) /
                (8 * pixel);
            // Light · normal: the sun stands in the north-west, half of it from above.
            double const light =
                (sun + sun * sun * (east + south)) / std::sqrt(1 + east * east + south * south);
            if (std::isnan(light) || std::isnan(at(1, 1))) continue;
            auto* const out = &bytes[2 * (row * std::size_t{terrain_side} + column)];
            out[0] = std::uint8_t(std::lround(255 * std::clamp(light, 0.0, 1.0)));
            out[1] = 255;
        }
    return png(terrain_side, terrain_side, PixelForm::grey_alpha, bytes);
}

} // namespace diaban::tiles
