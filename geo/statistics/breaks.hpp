#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace diaban::geo::statistics {

/// How the bounds of classes of a choropleth are chosen.
enum class BreakMethod {
    quantile, ///< as many values in each class as can be
    natural,  ///< least sum of squared distances to the class means (Fisher 1958)
    deviation ///< at whole standard deviations around the mean
};

/// `quantile`, `natural` or `deviation`.
[[nodiscard]] std::optional<BreakMethod> break_method(std::string_view name) noexcept;

/// The most classes that are made, and the most values they are made of.
inline constexpr std::size_t most_classes = 12;
inline constexpr std::size_t most_values = 200'000;

/// Bounds between classes, ascending and all different; class i holds the values v with
/// bound[i-1] <= v < bound[i].
///
/// Values    finite, in any order. Fewer bounds than `classes` - 1 come of fewer different values.
/// Natural   exact: dynamic programming after Wang and Song (2011), Ckmeans.1d.dp; a bound is the
///           least value of the class above it.
/// Quantile  of type 7 (Hyndman and Fan 1996), linear between neighbours.
/// Deviation bounds lie one population deviation apart, symmetric about the mean: through it where
///           `classes` is even. Those beyond the values are left out.
/// Throws    Error{bad_input, "bad-classes"} unless 2 <= classes <= most_classes;
///           Error{too_large, "too-many-values"}.
/// Cost      natural: classes · n log n.
[[nodiscard]] std::vector<double> breaks(std::span<double const> values, std::size_t classes,
                                         BreakMethod method);

/// How many values each class holds: bounds.size() + 1 numbers that sum to values.size().
[[nodiscard]] std::vector<std::size_t> class_counts(std::span<double const> values,
                                                    std::span<double const> bounds);

} // namespace diaban::geo::statistics
