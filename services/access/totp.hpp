#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace diaban::services::access {

/// Time-based one-time passwords (RFC 6238) with HMAC-SHA-1 and steps of 30 seconds, as all
/// authenticator apps have them.

/// The code of a step, with so many digits. `secret` is bytes.
[[nodiscard]] std::string totp_code(std::string_view secret, std::int64_t step, int digits = 6);

[[nodiscard]] constexpr std::int64_t totp_step(std::int64_t unix_seconds) noexcept {
    return unix_seconds / 30;
}

/// The step whose code this is: now's, or the one before or after it, for clocks that differ.
[[nodiscard]] std::optional<std::int64_t>
matching_step(std::string_view secret, std::string_view code, std::int64_t unix_seconds);

/// Base32 of RFC 4648, 6, without padding: as secrets are typed.
[[nodiscard]] std::string base32(std::string_view bytes);

/// `otpauth://totp/…`: what an authenticator app reads.
[[nodiscard]] std::string totp_uri(std::string_view login, std::string_view secret);

} // namespace diaban::services::access
