#pragma once

#include "data/model/sensing.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace diaban::services::api {

/// A member of a body by its path (`unitOfMeasurement/name`); null if it is not there, or null.
[[nodiscard]] nlohmann::json const* member_at(nlohmann::json const& body, std::string_view path);

/// `{"@iot.id": 1}` of a member. Throws Error{bad_input, "bad-member"}.
[[nodiscard]] std::int64_t id_in(nlohmann::json const& body, std::string_view member);

/// An observation as SensorThings writes it: `result`, `phenomenonTime`, `resultTime`,
/// `parameters: {"message"}`, and `Datastream` unless it is known already.
///
/// `otherwise`  when it was observed where the body does not say; nothing: it must say.
/// Throws       Error{bad_input, "bad-member"} naming the member.
[[nodiscard]] data::model::Observation read_observation(nlohmann::json const& body,
                                                        std::optional<std::int64_t> datastream,
                                                        std::optional<geo::Instant> otherwise);

} // namespace diaban::services::api
