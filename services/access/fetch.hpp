#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace diaban::services::access {

/// One request to another server (libcurl): GET, or POST of a form where one is given.
struct Fetch {
    std::string url;
    std::optional<std::string> form{};
    std::string user{}; ///< for Basic; empty: none
    std::string password{};
};

struct Fetched {
    long status = 0;
    std::string body;
};

/// Bounds   five seconds, a megabyte, no redirects, http and https only; certificates are checked.
/// Throws   Error{unavailable, "provider-unreachable"} naming the host.
[[nodiscard]] Fetched fetch(Fetch const& wanted);

} // namespace diaban::services::access
