#pragma once

#include "geo/feature.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// What a publisher tells of one piece: never the piece itself, which is behind the link.
struct FeedItem {
    std::string title;   ///< plain text, at most `most_title` bytes
    std::string summary; ///< plain text, at most `most_summary` bytes, cut between letters
    std::string link;    ///< http or https
    std::optional<geo::Instant> published;
};

inline constexpr std::size_t most_feed_items = 500;
inline constexpr std::size_t most_title = 500;    // bytes
inline constexpr std::size_t most_summary = 4000; // bytes
inline constexpr std::size_t most_link = 2000;    // bytes

/// The items of a feed, in its order: RSS 2.0 (Harvard, 2003), Atom (RFC 4287) or JSON Feed 1.1, by
/// what the body is. Items without a title and a summary, or without a link that can be followed,
/// or not in UTF-8, are left out; marks of HTML are taken out of texts.
///
/// Bounds   the first `most_feed_items`. Entities of a document's own are not expanded.
/// Throws   Error{bad_input, "not-a-feed"} for anything else.
[[nodiscard]] std::vector<FeedItem> read_feed(std::string_view body);

/// A text without marks of HTML, its entities of letters read, blanks drawn together, at most
/// `most` bytes.
[[nodiscard]] std::string plain_text(std::string_view html, std::size_t most);

/// Whether a link is one of the web, of bounded length and without blanks.
[[nodiscard]] bool may_be_followed(std::string_view link) noexcept;

/// A date-time of RFC 822 as RSS has it: `Tue, 10 Jun 2025 04:00:00 +0700`, day and seconds perhaps
/// missing, years of two digits of this century. Nothing for anything else.
[[nodiscard]] std::optional<geo::Instant> read_mail_date(std::string_view text);

/// A link as what it leads to is known by: scheme and host in lower case, no fragment, no `www.`,
/// no parameters that tell where a reader came from (utm_…, fbclid, gclid), no slash at the end.
[[nodiscard]] std::string link_key(std::string_view link);

} // namespace diaban::services::domain
