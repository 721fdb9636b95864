#pragma once

#include "services/api/backing.hpp"
#include "services/domain/press.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// `/press`: what press and internet told, searched with or without accents, counted by place and
/// topic; `/press-sources`: feeds that are pulled, and how that goes; POST `/press` pushes items,
/// `/press/{pressId}/reports` ties one to a report.
void add_press(http::Router& router, Backing const& backing, domain::PressGround const& ground,
               bool writable);

} // namespace diaban::services::api
