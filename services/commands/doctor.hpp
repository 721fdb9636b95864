#pragma once

#include "services/config.hpp"

namespace diaban::services::commands {

/// `diaban doctor`: what `serve` will need, one line each; exit code 1 if something is missing.
void add_doctor(CLI::App& app, Settings& settings);

} // namespace diaban::services::commands
