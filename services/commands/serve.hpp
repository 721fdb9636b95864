#pragma once

#include "services/config.hpp"

namespace diaban::services::commands {

/// `diaban serve`: mirrors, tiles, features, console, until SIGTERM or SIGINT.
void add_serve(CLI::App& app, Settings& settings);

} // namespace diaban::services::commands
