#pragma once

#include "geo/feature.hpp"
#include "geo/raster/grid.hpp"
#include "geo/schema.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::data::model {

/// Where the cells of a coverage come from: what is drawn says so.
enum class CoverageOrigin : std::uint8_t {
    measured,
    synthetic, ///< made up
    model,     ///< computed
};

[[nodiscard]] constexpr std::string_view to_string(CoverageOrigin origin) noexcept {
    switch (origin) {
    case CoverageOrigin::measured: return "measured";
    case CoverageOrigin::synthetic: return "synthetic";
    case CoverageOrigin::model: return "model";
    }
    return "model";
}

/// A file of a coverage, in the blob folder.
struct CoverageFile {
    std::optional<geo::Instant> at; ///< nothing: the coverage has no time
    std::string sha256;
    std::uint64_t size = 0;
    std::string media_type = "image/tiff; application=geotiff";
};

/// A raster of the record: what its cells mean and where they lie.
struct Coverage {
    std::string id;
    geo::Title title;
    std::string quantity; ///< elevation, filled, direction, accumulation, hand, depth, catchments
    std::string unit;     ///< m, m/s, …; empty: codes or counts. Of the first band
    std::vector<std::string> bands; ///< of each file; empty: one without a name
    int vertical_srid = 0;          ///< EPSG code; 0: not a height
    std::string vertical_datum;
    geo::raster::Frame frame;
    std::optional<double> least; ///< of all cells with data
    std::optional<double> most;
    CoverageOrigin origin = CoverageOrigin::measured;
    std::string attribution;
    std::string licence;
    std::string source;
    std::string details = "{}"; ///< JSON object: inputs, method, checks
    std::string derived_from;   ///< id; empty: from none
    std::string scope;
    std::uint8_t sensitivity = 0;
    std::optional<std::string> login; ///< for whom alone it is there
    std::string job;                  ///< that left it; it goes with it; empty: none
    geo::Instant recorded;
    std::vector<CoverageFile> files; ///< by time
};

} // namespace diaban::data::model
