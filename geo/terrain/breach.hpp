#pragma once

#include "geo/raster/grid.hpp"

#include <cstdint>
#include <span>

namespace diaban::geo::terrain {

/// How far a breach may go.
struct BreachLimits {
    std::int32_t reach = 100; ///< columns and rows from the pit within which a way is sought
    double depth = 1e9;       ///< deepest cut at any cell, in the unit of the ground
};

/// What breaching did.
struct Breached {
    std::uint64_t pits = 0;     ///< pits that were found
    std::uint64_t breached = 0; ///< those that drain now
    std::uint64_t cut = 0;      ///< cells that were lowered
    double deepest = 0;         ///< of all cuts
};

/// Cuts a way out of every pit, where filling would raise it: through banks that a DEM holds and
/// the ground does not (bridges, culverts). What stays a pit is for `fill`.
///
/// Pit       cells of one height, side by side, none of which has a lower neighbour or lies at a
///           border (the grid's edge, or no data).
/// Way       from the pit to a lower cell or a border, of the least sum of cut times length; cells
///           on it are lowered to the pit's height. Pits are taken from the lowest up; ties by the
///           order of cells.
/// Method    Lindsay and Dhun 2015, least-cost breaching, by Dijkstra's search; ours cuts level
/// ways
///           (directions on flats follow `flow_directions`) and looks in a square window.
/// Units     `width`, `height` of a cell in one unit.
/// Memory    2 bytes a cell and 16 a cell of the window.
Breached breach(raster::Shape shape, double width, double height, std::span<float> ground,
                BreachLimits const& limits = {});

} // namespace diaban::geo::terrain
