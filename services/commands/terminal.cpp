#include "services/commands/terminal.hpp"

namespace diaban::services::commands {

http::Language terminal_language(Environment const& environment) {
    auto const language = environment("LANG").value_or("");
    return language.starts_with("en") || language.starts_with("C") || language.empty()
               ? http::Language::en
               : http::Language::vi;
}

} // namespace diaban::services::commands
