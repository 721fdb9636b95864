#pragma once

#include "services/config.hpp"

namespace diaban::services::commands {

/// `diaban user …`, `diaban role …` and `diaban audit …`: who may sign in, what they may, and what
/// was noted of it, for whoever looks after the machine.
void add_user(CLI::App& app, Settings& settings);
void add_role(CLI::App& app, Settings& settings);
void add_audit(CLI::App& app, Settings& settings);

} // namespace diaban::services::commands
