#pragma once

#include "geo/geometry.hpp"

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace diaban::geo::route {

/// Finds the nearest of many positions.
///
/// CRS       EPSG:4326, off the poles and not across 180°.
/// Method    positions lie sorted by cells of a grid; blocks of cells around the one that is asked
///           for are looked through, each twice as wide, until no other can hold a nearer one.
///           Nearer is judged on the tangent plane there: exact to 1e-4 of distances of some km.
/// Borrows   the positions.
class NearestPlace {
public:
    explicit NearestPlace(std::span<Position const> positions);

    /// The number of the nearest position within `reach` metres, of equals the lowest; `none`
    /// without one.
    [[nodiscard]] std::uint32_t find(Position from, double reach) const;

private:
    using Cell = std::pair<std::int32_t, std::int32_t>; // row, column
    [[nodiscard]] static Cell cell_of(Position p) noexcept;

    std::span<Position const> m_positions;
    std::vector<std::pair<Cell, std::uint32_t>> m_sorted;
};

} // namespace diaban::geo::route
