#pragma once

#include "services/api/backing.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// `/places?q=`, `/geocode?q=` (the same search as GeoJSON points) and `/at?lon=&lat=`.
void add_places(http::Router& router, Backing const& backing);

} // namespace diaban::services::api
