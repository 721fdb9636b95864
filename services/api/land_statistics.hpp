#pragma once

#include "data/postgis/land_statistics_store.hpp"
#include "services/api/backing.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// `/land/statistics`: the land of a 31 December as it was frozen; one of them by use and commune
/// in hectares that add up as printed, `/changes` since the one before, `/form.xlsx` for both. POST
/// freezes. Parcels that the visitor may not see are counted nowhere. `store` outlives the routes.
void add_land_statistics(http::Router& router, Backing const& backing,
                         data::postgis::LandStatisticsStore const& store, bool writable);

} // namespace diaban::services::api
