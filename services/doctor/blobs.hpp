#pragma once

#include "data/postgis/record_health.hpp"
#include "services/doctor/finding.hpp"
#include "services/doctor/surroundings.hpp"

#include <filesystem>

namespace diaban::services::doctor {

/// Rows of files without their file, and files that no row has owned for longer than a sweep waits.
///
/// Sample   the latest 500 rows and 500 from a random name on; 1,000 files from a random place on.
void check_blobs(Findings& findings, data::postgis::RecordHealth const& record,
                 std::filesystem::path const& folder, Surroundings const& surroundings);

} // namespace diaban::services::doctor
