#pragma once

#include "services/api/json.hpp"
#include "services/http/message.hpp"

#include <string_view>
#include <utility>

namespace diaban::services::api {

/// What the description of the API says of storms and the response to them: a query parameter
/// (null: not one of theirs), the schema that a route answers, routes that change something, and
/// answers besides the usual.
[[nodiscard]] std::pair<Json, std::string_view> describe_storm_query(std::string_view name,
                                                                     std::string_view pattern);
[[nodiscard]] bool is_storm_required(std::string_view name, std::string_view pattern) noexcept;
[[nodiscard]] std::string_view storm_schema_of(std::string_view pattern) noexcept;
[[nodiscard]] Json storm_schemas();
[[nodiscard]] Json describe_storm_change(http::Method method, std::string_view pattern);
void add_storm_responses(std::string_view pattern, Json& responses);

} // namespace diaban::services::api
