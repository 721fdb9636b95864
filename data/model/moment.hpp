#pragma once

#include "geo/feature.hpp"
#include "geo/period.hpp"

#include <optional>

namespace diaban::data::model {

/// Which moment of the record is meant.
struct Moment {
    /// What was known then: rows recorded at or before this instant and not ended before or at it.
    /// Absent: what is known now.
    std::optional<geo::Instant> recorded;
    /// Rows whose time meets this period: that of the collection's time field, or else legal
    /// validity, where an end that is not stated is open. Absent: whatever their time.
    std::optional<geo::Period> valid;
};

} // namespace diaban::data::model
