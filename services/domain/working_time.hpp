#pragma once

#include "geo/feature.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace diaban::services::domain {

/// A day on which offices are closed though it is none of the weekend; or one of the weekend that
/// is worked instead.
struct Holiday {
    geo::Date day;
    bool worked = false;
};

/// A time during which a clock stands; without an end it still does.
struct Pause {
    geo::Instant from;
    std::optional<geo::Instant> until;
};

/// The hours of offices: 07:30–11:30 and 13:30–17:30 (UTC+7), Monday to Friday, but for holidays;
/// eight hours a day.
///
/// Range    2000-01-01 to 2099-12-31; beyond it nobody works.
/// Exact    to the microsecond; all in whole numbers.
/// Threads  immutable once built.
class WorkingTime {
public:
    using Duration = std::chrono::microseconds;
    static constexpr std::chrono::hours a_day{8};

    explicit WorkingTime(std::span<Holiday const> days);

    [[nodiscard]] bool works(geo::Date day) const noexcept;
    /// Working time between two instants; none where `to` is not after `from`.
    [[nodiscard]] Duration between(geo::Instant from, geo::Instant to) const noexcept;
    /// The first instant by which `term` > 0 has been worked since `from`.
    [[nodiscard]] geo::Instant after(geo::Instant from, Duration term) const noexcept;

    /// When a clock that begins at `from` has run for `term`, standing during the pauses; nothing
    /// while it stands and has not.
    [[nodiscard]] std::optional<geo::Instant> deadline(geo::Instant from, Duration term,
                                                       std::vector<Pause> pauses) const;
    /// How long it has run until `to`.
    [[nodiscard]] Duration used(geo::Instant from, geo::Instant to,
                                std::vector<Pause> pauses) const;

private:
    [[nodiscard]] Duration worked_until(geo::Instant instant) const noexcept;

    std::vector<std::int32_t> m_days_before; ///< days worked before each day of the range
};

} // namespace diaban::services::domain
