#pragma once

#include "services/doctor/finding.hpp"

namespace diaban::services::doctor {

/// Coordinates: VN-2000 by EPSG:6960 gives the numbers it should, and PROJ has its database.
[[nodiscard]] Findings examine_ground();

} // namespace diaban::services::doctor
