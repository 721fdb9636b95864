#pragma once

#include "services/domain/process.hpp"

namespace diaban::services::domain {

/// `land-cover-areas`: how much of each class lies in each feature of a collection.
[[nodiscard]] Process land_cover_areas_process();

/// `land-cover-change`: how much of each class became which other, by feature of a collection.
[[nodiscard]] Process land_cover_change_process();

} // namespace diaban::services::domain
