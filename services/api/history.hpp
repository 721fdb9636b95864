#pragma once

#include "services/api/backing.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// `/collections/{collectionId}/items/{featureId}/history`: every version of one feature, newest
/// first, as GeoJSON whose properties say also `fid`, `version`, `recorded_at`, `recorded_by` and
/// `reason` (who made it and why; null for what an import made), `ended_at` and `ended_by` (update,
/// delete, truncate), and of a deletion `removed_by` and `removal_reason`; page by page.
void add_history(http::Router& router, Backing const& backing);

} // namespace diaban::services::api
