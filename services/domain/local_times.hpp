#pragma once

#include "geo/feature.hpp"
#include "services/domain/chosen.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// Hours and weekdays of local time (UTC+7).
struct LocalTimes {
    static constexpr std::uint32_t all_hours = (1U << 24U) - 1;
    static constexpr std::uint8_t all_days = (1U << 7U) - 1;
    std::uint32_t hours = all_hours;  ///< bit h: from h:00 to before h + 1:00
    std::uint8_t weekdays = all_days; ///< bit 0: Monday

    [[nodiscard]] bool everything() const noexcept {
        return hours == all_hours && weekdays == all_days;
    }
    /// Whether something that begins then is meant.
    [[nodiscard]] bool holds(std::int64_t microseconds) const noexcept;
    friend bool operator==(LocalTimes const&, LocalTimes const&) = default;
};

/// The local hour (0–23) and weekday (0: Monday) of an instant.
struct HourOfWeek {
    std::uint8_t hour = 0;
    std::uint8_t weekday = 0;
};
[[nodiscard]] HourOfWeek hour_of_week(std::int64_t microseconds) noexcept;

/// When a row begins; nothing for one that is at all times.
[[nodiscard]] std::optional<std::int64_t> begin_of(tiles::mirror::Run const& run,
                                                   std::uint32_t row) noexcept;

/// Strikes out of `chosen` what does not begin at those times; rows without times too, unless all
/// are meant.
void keep_local_times(LocalTimes const& times, std::vector<ChosenRows>& chosen);

/// How often, by weekday and hour.
struct Rhythm {
    std::array<std::array<std::uint64_t, 24>, 7> counts{}; ///< [weekday][hour]
    std::uint64_t untimed = 0;                             ///< rows without a time
};
[[nodiscard]] Rhythm rhythm_of(std::span<ChosenRows const> chosen);

enum class SeriesStep : std::uint8_t { day, week, month };

/// How often in each stretch of local time from the first to the last, those with nothing among
/// them.
struct Series {
    std::vector<geo::Date> begins;
    std::vector<std::uint64_t> counts;
};
/// Weeks begin on Monday.
/// Throws   Error{too_large, "too-many-steps"} beyond `most`.
[[nodiscard]] Series series_of(std::span<ChosenRows const> chosen, SeriesStep step,
                               std::size_t most);

} // namespace diaban::services::domain
