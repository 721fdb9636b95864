#pragma once

#include "services/domain/process.hpp"

namespace diaban::services::domain {

/// `hot-spots`: where events gather more than chance has it, and how that moves through time.
[[nodiscard]] Process hot_spots_process();

} // namespace diaban::services::domain
