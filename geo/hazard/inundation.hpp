#pragma once

#include "geo/hazard/scenario.hpp"
#include "geo/raster/grid.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace diaban::geo::hazard {

/// Where all water came from and went to, in m³, kept in double precision; and what says whether
/// the answer is worth having.
struct Balance {
    double initial = 0;         ///< at the beginning
    double inflow = 0;          ///< through inflows
    double rain = 0;            ///< fallen
    double levels = 0;          ///< through cells of standing level, in less out
    double outfall = 0;         ///< gone over the edge
    double infiltrated = 0;     ///< gone into the ground
    double stored = 0;          ///< there now
    double greatest_froude = 0; ///< where water is deeper than 0.1 m
    double faster_share = 0;    ///< part of that water that moves faster than its waves

    /// Water that came from nowhere, or went there (m³).
    [[nodiscard]] double error() const noexcept {
        return stored - (initial + inflow + rain + levels - outfall - infiltrated);
    }
    /// That beside all water there was.
    [[nodiscard]] double relative_error() const noexcept;
};

/// A flood that moves over a grid.
///
/// Method    local-inertia equations: Bates, Horritt and Fewtrell (J. Hydrol. 387, 2010) with the
///           weighted discharge of de Almeida et al. (Water Resour. Res. 48, 2012); friction by the
///           length of the discharge vector. Steps of time by the wave speed of the deepest water.
///           What would leave a cell beyond what it holds is cut at its faces: no depth is ever
///           clamped, and no water invented.
/// Validity  slow and gradually varied flow, Froude numbers up to about 1. Dam breaks are refused
///           (see `check`); an answer in which more than a tenth of the water is faster than its
///           waves is refused when it is asked for.
/// Accuracy  cells in single precision with what rounding leaves kept beside them: the error of the
///           balance is some 1e-9 of the water.
/// Repeats   the same scenario, run to the same instants, gives the same bits, on any number of
///           threads and any machine.
/// Cost      blocks of cells far from water and rain cost nothing. Memory: 40 bytes a cell.
/// Threads   of one object, one at a time; `run_to` starts its own.
class Inundation {
public:
    /// Throws    as `check` does.
    explicit Inundation(Scenario scenario);
    Inundation(Inundation&&) noexcept;
    Inundation& operator=(Inundation&&) noexcept;
    ~Inundation();

    /// Goes on to an instant (s since the beginning); not back.
    /// Throws    Error{unsupported, "supercritical"} where the scheme does not hold any more.
    void run_to(double seconds, unsigned threads);

    /// From here on another scenario holds: its waters, rain, changes of the ground, infiltration.
    /// Ground that has moved stays as it is, water too.
    /// Throws    as `check` does; Error{bad_input, "bad-scenario"} where grid, ground, water at the
    ///           beginning or friction are others.
    void go_on_with(Scenario scenario);

    [[nodiscard]] double seconds() const noexcept;
    [[nodiscard]] std::uint64_t steps() const noexcept;
    /// Cells that were computed, all steps together: what the speed is counted in.
    [[nodiscard]] std::uint64_t updates() const noexcept;
    [[nodiscard]] Balance balance() const;

    [[nodiscard]] raster::Grid<float> depth() const; ///< m
    [[nodiscard]] raster::Grid<float>
    speed() const; ///< m/s, of the discharge through a cell's faces
    [[nodiscard]] raster::Grid<float> arrival() const; ///< s; infinite where no water came
    [[nodiscard]] raster::Grid<float> deepest() const; ///< m, the greatest so far
    [[nodiscard]] raster::Grid<float> hazard() const;  ///< greatest depth times speed so far, m²/s

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace diaban::geo::hazard
