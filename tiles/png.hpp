#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace diaban::tiles {

/// What a pixel's bytes are.
enum class PixelForm : std::uint8_t {
    rgb,        ///< red, green, blue
    rgb_alpha,  ///< red, green, blue, opacity
    grey_alpha, ///< lightness, opacity
};

/// A PNG of `width` × `height` pixels, row by row from the north-west; by libpng.
///
/// Not checked: that `bytes` are as many as the pixels have.
/// Throws    Error{internal, "internal"} with libpng's reason.
[[nodiscard]] std::string png(std::uint32_t width, std::uint32_t height, PixelForm form,
                              std::span<std::uint8_t const> bytes);

} // namespace diaban::tiles
