#pragma once

#include "geo/feature.hpp"
#include "geo/schema.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::data::postgis {

// Values as PostgreSQL writes them in text, which is what libpqxx 6.4 gives.

/// A field of the row `alias` in a form that `read_value` reads: days and microseconds as counts
/// from 1970.
[[nodiscard]] std::string text_expression(geo::Field const& field, std::string_view alias);

/// Reads a value that is not null. Doubles come back bit for bit (extra_float_digits = 1).
/// Throws Error{internal, "bad-row"}.
geo::Value read_value(std::string_view text, geo::FieldType type);

/// Reads a geometry column: hexadecimal EWKB. `bytes` is scratch memory, reused.
void read_shape(std::string_view hexadecimal, std::vector<std::byte>& bytes, geo::Geometry& into);

/// The shortest decimal that reads back as the same double.
[[nodiscard]] std::string exact_text(double value);

} // namespace diaban::data::postgis
