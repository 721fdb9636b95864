#pragma once

#include "data/postgis/pool.hpp"
#include "geo/feature.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace diaban::data::postgis {

/// What a sheet is called from a day on, in the commune that its own became part of.
struct SheetAlias {
    std::string commune; ///< code, as of the sheet's date
    std::int64_t sheet = 0;
    std::string new_commune;
    std::int64_t new_sheet = 0;
    geo::Date valid_from{};
};

/// Reads a table (CSV) with the columns commune, sheet, new_commune, new_sheet, valid_from.
/// Throws   Error{not_found, "no-file"}; Error{bad_input, "bad-plan"} with line and column.
[[nodiscard]] std::vector<SheetAlias> read_aliases(std::filesystem::path const& file);

/// Enters aliases, all or none, in one statement; those that are there already stay as they are.
/// How many are new. Parcels keep their numbers and identifiers.
///
/// Pool     of Role::owner.
/// Throws   Error{conflict, "sheet-alias-taken"} naming a new number that another sheet has on that
///          day, or a sheet that is called otherwise from that day.
std::size_t enter_aliases(Pool& pool, std::span<SheetAlias const> aliases);

} // namespace diaban::data::postgis
