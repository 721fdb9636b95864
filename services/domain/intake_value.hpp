#pragma once

#include "geo/feature.hpp"
#include "geo/schema.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace diaban::services::domain {

/// A file's value as a field's type has it; or why it cannot be one.
struct ReadValue {
    geo::ValueView value;
    std::string_view fault; ///< bad-integer, bad-number, bad-boolean, bad-date, bad-timestamp
    bool zoneless = false;  ///< a date-time without zone, and no offset given to read it by
};

/// Turns the values that files hold into the types that fields have.
///
/// Text      blanks at the ends fall away, empty is null; what is written must be UTF-8 in NFC
///           already. A number asked for as text is written in its shortest form.
/// Numbers   whole numbers written with a fraction of zero (`12.0`) are whole; a decimal comma,
///           a thousands separator or a unit makes a value that is no number.
/// Dates     `2025-07-01`, `2025/07/01`, `1/7/2025` and `1-7-2025` (day first, as in Vietnam).
/// Instants  RFC 3339, seconds and the `T` optional. Without a zone they are read by
///           `utc_offset` minutes, and refused where none is given: an hour must not be guessed.
///           A day asked for as an instant is its midnight, and an instant asked for as a day its
///           day, by that offset, or else in Vietnam (UTC+7).
class ValueReader {
public:
    explicit ValueReader(std::optional<int> utc_offset = {}) : m_utc_offset{utc_offset} {}

    /// `scratch` holds text that had to be made, and must live as long as the result.
    [[nodiscard]] ReadValue read(geo::ValueView const& from, geo::FieldType type,
                                 std::string& scratch) const;

private:
    [[nodiscard]] ReadValue as_text(geo::ValueView const& from, std::string& scratch) const;
    [[nodiscard]] ReadValue as_date(geo::ValueView const& from) const;
    [[nodiscard]] ReadValue as_timestamp(geo::ValueView const& from) const;
    [[nodiscard]] int local_offset() const noexcept;

    std::optional<int> m_utc_offset; // minutes east of Greenwich
};

/// Reads `+07:00`, `-03:30` or `Z` as minutes.
[[nodiscard]] std::optional<int> read_utc_offset(std::string_view text) noexcept;

} // namespace diaban::services::domain
