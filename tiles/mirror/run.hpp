#pragma once

#include "geo/index/packed_rtree.hpp"
#include "geo/period.hpp"
#include "geo/schema.hpp"
#include "tiles/grid.hpp"
#include "tiles/pyramid/bends.hpp"
#include "tiles/texts.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diaban::tiles::mirror {

/// A tile field, dictionary-coded: `codes[row]` is a place in `places`, which leads to the value
/// among Run::tile_values; code 0 is null.
struct Column {
    geo::Field const* field;               ///< of the run's schema
    std::span<std::uint32_t const> codes;  ///< by row
    std::span<std::uint32_t const> places; ///< by code
};

/// Rows of one scope and one sensitivity, as many as a run holds.
struct RowClass {
    std::string scope;
    std::uint8_t sensitivity = 0;
    std::uint32_t rows = 0;    ///< with and without geometry
    std::uint32_t located = 0; ///< with geometry
    GridBox box;               ///< of those
};

/// Rows that never change, in arrays: what a layer is made of. The arrays lie in memory of the run
/// or in a mapped segment; either lives as long as the run.
///
/// Order       first the rows with geometry, by the Hilbert distance of their boxes' centres, then
///             by fid; behind them those without, by fid.
/// Geometry    row i has paths [path_begin[i], path_begin[i+1]); path p has points
///             [point_begin[p], point_begin[p+1]); both have one entry past the last. Points have
///             one path of all members. Rings are as tiles/shape.hpp says, and valid on the grid.
/// safe_zooms  the lowest zoom at which rounding to tile units provably keeps row i as it is: no
///             points fall together, no ring comes to touch itself or another. 20: at none, and
///             where the grid itself had to change the row: parts of less than a step are lost,
///             narrow places closed. Its box holds them all the same.
struct Run {
    std::shared_ptr<geo::Schema const> schema;

    // By row.
    std::span<std::int64_t const> fids;
    std::span<std::uint32_t const> by_fid;  ///< rows in the order of their fids
    std::span<std::uint32_t const> classes; ///< place in class_table
    std::span<geo::Period const> periods;   ///< empty where all are open

    // By row with geometry.
    std::span<std::uint8_t const> safe_zooms;
    std::span<GridBox const> boxes;
    std::span<std::uint32_t const> path_begin;
    std::span<std::uint32_t const> point_begin;
    std::span<GridPoint const> points;
    std::span<GridPoint const> labels; ///< where the schema has labels, else empty
    std::span<std::uint8_t const>
        first_zooms;                      ///< by point, where the schema simplifies, else empty
    std::span<pyramid::Bend const> bends; ///< of the zooms that leave points out
    std::span<double const> measures;     ///< where polygons are merged m², lines m, else empty
    std::span<GridBox const> nodes;       ///< of the index over the boxes

    std::vector<Column> columns;
    Texts tile_values; ///< every column's values as a tile holds them
    std::vector<RowClass> class_table;
    geo::index::PackedRtree<GridBox> index;
    std::shared_ptr<void const> memory; ///< what the spans look into
    std::size_t bytes = 0;              ///< its size

    [[nodiscard]] std::size_t size() const noexcept { return fids.size(); }
    [[nodiscard]] std::size_t located() const noexcept { return boxes.size(); }
    [[nodiscard]] std::span<GridPoint const> path(std::size_t p) const noexcept {
        return points.subspan(point_begin[p], point_begin[p + 1] - point_begin[p]);
    }
    [[nodiscard]] std::span<GridPoint const> points_of(std::size_t row) const noexcept {
        auto const first = point_begin[path_begin[row]];
        return points.subspan(first, point_begin[path_begin[row + 1]] - first);
    }
    /// Whether the grid may hold row i otherwise than to half a step: only its box is sure.
    [[nodiscard]] bool is_mended(std::size_t i) const noexcept {
        return safe_zooms[i] > TileId::max_zoom;
    }
    /// The row of a fid. Cost: a binary search.
    [[nodiscard]] std::optional<std::uint32_t> find(std::int64_t fid) const noexcept;
};

/// Distance of a box's centre along the Hilbert curve: the order of rows.
[[nodiscard]] std::uint32_t hilbert_of(GridBox const& box) noexcept;

} // namespace diaban::tiles::mirror
