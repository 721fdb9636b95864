#pragma once

#include <string_view>

namespace diaban::geo {

/// How texts stand to each other: by the Vietnamese alphabet (ICU, locale vi), then by their bytes;
/// as PostgreSQL's collation "vi-x-icu" has them. Below, at or above 0.
[[nodiscard]] int compare_texts(std::string_view a, std::string_view b);

} // namespace diaban::geo
