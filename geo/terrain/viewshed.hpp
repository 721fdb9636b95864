#pragma once

#include "geo/geometry.hpp"
#include "geo/raster/grid.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace diaban::geo::terrain {

/// Ground as a line of sight meets it: heights at the centres of cells, straight between
/// neighbours.
struct SightGround {
    raster::Shape shape;
    std::span<float const> heights; ///< metres, row 0 north; NaN is no data and hides nothing
    double width = 1;               ///< of a cell, metres on the ground
    double height = 1;
};

/// A part of all directions. Not checked: that the opening is positive.
struct Sector {
    double azimuth = 0;   ///< of its middle, degrees clockwise from the grid's north
    double opening = 360; ///< degrees
    double tilt = 0;      ///< of its middle above the horizon, degrees
    double tall = 180;    ///< opening up and down, degrees
};

/// Who looks, from where.
struct Watcher {
    Position at;       ///< in cells: x = columns, y = rows; (0, 0) is the first cell's centre
    double eye = 2;    ///< metres above the ground there
    double target = 0; ///< metres above the ground of what is looked at
    double range = 0;  ///< metres; beyond, nothing is looked at
    Sector sector;
    double refraction = 1.0 / 7; ///< of the Earth's curvature, undone by the air (Bomford 1980)
};

/// The Earth as sight bends over it, metres (WGS 84's mean radius).
inline constexpr double sight_radius = 6'371'008.8;

enum class Sight : std::uint8_t {
    unasked, ///< beyond the range or the sector, or without data
    hidden,
    seen,
};

/// Whether one position is seen; `to` in cells, as `at`, its ground as it lies between the centres.
/// `unasked` as for cells, and outside the grid.
///
/// Method  R3 (Franklin and Ray 1994): ground is looked at wherever the line crosses from one row
/// or
///         column of centres to the next, straight between the two on each side. Curvature and
///         refraction lower ground by (1 − refraction) d² / 2R.
/// Touch   a line that touches the ground passes.
[[nodiscard]] Sight line_of_sight(SightGround const& ground, Watcher const& watcher, Position to);

/// The same of every cell's centre: equal to asking each by itself.
///
/// Cost    cells in the range × cells on the way to each, less what is hidden by what is near it.
/// Empty   all `unasked` where the watcher stands outside the grid or on no data.
[[nodiscard]] std::vector<Sight> viewshed(SightGround const& ground, Watcher const& watcher,
                                          unsigned threads);

} // namespace diaban::geo::terrain
