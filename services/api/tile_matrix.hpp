#pragma once

#include "geo/geometry.hpp"
#include "services/api/json.hpp"
#include "tiles/tile_id.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace diaban::services::api {

/// A tile matrix set of OGC 17-083r4, down to the deepest level there is.
struct TileMatrixSet {
    std::string_view id;
    std::string_view title;
    std::string_view uri;
    std::string_view crs;
    std::string_view scale_set;
    bool geographic = false; ///< longitude and latitude; else Web Mercator
    std::uint32_t deepest = 0;
};

/// The tile of a path. Throws   Error{not_found, "not-a-tile"} for one outside the pyramid.
[[nodiscard]] tiles::TileId read_tile_id(std::uint32_t zoom, std::uint32_t column,
                                         std::uint32_t row);

/// WebMercatorQuad (annex D.1) first, then WorldCRS84Quad (annex D.2).
[[nodiscard]] std::span<TileMatrixSet const> tile_matrix_sets() noexcept;

/// Throws   Error{not_found, "no-tile-matrix-set"}.
[[nodiscard]] TileMatrixSet const& tile_matrix_set(std::string_view id);

/// Its definition, as OGC Two Dimensional Tile Matrix Set writes it.
[[nodiscard]] Json matrix_set(TileMatrixSet const& set);

/// Rows and columns of a level, both ends included.
struct MatrixLimits {
    std::uint32_t min_row = 0;
    std::uint32_t max_row = 0;
    std::uint32_t min_column = 0;
    std::uint32_t max_column = 0;

    [[nodiscard]] bool holds(std::uint32_t row, std::uint32_t column) const noexcept {
        return min_row <= row && row <= max_row && min_column <= column && column <= max_column;
    }
};

/// Those that an extent (EPSG:4326, not empty) meets.
[[nodiscard]] MatrixLimits matrix_limits(TileMatrixSet const& set, std::uint32_t level,
                                         geo::Box const& extent);

/// `tileMatrixSetLimits` of one level.
[[nodiscard]] Json limits_json(std::uint32_t level, MatrixLimits const& limits);

} // namespace diaban::services::api
