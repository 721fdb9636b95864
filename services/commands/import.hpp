#pragma once

#include "services/config.hpp"

namespace diaban::services::commands {

/// `diaban import FILE --collection ID …` and `diaban import --plan FILE --data DIR`: files into
/// the record. Prints what was read, written, repaired and faulty.
void add_import(CLI::App& app, Settings& settings);

} // namespace diaban::services::commands
