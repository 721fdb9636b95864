#pragma once

#include "services/http/messages.hpp"

#include <string>
#include <string_view>

namespace diaban::services::api {

/// Text as it may stand anywhere in HTML, attribute values in quotes included.
[[nodiscard]] std::string escape(std::string_view text);

/// A word in the reader's language.
[[nodiscard]] std::string_view word(http::Language language, std::string_view vi,
                                    std::string_view en);

/// A whole page around `body` (HTML). `title` is text.
///
/// Self-contained: one style sheet inside, no script, nothing fetched.
[[nodiscard]] std::string page(http::Language language, std::string_view title,
                               std::string_view body);

} // namespace diaban::services::api
