#pragma once

#include "services/api/backing.hpp"
#include "services/domain/unit_lists.hpp"
#include "services/http/router.hpp"

#include <memory>

namespace diaban::services::api {

/// `/forms/indicators`: who reports what and when, `.xlsx` the form of an owner and period; POST
/// takes one that was filled in, whole or not at all.
void add_forms(http::Router& router, Backing const& backing,
               std::shared_ptr<domain::UnitListCache> const& lists, bool writable);

/// POST `/indicators/{indicatorId}/values`: values as JSON, all or none; `/indicator-sources`:
/// where values are pulled from, and how that goes.
void add_indicator_push(http::Router& router, Backing const& backing,
                        std::shared_ptr<domain::UnitListCache> const& lists, bool writable);

/// `/tasks`, by office, and the steps of one: reported with evidence, accepted or returned.
void add_tasks(http::Router& router, Backing const& backing, bool writable);

/// `/public-services`: dossiers by office and level on their clocks, and what the service scores.
void add_public_services(http::Router& router, Backing const& backing, bool writable);

/// `/directives`: searched with or without accents, overdue ones by office.
void add_directives(http::Router& router, Backing const& backing);

} // namespace diaban::services::api
