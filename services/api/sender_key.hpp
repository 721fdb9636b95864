#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace diaban::services::api {

/// `key`: what a sender knows a thing by, so that it is taken once.
/// Throws   Error{bad_input, "bad-member"} for other than 1 to 100 printable ASCII characters.
[[nodiscard]] std::string sender_key(nlohmann::json const& body);

} // namespace diaban::services::api
