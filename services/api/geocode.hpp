#pragma once

#include "services/api/backing.hpp"
#include "services/domain/unit_lists.hpp"
#include "services/http/router.hpp"

#include <memory>

namespace diaban::services::api {

struct PlaceNames;

/// `/geocode`: names of units of both lists, roads and facilities, typed with or without accents,
/// abbreviated, with a typing error; `/geocode/reverse`: what a position is called.
void add_geocode(http::Router& router, Backing const& backing,
                 std::shared_ptr<domain::UnitListCache> const& lists,
                 std::shared_ptr<PlaceNames> const& names);

/// POST `/ties`: the geography of a position, a unit code of either list, a parcel, a camera, a
/// facility or an address, how it was found and how surely; what has none waits in `untied`.
void add_ties(http::Router& router, Backing const& backing,
              std::shared_ptr<domain::UnitListCache> const& lists,
              std::shared_ptr<PlaceNames> const& names);

} // namespace diaban::services::api
