#pragma once

#include "services/config.hpp"
#include "services/http/messages.hpp"

namespace diaban::services::commands {

/// The language of whoever sits at the terminal, by `LANG`: Vietnamese, unless it names English or
/// nothing.
[[nodiscard]] http::Language terminal_language(Environment const& environment);

} // namespace diaban::services::commands
