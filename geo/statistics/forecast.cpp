#include "geo/statistics/forecast.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

namespace diaban::geo::statistics {

namespace {

/// Distribution function of Student's t: closed sums for whole degrees (Abramowitz and Stegun
/// 26.7.3 and 26.7.4).
double student_below(double t, std::size_t degrees) {
    double const n = static_cast<double>(degrees);
    double const angle = std::atan(t / std::sqrt(n));
    double const cosine = std::cos(angle);
    double const square = cosine * cosine;
    bool const odd = degrees % 2 == 1;
    double term = odd ? cosine : 1;
    double sum = degrees == 1 ? 0 : term;
    for (std::size_t k = odd ? 3 : 2; k + 2 <= degrees; k += 2) {
        term *= square * static_cast<double>(k - 1) / static_cast<double>(k);
        sum += term;
    }
    double const between =
        odd ? 2 / std::numbers::pi * (angle + std::sin(angle) * sum) : std::sin(angle) * sum;
    return 0.5 + between / 2;
}

/// Level and trend after the last value, and how well one step was foretold.
struct Holt {
    double alpha = 0;
    double beta = 0;
    double level = 0;
    double trend = 0;
    double squares = std::numeric_limits<double>::infinity();
};

Holt smoothed(std::span<double const> values, double alpha, double beta) {
    auto const first_steps = std::min<std::size_t>(3, values.size() - 1);
    Holt holt{alpha, beta, values[0],
              (values[first_steps] - values[0]) / static_cast<double>(first_steps), 0};
    for (double const value : values.subspan(1)) {
        double const error = value - (holt.level + holt.trend);
        holt.squares += error * error;
        holt.level += holt.trend + alpha * error;
        holt.trend += beta * error;
    }
    return holt;
}

Holt fitted(std::span<double const> values) {
    Holt best;
    for (int a = 1; a <= 10; ++a)
        for (int b = 0; b <= a; ++b) {
            auto const one = smoothed(values, a / 10.0, b / 10.0);
            if (one.squares < best.squares) best = one;
        }
    return best;
}

/// On the scale of the model: logarithms where they are used.
std::vector<Forecast> of_model(std::span<double const> values, std::size_t ahead,
                               double confidence) {
    auto const holt = fitted(values);
    double const deviation = std::sqrt(holt.squares / static_cast<double>(values.size() - 3));
    double const t = student_quantile(0.5 + confidence / 2, values.size() - 3);
    double variance = 1;
    std::vector<Forecast> made;
    for (std::size_t h = 1; h <= ahead; ++h) {
        double const middle = holt.level + static_cast<double>(h) * holt.trend;
        double const half = t * deviation * std::sqrt(variance);
        made.push_back({middle, middle - half, middle + half});
        double const gain = holt.alpha + holt.beta * static_cast<double>(h);
        variance += gain * gain;
    }
    return made;
}

/// By how much intervals had to be widened to have held as often as wanted.
double widening(std::span<double const> values, std::size_t ahead, double confidence) {
    std::vector<double> ratios;
    for (auto known = fewest_for_forecast; known < values.size(); ++known) {
        auto const made =
            of_model(values.first(known), std::min(ahead, values.size() - known), confidence);
        for (std::size_t h = 0; h < made.size(); ++h) {
            double const half =
                std::max(made[h].high - made[h].value, 1e-12 * std::abs(made[h].value));
            if (half > 0) ratios.push_back(std::abs(values[known + h] - made[h].value) / half);
        }
    }
    constexpr std::size_t fewest_ratios = 4;
    if (ratios.size() < fewest_ratios) return 1;
    auto const wanted =
        static_cast<std::size_t>(std::ceil(confidence * static_cast<double>(ratios.size() + 1)));
    auto const at =
        ratios.begin() + static_cast<std::ptrdiff_t>(std::min(ratios.size(), wanted) - 1);
    std::nth_element(ratios.begin(), at, ratios.end());
    return *at;
}

} // namespace

double student_quantile(double p, std::size_t degrees) {
    double low = -1e8;
    double high = 1e8;
    for (int i = 0; i < 200 && high - low > 1e-12 * std::max(1.0, std::abs(high)); ++i) {
        double const middle = (low + high) / 2;
        (student_below(middle, degrees) < p ? low : high) = middle;
    }
    return (low + high) / 2;
}

std::vector<Forecast> forecast(std::span<double const> values, std::size_t ahead,
                               double confidence) {
    if (values.size() < fewest_for_forecast)
        throw Error{Code::bad_input,
                    "short-series",
                    {{"values", std::to_string(values.size())},
                     {"accepted", std::to_string(fewest_for_forecast)}}};
    if (!(confidence >= 0.5 && confidence <= 0.99))
        throw Error{Code::bad_input, "bad-confidence", {{"accepted", "0.5..0.99"}}};
    if (ahead == 0 || ahead > most_ahead)
        throw Error{Code::bad_input, "bad-horizon", {{"accepted", "1..24"}}};
    bool const rates = std::ranges::all_of(values, [](double value) { return value > 0; });
    std::vector<double> scaled{values.begin(), values.end()};
    if (rates)
        for (double& value : scaled) value = std::log(value);
    double const factor = widening(scaled, ahead, confidence);
    auto result = of_model(scaled, ahead, confidence);
    for (auto& one : result) {
        double const half = factor * (one.high - one.value);
        one = {one.value, one.value - half, one.value + half};
        if (rates) one = {std::exp(one.value), std::exp(one.low), std::exp(one.high)};
    }
    return result;
}

Coverage measured_coverage(std::span<double const> values, std::size_t ahead, double confidence) {
    Coverage coverage;
    for (std::size_t known = fewest_for_forecast; known < values.size(); ++known) {
        auto const made =
            forecast(values.first(known), std::min(ahead, values.size() - known), confidence);
        for (std::size_t h = 0; h < made.size(); ++h) {
            double const truth = values[known + h];
            ++coverage.made;
            coverage.within += made[h].low <= truth && truth <= made[h].high;
        }
    }
    return coverage;
}

} // namespace diaban::geo::statistics
