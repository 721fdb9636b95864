#pragma once

#include <string>
#include <string_view>

namespace diaban::services::domain {

/// `text` as one searches it: lower case, letters without their diacritics (đ is d), composed and
/// decomposed Unicode alike; everything that is no letter or digit becomes one space, none at the
/// ends. "  Cẩm-Duệ " and "CAM DUE" both give "cam due".
///
/// Letters of other scripts are kept as they are.
[[nodiscard]] std::string fold(std::string_view text);

/// Whether every word of `words` stands in `text`, also as a part of one; both folded.
[[nodiscard]] bool holds_words(std::string_view text, std::string_view words) noexcept;

} // namespace diaban::services::domain
