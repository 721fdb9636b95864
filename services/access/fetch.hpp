#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::access {

/// One request to another server (libcurl): GET, or POST where a form or a document is given.
struct Fetch {
    std::string url;
    std::optional<std::string> form{};
    std::optional<std::string> document{}; ///< JSON, in place of a form
    std::vector<std::string> fields{};     ///< of the header besides: `name: value`
    std::string user{};                    ///< for Basic; empty: none
    std::string password{};
    std::size_t most_bytes = std::size_t{1} << 20U; ///< of the answer's body
};

struct Fetched {
    long status = 0;
    std::string body;
    std::string media_type; ///< as `Content-Type` says, without parameters, in lower case
};

/// Bounds   five seconds, `most_bytes`, no redirects, http and https only; certificates are
/// checked. Throws   Error{unavailable, "provider-unreachable"} naming the host.
[[nodiscard]] Fetched fetch(Fetch const& wanted);

} // namespace diaban::services::access
