#pragma once

#include "services/http/message.hpp"
#include "services/http/messages.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace diaban::services::http {

/// How a body is coded on its way (RFC 9110, 8.4).
enum class Encoding : std::uint8_t { identity, gzip, brotli, zstd };

/// As written in Content-Encoding; `identity` has no such field.
[[nodiscard]] constexpr std::string_view to_string(Encoding encoding) noexcept {
    switch (encoding) {
    case Encoding::identity: return "identity";
    case Encoding::gzip: return "gzip";
    case Encoding::brotli: return "br";
    case Encoding::zstd: return "zstd";
    }
    return "identity";
}

/// The coding the client likes best; among equals ours: zstd, br, gzip, identity. Elements that
/// cannot be read are skipped; identity when nothing else is left (RFC 9110, 12.5.3).
[[nodiscard]] Encoding choose_encoding(std::string_view accept_encoding) noexcept;

/// Whether the client takes that coding at all.
[[nodiscard]] bool accepts(std::string_view accept_encoding, Encoding encoding) noexcept;

/// Index of the media type in `offered` (best first) that the client likes best (RFC 9110, 12.5.1).
/// Nothing if it accepts none of them. An absent or wholly unreadable field accepts everything.
[[nodiscard]] std::optional<std::size_t>
choose_media_type(std::string_view accept,
                  std::initializer_list<std::string_view> offered) noexcept;

/// `?lang=` first, then Accept-Language, then Vietnamese.
[[nodiscard]] Language choose_language(std::optional<std::string_view> parameter,
                                       std::string_view accept_language) noexcept;

/// Whether If-None-Match names `etag` (weak comparison) or `*` (RFC 9110, 13.1.2).
[[nodiscard]] bool names_etag(std::string_view if_none_match, std::string_view etag) noexcept;

} // namespace diaban::services::http
