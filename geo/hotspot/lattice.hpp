#pragma once

#include "geo/geometry.hpp"

#include <compare>
#include <cstdint>

namespace diaban::geo::hotspot {

/// EPSG:4326 as an equal-area plane: the cylindrical projection of the WGS 84 ellipsoid that is
/// true to scale at 16° N, about the middle of Viet Nam (Snyder 1987, equations 3-12, 3-16, 10-13
/// to 10-15). Metres, x from the meridian of Greenwich.
///
/// Area    true everywhere.
/// Shape   true at 16°; lengths along parallels are off by +4.8 % at 23.5° and by -2.9 % at 8°,
/// those
///         along meridians by as much the other way.
/// Degrees come back as they went to 1e-11 between 85° south and north.
[[nodiscard]] Position to_equal_area(Position degrees) noexcept;
[[nodiscard]] Position from_equal_area(Position metres) noexcept;

enum class CellKind : std::uint8_t {
    hexagon, ///< pointing north; `across` is from side to side: from a cell's centre to the next's
    square,  ///< `across` is its side
};

/// A cell by its place: of squares column and row, of hexagons q along a row and r up the rows,
/// each row half a cell further east. (0, 0) has its centre, a square its lower left corner, in the
/// plane's origin.
struct LatticeCell {
    std::int32_t column = 0;
    std::int32_t row = 0;
    friend constexpr auto operator<=>(LatticeCell const&, LatticeCell const&) = default;
};

/// Cells of one size and area, side by side in that plane: every position lies in exactly one.
class Lattice {
public:
    /// Not checked: `across` is 10 m or more.
    Lattice(CellKind kind, double across) noexcept : m_kind{kind}, m_across{across} {}

    /// The cell that holds a position (EPSG:4326, between 85° south and north).
    [[nodiscard]] LatticeCell cell_of(Position degrees) const noexcept;
    /// Its outline, EPSG:4326, counter-clockwise. Neighbours share the corners between them to the
    /// last bit. What would reach beyond a pole ends there.
    [[nodiscard]] Geometry outline(LatticeCell cell) const;
    /// Of a cell, on the ellipsoid.
    [[nodiscard]] double area_m2() const noexcept;
    [[nodiscard]] double across() const noexcept { return m_across; }

private:
    CellKind m_kind;
    double m_across;
};

} // namespace diaban::geo::hotspot
