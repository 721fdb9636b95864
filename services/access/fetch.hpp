#pragma once

#include "services/http/client_address.hpp"

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
    /// Not null: addresses that are not of the open internet are reached only in these networks, or
    /// where the URL names the address itself. Judged is the address that is connected to, not what
    /// the name was resolved to before.
    http::Networks const* reach = nullptr;
};

struct Fetched {
    long status = 0;
    std::string body;
    std::string media_type; ///< as `Content-Type` says, without parameters, in lower case
};

/// Whether an address is of this machine, a private or local network, or of no single receiver
/// (RFC 6890), or holds an address of version 4 that may be (6to4, NAT64).
[[nodiscard]] bool is_internal(http::Address const& address);

/// Bounds   five seconds, `most_bytes`, no redirects, http and https only; certificates are
/// checked. Throws   Error{unavailable, "provider-unreachable"} naming the host;
/// Error{forbidden, "pull-refused"} for an address that may not be reached.
[[nodiscard]] Fetched fetch(Fetch const& wanted);

} // namespace diaban::services::access
