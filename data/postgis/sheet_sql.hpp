#pragma once

#include "data/model/cadastre.hpp"
#include "data/postgis/session.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace diaban::data::postgis {

// Steps of a sheet's import, inside its transaction. Included by sources of this room only.

/// Rows of new parcels of sheet `id`, what the register knows besides, holders and certificates.
void insert_sheet_parcels(pqxx::work& sql, model::Sheet const& sheet, std::int64_t id,
                          std::span<model::SheetParcel const> parcels);

/// Opens a case for each parcel in force of the sheet whose area by its corners is beyond the dated
/// tolerance of what its papers say, and brings known ones up to date: how many there are.
std::size_t open_area_cases(pqxx::work& sql, std::int64_t sheet, std::int32_t scale);

/// m, how far a corner may lie from where it was drawn before: the dated rule `vertex-tolerance` of
/// the least scale that is not larger. Throws Error{not_found, "no-rule"}.
[[nodiscard]] double vertex_tolerance(pqxx::transaction_base& sql, std::int32_t scale);

} // namespace diaban::data::postgis
