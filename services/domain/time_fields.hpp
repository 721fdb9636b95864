#pragma once

#include "geo/feature.hpp"
#include "geo/period.hpp"
#include "geo/schema.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace diaban::services::domain {

/// First instant of a local day (UTC+7, which Viet Nam keeps all year).
[[nodiscard]] geo::Instant local_midnight(geo::Date day) noexcept;

/// The local day it is.
[[nodiscard]] geo::Date local_today();

/// Which fields say when a row is: the time field, or else legal validity.
class TimeFields {
public:
    /// `fields` are those of the rows that will be asked about.
    TimeFields(geo::Schema const& schema, std::vector<geo::Field> const& fields);

    /// Whether rows of this schema have a time at all.
    [[nodiscard]] bool any() const noexcept { return m_instant || m_from || m_to; }
    /// Period::never() for a row whose time field is empty.
    [[nodiscard]] geo::Period of(std::span<geo::ValueView const> values) const;

private:
    std::optional<std::size_t> m_instant;
    std::optional<std::size_t> m_from;
    std::optional<std::size_t> m_to;
};

} // namespace diaban::services::domain
