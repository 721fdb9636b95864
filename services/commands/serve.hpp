#pragma once

#include "services/config.hpp"

#include <functional>

namespace diaban::services::commands {

/// Reads file, environment and flags once more; complete settings. Throws as read_settings.
using Rereading = std::function<Settings()>;

/// `diaban serve`: mirrors, tiles, features, console, until SIGTERM or SIGINT. It then answers for
/// `drain_s` more, not ready. SIGHUP: `again` is called, and what may change is taken.
void add_serve(CLI::App& app, Settings& settings, Rereading again);

} // namespace diaban::services::commands
