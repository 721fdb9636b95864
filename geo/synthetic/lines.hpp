#pragma once

#include "geo/geometry.hpp"

#include <string_view>

namespace diaban::geo::synthetic {

/// Reads lines as GMT writes them (`gmt coast -M`): a line that begins with `>` starts a path, each
/// other holds a longitude and a latitude; lines that begin with `#` are comments.
///
/// Throws    Error{bad_input, "bad-lines"} with the number of the line that is neither.
Geometry read_gmt_lines(std::string_view text);

/// Paths joined where exactly two of them end in the same position (GMT cuts lines at the edges of
/// its bins). Repeated positions go, and with them paths of a single one.
Geometry join_lines(Geometry const& lines);

/// The parts of `lines` inside `box`, cut at its edges.
Geometry clip_lines(Geometry const& lines, Box const& box);

/// The path with the most positions; empty if there is none.
Geometry longest_line(Geometry const& lines);

} // namespace diaban::geo::synthetic
