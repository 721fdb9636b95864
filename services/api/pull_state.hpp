#pragma once

#include "data/postgis/pull_store.hpp"
#include "services/api/json.hpp"
#include "services/domain/puller.hpp"

#include <cstdint>
#include <map>

namespace diaban::services::api {

/// Adds where a source is asked, whether it may be, and how the last asking went.
void add_pull_state(Json& json, domain::PullSource const& source,
                    std::map<std::int64_t, data::postgis::PullState> const& states,
                    domain::Hosts const& hosts);

} // namespace diaban::services::api
