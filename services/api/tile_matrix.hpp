#pragma once

#include "geo/geometry.hpp"
#include "services/api/json.hpp"

#include <cstdint>
#include <string_view>

namespace diaban::services::api {

/// The one tile matrix set (OGC 17-083r4, annex D.1), down to the deepest zoom there is.
inline constexpr std::string_view web_mercator_quad = "WebMercatorQuad";
inline constexpr std::string_view web_mercator_quad_uri =
    "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";

/// Its definition, as OGC Two Dimensional Tile Matrix Set writes it.
[[nodiscard]] Json matrix_set();

/// Rows and columns of a zoom that an extent (EPSG:4326, not empty) meets.
[[nodiscard]] Json matrix_limits(std::uint32_t zoom, geo::Box const& extent);

} // namespace diaban::services::api
