#include "tiles/png.hpp"

#include "geo/error.hpp"

#include <png.h>

namespace diaban::tiles {

namespace {

png_uint_32 format_of(PixelForm form) noexcept {
    switch (form) {
    case PixelForm::rgb: return PNG_FORMAT_RGB;
    case PixelForm::rgb_alpha: return PNG_FORMAT_RGBA;
    case PixelForm::grey_alpha: return PNG_FORMAT_GA;
    }
    return PNG_FORMAT_RGB;
}

} // namespace

std::string png(std::uint32_t width, std::uint32_t height, PixelForm form,
                std::span<std::uint8_t const> bytes) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = width;
    image.height = height;
    image.format = format_of(form);
    image.flags = PNG_IMAGE_FLAG_FAST;
    auto const fail = [&] {
        throw geo::Error{geo::Code::internal, "internal", {}, std::string{"png: "} + image.message};
    };
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    std::string out(size, '\0');
    if (png_image_write_to_memory(&image, out.data(), &size, 0, bytes.data(), 0, nullptr) == 0)
        fail();
    out.resize(size);
    return out;
}

} // namespace diaban::tiles
