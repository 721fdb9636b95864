#include "geo/filter/cql2_tokens.hpp"

#include "geo/error.hpp"
#include "geo/filter/form.hpp"

#include <algorithm>
#include <array>

namespace diaban::geo::filter {

namespace {

struct Range {
    char32_t first;
    char32_t last;
};

bool in(char32_t c, auto const& ranges) noexcept {
    return std::any_of(ranges.begin(), ranges.end(),
                       [c](Range r) { return c >= r.first && c <= r.last; });
}

/// Rule identifierStart.
constexpr std::array starts{
    Range{':', ':'},       Range{'_', '_'},       Range{'A', 'Z'},       Range{'a', 'z'},
    Range{0xc0, 0xd6},     Range{0xd8, 0xf6},     Range{0xf8, 0x2ff},    Range{0x370, 0x37d},
    Range{0x37f, 0x1ffe},  Range{0x200c, 0x200d}, Range{0x2070, 0x218f}, Range{0x2c00, 0x2fef},
    Range{0x3001, 0xd7ff}, Range{0xf900, 0xfdcf}, Range{0xfdf0, 0xfffd}, Range{0x10000, 0xeffff},
};
/// Rule identifierPart, beyond identifierStart.
constexpr std::array parts{
    Range{'.', '.'},
    Range{'0', '9'},
    Range{0x300, 0x36f},
    Range{0x203f, 0x2040},
};
/// Rule whitespace.
constexpr std::array spaces{
    Range{0x09, 0x0d},     Range{0x20, 0x20},     Range{0x85, 0x85},     Range{0xa0, 0xa0},
    Range{0x1680, 0x1680}, Range{0x2000, 0x200a}, Range{0x2028, 0x2029}, Range{0x202f, 0x202f},
    Range{0x205f, 0x205f}, Range{0x3000, 0x3000},
};

bool is_start(char32_t c) noexcept {
    return in(c, starts) && !in(c, spaces);
}
bool is_part(char32_t c) noexcept {
    return is_start(c) || in(c, parts);
}
bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// What the escape \c stands for; 0 if it is none.
char unescaped(char c) noexcept {
    switch (c) {
    case 'a': return '\a';
    case 'b': return '\b';
    case 't': return '\t';
    case 'n': return '\n';
    case 'v': return '\v';
    case 'f': return '\f';
    case 'r': return '\r';
    case '\'':
    case '\\': return c;
    default: return 0;
    }
}

char upper(char c) noexcept {
    return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c;
}

} // namespace

bool Token::is_word(std::string_view keyword) const noexcept {
    return kind == Kind::word && spelling.size() == keyword.size() &&
           std::equal(spelling.begin(), spelling.end(), keyword.begin(),
                      [](char a, char b) { return upper(a) == b; });
}

void refuse(std::uint32_t position, std::string_view value, std::string_view accepted) {
    throw Error{Code::bad_input,
                "bad-filter",
                {{"position", std::to_string(position)},
                 {"value", shown(value)},
                 {"accepted", std::string{accepted}}}};
}

char32_t Tokens::step() {
    auto const next = next_code_point(m_rest);
    if (!next) refuse(m_position, m_rest.substr(0, 1), "UTF-8");
    // The characters of rule character: these two and the spaces, else nothing below U+0020.
    bool const control = (next->value < 0x20 || next->value == 0x7f) && next->value != 0x07 &&
                         next->value != 0x08 && !in(next->value, spaces);
    if (control) refuse(m_position, m_rest.substr(0, 1), "no control character");
    m_rest.remove_prefix(next->bytes);
    ++m_position;
    return next->value;
}

void Tokens::skip_space() {
    for (;;) {
        auto const next = next_code_point(m_rest);
        if (!next || !in(next->value, spaces)) return;
        step();
    }
}

void Tokens::read_quoted(char quote) {
    m_now.kind = quote == '"' ? Token::Kind::name : Token::Kind::text;
    step();
    for (;;) {
        if (m_rest.empty()) refuse(m_position, "", std::string_view{&quote, 1});
        char const c = m_rest.front();
        char const behind = m_rest.size() > 1 ? m_rest[1] : '\0';
        if (c == quote && behind != quote) break;
        if (c == quote) {
            m_now.value += quote;
            step();
            step();
        } else if (c == '\\' && quote == '\'' && unescaped(behind) != 0) {
            m_now.value += unescaped(behind);
            step();
            step();
        } else {
            auto const before = m_rest;
            step();
            m_now.value += before.substr(0, before.size() - m_rest.size());
        }
    }
    step();
}

void Tokens::read_number() {
    m_now.kind = Token::Kind::number;
    auto const digits = [&] {
        bool any = false;
        while (!m_rest.empty() && is_digit(m_rest.front())) {
            step();
            any = true;
        }
        return any;
    };
    bool any = digits();
    if (!m_rest.empty() && m_rest.front() == '.') {
        step();
        any = digits() || any;
    }
    if (!any) refuse(m_position, m_rest.substr(0, 1), "digit");
    if (!m_rest.empty() && (m_rest.front() == 'e' || m_rest.front() == 'E')) {
        step();
        if (!m_rest.empty() && (m_rest.front() == '+' || m_rest.front() == '-')) step();
        if (!digits()) refuse(m_position, m_rest.substr(0, 1), "digit");
    }
    auto const next = next_code_point(m_rest);
    if (next && is_part(next->value))
        refuse(m_position, m_rest.substr(0, next->bytes), "digit, operator");
}

void Tokens::read_word() {
    m_now.kind = Token::Kind::word;
    for (;;) {
        auto const next = next_code_point(m_rest);
        if (!next || !is_part(next->value)) return;
        step();
    }
}

void Tokens::read_sign() {
    constexpr std::array<std::string_view, 15> signs{"<>", "<=", ">=", "(", ")", ",", "+", "-",
                                                     "*",  "/",  "%",  "^", "=", "<", ">"};
    for (auto const sign : signs) {
        if (!m_rest.starts_with(sign)) continue;
        m_now.kind = Token::Kind::sign;
        for (std::size_t i = 0; i < sign.size(); ++i) step();
        return;
    }
    auto const next = next_code_point(m_rest);
    refuse(m_position, m_rest.substr(0, next ? next->bytes : 1),
           "property, 'text', number, operator");
}

void Tokens::advance() {
    skip_space();
    auto const before = m_rest;
    m_now.value.clear();
    m_now.position = m_position;
    auto const next = next_code_point(m_rest);
    char const c = m_rest.empty() ? '\0' : m_rest.front();
    if (m_rest.empty())
        m_now.kind = Token::Kind::end;
    else if (c == '\'' || c == '"')
        read_quoted(c);
    else if (is_digit(c) || c == '.')
        read_number();
    else if (next && is_start(next->value))
        read_word();
    else
        read_sign();
    m_now.spelling = before.substr(0, before.size() - m_rest.size());
}

Token Tokens::take() {
    Token taken = std::move(m_now);
    m_now = {};
    advance();
    return taken;
}

bool Tokens::accept(std::string_view sign_or_keyword) {
    if (!m_now.is(sign_or_keyword) && !m_now.is_word(sign_or_keyword)) return false;
    advance();
    return true;
}

void Tokens::require(std::string_view sign_or_keyword) {
    if (!accept(sign_or_keyword)) refuse(m_now.position, m_now.spelling, sign_or_keyword);
}

bool Tokens::parenthesis_follows() const noexcept {
    auto rest = m_rest;
    for (;;) {
        auto const next = next_code_point(rest);
        if (!next) return false;
        if (next->value == '(') return true;
        if (!in(next->value, spaces)) return false;
        rest.remove_prefix(next->bytes);
    }
}

bool is_bare(std::string_view name) noexcept {
    if (!keyword(name).empty()) return false;
    for (bool first = true; !name.empty(); first = false) {
        auto const next = next_code_point(name);
        if (!next || !(first ? is_start(next->value) : is_part(next->value))) return false;
        name.remove_prefix(next->bytes);
        if (name.empty()) return true;
    }
    return false;
}

} // namespace diaban::geo::filter
