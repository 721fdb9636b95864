#pragma once

#include "services/api/backing.hpp"
#include "services/domain/unit_lists.hpp"
#include "services/http/router.hpp"

#include <memory>

namespace diaban::services::api {

/// `/places/{placeCode}`: the file of a unit: what it was made of, its outline, its latest
/// indicators beside the plan and its peers, and what lies in it; `/places/around`: what lies
/// around a point or in a polygon, told alike.
void add_place_file(http::Router& router, Backing const& backing,
                    std::shared_ptr<domain::UnitListCache> const& lists);

} // namespace diaban::services::api
