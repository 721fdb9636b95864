#include "geo/landuse/area_estimate.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

namespace diaban::geo::landuse {

namespace {

constexpr double largest_sample = 1'000'000;

[[noreturn]] void refuse_sample(std::string part, std::string accepted) {
    throw Error{Code::bad_input,
                "bad-sample",
                {{"part", std::move(part)}, {"accepted", std::move(accepted)}}};
}

/// Areas as shares of their sum.
std::vector<double> weights_of(std::span<double const> areas) {
    double sum = 0;
    for (double const area : areas) {
        if (!(area >= 0) || !std::isfinite(area)) refuse_sample("mapped", "areas of at least 0");
        sum += area;
    }
    if (!(sum > 0)) refuse_sample("mapped", "areas, not all of them 0");
    std::vector<double> weights;
    for (double const area : areas) weights.push_back(area / sum);
    return weights;
}

/// An error matrix as shares of the map.
class ErrorMatrix {
public:
    ErrorMatrix(std::span<std::uint64_t const> counts, std::vector<double> weights)
        : m_counts{counts}, m_weights{std::move(weights)} {
        if (m_weights.size() < 2 || counts.size() != m_weights.size() * m_weights.size())
            refuse_sample("counts", "a square matrix of two classes or more, as many as areas");
        for (std::size_t i = 0; i < size(); ++i) {
            auto const row = counts.subspan(i * size(), size());
            m_sampled.push_back(double(std::reduce(row.begin(), row.end())));
            if (m_weights[i] > 0 && m_sampled[i] < 2)
                refuse_sample("counts", "two sampled units or more in each mapped class");
        }
    }
    [[nodiscard]] std::size_t size() const noexcept { return m_weights.size(); }
    [[nodiscard]] double weight(std::size_t i) const noexcept { return m_weights[i]; }
    /// n_ij / n_i
    [[nodiscard]] double rate(std::size_t i, std::size_t j) const noexcept {
        return m_sampled[i] > 0 ? double(m_counts[i * size() + j]) / m_sampled[i] : 0;
    }
    /// p̂_ij, equation 4.
    [[nodiscard]] double share(std::size_t i, std::size_t j) const noexcept {
        return m_weights[i] * rate(i, j);
    }
    /// p̂_·j, equation 9.
    [[nodiscard]] double reference(std::size_t j) const noexcept {
        double sum = 0;
        for (std::size_t i = 0; i < size(); ++i) sum += share(i, j);
        return sum;
    }
    /// Variance of n_ij / n_i, as equation 6 has it; 0 where nothing was mapped.
    [[nodiscard]] double variance(std::size_t i, std::size_t j) const noexcept {
        double const p = rate(i, j);
        return m_weights[i] > 0 ? p * (1 - p) / (m_sampled[i] - 1) : 0;
    }
    /// Standard error of p̂_·j, equation 10.
    [[nodiscard]] double reference_error(std::size_t j) const noexcept {
        double sum = 0;
        for (std::size_t i = 0; i < size(); ++i)
            sum += m_weights[i] * m_weights[i] * variance(i, j);
        return std::sqrt(sum);
    }
    /// Equations 3 and 7.
    [[nodiscard]] Estimate producers(std::size_t j, double z) const noexcept {
        double const all = reference(j);
        if (!(all > 0)) return {std::numeric_limits<double>::quiet_NaN(), 0};
        double const value = share(j, j) / all;
        double sum = 0;
        for (std::size_t i = 0; i < size(); ++i) {
            double const factor = m_weights[i] * (i == j ? 1 - value : value);
            sum += factor * factor * variance(i, j);
        }
        return {value, z * std::sqrt(sum) / all};
    }

private:
    std::span<std::uint64_t const> m_counts;
    std::vector<double> m_weights;
    std::vector<double> m_sampled;
};

/// `left` units by weight, whole: what rounding leaves goes to the largest remainders.
void share_out(std::uint64_t left, std::span<double const> weights,
               std::vector<std::uint64_t>& into) {
    std::vector<std::pair<double, std::size_t>> remainders;
    auto over = left;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        double const exact = double(left) * weights[i];
        auto const whole = std::min(over, std::uint64_t(exact));
        into[i] += whole;
        over -= whole;
        remainders.emplace_back(exact - double(whole), i);
    }
    std::ranges::stable_sort(remainders, std::greater{}, &std::pair<double, std::size_t>::first);
    for (std::size_t i = 0; over > 0; ++i, --over) ++into[remainders[i % weights.size()].second];
}

} // namespace

MapAccuracy map_accuracy(std::span<std::uint64_t const> counts, std::span<double const> mapped,
                         double z) {
    ErrorMatrix const matrix{counts, weights_of(mapped)};
    double const whole = std::reduce(mapped.begin(), mapped.end());
    MapAccuracy found;
    double overall_variance = 0;
    for (std::size_t i = 0; i < matrix.size(); ++i) {
        found.overall.value += matrix.share(i, i);
        overall_variance += matrix.weight(i) * matrix.weight(i) * matrix.variance(i, i);
        found.users.push_back({matrix.rate(i, i), z * std::sqrt(matrix.variance(i, i))});
        found.producers.push_back(matrix.producers(i, z));
        found.areas.push_back({whole * matrix.reference(i), z * whole * matrix.reference_error(i)});
        for (std::size_t j = 0; j < matrix.size(); ++j)
            found.proportions.push_back(matrix.share(i, j));
    }
    found.overall.half_width = z * std::sqrt(overall_variance);
    return found;
}

SampleSize sample_size(std::span<Stratum const> strata, double error, std::uint64_t least) {
    std::vector<double> areas;
    for (auto const& stratum : strata) {
        if (!(stratum.users >= 0 && stratum.users <= 1)) refuse_sample("users", "0 to 1");
        areas.push_back(stratum.mapped);
    }
    if (!(error > 0)) refuse_sample("error", "a standard error above 0");
    auto const weights = weights_of(areas);
    double spread = 0;
    for (std::size_t i = 0; i < strata.size(); ++i)
        spread += weights[i] * std::sqrt(strata[i].users * (1 - strata[i].users));
    double const wanted = std::ceil(spread * spread / (error * error));
    auto const present =
        std::uint64_t(std::ranges::count_if(weights, [](double weight) { return weight > 0; }));
    if (!(wanted <= largest_sample) || double(least) * double(present) > largest_sample)
        refuse_sample("error", "one that 1000000 units reach");
    SampleSize found;
    found.total = std::max(std::uint64_t(wanted), least * present);
    for (double const weight : weights) found.by_stratum.push_back(weight > 0 ? least : 0);
    share_out(found.total - least * present, weights, found.by_stratum);
    double variance = 0;
    for (std::size_t i = 0; i < strata.size(); ++i)
        if (found.by_stratum[i] > 0)
            variance += weights[i] * weights[i] * strata[i].users * (1 - strata[i].users) /
                        double(found.by_stratum[i]);
    found.expected_error = std::sqrt(variance);
    return found;
}

} // namespace diaban::geo::landuse
