#include "services/http/uri.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <cstdint>

namespace diaban::services::http {

namespace {

constexpr int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// What may be shown of a client's own bytes in an answer to it.
std::string shown(std::string_view text) {
    return std::string{text.substr(0, 64)};
}

} // namespace

bool is_utf8(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        auto const first = static_cast<unsigned char>(text[i]);
        if (first < 0x80) {
            ++i;
            continue;
        }
        std::size_t const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
        if (first < 0xc2 || first > 0xf4 || i + more >= text.size()) return false;
        std::uint32_t point = first & (0x3fu >> more);
        for (std::size_t k = 1; k <= more; ++k) {
            auto const next = static_cast<unsigned char>(text[i + k]);
            if ((next & 0xc0) != 0x80) return false;
            point = point << 6 | (next & 0x3fu);
        }
        bool const overlong = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
        if (overlong || (point >= 0xd800 && point <= 0xdfff) || point > 0x10ffff) return false;
        i += more + 1;
    }
    return true;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            if (i + 2 >= text.size()) return std::nullopt;
            int const high = hex_digit(text[i + 1]);
            int const low = hex_digit(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            c = static_cast<char>(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        auto const byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) return std::nullopt;
        result += c;
    }
    if (!is_utf8(result)) return std::nullopt;
    return result;
}

std::string percent_encode(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string result;
    for (char c : text) {
        bool const unreserved = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                                (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_' ||
                                c == '~';
        if (unreserved) {
            result += c;
        } else {
            auto const byte = static_cast<unsigned char>(c);
            result += '%';
            result += digits[byte >> 4];
            result += digits[byte & 15];
        }
    }
    return result;
}

Query Query::parse(std::string_view text) {
    constexpr std::size_t most_parameters = 200;
    Query query;
    while (!text.empty()) {
        auto const end = text.find('&');
        auto const part = text.substr(0, end);
        text = end == std::string_view::npos ? "" : text.substr(end + 1);
        if (part.empty()) continue;
        auto const equals = part.find('=');
        auto name = percent_decode(part.substr(0, equals), true);
        auto value = equals == std::string_view::npos
                         ? std::optional<std::string>{""}
                         : percent_decode(part.substr(equals + 1), true);
        if (!name || !value)
            throw geo::Error{geo::Code::bad_input,
                             "bad-percent-encoding",
                             {{"parameter", name ? *name : "query"}, {"value", shown(part)}}};
        // Each is held to all before it.
        if (query.m_parameters.size() == most_parameters)
            throw geo::Error{geo::Code::bad_input,
                             "too-many-parameters",
                             {{"accepted", std::to_string(most_parameters)}}};
        if (query.find(*name))
            throw geo::Error{
                geo::Code::bad_input, "repeated-parameter", {{"parameter", shown(*name)}}};
        query.m_parameters.emplace_back(std::move(*name), std::move(*value));
    }
    return query;
}

std::optional<std::string_view> Query::find(std::string_view name) const noexcept {
    auto const it = std::find_if(m_parameters.begin(), m_parameters.end(),
                                 [&](auto const& parameter) { return parameter.first == name; });
    if (it == m_parameters.end()) return std::nullopt;
    return it->second;
}

} // namespace diaban::services::http
