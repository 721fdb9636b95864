#pragma once

#include "services/api/backing.hpp"
#include "services/domain/unit_lists.hpp"
#include "services/http/router.hpp"

#include <memory>

namespace diaban::services::api {

/// `/indicators`, `/indicators/{indicatorId}` and what is asked of one: `/values` (as JSON,
/// JSON-stat 2 and CSV), `/ranking`, `/trend`. Values have no geometry: they go by the codes of
/// units, so that a new one changes no tile.
void add_indicators(http::Router& router, Backing const& backing,
                    std::shared_ptr<domain::UnitListCache> const& lists);

/// `/indicators/{indicatorId}/ranking` and `/trend`.
void add_indicator_series(http::Router& router, Backing const& backing,
                          std::shared_ptr<domain::UnitListCache> const& lists);

} // namespace diaban::services::api
