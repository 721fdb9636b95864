#pragma once

#include "services/api/json.hpp"
#include "services/http/router.hpp"

#include <memory>

namespace diaban::services::api {

/// `/api`: OpenAPI 3.0 of every route the router has when `describe_api` is called, and a page.
/// Returns where that description goes; it must be filled before the first request.
std::shared_ptr<Json> add_openapi(http::Router& router);

/// The document. Each route must be known to the table of summaries; a test says which is not.
[[nodiscard]] Json describe_api(http::Router const& router);

} // namespace diaban::services::api
