#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diaban::services::http {

/// Percent-decoding (RFC 3986), strict: `%` and two hexadecimal digits, the result valid UTF-8
/// without control characters. Empty if it is not so. `plus_is_space` as in a query.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

/// Everything but the unreserved characters of RFC 3986 as %XX.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// Whether `text` is well-formed UTF-8 (no overlong forms, no surrogates).
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// The parameters of a request's query, decoded, in the order they were sent.
class Query {
public:
    Query() = default;
    /// Throws   Error{bad_input}: "bad-percent-encoding" naming the part, "repeated-parameter",
    ///          "too-many-parameters" beyond 200.
    static Query parse(std::string_view text);

    /// Value of a parameter; empty if it was not sent.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept;
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> const& all() const noexcept {
        return m_parameters;
    }

private:
    std::vector<std::pair<std::string, std::string>> m_parameters;
};

} // namespace diaban::services::http
