#pragma once

#include "services/domain/process.hpp"

namespace diaban::services::domain {

/// `cut-off`: which places are cut off when roads are under water, and how shelters are reached.
///
/// Inputs    see `described_cut_off_inputs`.
/// Leaves    a GeoJSON file of what is cut off, closed, would help, and of ways to shelters.
/// Agrees    parts sum to the total, which is added up from them.
/// Quick     seconds: what a command post waits for.
[[nodiscard]] Process cut_off_process();

} // namespace diaban::services::domain
