#pragma once

#include "services/domain/cut_off.hpp"

#include <filesystem>

namespace diaban::services::domain {

/// What `cut-off` answers of what was found: `total`, `parts`, `places`, `shelters`, `roads`.
///
/// Agrees   numbers of `total` are added up from `parts`.
[[nodiscard]] Json cut_off_values(CutOff const& found);

/// Writes, as features with a `part`: `component` (the hull of each that is cut off), `closed`
/// (each stretch of road), `reconnects` (stretches of the road that helps most) and `way` (to
/// shelters).
void write_cut_off(CutOff const& found, std::filesystem::path const& file);

} // namespace diaban::services::domain
