#pragma once

#include "data/model/field_pack.hpp"

#include <cstddef>
#include <string_view>

namespace diaban::data::packs {

/// Largest field pack that is taken back, in bytes.
inline constexpr std::size_t largest_pack = 48 * 1024 * 1024;

/// The table that names a pack inside of it, and the layer that comes back.
inline constexpr char pack_table[] = "field_pack";
inline constexpr char cases_layer[] = "cases";

/// Reads what came back of a field pack: whose it is, and the rows of its layer of cases.
///
/// Care     the bytes are anybody's. They are read from memory, as a database that nothing is
///          written to, without triggers, views, extensions or functions of the schema, of plain
///          tables of the two names alone, within bounds of columns, lengths and steps.
/// Cost     one copy of `bytes`; a few milliseconds for a thousand cases.
/// Throws   Error{bad_input, "pack-unreadable"} with the reason; Error{too_large,
///          "pack-too-large"} beyond `model::most_pack_rows` cases.
[[nodiscard]] model::ReturnedPack read_returned_pack(std::string_view bytes);

} // namespace diaban::data::packs
