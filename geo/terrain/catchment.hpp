#pragma once

#include "geo/raster/grid.hpp"
#include "geo/terrain/d8.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace diaban::geo::terrain {

/// What an index holds, wherever it lies: see CatchmentIndex.
struct CatchmentView {
    raster::Shape shape;
    std::span<std::uint32_t const> sizes;  ///< by cell: how many cells drain through it
    std::span<std::uint32_t const> places; ///< by cell: where it stands in `order`
    std::span<std::uint32_t const> order;

    /// As CatchmentIndex::cells.
    [[nodiscard]] std::span<std::uint32_t const> cells(raster::Cell cell) const noexcept {
        auto const at = shape.index(cell.column, cell.row);
        if (sizes[at] == 0) return {};
        return order.subspan(places[at], sizes[at]);
    }
};

/// The catchment of any cell, at once: cells in an order in which whatever drains through a cell
/// stands right behind it.
///
/// Memory    12 bytes a cell, 16 while it is made. Made in one pass over the cells.
/// Limit     2^32 - 1 cells.
class CatchmentIndex {
public:
    /// Throws    as `accumulate` does; Error{too_large, "too-many-cells"}.
    CatchmentIndex(raster::Shape shape, std::span<Direction const> directions, unsigned threads);

    /// Indexes of the cells that drain through `cell`, itself first; nothing where it has no data.
    /// Not checked: that the grid holds it.
    [[nodiscard]] std::span<std::uint32_t const> cells(raster::Cell cell) const noexcept {
        return view().cells(cell);
    }
    [[nodiscard]] CatchmentView view() const noexcept {
        return {m_shape, m_sizes, m_places, m_order};
    }

    /// Whether water from `above` passes `below`.
    [[nodiscard]] bool drains_through(raster::Cell above, raster::Cell below) const noexcept;

private:
    raster::Shape m_shape;
    std::vector<std::uint32_t> m_sizes;
    std::vector<std::uint32_t> m_places; ///< by cell: where it stands in m_order
    std::vector<std::uint32_t> m_order;
};

} // namespace diaban::geo::terrain
