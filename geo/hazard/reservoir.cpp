#include "geo/hazard/reservoir.hpp"

#include <algorithm>
#include <cmath>

namespace diaban::geo::hazard {

namespace {

/// Straight between the points; nothing outside them.
std::optional<double> read(std::span<LevelVolume const> points, double LevelVolume::*from,
                           double LevelVolume::*to, double at) noexcept {
    if (!(at >= points.front().*from && at <= points.back().*from)) return std::nullopt;
    auto const next = std::ranges::upper_bound(points, at, {}, from);
    if (next == points.end()) return points.back().*to;
    auto const& a = *(next - 1);
    return a.*to + (at - a.*from) / ((*next).*from - a.*from) * ((*next).*to - a.*to);
}

} // namespace

std::optional<StorageCurve> StorageCurve::make(std::vector<LevelVolume> points) {
    std::ranges::sort(points, {}, &LevelVolume::level);
    if (points.size() < 2) return std::nullopt;
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (!std::isfinite(points[i].level) || !std::isfinite(points[i].volume))
            return std::nullopt;
        if (i > 0 &&
            (points[i].level <= points[i - 1].level || points[i].volume <= points[i - 1].volume))
            return std::nullopt;
    }
    return StorageCurve{std::move(points)};
}

std::optional<double> StorageCurve::volume_at(double level) const noexcept {
    return read(m_points, &LevelVolume::level, &LevelVolume::volume, level);
}

std::optional<double> StorageCurve::level_at(double volume) const noexcept {
    return read(m_points, &LevelVolume::volume, &LevelVolume::level, volume);
}

std::optional<double> inflow_by_balance(StorageCurve const& curve, double level_before,
                                        double level_after, double seconds,
                                        double release) noexcept {
    auto const before = curve.volume_at(level_before);
    auto const after = curve.volume_at(level_after);
    if (!before || !after || !(seconds > 0)) return std::nullopt;
    return (*after - *before) / seconds + release;
}

std::optional<double> seconds_to_level(StorageCurve const& curve, double from, double to,
                                       double net) noexcept {
    auto const before = curve.volume_at(from);
    auto const after = curve.volume_at(to);
    if (!before || !after) return std::nullopt;
    double const missing = *after - *before;
    if (missing == 0) return 0;
    if (net == 0 || (missing > 0) != (net > 0)) return std::nullopt;
    return missing / net;
}

} // namespace diaban::geo::hazard
