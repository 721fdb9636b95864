#pragma once

#include "services/api/json.hpp"
#include "services/http/router.hpp"

#include <span>
#include <string_view>

namespace diaban::services::api {

/// A route that changes something, as its description needs it.
struct Change {
    http::Method method;
    std::string_view pattern;
    std::string_view id;
    std::string_view text;
    std::string_view body;   ///< name of its schema; empty: none
    std::string_view answer; ///< likewise
    std::string_view success;
    bool in_session = true; ///< a browser says its csrf
};

/// The one of these that the route is; null if none is.
[[nodiscard]] Change const* find_change(std::span<Change const> changes, http::Method method,
                                        std::string_view pattern) noexcept;

/// Its operation in OpenAPI 3.0, under a tag, with the statuses that tell of a problem; parameters
/// of the path stand apart.
[[nodiscard]] Json describe_change(Change const& change, std::string_view tag,
                                   std::span<std::string_view const> problems);

/// `components/schemas`, of members that are written as JSON.
[[nodiscard]] Json schemas_of(std::span<std::string_view const> members);

} // namespace diaban::services::api
