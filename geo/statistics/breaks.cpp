#include "geo/statistics/breaks.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace diaban::geo::statistics {

namespace {

/// Sums of squared distances to the mean of any run of sorted values.
class Spread {
public:
    explicit Spread(std::span<double const> sorted) : m_middle{sorted[sorted.size() / 2]} {
        m_sum.reserve(sorted.size() + 1);
        m_square.reserve(sorted.size() + 1);
        m_sum.push_back(0);
        m_square.push_back(0);
        for (double const value : sorted) { // about the median: less is lost to cancellation
            double const d = value - m_middle;
            m_sum.push_back(m_sum.back() + d);
            m_square.push_back(m_square.back() + d * d);
        }
    }
    /// Of the values first … last.
    [[nodiscard]] double of(std::size_t first, std::size_t last) const {
        if (first >= last) return 0;
        double const sum = m_sum[last + 1] - m_sum[first];
        double const square = m_square[last + 1] - m_square[first];
        return std::max(0.0, square - sum * sum / static_cast<double>(last - first + 1));
    }

private:
    double m_middle;
    std::vector<double> m_sum;
    std::vector<double> m_square;
};

/// One row of the table: the best cost of values 0 … i in one more class, and where it begins.
class Row {
public:
    Row(Spread const& spread, std::vector<double> const& before, std::size_t classes)
        : m_spread{spread}, m_before{before}, m_classes{classes}, cost(before.size()),
          begin(before.size()) {
        fill(classes - 1, cost.size() - 1, classes - 1, cost.size() - 1);
    }

private:
    /// Beginnings do not decrease with i: the middle one bounds the others.
    void fill(std::size_t low, std::size_t high, std::size_t first, std::size_t last) {
        if (low > high) return;
        auto const middle = (low + high) / 2;
        double best = std::numeric_limits<double>::infinity();
        for (auto j = std::max(first, m_classes - 1); j <= std::min(last, middle); ++j) {
            double const total = m_before[j - 1] + m_spread.of(j, middle);
            if (total < best) {
                best = total;
                begin[middle] = j;
            }
        }
        cost[middle] = best;
        if (middle > low) fill(low, middle - 1, first, begin[middle]);
        fill(middle + 1, high, begin[middle], last);
    }

    Spread const& m_spread;
    std::vector<double> const& m_before;
    std::size_t m_classes;

public:
    std::vector<double> cost;
    std::vector<std::size_t> begin;
};

std::vector<double> natural(std::span<double const> sorted, std::size_t classes) {
    Spread const spread{sorted};
    std::vector<double> cost(sorted.size());
    for (std::size_t i = 0; i < sorted.size(); ++i) cost[i] = spread.of(0, i);
    std::vector<std::vector<std::size_t>> begins;
    for (std::size_t k = 2; k <= classes; ++k) {
        Row row{spread, cost, k};
        cost = std::move(row.cost);
        begins.push_back(std::move(row.begin));
    }
    std::vector<double> bounds;
    auto last = sorted.size() - 1;
    for (auto begin = begins.rbegin(); begin != begins.rend(); ++begin) {
        auto const first = (*begin)[last];
        bounds.push_back(sorted[first]);
        last = first - 1;
    }
    std::ranges::reverse(bounds);
    return bounds;
}

std::vector<double> quantiles(std::span<double const> sorted, std::size_t classes) {
    std::vector<double> bounds;
    for (std::size_t k = 1; k < classes; ++k) {
        double const at = static_cast<double>(sorted.size() - 1) * static_cast<double>(k) /
                          static_cast<double>(classes);
        auto const below = static_cast<std::size_t>(at);
        auto const above = std::min(below + 1, sorted.size() - 1);
        bounds.push_back(sorted[below] + (at - std::floor(at)) * (sorted[above] - sorted[below]));
    }
    return bounds;
}

std::vector<double> deviations(std::span<double const> sorted, std::size_t classes) {
    double mean = 0;
    for (double const value : sorted) mean += value;
    mean /= static_cast<double>(sorted.size());
    double square = 0;
    for (double const value : sorted) square += (value - mean) * (value - mean);
    double const deviation = std::sqrt(square / static_cast<double>(sorted.size()));
    std::vector<double> bounds;
    for (std::size_t k = 1; k < classes; ++k)
        bounds.push_back(mean +
                         deviation * (static_cast<double>(k) - static_cast<double>(classes) / 2));
    return bounds;
}

} // namespace

std::optional<BreakMethod> break_method(std::string_view name) noexcept {
    if (name == "quantile") return BreakMethod::quantile;
    if (name == "natural") return BreakMethod::natural;
    if (name == "deviation") return BreakMethod::deviation;
    return std::nullopt;
}

std::vector<double> breaks(std::span<double const> values, std::size_t classes,
                           BreakMethod method) {
    if (classes < 2 || classes > most_classes)
        throw Error{Code::bad_input,
                    "bad-classes",
                    {{"classes", std::to_string(classes)}, {"accepted", "2..12"}}};
    if (values.size() > most_values)
        throw Error{
            Code::too_large,
            "too-many-values",
            {{"values", std::to_string(values.size())}, {"accepted", std::to_string(most_values)}}};
    if (values.empty()) return {};
    std::vector<double> sorted{values.begin(), values.end()};
    std::ranges::sort(sorted);
    std::size_t different = 1;
    for (std::size_t i = 1; i < sorted.size(); ++i) different += sorted[i] != sorted[i - 1];
    auto const made = std::min(classes, different);
    if (made < 2) return {};
    auto bounds = method == BreakMethod::natural    ? natural(sorted, made)
                  : method == BreakMethod::quantile ? quantiles(sorted, made)
                                                    : deviations(sorted, classes);
    bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
    std::erase_if(bounds,
                  [&](double bound) { return bound <= sorted.front() || bound > sorted.back(); });
    return bounds;
}

std::vector<std::size_t> class_counts(std::span<double const> values,
                                      std::span<double const> bounds) {
    std::vector<std::size_t> counts(bounds.size() + 1);
    for (double const value : values)
        ++counts[static_cast<std::size_t>(std::ranges::upper_bound(bounds, value) -
                                          bounds.begin())];
    return counts;
}

} // namespace diaban::geo::statistics
