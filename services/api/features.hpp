#pragma once

#include "data/model/collection.hpp"
#include "geo/feature.hpp"
#include "services/api/backing.hpp"
#include "services/http/router.hpp"

#include <string>

namespace diaban::services::api {

/// OGC API Features, Part 1: `/collections/{collectionId}/items` and `…/items/{featureId}`, as
/// GeoJSON and HTML.
void add_features(http::Router& router, Backing const& backing);

/// One item as GeoJSON, as `…/items/{featureId}` answers it.
[[nodiscard]] std::string item_json(http::Context const& context,
                                    data::model::Collection const& collection,
                                    geo::Feature const& feature);

} // namespace diaban::services::api
