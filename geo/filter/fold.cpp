#include "geo/filter/fold.hpp"

#include "geo/error.hpp"
#include "geo/filter/form.hpp"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace diaban::geo::filter {

namespace {

using Sink = icu::StringByteSink<std::string>;

icu::StringPiece piece(std::string_view text) {
    return {text.data(), static_cast<std::int32_t>(text.size())};
}

void check(UErrorCode status) {
    if (U_FAILURE(status) != 0) throw Error{Code::internal, "internal", {}, u_errorName(status)};
}

icu::Normalizer2 const& nfd() {
    UErrorCode status = U_ZERO_ERROR;
    auto const* const made = icu::Normalizer2::getNFDInstance(status);
    check(status);
    return *made;
}

icu::Normalizer2 const& nfc() {
    UErrorCode status = U_ZERO_ERROR;
    auto const* const made = icu::Normalizer2::getNFCInstance(status);
    check(status);
    return *made;
}

struct Stroke {
    char32_t letter;
    char plain;
};
constexpr std::array strokes{
    Stroke{0x110, 'D'}, Stroke{0x111, 'd'}, Stroke{0x126, 'H'}, Stroke{0x127, 'h'},
    Stroke{0x141, 'L'}, Stroke{0x142, 'l'}, Stroke{0xd8, 'O'},  Stroke{0xf8, 'o'},
    Stroke{0x166, 'T'}, Stroke{0x167, 't'}, Stroke{0x243, 'B'}, Stroke{0x180, 'b'},
    Stroke{0x197, 'I'}, Stroke{0x268, 'i'}, Stroke{0x1b5, 'Z'}, Stroke{0x1b6, 'z'},
};

char without_stroke(char32_t letter) noexcept {
    for (auto const& stroke : strokes)
        if (stroke.letter == letter) return stroke.plain;
    return 0;
}

bool is_mark(char32_t c) noexcept {
    bool const voicing = c == 0x3099 || c == 0x309a;
    return !voicing && u_charType(static_cast<UChar32>(c)) == U_NON_SPACING_MARK;
}

/// What the Latin letters become, found once: the blocks up to Latin Extended-B, Latin Extended
/// Additional (Vietnamese lies there) and the combining marks. Both foldings look at one code point
/// at a time, but for the order of marks, which are gone or stay as they were.
class LatinTable {
public:
    explicit LatinTable(void (*change)(std::string_view, std::string&)) {
        std::string letter;
        std::string folded;
        for (char32_t c = 0; c < end; ++c) {
            if (place_of(c) == none) continue;
            letter.clear();
            icu::UnicodeString(static_cast<UChar32>(c)).toUTF8String(letter);
            change(letter, folded);
            auto& entry = m_entries[place_of(c)];
            entry.count = static_cast<std::uint8_t>(folded.copy(entry.bytes.data(), most_bytes));
        }
    }

    /// Folds a text all of whose letters are in the table; false, and nothing of use, for others.
    bool fold(std::string_view text, std::string& into) const {
        into.clear();
        while (!text.empty()) {
            auto const next = next_code_point(text);
            auto const place = next ? place_of(next->value) : none;
            if (place == none) return false;
            into.append(m_entries[place].bytes.data(), m_entries[place].count);
            text.remove_prefix(next->bytes);
        }
        return true;
    }

private:
    static constexpr char32_t marks_end = 0x370;
    static constexpr char32_t additional = 0x1e00;
    static constexpr char32_t end = 0x1f00;
    static constexpr std::size_t none = marks_end + (end - additional);
    static constexpr std::size_t most_bytes = 7; // no letter of these blocks becomes more than 4

    static std::size_t place_of(char32_t c) noexcept {
        if (c < marks_end) return c;
        return c >= additional && c < end ? marks_end + (c - additional) : none;
    }

    struct Entry {
        std::array<char, most_bytes> bytes{};
        std::uint8_t count = 0;
    };
    std::array<Entry, none> m_entries;
};

void fold_any_case(std::string_view text, std::string& into) {
    into.clear();
    UErrorCode status = U_ZERO_ERROR;
    Sink sink{&into};
    icu::CaseMap::utf8Fold(U_FOLD_CASE_DEFAULT, piece(text), sink, nullptr, status);
    check(status);
}

void fold_any_accents(std::string_view text, std::string& into) {
    std::string apart;
    UErrorCode status = U_ZERO_ERROR;
    Sink sink{&apart};
    nfd().normalizeUTF8(0, piece(text), sink, nullptr, status);
    check(status);
    into.clear();
    for (std::string_view rest = apart; !rest.empty();) {
        auto const next = next_code_point(rest);
        std::size_t const bytes = next ? next->bytes : 1;
        if (char const plain = next ? without_stroke(next->value) : '\0'; plain != 0)
            into += plain;
        else if (!next || !is_mark(next->value))
            into += rest.substr(0, bytes);
        rest.remove_prefix(bytes);
    }
}

} // namespace

void fold_case(std::string_view text, std::string& into) {
    static LatinTable const latin{fold_any_case};
    if (!latin.fold(text, into)) fold_any_case(text, into);
}

void fold_accents(std::string_view text, std::string& into) {
    static LatinTable const latin{fold_any_accents};
    if (!latin.fold(text, into)) fold_any_accents(text, into);
}

void compose(std::string_view text, std::string& into) {
    into.clear();
    UErrorCode status = U_ZERO_ERROR;
    Sink sink{&into};
    nfc().normalizeUTF8(0, piece(text), sink, nullptr, status);
    check(status);
}

void lower_case(std::string_view text, std::string& into) {
    into.clear();
    UErrorCode status = U_ZERO_ERROR;
    Sink sink{&into};
    icu::CaseMap::utf8ToLower("", 0, piece(text), sink, nullptr, status);
    check(status);
}

void upper_case(std::string_view text, std::string& into) {
    into.clear();
    UErrorCode status = U_ZERO_ERROR;
    Sink sink{&into};
    icu::CaseMap::utf8ToUpper("", 0, piece(text), sink, nullptr, status);
    check(status);
}

} // namespace diaban::geo::filter
