#pragma once

#include "geo/exposure/marked_cells.hpp"
#include "geo/geometry.hpp"
#include "geo/raster/grid.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diaban::geo::exposure {

/// Cells of a grid, wholly covered: [begin, end), all of one row.
struct CellRun {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

/// Where the cells of one feature end among those of all.
struct FootprintEnd {
    std::uint32_t parts = 0;
    std::uint32_t runs = 0;
};

/// Where features lie on a grid, found once, so that any hazard on it asks cells alone: of a
/// polygon the shares of cells that its boundary passes and the runs of those within, of a line the
/// metres in each cell, of a point its cell.
struct FootprintView {
    std::span<FootprintEnd const> ends; ///< by feature
    std::span<std::uint32_t const> cells;
    std::span<double const> shares; ///< of each cell, or the metres in it
    std::span<CellRun const> runs;

    /// Whether any cell is marked.
    [[nodiscard]] bool meets(std::size_t feature, MarkedCells const& marked) const noexcept;
    /// Shares of marked cells, summed: in cells, or in metres of a line.
    [[nodiscard]] double within(std::size_t feature, MarkedCells const& marked) const noexcept;
};

/// Footprints in the making.
class Footprints {
public:
    explicit Footprints(raster::Frame const& frame) : m_frame{frame} {}

    /// Adds a feature: EPSG as the frame's, valid. Shares of a polygon are exact (see `cover`), a
    /// line is cut at the sides of cells, of points the first counts; what lies off the grid is
    /// left out. An empty geometry has no cells. Throws   Error{too_large, "too-many-cells"} beyond
    /// 2^32 parts or runs.
    void add(Geometry const& shape);

    [[nodiscard]] std::size_t size() const noexcept { return m_ends.size(); }
    /// Whether the last feature that was added has no cell.
    [[nodiscard]] bool last_is_empty() const noexcept;
    /// Takes the last one away.
    void drop_last() noexcept;
    [[nodiscard]] FootprintView view() const noexcept {
        return {m_ends, m_cells, m_shares, m_runs};
    }

private:
    void add_polygon(Geometry const& polygon);
    void add_line(Geometry const& line);
    void add_piece(Position a, Position b, std::vector<double>& cuts);
    [[nodiscard]] FootprintEnd before_last() const noexcept;

    raster::Frame m_frame;
    std::vector<FootprintEnd> m_ends;
    std::vector<std::uint32_t> m_cells;
    std::vector<double> m_shares;
    std::vector<CellRun> m_runs;
};

} // namespace diaban::geo::exposure
