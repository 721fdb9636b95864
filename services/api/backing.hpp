#pragma once

#include "data/postgis/feature_store.hpp"
#include "data/postgis/past_store.hpp"
#include "data/postgis/pool.hpp"
#include "services/archive/shelf.hpp"
#include "services/config.hpp"
#include "services/domain/atlas.hpp"
#include "services/domain/editing.hpp"
#include "services/domain/sorted.hpp"

#include <string>
#include <string_view>

namespace diaban::services::access {
struct Accounts;
}

namespace diaban::services::api {

/// What the handlers stand on. Outlives them.
struct Backing {
    domain::Atlas& atlas;
    data::postgis::Pool& pool; ///< role serve
    data::postgis::FeatureStore const& store;
    data::postgis::PastStore const& past;
    domain::Editing const& editing;
    Settings const& settings;
    domain::SortOrders& orders;
    access::Accounts& accounts;
    archive::Shelf& archives;
};

} // namespace diaban::services::api
