#pragma once

#include "geo/geometry.hpp"

#include <cstddef>
#include <string>

namespace diaban::geo::codec {

/// How positions are written in text.
///
/// `y_first`   latitude or northing first, as EPSG:4326 has its axes.
/// `decimals`  at most so many, rounded, without trailing zeros; negative: the shortest decimal
///             that reads back as the same double.
struct CoordinateForm {
    bool y_first = false;
    int decimals = -1;
};

/// Appends the shortest decimal that reads back as the same double: what std::to_chars writes. Not
/// checked: that it is finite.
void append_shortest(std::string& out, double value);

/// Appends one coordinate. Not checked: that it is finite.
void append_coordinate(std::string& out, double value, CoordinateForm form = {});

/// Chars that one coordinate takes at most: a sign, sixteen digits, a point, forty more.
inline constexpr std::size_t longest_coordinate = 64;
/// Two of them, and what stands between.
inline constexpr std::size_t longest_position = 2 * longest_coordinate + 1;

/// Writes both coordinates with `between` between them; where they end. There must be room for
/// `longest_position` chars. Not checked: that they are finite.
char* write_coordinates(char* to, Position p, char between, CoordinateForm form = {}) noexcept;

/// Appends the same.
void append_coordinates(std::string& out, Position p, char between, CoordinateForm form = {});

} // namespace diaban::geo::codec
