#pragma once

#include "services/config.hpp"

namespace diaban::services::commands {

/// `diaban pictures`: the browser that draws pictures of maps, as a service apart from `serve`,
/// whose own bounds forbid what a browser needs. It reads neither settings of the record nor the
/// record. Listens where `--socket` says, or at the one socket that systemd hands over.
void add_pictures(CLI::App& app, Settings& settings);

} // namespace diaban::services::commands
