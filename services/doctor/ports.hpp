#pragma once

#include "services/config.hpp"
#include "services/doctor/finding.hpp"

namespace diaban::services::doctor {

/// Both ports: free, or held by a server of ours, which is asked whether it is ready; and whether
/// the descriptors that this process may have suffice for all live clients.
[[nodiscard]] Findings examine_ports(Settings const& settings);

} // namespace diaban::services::doctor
