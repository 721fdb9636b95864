#pragma once

#include "services/domain/process.hpp"

namespace diaban::services::domain {

/// `storm`: the swath of a forecast, where its winds reach and when, and what is in its way.
///
/// Quick     seconds: what a command post waits for.
[[nodiscard]] Process storm_process();

} // namespace diaban::services::domain
