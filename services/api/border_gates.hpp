#pragma once

#include "data/postgis/gate_store.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// `/border-gates`: lanes, queue and what passed in the last hour by direction, and how long
/// whoever joins the queue will wait, with its bounds.
void add_border_gates(http::Router& router, data::postgis::GateStore const& gates);

} // namespace diaban::services::api
