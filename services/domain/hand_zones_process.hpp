#pragma once

#include "services/domain/process.hpp"

namespace diaban::services::domain {

/// Flood zones by height above the nearest drainage: where water stands, and how deep, when all
/// streams rise alike.
///
/// Inputs   `terrain` (prepared heights), `stage` (m above drainage), `classes` (depths in m at
///          which one begins; 0.1, 0.3, 0.5, 1, 2, 4 where they are not said).
/// Leaves   a GeoJSON file of one multipolygon a class with its area, and the areas by class.
[[nodiscard]] Process hand_zones_process();

} // namespace diaban::services::domain
