#pragma once

#include "geo/geometry.hpp"

#include <cstdint>
#include <string_view>

namespace diaban::geo::synthetic {

/// One parcel of a synthetic coverage.
struct Parcel {
    Geometry outline; ///< one ring, counter-clockwise, EPSG:4326
    std::int64_t sheet = 0;
    std::int64_t number = 0;   ///< unique within the sheet, from 1
    std::string_view land_use; ///< a national code; lives as long as the program
};

/// What a ParcelGrid is made of.
///
/// `vertices`  positions of each ring with its closing one: odd, 5 to 133; 17 is a usual parcel.
/// `box`       EPSG:4326; the parcels cover it, but for the cells that the last row lacks.
struct ParcelGridPlan {
    std::uint64_t count = 1'000'000;
    std::uint32_t vertices = 17;
    Box box{105.1, 17.9, 106.6, 18.8};
    std::uint64_t seed = 1;
};

/// A coverage of parcels of one vertex count: what benchmarks and tests cut tiles of.
///
/// Shape      a grid of cells about square in metres; corners are displaced by up to a fifth of a
///            cell, edges are crooked lines. Neighbours share corners and the vertices between them
///            exactly, double for double; all rings are valid; the rim lies on the box.
/// Land use   in connected patches of 50 to 500 parcels (one smaller patch if there are fewer).
/// Sheets     blocks of at most 500 parcels.
/// Pure       parcel i depends on the plan and on i alone: any order, any thread, any machine with
///            IEEE doubles.
class ParcelGrid {
public:
    /// Throws    Error{bad_input, "bad-parameter"} for a count of 0 or beyond 10^9, vertices that
    ///           are not offered, or a box that is empty, not finite or beyond ±85° of latitude.
    explicit ParcelGrid(ParcelGridPlan const& plan);

    [[nodiscard]] std::uint64_t size() const noexcept { return m_plan.count; }

    /// Writes parcel `index` (< size) into `into`, reusing its memory. About 0.3 µs for 17
    /// vertices.
    void parcel(std::uint64_t index, Parcel& into) const;

private:
    struct Cell {
        std::uint32_t column = 0;
        std::uint32_t row = 0;
    };
    [[nodiscard]] Position corner(std::uint32_t column, std::uint32_t row) const noexcept;
    void append_edge(Geometry& outline, Cell from, Cell to) const;
    [[nodiscard]] std::string_view land_use(Cell cell) const noexcept;

    ParcelGridPlan m_plan;
    std::uint32_t m_columns = 0;
    std::uint32_t m_rows = 0;
    std::uint32_t m_full_rows = 0; ///< rows that lack no parcel, at least 1
    std::uint32_t m_patch_columns = 0;
    std::uint32_t m_patch_rows = 0;
    std::uint32_t m_between_across = 0; ///< vertices inside an edge that runs east–west
    std::uint32_t m_between_along = 0;  ///< vertices inside an edge that runs north–south
};

} // namespace diaban::geo::synthetic
