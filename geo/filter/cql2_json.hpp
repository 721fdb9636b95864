#pragma once

#include "geo/filter/expression.hpp"

#include <string>
#include <string_view>

namespace diaban::geo::filter {

/// Reads CQL2 JSON (OGC 21-065r2, schema cql2.json) into the tree that its text twin gives.
///
/// Not        whether properties and functions exist, nor types: Filter::make knows.
/// Bounds     max_bytes, max_depth, max_nodes: Error{too_large, "filter-too-large"}.
/// Throws     Error{bad_input, "bad-filter"} with `position` (a JSON Pointer, RFC 6901, or the byte
///            where it stops being JSON), `value` and `accepted`.
[[nodiscard]] Expression read_json(std::string_view text);

/// Writes CQL2 JSON that reads back as the same expression.
[[nodiscard]] std::string to_json(Expression const& expression);

/// Appends `text` as a JSON string.
void append_json_text(std::string& out, std::string_view text);

} // namespace diaban::geo::filter
