#pragma once

#include "services/config.hpp"

namespace diaban::services::commands {

/// `diaban migrate`: brings the database to the state this program needs; one line a migration that
/// ran. Safe to run again and from several machines at once. With `--or-newer` a database that has
/// had more than this program knows is no fault: a node that is not upgraded yet starts again.
void add_migrate(CLI::App& app, Settings& settings);

} // namespace diaban::services::commands
