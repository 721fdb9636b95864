#pragma once

#include "geo/feature.hpp"
#include "geo/filter/columns.hpp"

#include <cstdint>

namespace diaban::services::domain {

/// The value of a code of a column as it counts for order: texts by their `sorted_part`; null for
/// code 0 and for NaN.
[[nodiscard]] geo::Value sort_value(geo::filter::Column const& column, std::uint32_t code);

/// Below, at or above 0. Both of one field's type, neither null.
[[nodiscard]] int compare_values(geo::Value const& a, geo::Value const& b);

} // namespace diaban::services::domain
