#pragma once

#include "services/config.hpp"

namespace diaban::services::commands {

/// `diaban seed --collections A,B -o FILE.pmtiles`: tiles as an archive.
void add_seed(CLI::App& app, Settings& settings);

} // namespace diaban::services::commands
