#pragma once

#include "services/api/backing.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// Vector tiles: the XYZ shorthand `/tiles/{a,b,…}/{z}/{x}/{y}.mvt` with its TileJSON, and OGC API
/// Tiles (`/collections/{id}/tiles/…`, `/tileMatrixSets`) on the one matrix set WebMercatorQuad.
///
/// Empty    204. `Diaban-Min-Zoom` names the collections that have tiles only further in.
/// Else     `Diaban-Shown` and `Diaban-Total` say how many features of how many are drawn.
/// Errors   400 for coordinates that are no numbers, 404 outside the pyramid (OGC 20-057, 7.1.9).
void add_tiles(http::Router& router, Backing const& backing);

} // namespace diaban::services::api
