#pragma once

#include "geo/geometry.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diaban::geo::ops {

/// A geometry's border on a raster over its box: the rings of polygons, lines and points as they
/// are. A cell lies wholly inside, wholly outside, or holds a piece of the border, which it knows.
/// Answers for most small boxes and for single positions without looking at the geometry again.
///
/// Rounding  a cell counts as border if the border comes within 1e-9 of the box's size of it, so
///           inside and outside are certain.
/// Cost      to make: one pass over the positions; to ask: the cells that are covered, and the
///           pieces of border in them.
class BorderCells {
public:
    enum class Place : std::uint8_t { outside, inside, border };

    explicit BorderCells(Geometry const& shape);

    /// How `box` lies: wholly inside, wholly outside, or neither is certain.
    [[nodiscard]] Place place(Box const& box) const noexcept;

    /// Whether the border comes as near as `distance` to `p`, or to the border of `other`.
    [[nodiscard]] bool near(Position p, double distance) const;
    [[nodiscard]] bool near(Geometry const& other, double distance) const;

    /// Whether `p`, which is not on the border, lies inside.
    [[nodiscard]] bool inside(Position p) const;

private:
    struct Segment {
        Position a;
        Position b;
    };
    /// Calls `visit(cell)` for each cell that the segment from a to b comes near to, at most that
    /// far in x and y, until it says true; whether it did.
    template <typename Visit>
    bool along(Position a, Position b, double far_x, double far_y, Visit const& visit) const;
    /// Calls `use(cell, segment)` for each piece of border in each cell.
    template <typename Use>
    void each_in_cells(Use const& use) const;
    void size_cells(int side);
    void fill(Geometry const& shape);
    [[nodiscard]] bool near(Segment const& other, double distance) const;
    [[nodiscard]] std::span<std::uint32_t const> pieces(std::size_t cell) const noexcept;
    [[nodiscard]] int column(double x) const noexcept;
    [[nodiscard]] int row(double y) const noexcept;

    Box m_box;
    int m_side = 0;     ///< cells in a row, and rows
    double m_width = 0; ///< of a cell
    double m_height = 0;
    std::vector<Segment> m_segments;
    std::vector<Place> m_cells;          ///< row-major from the south-west
    std::vector<std::uint32_t> m_begin;  ///< by cell, and one past the last: place in m_pieces
    std::vector<std::uint32_t> m_pieces; ///< segments
};

} // namespace diaban::geo::ops
