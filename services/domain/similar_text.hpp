#pragma once

#include <string_view>

namespace diaban::services::domain {

/// How alike two texts are, 0 to 1: the share of their letter triples that both have, as
/// PostgreSQL's pg_trgm counts it; letters fold as filters fold them (no case, no marks, đ is d).
[[nodiscard]] double text_likeness(std::string_view a, std::string_view b);

} // namespace diaban::services::domain
