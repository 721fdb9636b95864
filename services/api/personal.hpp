#pragma once

#include "geo/policy.hpp"
#include "services/http/router.hpp"

#include <string>

namespace diaban::services::api {

/// Why somebody wants to know of persons: `Access-Reason`, percent-encoded UTF-8 of at most 1000
/// bytes, asked of everyone, each time.
/// Throws   Error{bad_input, "bad-header"}.
[[nodiscard]] std::string read_access_reason(http::Request const& request);

/// Under which policy the visitor may know of persons in a collection.
/// Throws   as Context::policy; Error{forbidden, …}: "sign-in-needed" or "not-allowed".
[[nodiscard]] geo::Policy const& personal_policy(http::Context const& context,
                                                 std::string const& id);

} // namespace diaban::services::api
