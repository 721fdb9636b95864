#pragma once

#include "services/config.hpp"

namespace diaban::services::commands {

/// `diaban migrate`: brings the database to the state this program needs; one line a migration that
/// ran. Safe to run again and from several machines at once.
void add_migrate(CLI::App& app, Settings& settings);

} // namespace diaban::services::commands
