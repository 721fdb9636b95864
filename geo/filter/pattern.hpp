#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::geo::filter {

/// A LIKE pattern made ready: % any characters, _ one character, \ takes the next one as it is.
///
/// Characters  are code points of UTF-8, as in the record.
/// Cost        of a match: the text's length, times the number of % in the worst case.
class Pattern {
public:
    /// Whether no \ stands alone at the end, which the record refuses.
    [[nodiscard]] static bool sound(std::string_view pattern) noexcept;

    /// `pattern` is sound.
    explicit Pattern(std::string_view pattern);

    [[nodiscard]] bool matches(std::string_view text) const noexcept;

private:
    /// What stands between two %: bytes to be equal, and places where any one code point stands.
    struct Piece {
        std::string bytes;              ///< a wildcard is one byte here, of any value
        std::vector<std::uint32_t> any; ///< where the wildcards stand in `bytes`, ascending
    };
    /// Where `piece` ends if it begins at `at`; npos if it does not.
    static std::size_t match_at(Piece const& piece, std::string_view text, std::size_t at) noexcept;
    /// Where `piece` ends, found from `at` on; npos if nowhere.
    static std::size_t find(Piece const& piece, std::string_view text, std::size_t at) noexcept;

    std::vector<Piece> m_pieces; ///< one more than there are %
};

} // namespace diaban::geo::filter
