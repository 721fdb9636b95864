#pragma once

#include "geo/feature.hpp"
#include "geo/period.hpp"
#include "geo/schema.hpp"

namespace diaban::services::domain {

/// First instant of a local day (UTC+7, which Viet Nam keeps all year).
[[nodiscard]] geo::Instant local_midnight(geo::Date day) noexcept;

/// The local day an instant is of.
[[nodiscard]] geo::Date local_day(geo::Instant at) noexcept;
/// The local day it is.
[[nodiscard]] geo::Date local_today();

/// Whether `field` says when rows of the schema are, in place of their legal validity.
[[nodiscard]] bool is_time_field(geo::Schema const& schema, geo::Field const& field) noexcept;

/// First to last microsecond of a day or an instant; Period::never() of anything else.
[[nodiscard]] geo::Period period_of(geo::ValueView const& value) noexcept;

} // namespace diaban::services::domain
