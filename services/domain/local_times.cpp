#include "services/domain/local_times.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <string>

namespace diaban::services::domain {

namespace {

constexpr std::int64_t hour = 3'600'000'000; // microseconds
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t local_offset = 7 * hour;

std::int64_t local_day(std::int64_t microseconds) noexcept {
    auto const local = microseconds + local_offset;
    return local / day - (local % day < 0 ? 1 : 0);
}

/// Monday is 0; 1970-01-01 was a Thursday.
std::int64_t weekday_of(std::int64_t days) noexcept {
    return ((days + 3) % 7 + 7) % 7;
}

std::chrono::year_month_day date_of(std::int64_t days) noexcept {
    return std::chrono::sys_days{std::chrono::days{days}};
}

std::int64_t begin_of_step(std::int64_t days, SeriesStep step) noexcept {
    if (step == SeriesStep::day) return days;
    if (step == SeriesStep::week) return days - weekday_of(days);
    auto const date = date_of(days);
    return std::chrono::sys_days{date.year() / date.month() / 1}.time_since_epoch().count();
}

std::int64_t next_step(std::int64_t days, SeriesStep step) noexcept {
    if (step == SeriesStep::day) return days + 1;
    if (step == SeriesStep::week) return days + 7;
    auto const date = date_of(days) + std::chrono::months{1};
    return std::chrono::sys_days{date}.time_since_epoch().count();
}

} // namespace

HourOfWeek hour_of_week(std::int64_t microseconds) noexcept {
    auto const days = local_day(microseconds);
    auto const within = microseconds + local_offset - days * day;
    return {std::uint8_t(within / hour), std::uint8_t(weekday_of(days))};
}

bool LocalTimes::holds(std::int64_t microseconds) const noexcept {
    auto const at = hour_of_week(microseconds);
    return (hours >> at.hour & 1U) != 0 && (weekdays >> at.weekday & 1U) != 0;
}

std::optional<std::int64_t> begin_of(tiles::mirror::Run const& run, std::uint32_t row) noexcept {
    if (run.periods.empty() || run.periods[row].begin == geo::Period::open_begin) return {};
    auto const& period = run.periods[row];
    if (period == geo::Period::never()) return {};
    return period.begin;
}

void keep_local_times(LocalTimes const& times, std::vector<ChosenRows>& chosen) {
    if (times.everything()) return;
    for (auto& [live, rows] : chosen)
        std::erase_if(rows, [&](std::uint32_t row) {
            auto const begin = begin_of(*live.run, row);
            return !begin || !times.holds(*begin);
        });
}

Rhythm rhythm_of(std::span<ChosenRows const> chosen) {
    Rhythm rhythm;
    for (auto const& [live, rows] : chosen)
        for (auto const row : rows) {
            auto const begin = begin_of(*live.run, row);
            if (!begin) {
                ++rhythm.untimed;
                continue;
            }
            auto const at = hour_of_week(*begin);
            ++rhythm.counts[at.weekday][at.hour];
        }
    return rhythm;
}

Series series_of(std::span<ChosenRows const> chosen, SeriesStep step, std::size_t most) {
    std::map<std::int64_t, std::uint64_t> counted;
    for (auto const& [live, rows] : chosen)
        for (auto const row : rows)
            if (auto const begin = begin_of(*live.run, row))
                ++counted[begin_of_step(local_day(*begin), step)];
    Series series;
    if (counted.empty()) return series;
    auto const last = counted.rbegin()->first;
    for (auto at = counted.begin()->first; at <= last; at = next_step(at, step)) {
        if (series.begins.size() == most)
            throw geo::Error{
                geo::Code::too_large, "too-many-steps", {{"accepted", std::to_string(most)}}};
        series.begins.push_back({std::int32_t(at)});
        auto const found = counted.find(at);
        series.counts.push_back(found == counted.end() ? 0 : found->second);
    }
    return series;
}

} // namespace diaban::services::domain
