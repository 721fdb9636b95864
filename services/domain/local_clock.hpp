#pragma once

#include "geo/feature.hpp"

#include <string>

namespace diaban::services::domain {

/// `10:30 27/11/2026`: local time (UTC+7) as people of the country read it.
[[nodiscard]] std::string local_clock(geo::Instant at);

} // namespace diaban::services::domain
