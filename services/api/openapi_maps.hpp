#pragma once

#include "services/api/json.hpp"

#include <string_view>
#include <utility>

namespace diaban::services::api {

/// A query parameter of pictures of maps; null for any other.
[[nodiscard]] std::pair<Json, std::string_view> describe_map_query(std::string_view name,
                                                                   std::string_view pattern);
[[nodiscard]] bool is_map_required(std::string_view name, std::string_view pattern) noexcept;

/// Adds what else a picture of a map may be, and why there is none.
void add_map_responses(std::string_view pattern, Json& responses);

} // namespace diaban::services::api
