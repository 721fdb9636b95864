#pragma once

#include "geo/raster/grid.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diaban::geo::hazard {

/// What is known of a cell's landslides.
enum class Slides : std::uint8_t { unsurveyed, none, some };

/// A factor's class in each cell, as many as the grid has; 0 is no data.
using FactorClasses = std::span<std::uint8_t const>;

/// How much more often than on the whole there are slides in each class of a factor, as logarithms;
/// by class, [0] for no data and always 0.
using ClassWeights = std::vector<double>;

/// Weights of the classes of each factor from the cells that `counts` says.
///
/// Method   the statistical index (van Westen 1997): ln of the share of slides in the class over
///          that on the whole, half a slide and half a cell without one added to each class, so
///          that a class without slides has a finite weight.
/// Not checked: that all are as long as each other.
[[nodiscard]] std::vector<ClassWeights> class_weights(std::span<FactorClasses const> factors,
                                                      std::span<Slides const> slides,
                                                      std::span<std::uint8_t const> counts);

/// The sum of the weights of a cell's classes: the weighted overlay.
[[nodiscard]] double susceptibility(std::span<FactorClasses const> factors,
                                    std::span<ClassWeights const> weights, std::size_t cell);

/// The area under the ROC curve: how likely a positive has the higher score than a negative, ties
/// half (Mann and Whitney); NaN where either is missing.
[[nodiscard]] double area_under_curve(std::span<double const> positives,
                                      std::span<double const> negatives);

struct Validation {
    double auc = 0; ///< of cells each judged by weights made without its fold
    double low = 0; ///< 95 % interval: percentiles over blocks drawn anew
    double high = 0;
    std::vector<double> folds; ///< of each fold by itself
    std::size_t slides = 0;    ///< cells
    std::size_t cells = 0;     ///< surveyed, with all factors known
    std::size_t blocks = 0;
};

struct ValidationOptions {
    std::int32_t block = 100;     ///< cells a side: what is near is like, and stays together
    std::size_t folds = 5;        ///< 2 or more
    std::size_t resamples = 1000; ///< 0: no interval
    std::uint64_t seed = 1;
};

/// How well an overlay tells slides where it has not seen any, by spatial cross-validation: square
/// blocks are dealt to folds at random; each fold is judged by weights from the others.
///
/// Interval  blocks drawn with replacement; scores in 2,048 classes of equal counts (their ties
///           change the AUC by less than 1e-3).
/// Left out  unsurveyed cells, and those that lack a factor.
/// Cost      `folds` passes over the cells; resamples × blocks × 2,048.
[[nodiscard]] Validation cross_validate(raster::Shape shape, std::span<FactorClasses const> factors,
                                        std::span<Slides const> slides,
                                        ValidationOptions const& options);

} // namespace diaban::geo::hazard
