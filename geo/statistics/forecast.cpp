#include "geo/statistics/forecast.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace diaban::geo::statistics {

namespace {

constexpr std::size_t fewest_to_learn = 2; ///< values of an earlier forecast: one step

/// Half the mean step.
double half_drift(std::span<double const> values) {
    return (values.back() - values.front()) / static_cast<double>(values.size() - 1) / 2;
}

double foretold(std::span<double const> values, std::size_t h) {
    return values.back() + static_cast<double>(h) * half_drift(values);
}

/// What so large a share of the errors does not pass, as one more would have it.
double quantile(std::vector<double>& errors, double confidence) {
    auto const wanted =
        static_cast<std::size_t>(std::ceil(confidence * static_cast<double>(errors.size() + 1)));
    auto const at =
        errors.begin() + static_cast<std::ptrdiff_t>(std::min(errors.size(), wanted) - 1);
    std::nth_element(errors.begin(), at, errors.end());
    return *at;
}

/// Half the width of the interval, by periods ahead.
std::vector<double> half_widths(std::span<double const> values, std::size_t ahead,
                                double confidence) {
    std::vector<double> widths;
    std::size_t reached = 1; ///< the last period ahead that an earlier forecast reached
    for (std::size_t h = 1; h <= ahead; ++h) {
        std::vector<double> errors;
        for (auto known = fewest_to_learn; known + h <= values.size(); ++known)
            errors.push_back(std::abs(values[known + h - 1] - foretold(values.first(known), h)));
        if (errors.empty()) {
            widths.push_back(widths[reached - 1] * static_cast<double>(h) /
                             static_cast<double>(reached));
            continue;
        }
        reached = h;
        double const width = quantile(errors, confidence);
        widths.push_back(widths.empty() ? width : std::max(width, widths.back()));
    }
    return widths;
}

} // namespace

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
    auto const widths = half_widths(scaled, ahead, confidence);
    std::vector<Forecast> made;
    for (std::size_t h = 1; h <= ahead; ++h) {
        double const middle = foretold(scaled, h);
        Forecast one{middle, middle - widths[h - 1], middle + widths[h - 1]};
        if (rates) one = {std::exp(one.value), std::exp(one.low), std::exp(one.high)};
        made.push_back(one);
    }
    return made;
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
