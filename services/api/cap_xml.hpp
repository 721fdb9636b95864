#pragma once

#include "data/model/alert.hpp"
#include "geo/policy.hpp"

#include <span>
#include <string>
#include <string_view>

namespace diaban::services::api {

inline constexpr std::string_view cap_type = "application/cap+xml";

/// A message as CAP 1.2 (OASIS, 2010), in Vietnamese and in English. What the policy masks of the
/// collection `alerts` is left out where the standard lets it be.
///
/// Area      polygons in latitude, longitude, closed; holes are not part of the standard.
/// Times     local (UTC+7), as the standard wants an offset and no Z.
[[nodiscard]] std::string cap_document(data::model::AlertMessage const& message,
                                       geo::Policy const& policy);

/// The feed of what is active (Atom, RFC 4287), each entry with a link to its message. `address` is
/// that of the feed, `alerts` that of the folder of messages.
[[nodiscard]] std::string cap_feed(std::span<data::model::AlertMessage const> messages,
                                   geo::Policy const& policy, std::string const& address,
                                   std::string const& alerts);

} // namespace diaban::services::api
