#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace diaban::geo::statistics {

/// What one later period will probably be.
struct Forecast {
    double value = 0;
    double low = 0;  ///< the interval holds the truth with the confidence asked for, if the series
    double high = 0; ///< goes on as it did
};

/// The fewest values a forecast is made of.
inline constexpr std::size_t fewest_for_forecast = 5;
inline constexpr std::size_t most_ahead = 24;

/// The next `ahead` values of a series of equal steps: Holt's linear method.
///
/// Method    Holt (1957), as the state space model ETS(A,A,N) of Hyndman, Koehler, Ord and Snyder
///           (2008, table 6.1): level and trend smoothed by α and β ≤ α, both chosen in steps of
///           0.1 for the least squared error one step ahead; variance σ²(1 + Σ(α + βj)²), j < h,
///           with Student's t of n - 3 degrees.
/// Interval  then held against the series itself: forecasts from each earlier moment say by which
///           factor it must be widened (or may be narrowed) so that as many as wanted would have
///           held (split conformal prediction, Lei et al. 2018); with fewer than four such
///           forecasts it stays as the model has it.
/// Positive  where all values are above zero it is done on their logarithms: a rate, as sums of
///           money and people grow, and never below zero.
/// Throws    Error{bad_input, "short-series"} under `fewest_for_forecast` values,
///           "bad-confidence" outside 0.5..0.99, "bad-horizon" beyond `most_ahead`.
/// Cost      66 fits for each moment that is looked back at: 30 values take a millisecond.
[[nodiscard]] std::vector<Forecast> forecast(std::span<double const> values, std::size_t ahead,
                                             double confidence);

/// How often the truth lay in the interval.
struct Coverage {
    std::size_t within = 0;
    std::size_t made = 0;
};

/// Forecasts from every beginning of the series that is long enough, up to `ahead` periods, held
/// against what came.
[[nodiscard]] Coverage measured_coverage(std::span<double const> values, std::size_t ahead,
                                         double confidence);

/// The quantile of Student's t distribution; `degrees` >= 1, 0 < p < 1. Error under 1e-9 of it.
[[nodiscard]] double student_quantile(double p, std::size_t degrees);

} // namespace diaban::geo::statistics
