#pragma once

#include "services/api/backing.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// `/collections/{id}/heat` and its tiles: density of a collection of points, in people's units;
/// and when things happened: `/collections/{id}/rhythm`, `/collections/{id}/trend`.
void add_heat(http::Router& router, Backing const& backing);

/// `/collections/{id}/heat/cells`: the same points counted by hexagons or squares of equal area, or
/// by units. Counts of the parts, with those elsewhere, sum to the whole.
void add_heat_cells(http::Router& router, Backing const& backing);

} // namespace diaban::services::api
