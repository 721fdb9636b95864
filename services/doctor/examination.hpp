#pragma once

#include "services/config.hpp"
#include "services/doctor/finding.hpp"
#include "services/doctor/surroundings.hpp"

namespace diaban::services::doctor {

/// All that `serve` stands on, looked at once; what is missing is a finding, never an error.
/// Changes nothing but for an unnamed file that it writes into each folder and lets go.
///
/// Bounds     a question to the database 5 s, to a port 2 s; 1,000 files and 1,000 rows of blobs.
/// Settings   complete.
[[nodiscard]] Findings examine(Settings const& settings, Surroundings const& surroundings);

} // namespace diaban::services::doctor
