#pragma once

namespace CLI {
class App;
} // namespace CLI

namespace diaban::services::commands {

/// Adds `terrain` to `diaban generate`: generated ground as a GeoTIFF, ready for `diaban import
/// --coverage`. The same flags give the same cells on every machine.
void add_terrain(CLI::App& generate);

} // namespace diaban::services::commands
