#pragma once

#include "services/api/json.hpp"

#include <string_view>

namespace diaban::services::api {

/// `components/schemas` of the description: OpenAPI 3.0. Objects of ours are closed: a member that
/// is answered and not described here fails a test.
[[nodiscard]] Json answer_schemas();

/// Name among `answer_schemas` of what a route answers as JSON; empty: an object.
[[nodiscard]] std::string_view schema_of(std::string_view pattern) noexcept;

} // namespace diaban::services::api
