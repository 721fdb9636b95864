#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace diaban::geo::landuse {

/// A number that was estimated, and half the width of its confidence interval.
struct Estimate {
    double value = 0;
    double half_width = 0;
};

/// What a stratified reference sample says of a map of classes.
struct MapAccuracy {
    Estimate overall;
    std::vector<Estimate> users;     ///< by class: what is mapped as it and is it
    std::vector<Estimate> producers; ///< by class: what is it and is mapped as it
    std::vector<Estimate> areas;     ///< by class, in the unit of `mapped`
    std::vector<double> proportions; ///< p̂_ij, row by row; they sum to 1
};

/// Accuracy and true areas of mapped classes, from a reference sample.
///
/// Sample    `counts`, row by row: how many of the units drawn in map class i are of class j on the
///           ground. Strata are the mapped classes, units drawn at random in each.
/// Mapped    area of each mapped class, in any unit.
/// Method    Olofsson et al. 2014 (Remote Sensing of Environment 148), the stratified estimator:
///           accuracies by equations 1–3 with variances 5–7, areas by 9–11. Intervals are normal:
///           ± `z` standard errors.
/// Undefined a class of which nothing is found on the ground has the producer's accuracy NaN.
/// Throws    Error{bad_input, "bad-sample"} where counts are not as many as classes squared, there
///           are fewer than two classes, a class with mapped area has fewer than two sampled units,
///           or an area is negative or all are 0.
[[nodiscard]] MapAccuracy map_accuracy(std::span<std::uint64_t const> counts,
                                       std::span<double const> mapped, double z = 1.96);

/// A mapped class before anything was sampled in it.
struct Stratum {
    double mapped = 0; ///< area, in any unit
    double users = 0;  ///< user's accuracy that is conjectured, 0 to 1
};

/// How many units a sample needs, and how many go to each stratum.
struct SampleSize {
    std::uint64_t total = 0;
    std::vector<std::uint64_t> by_stratum; ///< they sum to `total`
    double expected_error = 0; ///< standard error of the overall accuracy with that allocation
};

/// Size and allocation of a stratified sample.
///
/// Size        Cochran 1977, equation 5.25, as Olofsson et al. 2014 give it (equation 13): (Σ W S /
///             `error`)², rounded up, S = √(U (1 − U)).
/// Allocation  `least` to each stratum with area, what is left by area (Olofsson et al. 2014,
///             section 5.1.2); what rounding leaves goes to the largest remainders. Where the
///             leasts exceed the size, they are the size.
/// Throws      Error{bad_input, "bad-sample"} where an area is negative, all are 0, an accuracy is
///             not within 0 to 1, `error` is not above 0, or the size is beyond 1,000,000.
[[nodiscard]] SampleSize sample_size(std::span<Stratum const> strata, double error,
                                     std::uint64_t least);

} // namespace diaban::geo::landuse
