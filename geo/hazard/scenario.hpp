#pragma once

#include "geo/hazard/hydrograph.hpp"
#include "geo/raster/grid.hpp"

#include <cstdint>
#include <vector>

namespace diaban::geo::hazard {

using raster::Cell;

/// Water that comes in: a river, the outlet of a reservoir, a pipe. It brings no momentum; a river
/// wants as many cells as it is wide.
struct Inflow {
    std::vector<Cell> cells;
    Hydrograph discharge; ///< m³/s of all cells together, shared equally
};

/// Cells whose water stands at a given level: the sea's tide, a gauge. They give and take.
struct StandingLevel {
    std::vector<Cell> cells;
    Hydrograph level; ///< m
};

/// Cells at the grid's edge over which water leaves as it flows on a slope by itself.
struct Outfall {
    std::vector<Cell> cells;
    double slope = 0.001; ///< of the ground beyond, m/m
};

/// Ground that moves: a dyke that breaches, a gate that opens and closes.
struct BedChange {
    enum class Kind : std::uint8_t {
        breach, ///< lowered where it is higher than `level`, never raised
        gate,   ///< its sill stands at `level`
    };
    Kind kind = Kind::breach;
    std::vector<Cell> cells;
    Hydrograph level; ///< m
};

/// Rain over a part of the grid.
struct Rain {
    Hydrograph intensity; ///< mm/h
};

/// A flood to be computed.
///
/// Units     metres, seconds; heights and levels in one vertical datum.
/// Step      the shortest waves of a plane grow unless courant² < θ/2: their own discharge counts
///           only 2θ − 1 times, and both axes drive them (von Neumann's analysis of eq. 8). So a
///           factor of 0.7 wants θ ≥ 0.98.
/// Rounding  bed and levels that are set are rounded to 1/4096 m, so that water at rest stays at
///           rest to the last bit.
struct Scenario {
    raster::Frame frame;          ///< square cells, in metres
    std::vector<float> bed;       ///< m; NaN is a wall
    std::vector<float> depth;     ///< m, at the beginning; empty: dry
    double friction = 0.035;      ///< Manning's n, s/m^(1/3)
    std::vector<float> frictions; ///< by cell, instead of one for all; empty: `friction`
    double infiltration = 0;      ///< mm/h into the ground, as far as there is water
    std::vector<Rain> rains;      ///< of each zone
    std::vector<std::uint8_t>
        rain_zones; ///< by cell: 1 + the number of its rain, 0 none; empty: the first
    std::vector<Inflow> inflows;
    std::vector<StandingLevel> levels;
    std::vector<Outfall> outfalls;
    std::vector<BedChange> changes;
    double courant = 0.7;     ///< of the greatest time step that wave speed allows
    double own_weight = 0.99; ///< de Almeida's θ: 1 is Bates's scheme; less damps
    double longest_step = 10; ///< s
    double arrived = 0.02;    ///< m of water that count as its arrival
    double look_every = 10;   ///< s between looks at arrival, greatest depth and hazard
};

/// Rounds a height to what the solver counts in.
[[nodiscard]] double counted_height(double metres) noexcept;

/// Refuses what cannot be computed.
///
/// Dam break  the scheme leaves out the advection of momentum and gets the height of a shock wrong
///            (Stoker 6 m / 2 m: 4.14 for 3.70). So water whose surface starts with a step of more
///            than a quarter of its depth (and 0.25 m) is refused, and ground that sinks faster
///            than 0.1 m/s.
/// Throws     Error{unsupported, "dam-break"} with the cell, the step and what is accepted;
///            Error{bad_input, "bad-scenario"} with the part and what is accepted of it;
///            Error{too_large, "too-many-cells"} beyond 2^28 cells.
void check(Scenario const& scenario);

} // namespace diaban::geo::hazard
