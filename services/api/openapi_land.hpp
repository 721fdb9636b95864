#pragma once

#include "services/api/json.hpp"
#include "services/http/message.hpp"

#include <string_view>

namespace diaban::services::api {

/// What changes the register of land, as OpenAPI 3.0: parameters of the path stand apart. Null for
/// another route.
[[nodiscard]] Json describe_land_change(http::Method method, std::string_view pattern);

/// What a GET of the cadastre answers besides what every route does.
void add_land_responses(std::string_view pattern, Json& responses);

/// `components/schemas` of parcels and dossiers.
[[nodiscard]] Json land_schemas();

/// The schema of what a GET of the cadastre answers; empty for another route.
[[nodiscard]] std::string_view land_schema_of(std::string_view pattern) noexcept;

} // namespace diaban::services::api
