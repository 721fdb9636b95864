#pragma once

#include "geo/filter/filter.hpp"
#include "geo/geometry.hpp"
#include "geo/policy.hpp"
#include "services/domain/picture.hpp"
#include "services/http/negotiation.hpp"
#include "tiles/cache.hpp"
#include "tiles/cut.hpp"

#include <cstdint>
#include <optional>

namespace diaban::services::domain {

/// A tile of WorldCRS84Quad: longitude and latitude as they are, two tiles side by side at level 0.
class GeographicTileId {
public:
    static constexpr std::uint32_t max_level = tiles::TileId::max_zoom - 1;

    /// Nothing outside the pyramid.
    static std::optional<GeographicTileId> make(std::uint32_t level, std::uint32_t row,
                                                std::uint32_t column) noexcept {
        if (level > max_level || (row >> level) != 0) return std::nullopt;
        auto const square = tiles::TileId::make(level + 1, column, row);
        if (!square) return std::nullopt;
        return GeographicTileId{*square};
    }

    [[nodiscard]] std::uint32_t level() const noexcept { return m_square.zoom() - 1; }
    /// The same tile of a square whose sides are 360°, the north-west corner at 180°W 90°N.
    [[nodiscard]] tiles::TileId square() const noexcept { return m_square; }
    /// EPSG:4326, with so many tile units beyond each side, cut to the world.
    [[nodiscard]] geo::Box box(double units = 0) const noexcept;

private:
    explicit GeographicTileId(tiles::TileId square) noexcept : m_square{square} {}
    tiles::TileId m_square;
};

/// The lowest level at which a collection has such tiles: where every feature is shown, which is
/// one level above its native zoom. What is merged below is merged on the grid of Web Mercator
/// alone.
[[nodiscard]] std::uint32_t least_geographic_level(View const& view) noexcept;

/// Cuts a tile by a small mirror of what lies in it, whose grid is one of degrees.
///
/// Accuracy  half a step of the mirror, and half a step (0.9 cm) of the grid of degrees. Sides are
///           straight in degrees, as the record's are. Beyond 85.0511° nothing is shown.
/// Filter    as tiles::cut shows it (domain/filtered.hpp).
/// Cost      grows with the features in the tile; nothing is kept.
/// Throws    Error{not_found, "no-tiles"}; Error{not_found, "tile-below-zoom"} below the least
/// level.
[[nodiscard]] tiles::Tile geographic_tile(View const& view, GeographicTileId tile,
                                          tiles::CutOptions const& options,
                                          geo::Policy const& policy, http::Encoding encoding,
                                          std::optional<geo::filter::Filter> const& filter);

} // namespace diaban::services::domain
