#pragma once

#include "geo/coverage/arcs.hpp"
#include "tiles/grid.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diaban::tiles::pyramid {

/// A side that must pass through another point's unit at one zoom: after point `point` of the
/// rings, before the next one that the zoom draws, comes `through`.
struct Bend {
    std::uint32_t zoom = 0;
    std::uint32_t point = 0;
    GridPoint through; ///< in steps; rounded to the unit like any other

    friend bool operator==(Bend const&, Bend const&) = default;
};

/// Zooms, both ends included.
struct ZoomRange {
    std::uint32_t lowest = 0;
    std::uint32_t highest = 0;
};

/// Those of the points [first, last) at a zoom, of bends in the order of Bends.
/// Cost  two binary searches.
[[nodiscard]] std::span<Bend const> bends_of(std::span<Bend const> sorted, std::uint32_t zoom,
                                             std::uint32_t first, std::uint32_t last) noexcept;

/// Bends by zoom, then by point, then along the side.
class Bends {
public:
    Bends() = default;
    explicit Bends(std::vector<Bend> sorted) : m_bends{std::move(sorted)} {}

    [[nodiscard]] std::span<Bend const> all() const noexcept { return m_bends; }
    /// Those of the points [first, last) at a zoom.
    [[nodiscard]] std::span<Bend const> of(std::uint32_t zoom, std::uint32_t first,
                                           std::uint32_t last) const noexcept {
        return bends_of(m_bends, zoom, first, last);
    }

private:
    std::vector<Bend> m_bends;
};

/// The bends of a coverage at the zooms [lowest, highest].
///
/// Why      rounding to tile units can bring a point across a side that it lay beside, by less than
///          a unit: then neighbours overlap, or a side and a point that touched no longer do (where
///          one neighbour has a vertex and the other has none). With its bends every side goes the
///          same way round every point as it did, or through it.
/// Method   snap rounding (Hobby 1999; Guibas and Marimont 1998): a side is drawn through the
/// middle
///          of each unit square that it meets and in which a point is drawn.
/// Result   rings with their bends, rounded, run along each other and touch, but do not cross: what
///          `untangle` makes valid without moving anything. So at each zoom the areas of a
///          coverage add up to that of its union. Few: about one in a thousand points at a zoom at
///          which they are dense.
/// Shape    `arcs` of `rings`; row i has the rings [row_begin[i], row_begin[i + 1]); `first_zooms`
/// by
///          the arcs' points (detail.hpp).
/// Gaps     whether two rows that lie less than a unit apart, with no row between them, are kept
///          from overlapping too. Costs as much for each point of a row without neighbours as for
///          one of a large row.
/// Cost     for each zoom and row of up to 64 points drawn, a look at every pair of a point and a
///          side; for the points of larger rows, and those found, a search of some 0.5 µs.
[[nodiscard]] Bends find_bends(geo::coverage::Rings const& rings,
                               std::span<std::uint32_t const> row_begin,
                               geo::coverage::Arcs const& arcs,
                               std::span<std::uint8_t const> first_zooms, ZoomRange zooms,
                               bool gaps, unsigned threads);

} // namespace diaban::tiles::pyramid
