#pragma once

#include "services/api/json.hpp"
#include "services/http/router.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace diaban::services::api {

/// What the description of the API says of SensorThings and of alerts.

/// A route's path as OpenAPI writes it: a rest of a path is a parameter like another.
[[nodiscard]] std::string path_template(std::string_view pattern);

/// Schema and description of an option (`$filter`, …); null for any other parameter.
[[nodiscard]] std::pair<Json, std::string_view> describe_sensing_query(std::string_view name);

/// Responses that its routes have besides.
void add_sensing_responses(std::string_view pattern, Json& responses);

/// What `/webhooks` takes and answers.
[[nodiscard]] Json sensing_schemas();

/// Description of a route that makes entities or changes alerts; null for any other.
[[nodiscard]] Json describe_sensing_change(http::Method method, std::string_view pattern);

} // namespace diaban::services::api
