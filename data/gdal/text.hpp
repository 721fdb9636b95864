#pragma once

#include <string>
#include <string_view>

namespace diaban::data::gdal {

/// Whether `text` is well-formed UTF-8 (Unicode 15, table 3-7: no surrogates, nothing overlong).
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// Whether `text` looks like UTF-8 that was once read as ISO 8859-1 or Windows-1252 (`Háº¡`): it is
/// not plain, and turned back into such bytes it would be well-formed UTF-8.
[[nodiscard]] bool looks_doubly_encoded(std::string_view text);

/// `text` in Unicode normalization form C. What is already normal comes back as it is; else it is
/// written to `buffer`, which the result then borrows.
///
/// Needs    well-formed UTF-8.
[[nodiscard]] std::string_view to_nfc(std::string_view text, std::string& buffer);

/// `text` without blanks (space, tab, line ends, no-break space) at either end.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

} // namespace diaban::data::gdal
