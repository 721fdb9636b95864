#pragma once

#include "data/postgis/wall_store.hpp"
#include "services/api/backing.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// `/wall`: walls that the visitor sees; `/wall/{wallId}`: its grid, scenes, screens, what is on
/// air; POST `…/beats`: what a screen says of itself; and what an operator does: `air`, `undo`,
/// `lock`, `view`, `stand-ins`, `carousel`, with the right to edit the wall.
void add_wall(http::Router& router, Backing const& backing, data::postgis::WallStore const& store);

} // namespace diaban::services::api
