#pragma once

#include "services/config.hpp"
#include "services/doctor/finding.hpp"
#include "services/doctor/surroundings.hpp"

namespace diaban::services::doctor {

/// The database: reachable, its extensions, migrations, roles, feed, clock, and whether rows of
/// files and files agree. Of one that is not migrated what needs the migrations is left out.
[[nodiscard]] Findings examine_record(Settings const& settings, Surroundings const& surroundings);

} // namespace diaban::services::doctor
