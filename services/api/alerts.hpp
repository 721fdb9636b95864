#pragma once

#include "data/postgis/alert_store.hpp"
#include "services/api/backing.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// `/cap/feed` and `/cap/alerts/{identifier}.xml`: what is said of alerts, by CAP 1.2; POST
/// `/alerts/{alertId}/acknowledge` and `/close`. Alerts themselves are a collection.
void add_alerts(http::Router& router, Backing const& backing,
                data::postgis::AlertStore const& alerts, bool writable);

} // namespace diaban::services::api
