#pragma once

#include "services/api/json.hpp"
#include "services/http/message.hpp"

#include <string_view>

namespace diaban::services::api {

/// Name of the schema of what a route of walls answers; empty for any other.
[[nodiscard]] std::string_view wall_schema_of(std::string_view pattern) noexcept;

/// What screens and operators send, as OpenAPI 3.0: parameters of the path stand apart. Null for
/// another route.
[[nodiscard]] Json describe_wall_change(http::Method method, std::string_view pattern);

[[nodiscard]] Json wall_schemas();

} // namespace diaban::services::api
