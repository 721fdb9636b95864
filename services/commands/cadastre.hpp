#pragma once

#include "services/config.hpp"

namespace CLI {
class App;
}

namespace diaban::services::commands {

/// `diaban cadastre import MANIFEST`, `check --commune CODE`, `export --commune CODE --sheet N`,
/// `alias TABLE`.
void add_cadastre(CLI::App& app, Settings& settings);

} // namespace diaban::services::commands
