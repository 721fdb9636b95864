#pragma once

#include "services/api/json.hpp"

#include <string_view>
#include <utility>

namespace diaban::services::api {

/// Schema and description of a query parameter that coverages alone have; null for any other.
[[nodiscard]] std::pair<Json, std::string_view> describe_coverage_query(std::string_view name);

/// Name of the schema of what a route of coverages answers; empty for any other.
[[nodiscard]] std::string_view coverage_schema_of(std::string_view pattern) noexcept;

/// Schemas of coverages and of what is asked of them.
[[nodiscard]] Json coverage_schemas();

} // namespace diaban::services::api
