#pragma once

#include "services/api/backing.hpp"
#include "services/http/router.hpp"
#include "services/print/map_images.hpp"

#include <cstdint>

namespace diaban::services::api {

/// Where a map looks (MapLibre's zoom: 512 px to a tile), and how large it is.
struct MapView {
    double zoom = 0;
    double lon = 0;
    double lat = 0;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
};

/// The view of so many pixels in which a box (CRS84) is as large as it can be whole.
[[nodiscard]] MapView view_of(geo::Box const& box, std::uint32_t width, std::uint32_t height);

/// `/maps/static`: a picture of a map as the console draws it, of what the visitor may see.
///
/// ETag   of what it is made of (the tiles of the view under the visitor's policies, the style, the
///        day) and of the request, so that it is known before anything is drawn.
void add_map_images(http::Router& router, Backing const& backing, print::MapImages& images);

} // namespace diaban::services::api
