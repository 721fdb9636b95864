#include "services/api/response.hpp"

namespace diaban::services::api {

void add_response(http::Router& router, Backing const& backing,
                  data::postgis::RescueStore const& rescue, bool writable) {
    add_event_reports(router, backing);
    if (!writable) return;
    add_orders(router, backing);
    add_rescue_calls(router, backing, rescue);
}

} // namespace diaban::services::api
