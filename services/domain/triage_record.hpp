#pragma once

#include "geo/hazard/triage.hpp"
#include "geo/policy.hpp"
#include "services/domain/picture.hpp"

#include <vector>

namespace diaban::services::domain {

/// Rules of triage in force on a day, as the policy sees them. Read from the mirror.
[[nodiscard]] std::vector<geo::hazard::TriageRule>
read_triage_rules(View const& rules, geo::Policy const& policy, geo::Date on);

} // namespace diaban::services::domain
