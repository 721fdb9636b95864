#pragma once

#include "services/api/json.hpp"
#include "services/http/message.hpp"

#include <string_view>

namespace diaban::services::api {

/// What changes tasks, dossiers of services and reported values, as OpenAPI 3.0: parameters of the
/// path stand apart. Null for another route.
[[nodiscard]] Json describe_work_change(http::Method method, std::string_view pattern);

/// `components/schemas` of what those requests bring.
[[nodiscard]] Json work_schemas();

} // namespace diaban::services::api
