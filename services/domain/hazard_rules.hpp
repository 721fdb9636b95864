#pragma once

#include "geo/hazard/rain_rules.hpp"
#include "geo/hazard/reservoir.hpp"
#include "geo/policy.hpp"
#include "services/domain/picture.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// Rules about rain, of all dates, as the policy sees them. Read from the mirror.
[[nodiscard]] std::vector<geo::hazard::RainRisk> read_rain_risks(View const& risks,
                                                                 geo::Policy const& policy);

/// Which region a former province belongs to on a day; nothing where no row says it.
[[nodiscard]] std::optional<std::string> rain_region(View const& regions, geo::Policy const& policy,
                                                     std::string_view province, geo::Date on);

/// A reservoir with the points of its curve.
struct Reservoir {
    std::string id;
    std::string title;
    std::vector<geo::hazard::LevelVolume> points; ///< by level
    std::optional<double> full;                   ///< m: the level that is called full
};
/// By id.
[[nodiscard]] std::vector<Reservoir> read_reservoirs(View const& curves, geo::Policy const& policy);

} // namespace diaban::services::domain
