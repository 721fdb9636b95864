#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace diaban::services::access {

/// Everything here is libsodium's.

/// 32 random bytes as base64url: what a session or a token is known by to its holder.
[[nodiscard]] std::string random_secret();
[[nodiscard]] std::string random_bytes(std::size_t count);
/// SHA-256, hexadecimal: what of a secret is kept.
[[nodiscard]] std::string sha256_of(std::string_view text);
[[nodiscard]] std::string sha256_bytes(std::string_view text);
/// What a page must show to change something in the session of that secret: made of it, and telling
/// nothing of it.
[[nodiscard]] std::string csrf_of(std::string_view secret);

/// Base64 of RFC 4648, 5, without padding.
[[nodiscard]] std::string base64url(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);

/// In time that says nothing of where they differ.
[[nodiscard]] bool equal_secrets(std::string_view a, std::string_view b) noexcept;

/// argon2id with its parameters (64 MiB, 2 passes: libsodium's "interactive"), encoded.
/// Cost    some 100 ms of a core. At most two at a time, so that signing in never takes the memory.
/// Throws  Error{unavailable, "database-busy"} if there are too many at once.
[[nodiscard]] std::string hash_password(std::string_view password);
/// Without a hash to hold it against it takes as long, and fails.
[[nodiscard]] bool verify_password(std::optional<std::string> const& encoded,
                                   std::string_view password);

/// Whether a password may be taken: 10 to 200 bytes, not one character over and over.
[[nodiscard]] bool is_acceptable_password(std::string_view password) noexcept;

} // namespace diaban::services::access
