#pragma once

#include "data/postgis/pull_store.hpp"
#include "data/postgis/webhook_store.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// `/webhooks`: who is told of alerts by HTTP, what is on its way to them, and what could not be
/// brought; for whoever administers. A secret is said once, when it is made here.
void add_webhooks(http::Router& router, data::postgis::WebhookStore const& store,
                  data::postgis::PullStore const& hosts, bool writable);

} // namespace diaban::services::api
