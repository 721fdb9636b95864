#pragma once

#include "geo/geometry.hpp"
#include "geo/raster/grid.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace diaban::geo::exposure {

/// Which cells of a grid a polygon covers, and how much of each.
struct Coverage {
    /// A cell that the polygon's boundary passes.
    struct Part {
        std::int32_t row = 0;
        std::int32_t column = 0;
        double share = 0; ///< of the cell, 0 to 1
    };
    /// Cells [begin, end) of a row, wholly covered.
    struct Run {
        std::int32_t row = 0;
        std::int32_t begin = 0;
        std::int32_t end = 0;
    };
    std::vector<Part> parts; ///< by row and column
    std::vector<Run> runs;   ///< by row and column

    /// Calls `visit(column, row, share)` for each covered cell.
    template <typename Visit>
    void each(Visit&& visit) const {
        for (auto const& part : parts) visit(part.column, part.row, part.share);
        for (auto const& run : runs)
            for (auto column = run.begin; column < run.end; ++column) visit(column, run.row, 1.0);
    }
    /// Covered area in cells.
    [[nodiscard]] double cells() const noexcept;
};

/// The cells that `zone` covers, exactly: areas of intersection, not samples.
///
/// CRS       of both the same; areas are planar in it.
/// Zone      a valid polygon or multipolygon, whichever way its rings wind; what lies outside the
///           grid is left out. Empty gives nothing.
/// Method    Green's theorem, edge by edge and cell by cell: what an edge cuts off a cell, and of
///           all cells behind it in the row.
/// Accuracy  shares to about 1e-13; where no edge passes they are 0 or 1 exactly.
/// Throws    Error{bad_input, "not-a-polygon"}; "crs-mismatch" where both name a CRS and they
/// differ.
[[nodiscard]] Coverage cover(raster::Frame const& frame, Geometry const& zone);

/// Sums of a raster over a zone, each cell by its covered share.
struct Sums {
    double area = 0; ///< square units of the CRS, of cells with data
    double sum = 0;  ///< Σ value × share
    double least = std::numeric_limits<double>::infinity();
    double most = -std::numeric_limits<double>::infinity();
    double no_data_area = 0; ///< covered, and nothing known

    [[nodiscard]] double mean(double cell_area) const noexcept { return sum * cell_area / area; }
    Sums& operator+=(Sums const& other) noexcept;
};

/// Values that are amounts of whole cells (people, tonnes): half a cell holds half of them.
/// Not checked: that `coverage` is of the grid's frame.
[[nodiscard]] Sums sums(Coverage const& coverage, raster::Grid<float> const& amounts);

/// The same of those cells alone for which `chosen` is not 0, by zone. Their sum is the total: it
/// is added up from them, in their order.
struct SumsByZone {
    std::vector<Sums> zones;
    Sums total;
};
[[nodiscard]] SumsByZone sums_by_zone(std::span<Coverage const> zones,
                                      raster::Grid<float> const& amounts,
                                      std::span<std::uint8_t const> chosen);

} // namespace diaban::geo::exposure
