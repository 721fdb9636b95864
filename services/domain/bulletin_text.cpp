#include "services/domain/bulletin_text.hpp"

#include "services/domain/fold.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace diaban::services::domain {

namespace {

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// What a character outside ASCII is that is no letter: a dash, a space, another mark.
struct Mark {
    std::string_view bytes;
    char means;
};
constexpr Mark marks[] = {
    {"\u00a0", ' '}, {"\u2009", ' '}, {"\u202f", ' '},  {"\u00ad", ' '},  {"\u200b", ' '},
    {"\ufeff", ' '}, {"\u2010", '-'}, {"\u2011", '-'},  {"\u2012", '-'},  {"\u2013", '-'},
    {"\u2014", '-'}, {"\u2212", '-'}, {"\u2018", '\''}, {"\u2019", '\''}, {"\u201c", '"'},
    {"\u201d", '"'}, {"\u2026", '.'}, {"\u00b0", '*'},  {"\u00ba", '*'},  {"\u2022", '*'},
};

Mark const* mark_at(std::string_view text) noexcept {
    auto const* const found =
        std::ranges::find_if(marks, [&](Mark const& one) { return text.starts_with(one.bytes); });
    return found == std::end(marks) ? nullptr : found;
}

/// Bytes of a letter at the beginning of the text; 0: there is none.
std::size_t letter_at(std::string_view text) noexcept {
    auto const byte = static_cast<unsigned char>(text[0]);
    if (byte < 0x80) {
        bool const letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        return letter ? 1 : 0;
    }
    if (mark_at(text) != nullptr) return 0;
    std::size_t size = 1;
    while (size < text.size() && size < 4 &&
           (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80)
        ++size;
    return size;
}

TextToken number_at(std::string_view text, std::size_t at) {
    TextToken token{TextToken::Kind::number, {}, 0, at, at, false};
    auto end = at;
    while (end < text.size() && is_digit(text[end])) ++end;
    std::string digits{text.substr(at, end - at)};
    if (end + 1 < text.size() && (text[end] == ',' || text[end] == '.') &&
        is_digit(text[end + 1])) {
        auto const begin = end++;
        while (end < text.size() && is_digit(text[end])) ++end;
        digits += "." + std::string{text.substr(begin + 1, end - begin - 1)};
    }
    std::from_chars(digits.data(), digits.data() + digits.size(), token.value);
    token.folded = std::move(digits);
    token.end = end;
    return token;
}

} // namespace

BulletinText::BulletinText(std::string_view text) : m_text{text} {
    bool line = true;
    for (std::size_t at = 0; at < text.size();) {
        auto const rest = text.substr(at);
        auto const add = [&](TextToken token) {
            token.first_of_line = line;
            line = false;
            at = token.end;
            m_tokens.push_back(std::move(token));
        };
        if (is_digit(text[at])) {
            add(number_at(text, at));
            continue;
        }
        if (auto const first = letter_at(rest); first > 0) {
            auto end = at + first;
            while (end < text.size()) {
                auto const more = letter_at(text.substr(end));
                if (more == 0) break;
                end += more;
            }
            auto folded = fold(text.substr(at, end - at));
            std::erase(folded, ' ');
            add({TextToken::Kind::word, std::move(folded), 0, at, end, false});
            continue;
        }
        auto const* const special = mark_at(rest);
        char const means = special == nullptr ? text[at] : special->means;
        auto const size = special == nullptr ? std::size_t{1} : special->bytes.size();
        if (means == '\n') line = true;
        if (static_cast<unsigned char>(means) <= ' ')
            at += size;
        else
            add({TextToken::Kind::mark, std::string(1, means), 0, at, at + size, false});
    }
}

bool BulletinText::stands(std::size_t at, std::string_view words) const {
    while (!words.empty()) {
        auto const end = std::min(words.find(' '), words.size());
        auto const word = words.substr(0, end);
        if (at >= m_tokens.size()) return false;
        auto const& token = m_tokens[at++];
        bool const number = token.kind == TextToken::Kind::number;
        if (word == "#" ? !number : number || token.folded != word) return false;
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return true;
}

std::optional<double> BulletinText::number(std::size_t at) const {
    if (at >= m_tokens.size() || m_tokens[at].kind != TextToken::Kind::number) return std::nullopt;
    return m_tokens[at].value;
}

std::optional<int> BulletinText::whole(std::size_t at) const {
    auto const value = number(at);
    if (!value || *value > 10'000 || m_tokens[at].folded.find('.') != std::string::npos)
        return std::nullopt;
    return int(*value);
}

std::string BulletinText::between(std::size_t begin, std::size_t end) const {
    if (begin >= end || begin >= m_tokens.size()) return {};
    auto const last = m_tokens[std::min(end, m_tokens.size()) - 1].end;
    return std::string{m_text.substr(m_tokens[begin].begin, last - m_tokens[begin].begin)};
}

} // namespace diaban::services::domain
