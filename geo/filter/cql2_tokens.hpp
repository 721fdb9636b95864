#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace diaban::geo::filter {

/// A token of CQL2 text.
struct Token {
    enum class Kind : std::uint8_t {
        end,
        word,   ///< an identifier or keyword, bare
        name,   ///< an identifier in double quotes
        text,   ///< a character literal
        number, ///< without sign
        sign,   ///< ( ) , + - * / % ^ = <> < > <= >=
    };
    Kind kind = Kind::end;
    std::string_view spelling;  ///< as written
    std::string value;          ///< of a name or text, quotes and escapes taken away
    std::uint32_t position = 1; ///< character from 1

    [[nodiscard]] bool is(std::string_view sign) const noexcept {
        return kind == Kind::sign && spelling == sign;
    }
    /// Whether it is this keyword, given in capitals.
    [[nodiscard]] bool is_word(std::string_view keyword) const noexcept;
};

/// Error{bad_input, "bad-filter"} with `position`, `value` (what stands there) and `accepted`.
[[noreturn]] void refuse(std::uint32_t position, std::string_view value, std::string_view accepted);

/// Takes CQL2 text apart (BNF of OGC 21-065r2), one token at a time.
///
/// Text      must be UTF-8; bytes that are not, and control characters, are refused.
/// Escapes   in character literals: '' and \' for a quote, \\ for a backslash, \a \b \t \n \v \f \r
///           for the control characters; any other backslash stands for itself, so that \% and \_
///           reach LIKE.
/// Borrows   the text.
class Tokens {
public:
    explicit Tokens(std::string_view text) : m_rest{text} { advance(); }

    [[nodiscard]] Token const& now() const noexcept { return m_now; }
    /// Goes to the next token; throws as refuse.
    void advance();
    /// The token that stands now, having gone to the next.
    Token take();
    /// Goes on if the token is this sign or keyword; says whether.
    bool accept(std::string_view sign_or_keyword);
    /// Goes on if the token is this sign or keyword, else refuses.
    void require(std::string_view sign_or_keyword);
    /// Whether a "(" stands behind the token that stands now.
    [[nodiscard]] bool parenthesis_follows() const noexcept;

private:
    void skip_space();
    void read_quoted(char quote);
    void read_number();
    void read_word();
    void read_sign();
    /// Moves over one character; refuses what is no character.
    char32_t step();

    std::string_view m_rest;
    std::uint32_t m_position = 1;
    Token m_now;
};

/// Whether `name` can be written bare: an identifier by the grammar, and no keyword.
[[nodiscard]] bool is_bare(std::string_view name) noexcept;

} // namespace diaban::geo::filter
