#pragma once

#include "data/postgis/rescue_store.hpp"
#include "services/api/backing.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// Routes of the response to disasters: all of the below.
void add_response(http::Router& router, Backing const& backing,
                  data::postgis::RescueStore const& rescue, bool writable);

/// `/events/{eventId}/phase` and `/orders`: what phase a disaster event is in, and orders to the
/// commands of units; `/orders/{orderId}/acknowledge`, the receipt.
void add_orders(http::Router& router, Backing const& backing);

/// `/rescue-calls`: calls by the sender's key, merged and triaged by the rules in force; one is
/// sent the nearest free team, and is done.
void add_rescue_calls(http::Router& router, Backing const& backing,
                      data::postgis::RescueStore const& rescue);

/// `/events/{eventId}/timeline`: everything of an event in order of time; `/report` and
/// `/report.pdf`: the situation report as Markdown, and on paper with a map. All as recorded at the
/// end of `datetime`, or now.
void add_event_reports(http::Router& router, Backing const& backing);

} // namespace diaban::services::api
