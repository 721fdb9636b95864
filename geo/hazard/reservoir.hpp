#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace diaban::geo::hazard {

/// How much water a reservoir holds at a level.
struct LevelVolume {
    double level = 0;  ///< m, in the datum of its gauge
    double volume = 0; ///< m³
};

/// A reservoir's curve of level and volume, straight between its points.
class StorageCurve {
public:
    /// Nothing unless there are two points or more and both ascend strictly with the level.
    [[nodiscard]] static std::optional<StorageCurve> make(std::vector<LevelVolume> points);

    /// Nothing outside the curve: it is not carried on.
    [[nodiscard]] std::optional<double> volume_at(double level) const noexcept;
    [[nodiscard]] std::optional<double> level_at(double volume) const noexcept;
    [[nodiscard]] std::span<LevelVolume const> points() const noexcept { return m_points; }

private:
    explicit StorageCurve(std::vector<LevelVolume> points) : m_points{std::move(points)} {}
    std::vector<LevelVolume> m_points; ///< by level
};

/// Mean inflow in m³/s while the level went from one to another with a mean release (m³/s): what
/// was stored and what left. Negative where more left than the release says (seepage, evaporation,
/// a wrong curve). Nothing outside the curve or for no time.
[[nodiscard]] std::optional<double> inflow_by_balance(StorageCurve const& curve,
                                                      double level_before, double level_after,
                                                      double seconds, double release) noexcept;

/// Seconds from a level to another at a constant net inflow (m³/s; inflow less release). Nothing
/// outside the curve, or where the water never gets there.
[[nodiscard]] std::optional<double> seconds_to_level(StorageCurve const& curve, double from,
                                                     double to, double net) noexcept;

} // namespace diaban::geo::hazard
