#include "services/api/tile_matrix.hpp"

#include "tiles/grid.hpp"
#include "tiles/tile_id.hpp"

#include <algorithm>

namespace diaban::services::api {

namespace {

constexpr double half_side = 20037508.3427892; // m: half the equator of EPSG:3857, as the standard
constexpr double pixel = 0.00028;              // m: the standard's rendering pixel
constexpr std::uint32_t pixels = 256;

std::uint32_t cell(double at, std::uint32_t zoom) {
    auto const side = tiles::grid_side / double(std::uint32_t{1} << zoom);
    auto const last = double((std::uint32_t{1} << zoom) - 1);
    return static_cast<std::uint32_t>(std::clamp(at / side, 0.0, last));
}

} // namespace

Json matrix_set() {
    Json matrices = Json::array();
    for (std::uint32_t zoom = 0; zoom <= tiles::TileId::max_zoom; ++zoom) {
        auto const cells = std::uint32_t{1} << zoom;
        double const size = 2 * half_side / (double(pixels) * cells);
        matrices.push_back({{"id", std::to_string(zoom)},
                            {"scaleDenominator", size / pixel},
                            {"cellSize", size},
                            {"cornerOfOrigin", "topLeft"},
                            {"pointOfOrigin", Json::array({-half_side, half_side})},
                            {"matrixWidth", cells},
                            {"matrixHeight", cells},
                            {"tileWidth", pixels},
                            {"tileHeight", pixels}});
    }
    return {{"id", web_mercator_quad},
            {"title", "Google Maps Compatible for the World"},
            {"uri", web_mercator_quad_uri},
            {"crs", "http://www.opengis.net/def/crs/EPSG/0/3857"},
            {"orderedAxes", Json::array({"X", "Y"})},
            {"wellKnownScaleSet", "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible"},
            {"tileMatrices", std::move(matrices)}};
}

Json matrix_limits(std::uint32_t zoom, geo::Box const& extent) {
    auto const north_west = tiles::grid_position({extent.min_x, extent.max_y});
    auto const south_east = tiles::grid_position({extent.max_x, extent.min_y});
    return {{"tileMatrix", std::to_string(zoom)},
            {"minTileRow", cell(north_west.y, zoom)},
            {"maxTileRow", cell(south_east.y, zoom)},
            {"minTileCol", cell(north_west.x, zoom)},
            {"maxTileCol", cell(south_east.x, zoom)}};
}

} // namespace diaban::services::api
