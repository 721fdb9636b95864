#pragma once

#include "services/domain/coverage_shelf.hpp"
#include "tiles/terrain_tile.hpp"
#include "tiles/tile_id.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// What of a coverage is read.
struct CoverageLayer {
    ShelvedCoverage const& coverage;
    data::model::CoverageFile const& file;
    int band = 1;
};

/// What a coverage holds at a position.
struct CoverageValue {
    std::optional<double> cell;    ///< of the cell that holds it; nothing: no data, or outside
    std::optional<double> between; ///< bilinear between centres of cells
};

/// Heights at positions (EPSG:4326), by the cells' own values.
/// Throws   as CoverageShelf::read.
[[nodiscard]] std::vector<CoverageValue> values_at(CoverageShelf const& shelf,
                                                   CoverageLayer const& layer,
                                                   std::vector<geo::Position> positions);

/// A position along a line.
struct ProfilePoint {
    double metres = 0; ///< from its beginning, along WGS 84 geodesics
    geo::Position at;
    CoverageValue value;
};

/// `samples` positions at equal distances along `line` (EPSG:4326), its ends among them, and what
/// the coverage holds there.
/// Needs    at least two positions, `samples` at least two.
[[nodiscard]] std::vector<ProfilePoint> profile(CoverageShelf const& shelf,
                                                CoverageLayer const& layer,
                                                std::span<geo::Position const> line,
                                                std::size_t samples);

/// Least zoom at which a coverage has tiles: below, its CRS is not to be drawn in.
inline constexpr std::uint32_t least_coverage_zoom = 5;

/// Cells of a tile with `margin` pixels more on every side, in the coverage's unit; NaN is no data.
///
/// Method   pixel centres brought to the coverage's CRS exactly on every sixteenth and linearly
///          between; bilinear there, of means of cells where a pixel holds many.
[[nodiscard]] std::vector<float> tile_cells(CoverageShelf const& shelf, CoverageLayer const& layer,
                                            tiles::TileId tile, std::int32_t margin);

/// Metres on the ground along a side of a tile's pixel, in its middle.
[[nodiscard]] double pixel_metres(tiles::TileId tile) noexcept;

} // namespace diaban::services::domain
