#include "geo/hazard/susceptibility.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <utility>

namespace diaban::geo::hazard {

namespace {

constexpr std::size_t bins = 2048;

/// Cells that count, each with its block and its score.
struct Judged {
    std::vector<std::size_t> cells;
    std::vector<std::uint32_t> blocks; ///< of each cell, numbered from 0
    std::vector<double> scores;        ///< of each cell
    std::size_t block_count = 0;
};

bool is_known(std::span<FactorClasses const> factors, std::size_t cell) {
    return std::ranges::all_of(factors, [&](FactorClasses one) { return one[cell] != 0; });
}

Judged cells_in_blocks(raster::Shape shape, std::span<FactorClasses const> factors,
                       std::span<Slides const> slides, std::int32_t side) {
    Judged judged;
    std::map<std::pair<std::int32_t, std::int32_t>, std::uint32_t> number;
    for (std::int32_t row = 0; row < shape.rows; ++row)
        for (std::int32_t column = 0; column < shape.columns; ++column) {
            auto const cell = shape.index(column, row);
            if (slides[cell] == Slides::unsurveyed || !is_known(factors, cell)) continue;
            auto const block =
                number.try_emplace({row / side, column / side}, std::uint32_t(number.size()));
            judged.cells.push_back(cell);
            judged.blocks.push_back(block.first->second);
            judged.scores.push_back(0);
        }
    judged.block_count = number.size();
    return judged;
}

/// The AUC of counts by ascending class of score, ties half.
double area_of(std::span<double const> positives, std::span<double const> negatives) {
    double below = 0;
    double sum = 0;
    double all = 0;
    for (std::size_t i = 0; i < positives.size(); ++i) {
        sum += positives[i] * (below + negatives[i] / 2);
        below += negatives[i];
        all += positives[i];
    }
    return sum / (below * all);
}

/// Counts of slides and others by class of score, block by block.
class BlockCounts {
public:
    BlockCounts(Judged const& judged, std::span<Slides const> slides)
        : m_blocks{judged.block_count}, m_counts(2 * bins * judged.block_count) {
        auto sorted = judged.scores;
        std::ranges::sort(sorted);
        std::vector<double> bounds;
        for (std::size_t i = 1; i < bins; ++i) bounds.push_back(sorted[i * sorted.size() / bins]);
        for (std::size_t i = 0; i < judged.cells.size(); ++i) {
            auto const bin =
                std::size_t(std::ranges::upper_bound(bounds, judged.scores[i]) - bounds.begin());
            bool const slide = slides[judged.cells[i]] == Slides::some;
            ++m_counts[(judged.blocks[i] * 2 + (slide ? 1 : 0)) * bins + bin];
        }
    }

    /// The AUC of blocks, each as often as it was drawn; NaN where no slide was.
    [[nodiscard]] double area(std::span<std::uint32_t const> drawn) const {
        std::vector<double> negatives(bins);
        std::vector<double> positives(bins);
        for (std::size_t block = 0; block < m_blocks; ++block) {
            if (drawn[block] == 0) continue;
            auto const* const counts = &m_counts[block * 2 * bins];
            for (std::size_t i = 0; i < bins; ++i) {
                negatives[i] += double(drawn[block]) * counts[i];
                positives[i] += double(drawn[block]) * counts[bins + i];
            }
        }
        return area_of(positives, negatives);
    }

private:
    std::size_t m_blocks;
    std::vector<std::uint32_t> m_counts;
};

void add_interval(Validation& validation, Judged const& judged, std::span<Slides const> slides,
                  ValidationOptions const& options, std::mt19937_64& random) {
    BlockCounts const counts{judged, slides};
    std::vector<double> areas;
    std::vector<std::uint32_t> drawn(judged.block_count);
    for (std::size_t i = 0; i < options.resamples; ++i) {
        std::ranges::fill(drawn, 0);
        for (std::size_t k = 0; k < judged.block_count; ++k) ++drawn[random() % judged.block_count];
        if (double const area = counts.area(drawn); !std::isnan(area)) areas.push_back(area);
    }
    if (areas.empty()) return;
    std::ranges::sort(areas);
    auto const at = [&](double share) {
        return areas[std::min(areas.size() - 1, std::size_t(share * double(areas.size())))];
    };
    validation.low = at(0.025);
    validation.high = at(0.975);
}

/// Of one fold, or of all cells.
double area_of_cells(Judged const& judged, std::span<Slides const> slides,
                     std::span<std::size_t const> fold_of, std::optional<std::size_t> fold) {
    std::vector<double> positives;
    std::vector<double> negatives;
    for (std::size_t i = 0; i < judged.cells.size(); ++i)
        if (!fold || fold_of[judged.blocks[i]] == *fold)
            (slides[judged.cells[i]] == Slides::some ? positives : negatives)
                .push_back(judged.scores[i]);
    return area_under_curve(positives, negatives);
}

} // namespace

std::vector<ClassWeights> class_weights(std::span<FactorClasses const> factors,
                                        std::span<Slides const> slides,
                                        std::span<std::uint8_t const> counts) {
    std::vector<ClassWeights> weights;
    for (auto const& factor : factors) {
        std::array<double, 256> with{};
        std::array<double, 256> without{};
        double all_with = 0;
        double all_without = 0;
        for (std::size_t cell = 0; cell < slides.size(); ++cell) {
            if (counts[cell] == 0 || factor[cell] == 0) continue;
            bool const slide = slides[cell] == Slides::some;
            ++(slide ? with : without)[factor[cell]];
            ++(slide ? all_with : all_without);
        }
        ClassWeights classes(256, 0.0);
        for (std::size_t k = 1; k < 256; ++k) {
            double const here = with[k] + without[k];
            if (here == 0 || all_with == 0) continue;
            classes[k] =
                std::log((with[k] + 0.5) / (here + 1) / (all_with / (all_with + all_without)));
        }
        weights.push_back(std::move(classes));
    }
    return weights;
}

double susceptibility(std::span<FactorClasses const> factors, std::span<ClassWeights const> weights,
                      std::size_t cell) {
    double sum = 0;
    for (std::size_t f = 0; f < factors.size(); ++f) sum += weights[f][factors[f][cell]];
    return sum;
}

double area_under_curve(std::span<double const> positives, std::span<double const> negatives) {
    if (positives.empty() || negatives.empty()) return std::numeric_limits<double>::quiet_NaN();
    std::vector<double> sorted{negatives.begin(), negatives.end()};
    std::ranges::sort(sorted);
    double sum = 0;
    for (double const one : positives) {
        auto const [first, last] = std::ranges::equal_range(sorted, one);
        sum += double(first - sorted.begin()) + double(last - first) / 2;
    }
    return sum / (double(positives.size()) * double(sorted.size()));
}

Validation cross_validate(raster::Shape shape, std::span<FactorClasses const> factors,
                          std::span<Slides const> slides, ValidationOptions const& options) {
    std::mt19937_64 random{options.seed};
    auto judged = cells_in_blocks(shape, factors, slides, options.block);
    Validation validation;
    validation.cells = judged.cells.size();
    validation.blocks = judged.block_count;
    for (auto const cell : judged.cells) validation.slides += slides[cell] == Slides::some;
    std::vector<std::size_t> fold_of(judged.block_count);
    for (std::size_t i = 0; i < fold_of.size(); ++i) fold_of[i] = i % options.folds;
    for (std::size_t i = fold_of.size(); i > 1; --i)
        std::swap(fold_of[i - 1], fold_of[random() % i]);
    std::vector<std::uint8_t> trains(shape.cells());
    for (std::size_t fold = 0; fold < options.folds; ++fold) {
        std::ranges::fill(trains, std::uint8_t{0});
        for (std::size_t i = 0; i < judged.cells.size(); ++i)
            trains[judged.cells[i]] = fold_of[judged.blocks[i]] != fold;
        auto const weights = class_weights(factors, slides, trains);
        for (std::size_t i = 0; i < judged.cells.size(); ++i)
            if (fold_of[judged.blocks[i]] == fold)
                judged.scores[i] = susceptibility(factors, weights, judged.cells[i]);
        validation.folds.push_back(area_of_cells(judged, slides, fold_of, fold));
    }
    validation.auc = area_of_cells(judged, slides, fold_of, {});
    if (options.resamples > 0) add_interval(validation, judged, slides, options, random);
    return validation;
}

} // namespace diaban::geo::hazard
