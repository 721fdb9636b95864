#include "data/gdal/text.hpp"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>

#include <array>
#include <cstdint>
#include <stdexcept>

namespace diaban::data::gdal {
namespace {

using Byte = unsigned char;

bool is_ascii(std::string_view text) noexcept {
    for (char const c : text)
        if ((static_cast<Byte>(c) & 0x80U) != 0) return false;
    return true;
}

/// Length of the well-formed sequence that starts at `text[at]`; 0 when there is none.
std::size_t sequence_length(std::string_view text, std::size_t at) noexcept {
    auto const byte = [&](std::size_t i) {
        return at + i < text.size() ? static_cast<Byte>(text[at + i]) : Byte{0};
    };
    auto const within = [&](std::size_t i, Byte low, Byte high) {
        return byte(i) >= low && byte(i) <= high;
    };
    Byte const lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return within(1, 0x80, 0xBF) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        Byte const low = lead == 0xE0 ? 0xA0 : 0x80;  // not overlong
        Byte const high = lead == 0xED ? 0x9F : 0xBF; // not a surrogate
        return within(1, low, high) && within(2, 0x80, 0xBF) ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        Byte const low = lead == 0xF0 ? 0x90 : 0x80;
        Byte const high = lead == 0xF4 ? 0x8F : 0xBF; // up to U+10FFFF
        return within(1, low, high) && within(2, 0x80, 0xBF) && within(3, 0x80, 0xBF) ? 4 : 0;
    }
    return 0;
}

/// Windows-1252 for the bytes 80 to 9F; where it has no character the byte stands for itself, as in
/// ISO 8859-1.
constexpr std::array<std::uint16_t, 32> windows_1252 = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

/// The byte that Windows-1252 or ISO 8859-1 reads as `point`; -1 when neither does.
int western_byte(std::uint32_t point) noexcept {
    if (point < 0x100) return static_cast<int>(point);
    for (std::size_t i = 0; i < windows_1252.size(); ++i)
        if (windows_1252[i] == point) return static_cast<int>(0x80 + i);
    return -1;
}

std::uint32_t decode(std::string_view text, std::size_t at, std::size_t length) noexcept {
    constexpr std::array<Byte, 5> lead_bits = {0, 0x7F, 0x1F, 0x0F, 0x07};
    std::uint32_t point = static_cast<Byte>(text[at]) & lead_bits[length];
    for (std::size_t i = 1; i < length; ++i)
        point = point << 6U | (static_cast<Byte>(text[at + i]) & 0x3FU);
    return point;
}

icu::Normalizer2 const& nfc() {
    static icu::Normalizer2 const& instance = []() -> icu::Normalizer2 const& {
        UErrorCode status = U_ZERO_ERROR;
        auto const* made = icu::Normalizer2::getNFCInstance(status);
        if (U_FAILURE(status) != 0 || made == nullptr)
            throw std::runtime_error{"ICU has no normalization data"};
        return *made;
    }();
    return instance;
}

} // namespace

bool is_utf8(std::string_view text) noexcept {
    if (is_ascii(text)) return true;
    for (std::size_t at = 0; at < text.size();) {
        auto const length = sequence_length(text, at);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

bool looks_doubly_encoded(std::string_view text) {
    if (is_ascii(text)) return false;
    std::string bytes;
    for (std::size_t at = 0; at < text.size();) {
        auto const length = sequence_length(text, at);
        if (length == 0) return false;
        int const byte = western_byte(decode(text, at, length));
        if (byte < 0) return false;
        bytes += static_cast<char>(byte);
        at += length;
    }
    return is_utf8(bytes);
}

std::string_view to_nfc(std::string_view text, std::string& buffer) {
    if (is_ascii(text)) return text;
    icu::StringPiece const piece{text.data(), static_cast<std::int32_t>(text.size())};
    UErrorCode status = U_ZERO_ERROR;
    if (nfc().isNormalizedUTF8(piece, status)) return text;
    buffer.clear();
    icu::StringByteSink<std::string> sink{&buffer};
    nfc().normalizeUTF8(0, piece, sink, nullptr, status);
    if (U_FAILURE(status) != 0) throw std::runtime_error{"ICU cannot normalize"};
    return buffer;
}

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view no_break_space = "\xC2\xA0";
    auto const is_blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    for (;;) {
        if (text.empty()) return text;
        if (is_blank(text.front()))
            text.remove_prefix(1);
        else if (text.starts_with(no_break_space))
            text.remove_prefix(2);
        else if (is_blank(text.back()))
            text.remove_suffix(1);
        else if (text.ends_with(no_break_space))
            text.remove_suffix(2);
        else
            return text;
    }
}

} // namespace diaban::data::gdal
