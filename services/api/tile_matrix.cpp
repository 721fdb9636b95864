#include "services/api/tile_matrix.hpp"

#include "geo/error.hpp"
#include "tiles/grid.hpp"
#include "tiles/tile_id.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace diaban::services::api {

namespace {

constexpr double half_side = 20037508.3427892; // m: half the equator of EPSG:3857, as the standard
constexpr double pixel = 0.00028;              // m: the standard's rendering pixel
constexpr double metres_a_degree = 111319.49079327358; // of WGS 84's equator, as the standard
constexpr std::uint32_t pixels = 256;

constexpr TileMatrixSet sets[] = {
    {"WebMercatorQuad", "Google Maps Compatible for the World",
     "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad",
     "http://www.opengis.net/def/crs/EPSG/0/3857",
     "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible", false,
     tiles::TileId::max_zoom},
    {"WorldCRS84Quad", "CRS84 for the World",
     "http://www.opengis.net/def/tilematrixset/OGC/1.0/WorldCRS84Quad",
     "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
     "http://www.opengis.net/def/wkss/OGC/1.0/GoogleCRS84Quad", true, tiles::TileId::max_zoom - 1},
};

/// Where a position lies, in sides of level 0's only row, from the north-west corner.
geo::Position place(TileMatrixSet const& set, geo::Position p) {
    if (set.geographic) return {(p.x + 180) / 180, (90 - p.y) / 180};
    auto const at = tiles::grid_position(p);
    return {at.x / tiles::grid_side, at.y / tiles::grid_side};
}

std::uint32_t cell(double at, std::uint32_t cells, std::uint32_t level) {
    auto const along = at * double(std::uint32_t{1} << level);
    return static_cast<std::uint32_t>(std::clamp(along, 0.0, double(cells - 1)));
}

} // namespace

tiles::TileId read_tile_id(std::uint32_t zoom, std::uint32_t column, std::uint32_t row) {
    auto const tile = tiles::TileId::make(zoom, column, row);
    if (tile) return *tile;
    throw geo::Error{geo::Code::not_found,
                     "not-a-tile",
                     {{"value", fmt::format("{}/{}/{}", zoom, column, row)},
                      {"accepted", "zoom 0..19, column and row 0..2^zoom - 1"}}};
}

std::span<TileMatrixSet const> tile_matrix_sets() noexcept {
    return sets;
}

TileMatrixSet const& tile_matrix_set(std::string_view id) {
    auto const* const found = std::ranges::find(sets, id, &TileMatrixSet::id);
    if (found != std::end(sets)) return *found;
    throw geo::Error{geo::Code::not_found,
                     "no-tile-matrix-set",
                     {{"value", std::string{id.substr(0, 64)}},
                      {"accepted", "WebMercatorQuad, WorldCRS84Quad"}}};
}

Json matrix_set(TileMatrixSet const& set) {
    double const side = set.geographic ? 180 : 2 * half_side;
    double const metres = set.geographic ? metres_a_degree : 1;
    auto const corner =
        set.geographic ? Json::array({-180.0, 90.0}) : Json::array({-half_side, half_side});
    Json matrices = Json::array();
    for (std::uint32_t level = 0; level <= set.deepest; ++level) {
        auto const rows = std::uint32_t{1} << level;
        double const size = side / (double(pixels) * rows);
        matrices.push_back({{"id", std::to_string(level)},
                            {"scaleDenominator", size * metres / pixel},
                            {"cellSize", size},
                            {"cornerOfOrigin", "topLeft"},
                            {"pointOfOrigin", corner},
                            {"matrixWidth", set.geographic ? 2 * rows : rows},
                            {"matrixHeight", rows},
                            {"tileWidth", pixels},
                            {"tileHeight", pixels}});
    }
    auto const axes = set.geographic ? Json::array({"Lon", "Lat"}) : Json::array({"X", "Y"});
    return {{"id", set.id},
            {"title", set.title},
            {"uri", set.uri},
            {"crs", set.crs},
            {"orderedAxes", axes},
            {"wellKnownScaleSet", set.scale_set},
            {"tileMatrices", std::move(matrices)}};
}

MatrixLimits matrix_limits(TileMatrixSet const& set, std::uint32_t level, geo::Box const& extent) {
    auto const north_west = place(set, {extent.min_x, extent.max_y});
    auto const south_east = place(set, {extent.max_x, extent.min_y});
    auto const rows = std::uint32_t{1} << level;
    auto const columns = set.geographic ? 2 * rows : rows;
    return {.min_row = cell(north_west.y, rows, level),
            .max_row = cell(south_east.y, rows, level),
            .min_column = cell(north_west.x, columns, level),
            .max_column = cell(south_east.x, columns, level)};
}

Json limits_json(std::uint32_t level, MatrixLimits const& limits) {
    return {{"tileMatrix", std::to_string(level)},
            {"minTileRow", limits.min_row},
            {"maxTileRow", limits.max_row},
            {"minTileCol", limits.min_column},
            {"maxTileCol", limits.max_column}};
}

} // namespace diaban::services::api
