#pragma once

#include "data/gdal/raster_source.hpp"
#include "geo/raster/grid.hpp"

#include <filesystem>
#include <span>
#include <vector>

namespace diaban::services::domain {

/// Sheets of one grid, side by side or over one another: where several know a cell, the first does.
class GroundMosaic {
public:
    /// Throws   as RasterSource; Error{bad_input, "bad-parameter"} naming the sheet whose CRS,
    /// cells
    ///          or unit are not those of the first, or do not lie on its grid to a millionth of a
    ///          cell; Error{too_large, "too-many-cells"} beyond 2^33 cells in all.
    explicit GroundMosaic(std::vector<std::filesystem::path> const& files);

    /// Of the first sheet, with the frame of all.
    [[nodiscard]] data::gdal::RasterDescription const& description() const noexcept {
        return m_description;
    }
    /// Whole rows; what no sheet knows is no data.
    void read(geo::raster::Window const& rows, std::span<float> into) const;
    [[nodiscard]] float at(geo::raster::Cell cell) const;

private:
    struct Sheet {
        data::gdal::RasterSource source;
        geo::raster::Window place; ///< in the frame of all
    };
    data::gdal::RasterDescription m_description;
    std::vector<Sheet> m_sheets;
};

} // namespace diaban::services::domain
