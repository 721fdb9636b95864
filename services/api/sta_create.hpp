#pragma once

#include "services/api/sta.hpp"

#include <string>

namespace diaban::services::api {

/// POST to a set of SensorThings: makes one entity, or with `CreateObservations` many observations,
/// all or none. Entities are made one by one and linked by their ids.
///
/// Throws   Error{not_found, "sta-no-entity"}; Error{bad_input, "bad-member"} naming the member;
///          as Editing and ObservationStore.
[[nodiscard]] http::Response create_sta(Backing const& backing, StaBacking const& sta,
                                        http::Context const& context, std::string const& path);

} // namespace diaban::services::api
