#include "geo/codec/coordinates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace diaban::geo::codec {
namespace {

constexpr std::array<std::uint64_t, 17> powers_of_ten = [] {
    std::array<std::uint64_t, 17> powers{1};
    for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
}();

/// The two digits of every number below a hundred.
constexpr auto pairs = [] {
    std::array<char, 200> digits{};
    for (std::size_t i = 0; i < 100; ++i) {
        digits[2 * i] = static_cast<char>('0' + i / 10);
        digits[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return digits;
}();

constexpr std::uint64_t eight_digits = 100'000'000;

void write_pair(std::uint32_t pair, char* to) noexcept {
    std::memcpy(to, pairs.data() + std::size_t{2} * pair, 2);
}

/// Writes a number below 10^4, zeros before it.
void write_four(std::uint32_t number, char* to) noexcept {
    write_pair(number / 100, to);
    write_pair(number % 100, to + 2);
}

/// Writes a number below 10^8, zeros before it: no pair waits for the one before.
void write_eight(std::uint32_t number, char* to) noexcept {
    write_four(number / 10'000, to);
    write_four(number % 10'000, to + 4);
}

/// Writes ±units / 10^decimals: at least one digit before the point, no zeros at the end. At most
/// sixteen decimals. Where it ends; a few chars behind that are written over.
char* write_decimal(char* to, bool negative, std::uint64_t units, int decimals) noexcept {
    constexpr int room = 20; // digits of 64 bits
    constexpr int most_decimals = 16;
    std::array<char, 2 * room> digits{}; // of `units`, zeros before them; nothing behind is shown
    auto const high = units / eight_digits;
    write_four(static_cast<std::uint32_t>(high / eight_digits), digits.data());
    write_eight(static_cast<std::uint32_t>(high % eight_digits), digits.data() + 4);
    write_eight(static_cast<std::uint32_t>(units % eight_digits), digits.data() + 12);
    auto const* const point = digits.data() + room - decimals;
    auto const* begin = digits.data();
    while (begin < point - 1 && *begin == '0') ++begin;
    while (decimals > 0 && point[decimals - 1] == '0') --decimals;
    if (negative && units > 0) *to++ = '-';
    std::memcpy(to, begin, room); // of one size, whatever is behind: one move
    to += point - begin;
    if (decimals == 0) return to;
    *to++ = '.';
    std::memcpy(to, point, most_decimals);
    return to + decimals;
}

/// |value| · 10^decimals, rounded as std::to_chars rounds: to the nearest integer, of two to the
/// even one, by the double's exact value. It must be below 2^52.
std::uint64_t rounded_units(double magnitude, int decimals) noexcept {
    auto const scale = static_cast<double>(powers_of_ten[static_cast<std::size_t>(decimals)]);
    double const product = magnitude * scale;
    double const lost = std::fma(magnitude, scale, -product); // product + lost is exact
    double const below = std::floor(product);
    double const rest = product - below;
    auto units = static_cast<std::uint64_t>(below);
    bool const tie = rest == 0.5 && lost == 0;
    if (rest > 0.5 || (rest == 0.5 && lost > 0) || (tie && units % 2 == 1)) ++units;
    return units;
}

char* write_fixed(char* to, double value, int decimals) noexcept {
    constexpr double exact = 1e15; // below 2^52
    double const magnitude = std::abs(value);
    if (decimals < static_cast<int>(powers_of_ten.size()) &&
        magnitude * static_cast<double>(powers_of_ten[static_cast<std::size_t>(decimals)]) < exact)
        return write_decimal(to, value < 0, rounded_units(magnitude, decimals), decimals);
    auto* end = std::to_chars(to, to + longest_coordinate, value, std::chars_format::fixed,
                              std::min(decimals, 40))
                    .ptr;
    if (decimals > 0) {
        while (end[-1] == '0') --end;
        if (end[-1] == '.') --end;
    }
    bool const minus_zero = std::string_view{to, static_cast<std::size_t>(end - to)} == "-0";
    return minus_zero ? std::copy_n("0", 1, to) : end;
}

char* write_shortest(char* to, double value) noexcept {
    constexpr double least = 1;
    constexpr double most = 1e15;
    double const magnitude = std::abs(value);
    if (magnitude >= least && magnitude < most) {
        // std::to_chars finds the same digits in three times the time: half of what a page of
        // parcels takes.
        auto const [units, exponent] = fmt::detail::dragonbox::to_decimal(magnitude);
        if (exponent < 0 && exponent > -static_cast<int>(powers_of_ten.size()))
            return write_decimal(to, value < 0, units, -exponent);
    }
    return std::to_chars(to, to + longest_coordinate, value).ptr;
}

char* write_coordinate(char* to, double value, CoordinateForm form) noexcept {
    // A double without exponent takes 309 digits; one of a CRS has at most eight before the point.
    constexpr double most_fixed = 1e15;
    return form.decimals < 0 || std::abs(value) >= most_fixed
               ? write_shortest(to, value)
               : write_fixed(to, value, form.decimals);
}

} // namespace

void append_shortest(std::string& out, double value) {
    std::array<char, longest_coordinate> text;
    out.append(text.data(), write_shortest(text.data(), value));
}

void append_coordinate(std::string& out, double value, CoordinateForm form) {
    std::array<char, longest_coordinate> text;
    out.append(text.data(), write_coordinate(text.data(), value, form));
}

char* write_coordinates(char* to, Position p, char between, CoordinateForm form) noexcept {
    to = write_coordinate(to, form.y_first ? p.y : p.x, form);
    *to++ = between;
    return write_coordinate(to, form.y_first ? p.x : p.y, form);
}

void append_coordinates(std::string& out, Position p, char between, CoordinateForm form) {
    std::array<char, longest_position> text;
    out.append(text.data(), write_coordinates(text.data(), p, between, form));
}

} // namespace diaban::geo::codec
