#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::geo::cadastre {

/// How a file's Vietnamese text was written.
enum class TextEncoding : std::uint8_t {
    unicode, ///< UTF-8, as it is
    tcvn3,   ///< ABC fonts, one byte a letter
    vni,     ///< VNI fonts, a letter and a mark behind it
};
[[nodiscard]] std::string_view name_of(TextEncoding encoding) noexcept;
[[nodiscard]] std::optional<TextEncoding> text_encoding_named(std::string_view name) noexcept;

/// `text` in UTF-8, NFC.
///
/// Takes     the bytes of the file, or what a reader made of them that took them for Windows-1252
/// or
///           ISO 8859-1. Letters that the encoding does not have stay as they are.
/// Capitals  of `.VnTimeH` fonts are small letters in the file: they come out small.
[[nodiscard]] std::string decoded(std::string_view text, TextEncoding encoding);

/// Why a file's text is taken for one encoding and not for another.
struct EncodingEvidence {
    TextEncoding encoding = TextEncoding::unicode;
    std::size_t words = 0;    ///< with a letter beyond ASCII
    std::size_t syllables[3]; ///< of these, Vietnamese syllables when read as each encoding
    bool sure = false;        ///< four of five are, and no other reading comes within a fifth
    struct Sample {
        std::string before;
        std::string after;
    };
    std::vector<Sample> samples; ///< at most five
};

/// Judges texts by whether their words are syllables of Vietnamese (initial, nucleus, final, one
/// tone at most). Texts of ASCII alone are Unicode, surely.
[[nodiscard]] EncodingEvidence encoding_of(std::span<std::string const> texts);

/// Whether a word in UTF-8 (NFC) can be a Vietnamese syllable.
[[nodiscard]] bool is_vietnamese_syllable(std::string_view word);

} // namespace diaban::geo::cadastre
