#pragma once

#include "services/http/negotiation.hpp"

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

} // namespace diaban::services::http
