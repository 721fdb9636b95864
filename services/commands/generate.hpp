#pragma once

#include "services/config.hpp"

namespace diaban::services::commands {

/// `diaban generate province …` and `diaban generate parcels …`: synthetic data as FlatGeobuf files
/// (EPSG:4326), ready for `diaban import`. The same flags give the same rows on every machine.
///
/// Synthetic means invented: nothing of it is a survey, a person or a place that exists, but for
/// the communes, coast, rivers and names of units that are handed in.
void add_generate(CLI::App& app, Settings& settings);

} // namespace diaban::services::commands
