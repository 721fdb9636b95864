#pragma once

#include "geo/error.hpp"

#include <string_view>

namespace diaban::services::http {

/// The one place where an error becomes a status. Most follow the code alone; a few types have a
/// status of their own (405, 406, 410, 415, 501).
[[nodiscard]] int status_of(geo::Error const& error) noexcept;

/// Reason phrase of RFC 9110 for the statuses Diaban sends; empty for others.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

} // namespace diaban::services::http
