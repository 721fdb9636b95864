#pragma once

#include "geo/geometry.hpp"

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

/// Appends both coordinates with `between` between them.
void append_coordinates(std::string& out, Position p, char between, CoordinateForm form = {});

} // namespace diaban::geo::codec
