#pragma once

#include "geo/feature.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace diaban::geo::codec {

/// `2025-07-01`. Years outside 0000–9999 are written with as many digits as they need.
void append_date(std::string& out, Date date);
[[nodiscard]] std::string date_text(Date date);

/// `2025-07-01T00:00:00Z`, with `.123456` only when there are microseconds.
void append_instant(std::string& out, Instant instant);

/// Reads a full date (RFC 3339, §5.6 full-date); nothing for anything else, or a day that is not.
[[nodiscard]] std::optional<Date> read_date(std::string_view text) noexcept;

/// Reads a date-time with `Z` or a numeric offset; up to six digits of fraction are kept, more are
/// cut. A leap second (`:60`) counts as the next second, as PostgreSQL does.
[[nodiscard]] std::optional<Instant> read_instant(std::string_view text) noexcept;

} // namespace diaban::geo::codec
