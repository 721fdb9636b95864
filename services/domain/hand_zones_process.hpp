#pragma once

#include "services/domain/process.hpp"

namespace diaban::services::domain {

/// Flood zones by height above the nearest drainage: where water stands, and how deep, when all
/// streams rise alike, for each of some return periods, or as the nearest gauge says; or what a sea
/// reaches.
///
/// Inputs   see ZoneInputs; `classes` are 0.1, 0.3, 0.5, 1, 2, 4 m where they are not said.
/// Leaves   a GeoJSON file of one multipolygon a class (and return period) with its area, and the
///          areas.
[[nodiscard]] Process hand_zones_process();

} // namespace diaban::services::domain
