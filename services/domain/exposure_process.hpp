#pragma once

#include "services/domain/process.hpp"

namespace diaban::services::domain {

/// Who and what is in a hazard: people, parcels and crops, facilities, roads, cameras, by commune
/// and in total, every number with links that open its list.
///
/// Inputs   `hazard`: {"coverage", "band", "datetime", "from", "to"}, the cells whose values are at
///          least `from` and below `to`; or {"polygon": GeoJSON}. `collections`: which are counted.
///          `displaced`: {"from", "to"}, where people have to leave.
/// Agrees   parts sum to the total, which is added up from them.
[[nodiscard]] Process exposure_process();

} // namespace diaban::services::domain
