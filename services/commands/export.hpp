#pragma once

#include "services/config.hpp"

namespace diaban::services::commands {

/// `diaban export --collection ID -o FILE`: a collection as a file.
void add_export(CLI::App& app, Settings& settings);

} // namespace diaban::services::commands
