#pragma once

#include "services/api/backing.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// OGC API Features, Part 5: `/collections/{collectionId}/schema`, `…/queryables` and `…/sortables`
/// as JSON Schema. What is named in two of them is described alike.
void add_schemas(http::Router& router, Backing const& backing);

} // namespace diaban::services::api
