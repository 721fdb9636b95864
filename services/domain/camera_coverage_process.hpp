#pragma once

#include "services/domain/process.hpp"

namespace diaban::services::domain {

/// `camera-coverage`: how many cameras see each place of an area, and which places none sees.
[[nodiscard]] Process camera_coverage_process();

} // namespace diaban::services::domain
