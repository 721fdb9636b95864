#include "geo/codec/coordinates.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string_view>

namespace diaban::geo::codec {

void append_coordinate(std::string& out, double value, CoordinateForm form) {
    // A double without exponent takes 309 digits; one of a CRS has at most eight before the point.
    constexpr double most_fixed = 1e15;
    std::array<char, 64> digits;
    auto* const begin = digits.data();
    auto* const last = begin + digits.size();
    if (form.decimals < 0 || std::abs(value) >= most_fixed) {
        out.append(begin, std::to_chars(begin, last, value).ptr);
        return;
    }
    auto const* end =
        std::to_chars(begin, last, value, std::chars_format::fixed, form.decimals).ptr;
    if (form.decimals > 0) {
        while (end[-1] == '0') --end;
        if (end[-1] == '.') --end;
    }
    std::string_view const text{begin, static_cast<std::size_t>(end - begin)};
    out += text == "-0" ? "0" : text;
}

void append_coordinates(std::string& out, Position p, char between, CoordinateForm form) {
    append_coordinate(out, form.y_first ? p.y : p.x, form);
    out += between;
    append_coordinate(out, form.y_first ? p.x : p.y, form);
}

} // namespace diaban::geo::codec
