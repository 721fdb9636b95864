#pragma once

#include "services/config.hpp"
#include "services/doctor/finding.hpp"
#include "services/doctor/surroundings.hpp"

namespace diaban::services::doctor {

/// What the program reads (migrations, styles, console), and what it writes (blobs, segments):
/// there, open, and with room.
[[nodiscard]] Findings examine_folders(Settings const& settings, Surroundings const& surroundings);

/// Files that the database URI names for TLS: there, readable, closed to others, in force.
[[nodiscard]] Findings examine_certificates(Settings const& settings,
                                            Surroundings const& surroundings);

} // namespace diaban::services::doctor
