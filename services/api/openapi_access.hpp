#pragma once

#include "services/api/json.hpp"
#include "services/http/message.hpp"

#include <string_view>

namespace diaban::services::api {

/// What changes accounts, roles and sessions, as OpenAPI 3.0: parameters of the path stand apart.
/// Null for another route.
[[nodiscard]] Json describe_access_change(http::Method method, std::string_view pattern);

/// `components/schemas` of accounts, roles, tokens and the audit.
[[nodiscard]] Json access_schemas();

/// How requests say who asks: `components/securitySchemes`.
[[nodiscard]] Json security_schemes();

} // namespace diaban::services::api
