#include "geo/cadastre/old_text.hpp"

#include "geo/cadastre/old_letters.hpp"
#include "geo/filter/fold.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace diaban::geo::cadastre {

namespace {

/// What Windows-1252 has where ISO 8859-1 has control codes (0x80 to 0x9F); 0: nothing.
constexpr std::array<char32_t, 32> windows = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

/// Bytes that a letter of UTF-8 takes by its first; 0: it begins none.
std::size_t length_of(unsigned char first) noexcept {
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first < 0xE0) return 2;
    if (first >= 0xE0 && first < 0xF0) return 3;
    return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

/// Code points; nothing if it is no UTF-8.
std::optional<std::u32string> code_points(std::string_view text) {
    std::u32string points;
    for (std::size_t i = 0; i < text.size();) {
        auto const first = static_cast<unsigned char>(text[i]);
        auto const length = length_of(first);
        if (length == 0 || i + length > text.size()) return std::nullopt;
        char32_t point = length == 1 ? first : first & (0xFFU >> (length + 1));
        for (std::size_t k = 1; k < length; ++k) {
            auto const next = static_cast<unsigned char>(text[i + k]);
            if ((next & 0xC0U) != 0x80) return std::nullopt;
            point = (point << 6) | (next & 0x3FU);
        }
        points += point;
        i += length;
    }
    return points;
}

/// The bytes that a reader took for Windows-1252; the text itself if it is no UTF-8; nothing if it
/// holds letters that no byte stands for.
std::optional<std::string> file_bytes(std::string_view text) {
    auto const points = code_points(text);
    if (!points) return std::string{text};
    std::string bytes;
    for (auto const point : *points) {
        if (point < 0x100) {
            bytes += static_cast<char>(point);
            continue;
        }
        auto const at = std::ranges::find(windows, point);
        if (at == windows.end()) return std::nullopt;
        bytes += static_cast<char>(0x80 + (at - windows.begin()));
    }
    return bytes;
}

void append_latin(std::string& out, unsigned char byte) {
    if (byte < 0x80) {
        out += static_cast<char>(byte);
        return;
    }
    out += static_cast<char>(0xC0U | (byte >> 6));
    out += static_cast<char>(0x80U | (byte & 0x3FU));
}

std::string from_tcvn3(std::string_view bytes) {
    std::string out;
    for (char const c : bytes) {
        auto const byte = static_cast<unsigned char>(c);
        auto const* const found = std::ranges::find(tcvn3_letters, byte, &Tcvn3Letter::byte);
        if (found != std::end(tcvn3_letters))
            out += found->letter;
        else
            append_latin(out, byte);
    }
    return out;
}

VniLetter const* vni_letter(unsigned char base, unsigned char mark) noexcept {
    auto const* const found = std::ranges::find_if(
        vni_letters, [&](VniLetter const& l) { return l.base == base && l.mark == mark; });
    return found == std::end(vni_letters) ? nullptr : found;
}

std::string from_vni(std::string_view bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        auto const byte = static_cast<unsigned char>(bytes[i]);
        auto const next = static_cast<unsigned char>(i + 1 < bytes.size() ? bytes[i + 1] : '\0');
        if (auto const* const pair = next != 0 ? vni_letter(byte, next) : nullptr) {
            out += pair->letter;
            ++i;
        } else if (auto const* const single = vni_letter(0, byte)) {
            out += single->letter;
        } else {
            append_latin(out, byte);
        }
    }
    return out;
}

/// Words: runs of letters, ASCII ones and all beyond ASCII.
std::vector<std::string_view> words_of(std::string_view text) {
    auto const in_word = [](char c) {
        auto const byte = static_cast<unsigned char>(c);
        return byte >= 0x80 || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
    };
    std::vector<std::string_view> words;
    for (std::size_t i = 0; i < text.size();) {
        auto const begin = i;
        while (i < text.size() && in_word(text[i])) ++i;
        if (i > begin)
            words.push_back(text.substr(begin, i - begin));
        else
            ++i;
    }
    return words;
}

bool beyond_ascii(std::string_view word) noexcept {
    return std::ranges::any_of(word, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

constexpr std::string_view initials[] = {"",  "b",  "c", "ch", "d",  "đ",  "g",   "gh", "gi", "h",
                                         "k", "kh", "l", "m",  "n",  "ng", "ngh", "nh", "p",  "ph",
                                         "q", "r",  "s", "t",  "th", "tr", "v",   "x"};
constexpr std::string_view finals[] = {"", "c", "ch", "m", "n", "ng", "nh", "p", "t"};
constexpr std::string_view nuclei[] = {
    "a",   "ă",   "â",   "e",   "ê",   "i",   "o",   "ô",   "ơ",   "u",   "ư",   "y",
    "ai",  "ao",  "au",  "ay",  "âu",  "ây",  "eo",  "êu",  "ia",  "iu",  "iê",  "oa",
    "oă",  "oe",  "oi",  "ôi",  "ơi",  "oo",  "ua",  "uâ",  "uê",  "ui",  "uô",  "uơ",
    "uy",  "ưa",  "ưi",  "ươ",  "ưu",  "yê",  "iêu", "yêu", "oai", "oay", "oao", "oeo",
    "uay", "uây", "uôi", "uya", "uyu", "uyê", "ươi", "ươu"};

} // namespace

std::string_view name_of(TextEncoding encoding) noexcept {
    switch (encoding) {
    case TextEncoding::unicode: return "unicode";
    case TextEncoding::tcvn3: return "tcvn3";
    case TextEncoding::vni: return "vni";
    }
    return "unicode";
}

std::optional<TextEncoding> text_encoding_named(std::string_view name) noexcept {
    for (auto const one : {TextEncoding::unicode, TextEncoding::tcvn3, TextEncoding::vni})
        if (name == name_of(one)) return one;
    return std::nullopt;
}

std::string decoded(std::string_view text, TextEncoding encoding) {
    if (encoding == TextEncoding::unicode || !beyond_ascii(text)) return std::string{text};
    auto const bytes = file_bytes(text);
    if (!bytes) return std::string{text};
    return encoding == TextEncoding::tcvn3 ? from_tcvn3(*bytes) : from_vni(*bytes);
}

bool is_vietnamese_syllable(std::string_view word) {
    std::string small;
    filter::lower_case(word, small);
    std::string plain; // tones taken off
    int tones = 0;
    for (std::size_t i = 0; i < small.size();) {
        auto const length = length_of(static_cast<unsigned char>(small[i]));
        if (length == 0) return false;
        auto const letter = std::string_view{small}.substr(i, length);
        auto const* const vowel = std::ranges::find(vowels_and_tones, letter, &ToneOfVowel::letter);
        bool const known = vowel != std::end(vowels_and_tones);
        plain += known ? vowel->vowel : letter;
        tones += known && vowel->tone ? 1 : 0;
        i += length;
    }
    if (tones > 1) return false;
    for (auto const begin : initials) {
        if (!plain.starts_with(begin)) continue;
        for (auto const end : finals) {
            auto const rest = std::string_view{plain}.substr(begin.size());
            if (rest.ends_with(end) &&
                std::ranges::find(nuclei, rest.substr(0, rest.size() - end.size())) !=
                    std::end(nuclei))
                return true;
        }
    }
    return false;
}

EncodingEvidence encoding_of(std::span<std::string const> texts) {
    constexpr std::array readings{TextEncoding::unicode, TextEncoding::tcvn3, TextEncoding::vni};
    EncodingEvidence evidence{};
    for (auto const& text : texts)
        for (auto const word : words_of(text)) {
            if (!beyond_ascii(word)) continue;
            ++evidence.words;
            for (std::size_t r = 0; r < readings.size(); ++r) {
                auto const read = decoded(word, readings[r]);
                bool const told = r == 0 || read != word; // else it cannot be read so
                if (told && is_vietnamese_syllable(read)) ++evidence.syllables[r];
            }
        }
    std::size_t best = 0;
    for (std::size_t r = 1; r < readings.size(); ++r)
        if (evidence.syllables[r] > evidence.syllables[best]) best = r;
    evidence.encoding = readings[best];
    evidence.sure = 5 * evidence.syllables[best] >= 4 * evidence.words;
    for (std::size_t r = 0; r < readings.size(); ++r)
        if (r != best && evidence.words > 0 &&
            5 * evidence.syllables[r] > 4 * evidence.syllables[best])
            evidence.sure = false;
    for (auto const& text : texts)
        if (evidence.samples.size() < 5 && beyond_ascii(text))
            evidence.samples.push_back({text, decoded(text, evidence.encoding)});
    return evidence;
}

} // namespace diaban::geo::cadastre
