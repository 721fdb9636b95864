#pragma once

#include "services/domain/process.hpp"

namespace diaban::services::domain {

/// `sample-design`: how many reference points a map of classes needs, and where.
[[nodiscard]] Process sample_design_process();

/// `area-estimate`: accuracy and true areas of mapped classes, with their confidence intervals.
[[nodiscard]] Process area_estimate_process();

} // namespace diaban::services::domain
