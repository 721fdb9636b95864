#pragma once

#include "services/config.hpp"

namespace diaban::services::commands {

/// `diaban doctor`: all that `serve` stands on, one line a finding with what to do about it, or
/// JSON. Exit code 0 if all is well, 1 with warnings, 2 if something fails.
void add_doctor(CLI::App& app, Settings& settings);

} // namespace diaban::services::commands
