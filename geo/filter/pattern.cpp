#include "geo/filter/pattern.hpp"

namespace diaban::geo::filter {

namespace {

constexpr auto npos = std::string_view::npos;

/// Where the code point at `at` ends; `text` is UTF-8.
std::size_t behind(std::string_view text, std::size_t at) noexcept {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U) ++at;
    return at;
}

} // namespace

bool Pattern::sound(std::string_view pattern) noexcept {
    std::size_t const escapes = pattern.size() - 1 - pattern.find_last_not_of('\\');
    return escapes % 2 == 0;
}

Pattern::Pattern(std::string_view pattern) {
    m_pieces.emplace_back();
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        auto& piece = m_pieces.back();
        if (pattern[i] == '%') {
            m_pieces.emplace_back();
        } else if (pattern[i] == '_') {
            piece.any.push_back(std::uint32_t(piece.bytes.size()));
            piece.bytes += '_';
        } else if (pattern[i] != '\\') {
            piece.bytes += pattern[i];
        } else {
            ++i;
            if (i < pattern.size()) piece.bytes += pattern[i];
        }
    }
}

std::size_t Pattern::match_at(Piece const& piece, std::string_view text, std::size_t at) noexcept {
    std::size_t from = 0;
    std::string_view const bytes = piece.bytes;
    if (text.size() - at < bytes.size()) return npos; // each wildcard takes a byte at least
    for (std::size_t const wildcard : piece.any) {
        auto const run = bytes.substr(from, wildcard - from);
        if (!text.substr(at).starts_with(run)) return npos;
        at += run.size();
        if (at >= text.size()) return npos;
        at = behind(text, at);
        from = wildcard + 1;
    }
    auto const run = bytes.substr(from);
    return text.substr(at).starts_with(run) ? at + run.size() : npos;
}

std::size_t Pattern::find(Piece const& piece, std::string_view text, std::size_t at) noexcept {
    if (piece.any.empty()) {
        auto const found = text.find(piece.bytes, at);
        return found == npos ? npos : found + piece.bytes.size();
    }
    for (; at <= text.size(); at = behind(text, at)) {
        auto const end = match_at(piece, text, at);
        if (end != npos) return end;
        if (at == text.size()) break;
    }
    return npos;
}

bool Pattern::matches(std::string_view text) const noexcept {
    std::size_t at = match_at(m_pieces.front(), text, 0);
    if (at == npos) return false;
    if (m_pieces.size() == 1) return at == text.size();
    for (std::size_t i = 1; i + 1 < m_pieces.size(); ++i) {
        at = find(m_pieces[i], text, at);
        if (at == npos) return false;
    }
    // The last piece must end with the text: it begins as many code points before the end as it
    // has.
    auto const& last = m_pieces.back();
    if (last.any.empty())
        return text.size() - at >= last.bytes.size() && text.ends_with(last.bytes);
    for (; at <= text.size(); at = behind(text, at)) {
        if (match_at(last, text, at) == text.size()) return true;
        if (at == text.size()) return false;
    }
    return false;
}

} // namespace diaban::geo::filter
