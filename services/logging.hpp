#pragma once

#include <memory>
#include <string_view>

namespace spdlog {
class formatter;
}

namespace diaban::services {

/// How lines of the log look; each tells the request that its thread answered, where it did.
///
///   text   `2025-09-28T14:05:00.000+07:00 info [request] words`
///   json   an object a line: `time` (UTC), `level`, `message`, `request`, `thread`
[[nodiscard]] std::unique_ptr<spdlog::formatter> log_formatter(std::string_view format);

} // namespace diaban::services
