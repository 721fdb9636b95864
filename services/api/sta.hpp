#pragma once

#include "data/postgis/observation_store.hpp"
#include "data/postgis/sta_store.hpp"
#include "services/api/backing.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// What routes of SensorThings stand on besides. Outlives them.
struct StaBacking {
    data::postgis::StaStore const& store;
    data::postgis::ObservationStore const& observations;
};

/// OGC SensorThings 1.1, Part 1 (18-088) under `/sta/v1.1`: stations, datastreams and observations
/// read with all options, and made one by one or, observations, by the thousand.
void add_sta(http::Router& router, Backing const& backing, StaBacking const& sta, bool writable);

} // namespace diaban::services::api
