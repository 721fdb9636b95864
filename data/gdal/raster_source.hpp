#pragma once

#include "geo/raster/grid.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diaban::data::gdal {

/// What a file says of its cells.
struct RasterDescription {
    geo::raster::Frame frame;            ///< srid 0: no CRS said, -1: none that EPSG knows
    std::string crs_name;                ///< as the file calls it; empty if it says none
    int bands = 0;                       ///< at least 1
    std::vector<std::string> band_names; ///< as described, empty where it is not
    std::string cell_type;               ///< GDAL's name: Float32, Int16, …
    bool knows_no_data = false;   ///< whether some value, or a mask, marks cells without data
    std::string unit;             ///< of the first band, as the file writes it; may be empty
    std::optional<double> metres; ///< metres to one `unit`; nothing: not said, or no length
    std::string vertical_datum;   ///< name of the vertical CRS; empty if it says none
    int vertical_srid = 0;        ///< its EPSG code; 0: none
    int overviews = 0;            ///< smaller copies that the file holds of its first band
};

/// Bands of a raster file, read window by window.
///
/// Formats  GeoTIFF and COG, Erdas Imagine, ESRI ASCII grid, SRTM HGT, PNG and JPEG with a world
/// file;
///          never one that follows links to servers, which VRT can.
/// Frame    north up and parallel to its axes, x = easting or longitude: what is turned or sheared
///          is refused.
/// Values   as the file means them: its scale and offset are applied; cells that its no-data value
///          or its mask leaves out are NaN. In single precision: whole numbers up to 2^24 exactly.
/// Units    not changed: `description().metres` is for the caller, who must also ask which vertical
///          datum it is.
/// Memory   GDAL's block cache and what the caller hands in, whatever the file's size.
/// Threads  one at a time.
class RasterSource {
public:
    /// Throws  Error{not_found, "no-file"}; Error{bad_input, "unreadable-file"} with the reason.
    static RasterSource open(std::filesystem::path const& file);

    RasterSource(RasterSource&&) noexcept;
    RasterSource& operator=(RasterSource&&) noexcept;
    ~RasterSource();

    [[nodiscard]] RasterDescription const& description() const noexcept;

    /// Cells of `window`, row by row, of band `band` (the first is 1).
    ///
    /// Throws  Error{bad_input, "outside-raster"} if the window or band is not wholly there;
    ///         Error{bad_input, "unreadable-file"} where the file breaks off or lies.
    /// Not checked: that `into` is as long as the window has cells.
    void read(geo::raster::Window const& window, std::span<float> into, int band = 1) const;

    /// The window brought to `shape`: each cell the mean of the cells that it stands for, no data
    /// left aside; taken from the file's overviews where it has them. Throws as `read` does.
    void read_reduced(geo::raster::Window const& window, geo::raster::Shape shape,
                      std::span<float> into, int band = 1) const;

    /// All of one band.
    /// Throws  as `read`; Error{too_large, "too-many-cells"} beyond `most_cells`.
    [[nodiscard]] geo::raster::Grid<float> read_all(std::size_t most_cells, int band = 1) const;

private:
    struct State;
    explicit RasterSource(std::unique_ptr<State> state);
    void check(geo::raster::Window const& window, int band) const;
    std::unique_ptr<State> m_state;
};

} // namespace diaban::data::gdal
