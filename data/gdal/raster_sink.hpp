#pragma once

#include "geo/raster/grid.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace diaban::data::gdal {

/// What a raster that is to be written says of itself.
struct RasterLabel {
    std::vector<std::string> band_names{""}; ///< one a band
    std::string unit{};                      ///< of every band
    int vertical_srid = 0;                   ///< EPSG code of the vertical CRS; 0: not said
    bool classes = false; ///< cells are codes: overviews take one of the cells, not their mean
};

/// A new Cloud Optimized GeoTIFF in single precision with overviews, written window by window.
///
/// Cells     NaN is no data and is written as such.
/// CRS       EPSG code of the frame, with a vertical CRS if one is named.
/// Form      tiles of 512 cells, DEFLATE with the predictor for floating point; overviews halve the
///           sides until one tile holds the whole. GDAL's COG driver writes it.
/// Memory    GDAL's block cache. On disk, until `finish`, a plain GeoTIFF lies beside the file.
/// Threads   one at a time.
class RasterSink {
public:
    /// Creates `file`, replacing what is there, under another name until `finish`.
    /// Throws    Error{bad_input, "unwritable-file"}; also where `file` is there and no plain file.
    ///           Error{bad_input, "unknown-crs"}.
    RasterSink(std::filesystem::path file, geo::raster::Frame const& frame,
               RasterLabel const& label = {});
    RasterSink(RasterSink const&) = delete;
    RasterSink& operator=(RasterSink const&) = delete;
    /// Without `finish`, leaves nothing behind.
    ~RasterSink();

    /// Cells that are never written are no data.
    /// Throws    Error{bad_input, "unwritable-file"}.
    /// Not checked: that the window lies inside, that `cells` are as many as it has.
    void write(geo::raster::Window const& window, std::span<float const> cells, int band = 1);

    /// Makes the overviews, closes the file and gives it its name.
    /// Throws    Error{bad_input, "unwritable-file"}: a full disk shows here at the latest.
    void finish();

private:
    struct State;
    [[noreturn]] void fail(std::string const& reason) const;

    std::filesystem::path m_file;
    std::unique_ptr<State> m_state;
};

} // namespace diaban::data::gdal
