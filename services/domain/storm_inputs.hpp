#pragma once

#include "geo/hazard/storm_area.hpp"
#include "geo/hazard/storm_rules.hpp"
#include "services/domain/process.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// What is asked about a storm on its way.
struct StormInputs {
    std::string bulletin;                ///< key of a confirmed one; empty: `fixes`
    std::vector<geo::hazard::Fix> fixes; ///< m/s, by time
    double swath = 40'000;               ///< m beside the track
    int level = 8;                       ///< wind level whose arrival is asked
    double wind_factor = 1;              ///< turns the storm's mean winds into those of the scale
    geo::hazard::StormShape shape;
    std::vector<double> cone; ///< m, by fix; empty: no cone
    std::vector<std::string> collections;
};

/// Throws   Error{bad_input, …} naming the input, what was sent and what is accepted.
[[nodiscard]] StormInputs read_storm_inputs(Json const& inputs);

/// Descriptions of them (OGC API Processes, Part 1).
[[nodiscard]] Json described_storm_inputs();

/// The collections they read; the first it cannot do without.
[[nodiscard]] std::vector<std::string> storm_collections(StormInputs const& inputs);

/// The scale of winds in force now, as the work's policies see it.
[[nodiscard]] std::vector<geo::hazard::WindLevel> scale_of(Work const& work);

/// The fixes of a confirmed bulletin; the wind of each the middle of its levels' bounds.
/// Throws   Error{not_found, "no-bulletin"}.
[[nodiscard]] std::vector<geo::hazard::Fix>
fixes_of_bulletin(Work const& work, std::string_view key,
                  std::vector<geo::hazard::WindLevel> const& scale);

} // namespace diaban::services::domain
