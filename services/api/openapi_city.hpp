#pragma once

#include "services/api/json.hpp"
#include "services/http/message.hpp"

#include <string_view>
#include <utility>

namespace diaban::services::api {

/// Schema and description of a query parameter as heat, cameras and reports have it; null where it
/// is as elsewhere.
[[nodiscard]] std::pair<Json, std::string_view> describe_city_query(std::string_view name,
                                                                    std::string_view pattern);

/// Name of the schema of what a route of theirs answers; empty for any other.
[[nodiscard]] std::string_view city_schema_of(std::string_view pattern) noexcept;

/// Responses that routes of theirs have besides.
void add_city_responses(std::string_view pattern, Json& responses);

/// Description of a change of reports; null for any other route.
[[nodiscard]] Json describe_city_change(http::Method method, std::string_view pattern);

[[nodiscard]] Json city_schemas();

} // namespace diaban::services::api
