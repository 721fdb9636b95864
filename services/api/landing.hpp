#pragma once

#include "services/http/router.hpp"

namespace diaban::services::api {

/// `/` (JSON, or a page) and `/conformance`.
/// `edits`: whether items can be changed here.
void add_landing(http::Router& router, bool edits);

} // namespace diaban::services::api
