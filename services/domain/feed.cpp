#include "services/domain/feed.hpp"

#include "geo/codec/nesting.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "geo/filter/fold.hpp"
#include "services/http/uri.hpp"

#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>

namespace diaban::services::domain {

namespace {

/// At most so many bytes, not in the middle of a letter.
void cut(std::string& text, std::size_t most) {
    if (text.size() <= most) return;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
    text.resize(most);
}

void append_letter(std::string& out, std::uint32_t code) {
    if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return;
    auto const byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xC0 | code >> 6);
        byte(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        byte(0xE0 | code >> 12);
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    } else {
        byte(0xF0 | code >> 18);
        byte(0x80 | (code >> 12 & 0x3F));
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    }
}

/// Appends what `name` (between & and ;) stands for; whether it is known.
bool append_entity(std::string& out, std::string_view name) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 8> known{{{"amp", "&"},
                                                                                  {"lt", "<"},
                                                                                  {"gt", ">"},
                                                                                  {"quot", "\""},
                                                                                  {"apos", "'"},
                                                                                  {"nbsp", " "},
                                                                                  {"ndash", "–"},
                                                                                  {"hellip", "…"}}};
    for (auto const& [word, letter] : known)
        if (word == name) {
            out += letter;
            return true;
        }
    if (!name.starts_with('#')) return false;
    bool const hex = name.starts_with("#x") || name.starts_with("#X");
    auto const digits = name.substr(hex ? 2 : 1);
    std::uint32_t code = 0;
    auto const [end, fault] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
    if (fault != std::errc{} || end != digits.data() + digits.size()) return false;
    append_letter(out, code);
    return true;
}

bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string without_tags(std::string_view html) {
    std::string text;
    for (std::size_t at = 0; at < html.size();) {
        if (html[at] == '<') {
            auto const end = html.find('>', at);
            text += ' ';
            at = end == std::string_view::npos ? html.size() : end + 1;
            continue;
        }
        constexpr std::size_t longest_name = 10;
        auto const end =
            html[at] == '&' ? html.substr(at, longest_name).find(';') : std::string_view::npos;
        if (end != std::string_view::npos && append_entity(text, html.substr(at + 1, end - 1))) {
            at += end + 1;
            continue;
        }
        text += html[at++];
    }
    return text;
}

/// Puts an item in the list where there is something to tell and to follow.
void add(std::vector<FeedItem>& items, std::string_view title, std::string_view summary,
         std::string_view link, std::optional<geo::Instant> published) {
    if (items.size() == most_feed_items) return;
    while (!link.empty() && is_blank(link.front())) link.remove_prefix(1);
    while (!link.empty() && is_blank(link.back())) link.remove_suffix(1);
    FeedItem item{plain_text(title, most_title), plain_text(summary, most_summary),
                  std::string{link}, published};
    if (item.title.empty()) {
        item.title = item.summary;
        cut(item.title, most_title);
    }
    bool const readable = http::is_utf8(item.title) && http::is_utf8(item.summary);
    if (!item.title.empty() && readable && may_be_followed(item.link))
        items.push_back(std::move(item));
}

std::string_view text_of(pugi::xml_node const& node, char const* name) {
    return node.child(name).text().get();
}

std::vector<FeedItem> read_rss(pugi::xml_node const& channel) {
    std::vector<FeedItem> items;
    for (auto const& item : channel.children("item"))
        add(items, text_of(item, "title"), text_of(item, "description"), text_of(item, "link"),
            read_mail_date(text_of(item, "pubDate")));
    return items;
}

/// The link of an entry that leads to what it tells of (RFC 4287, 4.2.7.2).
std::string_view atom_link(pugi::xml_node const& entry) {
    for (auto const& link : entry.children("link")) {
        std::string_view const relation = link.attribute("rel").as_string("alternate");
        if (relation == "alternate") return link.attribute("href").as_string();
    }
    return {};
}

std::vector<FeedItem> read_atom(pugi::xml_node const& feed) {
    std::vector<FeedItem> items;
    for (auto const& entry : feed.children("entry")) {
        auto published = geo::codec::read_instant(text_of(entry, "published"));
        if (!published) published = geo::codec::read_instant(text_of(entry, "updated"));
        auto const summary = text_of(entry, "summary");
        add(items, text_of(entry, "title"), summary.empty() ? text_of(entry, "content") : summary,
            atom_link(entry), published);
    }
    return items;
}

std::vector<FeedItem> read_json_feed(nlohmann::json const& feed) {
    std::vector<FeedItem> items;
    auto const list = feed.find("items");
    if (list == feed.end() || !list->is_array())
        throw geo::Error{geo::Code::bad_input, "not-a-feed"};
    for (auto const& item : *list) {
        if (!item.is_object()) continue;
        auto const text = [&](char const* name) {
            auto const found = item.find(name);
            return found != item.end() && found->is_string() ? found->get<std::string>()
                                                             : std::string{};
        };
        auto summary = text("summary");
        if (summary.empty()) summary = text("content_text");
        if (summary.empty()) summary = text("content_html");
        auto const link = text("url");
        add(items, text("title"), summary, link.empty() ? text("external_url") : link,
            geo::codec::read_instant(text("date_published")));
    }
    return items;
}

std::optional<int> number_in(std::string_view text) {
    int value = 0;
    auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
}

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        auto const end = std::min(text.find(at), text.size());
        if (end > 0) parts.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

/// Minutes east of UTC: `+0700`, `GMT`, `UT`, `Z`.
std::optional<int> zone_minutes(std::string_view text) {
    if (text == "GMT" || text == "UT" || text == "UTC" || text == "Z") return 0;
    if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
    auto const hours = number_in(text.substr(1, 2));
    auto const minutes = number_in(text.substr(3, 2));
    if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    int const offset = *hours * 60 + *minutes;
    return text[0] == '-' ? -offset : offset;
}

} // namespace

bool may_be_followed(std::string_view link) noexcept {
    return link.size() <= most_link &&
           (link.starts_with("http://") || link.starts_with("https://")) &&
           std::ranges::none_of(link, [](char c) { return c == ' ' || c == '"' || c < '!'; });
}

std::string plain_text(std::string_view html, std::size_t most) {
    // What is escaped twice is read twice: feeds carry HTML inside XML.
    auto const text = without_tags(html);
    std::string composed;
    geo::filter::compose(text, composed);
    std::string plain;
    for (char const c : composed) {
        bool const blank = is_blank(c) || static_cast<unsigned char>(c) < ' ';
        if (blank && (plain.empty() || plain.back() == ' ')) continue;
        plain += blank ? ' ' : c;
    }
    if (!plain.empty() && plain.back() == ' ') plain.pop_back();
    cut(plain, most);
    return plain;
}

std::optional<geo::Instant> read_mail_date(std::string_view text) {
    if (auto const comma = text.find(','); comma != std::string_view::npos)
        text.remove_prefix(comma + 1);
    auto const parts = split(text, ' ');
    if (parts.size() != 5) return std::nullopt;
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    auto const month = parts[1].size() == 3 ? months.find(parts[1]) : std::string_view::npos;
    auto const day = number_in(parts[0]);
    auto year = number_in(parts[2]);
    auto const clock = split(parts[3], ':');
    auto const zone = zone_minutes(parts[4]);
    if (month == std::string_view::npos || month % 3 != 0 || !day || !year || !zone ||
        clock.size() < 2 || clock.size() > 3)
        return std::nullopt;
    if (parts[2].size() == 2) *year += 2000;
    auto const hour = number_in(clock[0]);
    auto const minute = number_in(clock[1]);
    auto const second = clock.size() == 3 ? number_in(clock[2]) : std::optional{0};
    std::chrono::year_month_day const date{std::chrono::year{*year},
                                           std::chrono::month{unsigned(month / 3 + 1)},
                                           std::chrono::day{unsigned(*day)}};
    if (!date.ok() || *year < 1970 || *year > 9999 || !hour || !minute || !second || *hour > 23 ||
        *minute > 59 || *second > 60)
        return std::nullopt;
    auto const days = std::chrono::sys_days{date}.time_since_epoch().count();
    std::int64_t const seconds =
        ((std::int64_t{days} * 24 + *hour) * 60 + *minute - *zone) * 60 + *second;
    return geo::Instant{seconds * 1'000'000};
}

std::string link_key(std::string_view link) {
    link = link.substr(0, link.find('#'));
    auto const mark = link.find('?');
    auto const path = link.substr(0, mark);
    auto const scheme = path.find("://");
    auto const begin = scheme == std::string_view::npos ? 0 : scheme + 3;
    auto const end = std::min(path.find('/', begin), path.size());
    std::string host{path.substr(begin, end - begin)};
    std::ranges::transform(host, host.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    std::string key = host.starts_with("www.") ? host.substr(4) : host;
    key += path.substr(end);
    while (key.ends_with('/')) key.pop_back();
    if (mark == std::string_view::npos) return key;
    char between = '?';
    for (auto const part : split(link.substr(mark + 1), '&')) {
        if (part.starts_with("utm_") || part.starts_with("fbclid=") || part.starts_with("gclid="))
            continue;
        key += between;
        key += part;
        between = '&';
    }
    return key;
}

std::vector<FeedItem> read_feed(std::string_view body) {
    auto const first = body.find_first_not_of(" \t\r\n\xef\xbb\xbf");
    geo::Error const none{geo::Code::bad_input, "not-a-feed"};
    if (first == std::string_view::npos) throw none;
    if (body[first] == '{') {
        if (geo::codec::nests_deeper(body, geo::codec::deepest_json)) throw none;
        auto const json = nlohmann::json::parse(body.substr(first), nullptr, false);
        if (!json.is_object()) throw none;
        return read_json_feed(json);
    }
    pugi::xml_document document;
    if (!document.load_buffer(body.data(), body.size())) throw none;
    if (auto const channel = document.child("rss").child("channel")) return read_rss(channel);
    if (auto const feed = document.child("feed")) return read_atom(feed);
    throw none;
}

} // namespace diaban::services::domain
