#pragma once

#include "services/api/backing.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// `/storms/past`: which storms of the past came near a unit, by month and strength;
/// `/storms/past/around` asks of a position.
void add_storms(http::Router& router, Backing const& backing);

/// `/storms/bulletins`: official bulletins that a person confirmed, with what they say of risk and,
/// apart from it, what the rules say; POST takes one, `/reading` only reads it.
void add_storm_bulletins(http::Router& router, Backing const& backing, bool writable);

/// `/hazards/rain-risk`: what rain means by the decree's rows; `/reservoirs`: curves, time to full,
/// inflow by balance.
void add_hazard_rules(http::Router& router, Backing const& backing);

} // namespace diaban::services::api
