#pragma once

#include "data/model/coverage.hpp"
#include "services/domain/ground_edits.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// A raster file that is to become a coverage of heights, or of classes. What the file itself says
/// need not be said; what is said here goes before it.
struct CoverageImport {
    std::string coverage; ///< id
    std::filesystem::path file;
    std::vector<std::filesystem::path> with{}; ///< further sheets of the same grid
    std::vector<GroundEdit> edits{};           ///< what is burnt and raised adds up
    std::optional<int> srid{};                 ///< of the horizontal CRS
    std::string unit{};                        ///< of the file's cells: m, ft, …
    std::optional<int> vertical{};             ///< EPSG code of the vertical CRS
    std::string no_data{}; ///< the value that means it, or `none`: every cell is known
    geo::Title title{};
    bool synthetic = false;
    bool classes = false; ///< cells are numbers of classes of land cover, 0 to 254: no heights
    std::string attribution{};
    std::string licence{};
    std::string scope{};
    std::uint8_t sensitivity = 0;
};

/// Brings the first band of a raster into the record, as a Cloud Optimized GeoTIFF with overviews;
/// what had its id before goes, and all that was derived from it.
///
/// Edits    lines that are burnt, raised or let pass, as GroundEdit says, after the unit is metres;
///          the coverage's details name each with how many cells all changed.
/// Units    cells are kept in metres, in single precision; classes as they are.
/// Refused  Error{bad_input, …}: "coverage-lacks" where CRS, unit, vertical datum or no-data value
///          are said nowhere; "coverage-rubbish" where cells cannot be heights of the Earth (beyond
///          −12,000 to 9,000 m), or no classes, or none is known; "unknown-crs"; "bad-parameter";
///          as RasterSource.
/// Order    the file is in the blob folder before its row is written.
data::model::Coverage
import_coverage(std::string const& database, std::filesystem::path const& blobs,
                CoverageImport const& request,
                std::function<void(std::uint64_t done, std::int64_t of)> const& progress = {});

} // namespace diaban::services::domain
