#pragma once

#include "geo/geometry.hpp"
#include "geo/raster/grid.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace diaban::geo::landuse {

/// What a cell is: the number of a class, or of a pair of classes at two dates. Any number but
/// `unknown`, which is no data.
using Label = std::uint16_t;
inline constexpr Label unknown = 0xFFFF;

/// Reads the labels of a window, row by row, into as many as it has cells. For one thread.
using LabelReader = std::function<void(raster::Window const& window, std::span<Label> into)>;

/// How much of a zone a label covers, in cells.
struct ClassShare {
    Label label = unknown;
    double cells = 0; ///< Σ of the covered shares of its cells
    double core = 0;  ///< the part of that in cells of which at least half lies in the zone
};

/// What a raster holds within a zone.
struct ZoneClasses {
    std::vector<ClassShare> classes; ///< by label; `unknown`, if any, is the last
    double cells = 0;                ///< Σ over classes, `unknown` too

    /// 0 of a label that is not there.
    [[nodiscard]] double cells_of(Label label) const noexcept;
};

/// Told after each strip: how many of the grid's rows are done, of how many. Where it says false
/// the work ends.
using Progress = std::function<bool(std::uint64_t done, std::uint64_t of)>;

/// How much of each class lies in each zone, exactly: areas of intersection, not samples.
///
/// CRS       of zones and grid the same; areas are planar in it. What lies outside the grid is
///           left out: `cells` × cell area is then less than the area of the zone.
/// Zones     valid polygons or multipolygons; each by itself, so they may overlap.
/// Threads   as many as there are readers. They leave no trace: strips are added up in their
///           order. At least one reader.
/// Memory    8 MB of labels a thread (a row, where that is more) and what is found, whatever the
///           grid's size.
/// Accuracy  Σ cells × cell area is the area of a zone within the grid to 1e-12 of it.
/// Cost      a pass over those cells of the strips that zones reach, and one over the zones' edges
///           for each strip that they meet.
/// Throws    Error{unavailable, "stopped"} where `progress` says so; as exposure::cover; what
///           readers throw.
[[nodiscard]] std::vector<ZoneClasses> class_areas(raster::Frame const& frame,
                                                   std::span<Geometry const> zones,
                                                   std::span<LabelReader const> readers,
                                                   Progress const& progress = {});

/// A class at a first date and one at a second, as one label; classes are 0 to 254. Nothing known
/// of one is nothing known of both.
[[nodiscard]] constexpr Label change_label(Label before, Label after) noexcept {
    return before == unknown || after == unknown ? unknown : Label(before << 8U | after);
}
[[nodiscard]] constexpr Label before_of(Label change) noexcept {
    return change >> 8U;
}
[[nodiscard]] constexpr Label after_of(Label change) noexcept {
    return change & 0xFFU;
}

} // namespace diaban::geo::landuse
