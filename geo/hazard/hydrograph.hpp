#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace diaban::geo::hazard {

/// A quantity over time: straight between its points, held before the first and after the last.
/// Without points it is 0.
struct Hydrograph {
    struct Point {
        double seconds = 0;
        double value = 0;
    };
    std::vector<Point> points; ///< seconds ascending

    [[nodiscard]] double at(double seconds) const noexcept {
        if (points.empty()) return 0;
        auto const next = std::ranges::upper_bound(points, seconds, {}, &Point::seconds);
        if (next == points.begin()) return points.front().value;
        if (next == points.end()) return points.back().value;
        auto const& a = *(next - 1);
        return a.value +
               (next->value - a.value) * (seconds - a.seconds) / (next->seconds - a.seconds);
    }

    /// The integral from `begin` to `end`, exact but for rounding.
    [[nodiscard]] double integral(double begin, double end) const noexcept {
        double sum = 0;
        double from = begin;
        auto const piece = [&](double to) {
            sum += (at(from) + at(to)) / 2 * (to - from);
            from = to;
        };
        for (auto next = std::ranges::upper_bound(points, begin, {}, &Point::seconds);
             next != points.end() && next->seconds < end; ++next)
            piece(next->seconds);
        piece(end);
        return sum;
    }
};

} // namespace diaban::geo::hazard
