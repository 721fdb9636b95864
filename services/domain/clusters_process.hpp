#pragma once

#include "services/domain/process.hpp"

namespace diaban::services::domain {

/// `clusters`: events that are close to each other in space and time.
[[nodiscard]] Process clusters_process();

} // namespace diaban::services::domain
