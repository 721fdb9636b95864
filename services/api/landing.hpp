#pragma once

#include "services/http/router.hpp"

namespace diaban::services::api {

/// `/` (JSON, or a page) and `/conformance`.
void add_landing(http::Router& router);

} // namespace diaban::services::api
