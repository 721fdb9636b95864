#include "geo/codec/coordinates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
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

/// Writes the last `count` digits of `number` before `end`, zeros where it has fewer.
void write_digits(std::uint64_t number, int count, char* end) noexcept {
    for (; count >= 2; count -= 2) {
        auto const pair = 2 * (number % 100);
        *--end = pairs[pair + 1];
        *--end = pairs[pair];
        number /= 100;
    }
    if (count > 0) *--end = static_cast<char>('0' + number % 10);
}

int count_digits(std::uint64_t number) noexcept {
    int count = 1;
    for (; number >= 10; number /= 10) ++count;
    return count;
}

/// Appends ±units / 10^decimals: at least one digit before the point, no zeros at the end. At most
/// sixteen decimals.
void append_decimal(std::string& out, bool negative, std::uint64_t units, int decimals) {
    while (decimals > 0 && units % 10 == 0) {
        units /= 10;
        --decimals;
    }
    auto const scale = powers_of_ten[static_cast<std::size_t>(decimals)];
    auto const whole = units / scale;
    auto const count = count_digits(whole);
    std::array<char, 40> digits; // a sign, twenty digits, a point, sixteen more
    auto* end = digits.data();
    if (negative && units > 0) *end++ = '-';
    end += count;
    write_digits(whole, count, end);
    if (decimals > 0) {
        *end++ = '.';
        end += decimals;
        write_digits(units % scale, decimals, end);
    }
    out.append(digits.data(), end);
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

void append_fixed(std::string& out, double value, int decimals) {
    constexpr double exact = 1e15; // below 2^52
    double const magnitude = std::abs(value);
    if (decimals < static_cast<int>(powers_of_ten.size()) &&
        magnitude * static_cast<double>(powers_of_ten[static_cast<std::size_t>(decimals)]) < exact)
        return append_decimal(out, value < 0, rounded_units(magnitude, decimals), decimals);
    std::array<char, 64> digits;
    auto* const begin = digits.data();
    auto const* end = std::to_chars(begin, begin + digits.size(), value, std::chars_format::fixed,
                                    std::min(decimals, 40))
                          .ptr;
    if (decimals > 0) {
        while (end[-1] == '0') --end;
        if (end[-1] == '.') --end;
    }
    std::string_view const text{begin, static_cast<std::size_t>(end - begin)};
    out += text == "-0" ? "0" : text;
}

} // namespace

void append_shortest(std::string& out, double value) {
    constexpr double least = 1;
    constexpr double most = 1e15;
    double const magnitude = std::abs(value);
    if (magnitude >= least && magnitude < most) {
        // std::to_chars finds the same digits in three times the time: half of what a page of
        // parcels takes.
        auto const [units, exponent] = fmt::detail::dragonbox::to_decimal(magnitude);
        if (exponent < 0 && exponent > -static_cast<int>(powers_of_ten.size()))
            return append_decimal(out, value < 0, units, -exponent);
    }
    std::array<char, 32> digits;
    out.append(digits.data(),
               std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

void append_coordinate(std::string& out, double value, CoordinateForm form) {
    // A double without exponent takes 309 digits; one of a CRS has at most eight before the point.
    constexpr double most_fixed = 1e15;
    if (form.decimals < 0 || std::abs(value) >= most_fixed)
        append_shortest(out, value);
    else
        append_fixed(out, value, form.decimals);
}

void append_coordinates(std::string& out, Position p, char between, CoordinateForm form) {
    append_coordinate(out, form.y_first ? p.y : p.x, form);
    out += between;
    append_coordinate(out, form.y_first ? p.x : p.y, form);
}

} // namespace diaban::geo::codec
