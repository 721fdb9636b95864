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

/// Rows as a builder collects them, before sorting. Defined in layer.cpp's room only.
struct Rows;

/// A tile field, dictionary-coded: `codes[row]` indexes `dictionary`; code 0 is null.
struct Column {
    geo::Field field;
    std::vector<geo::Value> dictionary;
    std::vector<std::uint32_t> codes;
};

/// The arrays of a layer. Row order is Hilbert order of box centres.
///
/// Geometry   row i has paths [path_begin[i], path_begin[i+1]); path p has points
///            [point_begin[p], point_begin[p+1]). Rings are stored open (the first point is not
///            repeated), exteriors with positive area in y-down axes, holes negative.
/// safe_zoom  the lowest zoom at which rounding to tile units provably keeps row i as it is:
///            no point collapses, no ring touches itself or another (see grid.hpp).
struct Base {
    geo::Schema schema;
    std::uint32_t native_zoom = 0;

    std::vector<std::int64_t> fids;
    std::vector<std::uint32_t> scopes; // index into scope_names
    std::vector<std::uint8_t> sensitivities;
    std::vector<std::uint8_t> safe_zooms;
    std::vector<GridBox> boxes;
    std::vector<std::uint32_t> path_begin;
    std::vector<std::uint32_t> point_begin;
    std::vector<GridPoint> points;
    std::vector<GridPoint> labels; // one a row where the schema names a label field, else empty
    std::vector<Column> columns;
    std::vector<std::string> scope_names;
    geo::index::PackedRtree<GridBox> index;

    [[nodiscard]] std::size_t size() const noexcept { return fids.size(); }
};

} // namespace diaban::tiles::mirror
