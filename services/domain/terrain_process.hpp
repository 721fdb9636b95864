#pragma once

#include "services/domain/process.hpp"

namespace diaban::services::domain {

/// Prepares a coverage of heights for questions about water: fills it, finds where water flows, how
/// much gathers, where streams are and how high ground lies above them.
///
/// Inputs   `terrain` (a coverage of heights), `stream_km2` (what must drain through a cell of a
///          stream), `breach` (cut pits open first, through banks up to 1 km wide).
/// Leaves   coverages beside it, `…_filled`, `…_flow`, `…_accumulation`, `…_hand` and the index of
///          catchments; those of an earlier run go.
[[nodiscard]] Process terrain_process();

} // namespace diaban::services::domain
