#pragma once

#include "services/domain/process.hpp"

namespace diaban::services::domain {

/// Water that moves over a coverage of heights: rain, rivers that rise, dykes that breach,
/// reservoirs that let go.
///
/// Inputs   see `describe_flood_inputs`.
/// Leaves   one coverage with time, `flood_…`: a file a frame, there as soon as it is computed,
/// with
///          the bands depth (m), speed (m/s), arrival (s since the beginning) and hazard (greatest
///          depth times speed, m²/s). It is there for whoever asked for it and goes with the job.
/// Refuses  what local inertia cannot compute, with the reason (see geo/hazard).
/// Repeats  the same inputs on the same ground give the same cells.
[[nodiscard]] Process inundation_process();

} // namespace diaban::services::domain
