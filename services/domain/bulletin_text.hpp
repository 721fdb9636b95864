#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// A word, a number or a mark of a Vietnamese text.
struct TextToken {
    enum class Kind { word, number, mark };
    Kind kind = Kind::mark;
    std::string folded; ///< a word in small letters without accents; a mark as it is, dashes as `-`
    double value = 0;   ///< of a number
    std::size_t begin = 0; ///< in the text, bytes
    std::size_t end = 0;
    bool first_of_line = false;
};

/// A text cut into tokens, to be read forward. Numbers have a comma or a point before their
/// fraction; spaces of any kind separate. Bytes that are no UTF-8 count as letters.
class BulletinText {
public:
    explicit BulletinText(std::string_view text);

    [[nodiscard]] std::size_t size() const noexcept { return m_tokens.size(); }
    [[nodiscard]] TextToken const& operator[](std::size_t i) const { return m_tokens[i]; }
    /// Whether words and marks, separated by spaces, stand at a place; numbers are marked by `#`.
    [[nodiscard]] bool stands(std::size_t at, std::string_view words) const;
    /// The number at a place.
    [[nodiscard]] std::optional<double> number(std::size_t at) const;
    /// The same where it has no fraction and is small.
    [[nodiscard]] std::optional<int> whole(std::size_t at) const;
    /// The text from one token until another, as it stands, without spaces at its ends.
    [[nodiscard]] std::string between(std::size_t begin, std::size_t end) const;

private:
    std::string_view m_text;
    std::vector<TextToken> m_tokens;
};

} // namespace diaban::services::domain
