#include "geo/statistics/forecast.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <cmath>
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

struct Walk {
    double last = 0;
    double drift = 0;
    double deviation = 0; ///< of a step about the drift
    double steps = 0;
};

Walk walk_of(std::span<double const> values) {
    Walk walk;
    walk.last = values.back();
    walk.steps = static_cast<double>(values.size() - 1);
    walk.drift = (values.back() - values.front()) / walk.steps;
    double square = 0;
    for (std::size_t i = 1; i < values.size(); ++i) {
        double const off = values[i] - values[i - 1] - walk.drift;
        square += off * off;
    }
    walk.deviation = std::sqrt(square / (walk.steps - 1));
    return walk;
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
    auto const walk = walk_of(scaled);
    double const t = student_quantile(0.5 + confidence / 2, values.size() - 2);
    std::vector<Forecast> result;
    for (std::size_t step = 1; step <= ahead; ++step) {
        double const h = static_cast<double>(step);
        double const middle = walk.last + h * walk.drift;
        double const half = t * walk.deviation * std::sqrt(h * (1 + h / walk.steps));
        Forecast one{middle, middle - half, middle + half};
        if (rates) one = {std::exp(one.value), std::exp(one.low), std::exp(one.high)};
        result.push_back(one);
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
