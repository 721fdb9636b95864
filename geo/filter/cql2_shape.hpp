#pragma once

#include "geo/filter/cql2_tokens.hpp"
#include "geo/filter/expression.hpp"

#include <optional>

namespace diaban::geo::filter {

/// Whether a word begins a geometry: POINT … GEOMETRYCOLLECTION, BBOX, ENVELOPE.
[[nodiscard]] bool begins_shape(Token const& token) noexcept;

/// Reads a geometry in well-known text, or a BBOX, whose first word stands now. Z is optional; a
/// third number of a position is dropped.
/// Throws    as refuse.
[[nodiscard]] Expression read_shape(Tokens& tokens);

/// A number with its sign; throws as refuse.
[[nodiscard]] double read_signed(Tokens& tokens);

/// The number that an unsigned token spells: int64 if it has neither point nor exponent and fits.
/// Throws as refuse if it is beyond a double.
[[nodiscard]] Expression number_of(Token const& token, bool negative);

/// Well-known text of one member.
void append_shape(std::string& out, Geometry const& member);

} // namespace diaban::geo::filter
