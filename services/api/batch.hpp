#pragma once

#include "services/api/backing.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// Changes that one `POST /batch` may bring.
constexpr std::size_t most_changes = 1000;

/// `POST /batch`: changes of many items, of any collections, all or none.
///
///     {"changes": [{"method": "POST", "collection": "facilities", "body": {…}},
///                  {"method": "PATCH", "collection": "facilities", "fid": 7, "ifMatch":
///                  "\"4-63c\"",
///                   "body": {…}}, …]}
///
/// Each change is what the request of that method would be by itself; headers are those of the
/// whole. Faults, and items in another state than `ifMatch` names (412), are told with their
/// places, all at once. The answer lists what became of each, in order.
void add_batch(http::Router& router, Backing const& backing);

} // namespace diaban::services::api
