#include "services/domain/fold.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace diaban::services::domain {

namespace {

struct Range {
    std::uint32_t first;
    std::uint32_t last;
    char base;
};

/// Latin letters with diacritics, by block of Unicode; all those of Vietnamese among them.
constexpr std::array ranges{
    Range{0xc0, 0xc6, 'a'},     Range{0xc7, 0xc7, 'c'},     Range{0xc8, 0xcb, 'e'},
    Range{0xcc, 0xcf, 'i'},     Range{0xd0, 0xd0, 'd'},     Range{0xd1, 0xd1, 'n'},
    Range{0xd2, 0xd6, 'o'},     Range{0xd8, 0xd8, 'o'},     Range{0xd9, 0xdc, 'u'},
    Range{0xdd, 0xdd, 'y'},     Range{0xe0, 0xe6, 'a'},     Range{0xe7, 0xe7, 'c'},
    Range{0xe8, 0xeb, 'e'},     Range{0xec, 0xef, 'i'},     Range{0xf0, 0xf0, 'd'},
    Range{0xf1, 0xf1, 'n'},     Range{0xf2, 0xf6, 'o'},     Range{0xf8, 0xf8, 'o'},
    Range{0xf9, 0xfc, 'u'},     Range{0xfd, 0xfd, 'y'},     Range{0xff, 0xff, 'y'},
    Range{0x100, 0x105, 'a'},   Range{0x106, 0x10d, 'c'},   Range{0x10e, 0x111, 'd'},
    Range{0x112, 0x11b, 'e'},   Range{0x128, 0x131, 'i'},   Range{0x143, 0x148, 'n'},
    Range{0x14c, 0x151, 'o'},   Range{0x168, 0x173, 'u'},   Range{0x1a0, 0x1a1, 'o'},
    Range{0x1af, 0x1b0, 'u'},   Range{0x1ea0, 0x1eb7, 'a'}, Range{0x1eb8, 0x1ec7, 'e'},
    Range{0x1ec8, 0x1ecb, 'i'}, Range{0x1ecc, 0x1ee3, 'o'}, Range{0x1ee4, 0x1ef1, 'u'},
    Range{0x1ef2, 0x1ef9, 'y'},
};

/// The next code point and its length in bytes; a byte that is none counts as itself.
std::pair<std::uint32_t, std::size_t> next_point(std::string_view text) {
    auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    auto const tail = [&](std::size_t i) { return std::uint32_t{byte(i)} & 0x3f; };
    if (byte(0) < 0x80) return {byte(0), 1};
    if (byte(0) >= 0xc2 && byte(0) < 0xe0 && text.size() > 1)
        return {(byte(0) & 0x1fu) << 6 | tail(1), 2};
    if (byte(0) >= 0xe0 && byte(0) < 0xf0 && text.size() > 2)
        return {(byte(0) & 0x0fu) << 12 | tail(1) << 6 | tail(2), 3};
    if (byte(0) >= 0xf0 && byte(0) < 0xf5 && text.size() > 3)
        return {(byte(0) & 0x07u) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4};
    return {byte(0), 1};
}

/// The letter or digit that a code point is searched as; 0 for none.
char plain(std::uint32_t point) {
    if ((point >= 'a' && point <= 'z') || (point >= '0' && point <= '9'))
        return static_cast<char>(point);
    if (point >= 'A' && point <= 'Z') return static_cast<char>(point - 'A' + 'a');
    for (auto const& range : ranges)
        if (point >= range.first && point <= range.last) return range.base;
    return 0;
}

} // namespace

std::string fold(std::string_view text) {
    std::string folded;
    folded.reserve(text.size());
    bool gap = false;
    auto const append = [&](std::string_view letters) {
        if (gap && !folded.empty()) folded += ' ';
        gap = false;
        folded += letters;
    };
    while (!text.empty()) {
        auto const [point, size] = next_point(text);
        bool const combining = point >= 0x300 && point <= 0x36f;
        bool const other_script = point >= 0x370 && (point < 0x2000 || point > 0x206f);
        if (char const letter = plain(point); letter != 0)
            append({&letter, 1});
        else if (other_script)
            append(text.substr(0, size));
        else if (!combining)
            gap = true;
        text.remove_prefix(size);
    }
    return folded;
}

bool holds_words(std::string_view text, std::string_view words) noexcept {
    while (!words.empty()) {
        auto const end = std::min(words.find(' '), words.size());
        if (text.find(words.substr(0, end)) == std::string_view::npos) return false;
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return true;
}

} // namespace diaban::services::domain
