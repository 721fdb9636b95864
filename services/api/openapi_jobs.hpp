#pragma once

#include "services/api/json.hpp"
#include "services/http/message.hpp"

#include <string_view>

namespace diaban::services::api {

/// The operation of a route that makes or ends a job, without its path parameters; null for any
/// other.
[[nodiscard]] Json describe_job_change(http::Method method, std::string_view pattern);

/// Adds to what a route of jobs answers besides its usual 200; nothing for any other.
void add_job_responses(std::string_view pattern, Json& responses);

/// Name of the schema of what a route of jobs answers; empty for any other.
[[nodiscard]] std::string_view job_schema_of(std::string_view pattern) noexcept;

/// Schemas of processes, jobs and results.
[[nodiscard]] Json job_schemas();

} // namespace diaban::services::api
