#pragma once

#include "geo/geometry.hpp"
#include "geo/raster/grid.hpp"
#include "geo/terrain/catchment.hpp"
#include "services/domain/coverage_shelf.hpp"

#include <cstdint>
#include <filesystem>

namespace diaban::services::domain {

/// Writes an index of catchments, to be mapped: a header of 32 bytes, then sizes, places and order
/// as little-endian numbers of 32 bits.
/// Throws   Error{bad_input, "unwritable-file"}.
void write_catchments(std::filesystem::path const& file, geo::terrain::CatchmentView const& index);

/// Where a catchment begins, and what drains there.
struct Catchment {
    geo::Position outlet; ///< EPSG:4326: the middle of the cell
    std::uint64_t cells = 0;
    double area_m2 = 0;    ///< planar, in the CRS of the ground
    geo::Geometry outline; ///< EPSG:4326: the sides of its cells
};

/// What drains through the cell that holds `at` (EPSG:4326), or through the one within `snap` cells
/// along rows and columns through which most drains.
///
/// Cost     of the catchment's cells and of the outline's box, not of the grid.
/// Throws   Error{not_found, "no-ground"} where the ground holds no data or does not reach.
[[nodiscard]] Catchment catchment_at(CoverageShelf const& shelf, ShelvedCoverage const& index,
                                     geo::Position at, std::int32_t snap);

} // namespace diaban::services::domain
