#pragma once

#include "services/config.hpp"
#include "services/doctor/finding.hpp"

namespace diaban::services::doctor {

/// Both ports: free, or held by a server of ours, which is asked whether it is ready.
[[nodiscard]] Findings examine_ports(Settings const& settings);

} // namespace diaban::services::doctor
