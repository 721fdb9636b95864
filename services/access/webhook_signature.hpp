#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace diaban::services::access {

/// `v1,` and base64 of HMAC-SHA-256 (libsodium) over `id.timestamp.body`, as Standard Webhooks 1.0
/// signs. The key is the secret after `whsec_`, which is base64; a secret of another form is the
/// key itself. `seconds` since 1970.
[[nodiscard]] std::string webhook_signature(std::string_view secret, std::string_view id,
                                            std::int64_t seconds, std::string_view body);

/// A secret of 32 random bytes, as `whsec_…`.
[[nodiscard]] std::string webhook_secret();

} // namespace diaban::services::access
