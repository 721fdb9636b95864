#pragma once

#include "services/api/json.hpp"

#include <string_view>

namespace diaban::services::api {

inline constexpr std::string_view openapi_30_type = "application/vnd.oai.openapi+json;version=3.0";
inline constexpr std::string_view openapi_31_type = "application/vnd.oai.openapi+json;version=3.1";

/// The same description in OpenAPI 3.1, whose schemas are JSON Schema 2020-12: `nullable` becomes a
/// type of its own, bytes have no schema. `document` is one of ours, in 3.0.
[[nodiscard]] Json as_openapi_31(Json document);

/// Whether the Accept field likes version 3.1 better than 3.0, which is what is sent to whoever
/// does not say.
[[nodiscard]] bool prefers_openapi_31(std::string_view accept);

} // namespace diaban::services::api
