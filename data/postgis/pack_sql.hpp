#pragma once

#include "data/model/field_pack.hpp"
#include "geo/error.hpp"

#include <pqxx/pqxx>

#include <string>
#include <string_view>

namespace diaban::data::postgis {

// What the sources of field packs share. For this room: libpqxx.

/// What is filled in of a case `c`, and how it is read where the row has it from `first` on.
inline constexpr std::string_view value_columns = "c.finding, c.measured_m2, c.error_m2, c.answers";
[[nodiscard]] model::FieldValues values_of(pqxx::row const& row, pqxx::row::size_type first);

[[nodiscard]] bool is_uuid(std::string_view text) noexcept;
[[nodiscard]] geo::Error no_pack(std::string const& id);

} // namespace diaban::data::postgis
