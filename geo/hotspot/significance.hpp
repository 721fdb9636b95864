#pragma once

#include "geo/geometry.hpp"
#include "geo/raster/grid.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diaban::geo::hotspot {

/// How far a value's surroundings lie above or below the whole, in standard deviations.
struct Score {
    double z = 0;                 ///< 0 where all values are equal, or all are neighbours
    std::uint32_t neighbours = 0; ///< itself among them
};

/// Getis and Ord's Gi* (Ord and Getis 1995, eq. 14), weights 1 for values within `band` of each
/// other and for the value itself, else 0.
///
/// `positions`  in the plane, in the unit of `band`; `values` one each.
/// Cost         the pairs within the band.
/// Throws       Error{bad_input, "bad-parameter"} unless band > 0.
[[nodiscard]] std::vector<Score> gi_star(std::span<Position const> positions,
                                         std::span<double const> values, double band);

/// The same of the cells of a grid; neighbours are those whose centres lie within `band` cells.
/// NaN is no data: neither counted nor a neighbour, and its z is NaN.
///
/// Cost    cells × rows within the band.
/// Throws  Error{bad_input, "bad-parameter"} unless 0 < band ≤ 1000.
[[nodiscard]] std::vector<Score> gi_star(raster::Shape shape, std::span<double const> values,
                                         double band);

/// Of cells at several times: `values` holds one grid behind the other. Neighbours of a cell at a
/// time are the cells within `band` at that time and the `back` times before it, as far as there
/// are any; mean and deviation are those of all cells at all times.
[[nodiscard]] std::vector<Score> gi_star(raster::Shape shape, std::size_t times,
                                         std::span<double const> values, double band,
                                         std::size_t back);

/// The chance of a standard normal value at least as far from 0 as z, on either side. NaN of NaN.
[[nodiscard]] double two_sided(double z) noexcept;

/// p adjusted so that calling all of at most q significant makes, among those called so, a share of
/// at most q false on average (Benjamini and Hochberg 1995). NaN is none of the tests and stays.
[[nodiscard]] std::vector<double> adjust_for_false_discovery(std::span<double const> p);

/// Whether a series goes up or down (Mann 1945, Kendall 1975), ties accounted for.
struct Trend {
    std::int64_t s = 0;  ///< rises less falls, among all pairs
    double variance = 0; ///< of s, were there no trend
    double z = 0;        ///< with correction for continuity; 0 where the variance is 0
    double p = 1;        ///< two-sided, of the normal approximation
    double slope = 0;    ///< median of the slopes between all pairs, a step (Sen 1968)
};

/// Cost  pairs. Not checked: that there is no NaN. Fewer than 2 values have no trend; the normal
///       approximation wants 10 (Kendall 1975), 8 at least.
[[nodiscard]] Trend mann_kendall(std::span<double const> series);

} // namespace diaban::geo::hotspot
