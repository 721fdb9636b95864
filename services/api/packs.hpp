#pragma once

#include "data/postgis/pack_store.hpp"
#include "services/api/backing.hpp"
#include "services/api/jobs.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// `/land/packs`: a field pack of a commune or a box, by a job; what was filled in comes back;
/// `/land/packs/{packId}`: what was changed here and there, side by side, and `/conflicts/{n}`:
/// which of the two stands. `packs` outlives the routes.
void add_packs(http::Router& router, Backing const& backing, JobDesk const& desk,
               data::postgis::PackStore const& packs, bool writable);

} // namespace diaban::services::api
