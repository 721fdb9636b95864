#pragma once

#include "services/http/negotiation.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace diaban::services::http {

/// How much work a compressor may do: `live` for what is made while a client waits (gzip 5,
/// brotli 4, zstd 3), `kept` for what is coded once and sent often (gzip 9, brotli 9, zstd 12).
enum class Effort { live, kept };

/// `body` in that coding. gzip by libdeflate. Identity returns a copy.
/// Throws   Error{internal, "internal"} if a compressor fails (out of memory).
[[nodiscard]] std::string encode(std::string_view body, Encoding encoding,
                                 Effort effort = Effort::live);

/// What a gzip stream of one member holds; nothing if it is damaged, goes on behind its end, or
/// holds more than `most` bytes. Memory: `most` at most, as far as it is needed.
[[nodiscard]] std::optional<std::string> decode_gzip(std::string_view coded, std::size_t most);

} // namespace diaban::services::http
