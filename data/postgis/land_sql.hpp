#pragma once

#include "data/postgis/session.hpp"
#include "geo/feature.hpp"
#include "geo/geometry.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace diaban::data::postgis {

/// What the stores of the cadastre share. Included by sources of this room only.

/// Hexadecimal EWKB, to be passed as a parameter, and back.
[[nodiscard]] std::string shape_text(geo::Geometry const& geometry);
[[nodiscard]] geo::Geometry shape_of(pqxx::field const& field);

/// Small letters without accents: what addresses are sought by.
[[nodiscard]] std::string folded(std::string const& text);

/// Kinds of restrictions in force on a parcel today.
[[nodiscard]] std::vector<std::string> restrictions_on(pqxx::transaction_base& sql,
                                                       std::int64_t fid);

} // namespace diaban::data::postgis
