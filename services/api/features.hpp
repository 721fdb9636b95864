#pragma once

#include "services/api/backing.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// OGC API Features, Part 1: `/collections/{collectionId}/items` and `…/items/{featureId}`, as
/// GeoJSON and HTML.
void add_features(http::Router& router, Backing const& backing);

} // namespace diaban::services::api
