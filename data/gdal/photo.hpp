#pragma once

#include "geo/feature.hpp"
#include "geo/geometry.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace diaban::data::gdal {

/// What a photo says of itself.
struct PhotoHead {
    std::string media_type;                ///< image/jpeg, image/png: by what it holds
    std::optional<geo::Position> position; ///< degrees, WGS 84, as the device wrote it
    std::optional<geo::Instant> taken_at;
};

/// Reads the head of a JPEG or PNG; EXIF stands in JPEG alone.
///
/// Time     GPS time (UTC) where there is one, else the device's clock, taken as local (UTC+7).
/// Throws   Error{bad_input, "bad-photo"} for what is neither, or has no picture of 1 to 20,000
///          pixels a side.
[[nodiscard]] PhotoHead read_photo(std::string_view bytes);

} // namespace diaban::data::gdal
