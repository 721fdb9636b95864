#pragma once

#include "geo/feature.hpp"
#include "geo/index/packed_rtree.hpp"
#include "geo/schema.hpp"
#include "tiles/grid.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace diaban::tiles::mirror {

/// A tile field, dictionary-coded: `codes[row]` is a place in `dictionary`; place 0 is null.
struct Column {
    geo::Field field;
    std::vector<geo::Value> dictionary;
    std::vector<std::uint32_t> tile_values; ///< by code: place in Base::tile_values
    std::vector<std::uint32_t> codes;       ///< by row
};

/// The arrays of a layer. Row order is Hilbert order of box centres, then fid.
///
/// Geometry    row i has paths [path_begin[i], path_begin[i+1]); path p has points
///             [point_begin[p], point_begin[p+1]); both have one entry past the last. Points have
///             one path of all members. Rings are as tiles/shape.hpp says, and valid on the grid.
/// safe_zooms  the lowest zoom at which rounding to tile units provably keeps row i as it is: no
///             points fall together, no ring comes to touch itself or another. 20: at none.
struct Base {
    geo::Schema schema;
    std::uint32_t native_zoom = 0;

    std::vector<std::int64_t> fids;
    std::vector<std::uint32_t> scopes; ///< place in scope_names
    std::vector<std::uint8_t> sensitivities;
    std::vector<std::uint8_t> safe_zooms;
    std::vector<GridBox> boxes;
    std::vector<std::uint32_t> path_begin;
    std::vector<std::uint32_t> point_begin;
    std::vector<GridPoint> points;
    std::vector<GridPoint> labels; ///< by row where polygons have a label field, else empty
    std::vector<Column> columns;
    std::vector<std::string> scope_names;
    std::vector<std::string> tile_values; ///< every column's values as a tile holds them
    geo::index::PackedRtree<GridBox> index;

    [[nodiscard]] std::size_t size() const noexcept { return fids.size(); }
    [[nodiscard]] std::span<GridPoint const> path(std::size_t p) const noexcept {
        return std::span{points}.subspan(point_begin[p], point_begin[p + 1] - point_begin[p]);
    }
    [[nodiscard]] bool has_labels() const noexcept { return !labels.empty(); }
};

} // namespace diaban::tiles::mirror
