#pragma once

#include "geo/landuse/class_areas.hpp"
#include "geo/raster/grid.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace diaban::geo::landuse {

/// How many cells of a raster have each label, `unknown` too.
/// Throws   as class_areas.
[[nodiscard]] std::map<Label, std::uint64_t>
count_labels(raster::Frame const& frame, LabelReader const& reader, Progress const& progress = {});

/// A cell that was drawn.
struct DrawnCell {
    Label label = unknown;
    raster::Cell cell;
};

/// Draws cells of each label, every one as likely as any other, none twice.
///
/// Wanted    how many of each label; where there are fewer, all are taken.
/// Cells     `there`, as count_labels gives them for the same raster.
/// Method    places among the cells of a label by Floyd's algorithm (Bentley and Floyd 1987), then
///           one pass over the raster. The same `seed` draws the same cells.
/// Order     by row and column.
/// Throws    as class_areas.
[[nodiscard]] std::vector<DrawnCell> draw_cells(raster::Frame const& frame,
                                                LabelReader const& reader,
                                                std::map<Label, std::uint64_t> const& there,
                                                std::map<Label, std::uint64_t> const& wanted,
                                                std::uint64_t seed, Progress const& progress = {});

} // namespace diaban::geo::landuse
