#pragma once

#include "services/domain/process.hpp"

namespace diaban::services::domain {

/// `land-use-suspects`: parcels on which is seen what register and plan do not allow.
[[nodiscard]] Process land_suspects_process();

} // namespace diaban::services::domain
