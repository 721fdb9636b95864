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

/// The next `ahead` values of a series of equal steps: a random walk with drift.
///
/// Method    Hyndman and Athanasopoulos, Forecasting (3rd ed., 5.2 and 5.5): the last value plus
///           the mean step a period; the interval's half width is t·s·sqrt(h·(1 + h/(n-1))) with s
///           the deviation of the steps about their mean and n the number of values, t of
///           Student's distribution with n - 2 degrees (the book takes the normal one, which is
///           too narrow for so short series).
/// Positive  where all values are above zero, steps are those of the logarithms: a rate, as sums
///           of money and people grow, and never below zero.
/// Throws    Error{bad_input, "short-series"} under `fewest_for_forecast` values,
///           "bad-confidence" outside 0.5..0.99, "bad-horizon" beyond `most_ahead`.
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
