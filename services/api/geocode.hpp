#pragma once

#include "services/api/backing.hpp"
#include "services/domain/unit_lists.hpp"
#include "services/http/router.hpp"

#include <memory>

namespace diaban::services::api {

/// `/geocode`: names of units of both lists, roads and facilities, typed with or without accents,
/// abbreviated, with a typing error; `/geocode/reverse`: what a position is called.
void add_geocode(http::Router& router, Backing const& backing,
                 std::shared_ptr<domain::UnitListCache> const& lists);

} // namespace diaban::services::api
