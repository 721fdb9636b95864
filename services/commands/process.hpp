#pragma once

#include "services/config.hpp"

namespace diaban::services::commands {

/// `diaban process --job ID`: does the work of one job, as `diaban serve` has it done by children.
void add_process(CLI::App& app, Settings& settings);

} // namespace diaban::services::commands
