#pragma once

#include "geo/filter/expression.hpp"

#include <string>
#include <string_view>

namespace diaban::geo::filter {

/// Reads CQL2 text (OGC 21-065r2): the whole grammar, keywords in any case.
///
/// Also       ENVELOPE as the draft's name of BBOX; instants with any offset of RFC 3339, not only
///            Z; MULTIPOINT members without their parentheses.
/// Numbers    integers that fit stay integers; all others become doubles.
/// Not        whether properties and functions exist, nor types: Filter::make knows.
/// Bounds     max_bytes, max_depth, max_nodes: Error{too_large, "filter-too-large"}.
/// Throws     Error{bad_input, "bad-filter"} with `position` (in characters, from 1), `value` (the
///            token there, empty at the end) and `accepted`.
/// Cost       one pass; memory a few times the text's length.
[[nodiscard]] Expression read_text(std::string_view text);

/// Reads what drafts of CQL2 called cql-text, as GDAL 3.6 and QGIS still send it: like read_text,
/// and `a ILIKE b` is LIKE without regard to case. Of times see with_draft_times.
[[nodiscard]] Expression read_draft_text(std::string_view text);

/// Writes CQL2 text that reads back as the same expression.
[[nodiscard]] std::string to_text(Expression const& expression);

} // namespace diaban::geo::filter
