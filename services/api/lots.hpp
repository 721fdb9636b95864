#pragma once

#include "services/api/backing.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// `/collections/{collectionId}/items/{featureId}/lineage`: what became of a lot between editions
/// of its register, both ways and with the evidence; `…/overlay?with=`: what polygons of other
/// collections cover of it.
void add_lots(http::Router& router, Backing const& backing);

} // namespace diaban::services::api
