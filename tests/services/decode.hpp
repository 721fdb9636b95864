#pragma once

#include "services/http/negotiation.hpp"

#include <string>
#include <string_view>

namespace diaban::tests {

/// What a client makes of a coded body, by zlib, brotli's and zstd's own decoders (gzip bodies are
/// made by libdeflate). Throws std::runtime_error if it cannot be decoded.
std::string decode(std::string_view body, services::http::Encoding encoding);

} // namespace diaban::tests
