#include "services/domain/working_time.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace diaban::services::domain {

namespace {

using namespace std::chrono;
using Duration = WorkingTime::Duration;

constexpr auto first_day = sys_days{year{2000} / 1 / 1};
constexpr auto end_day = sys_days{year{2100} / 1 / 1};
constexpr Duration zone = hours{7};
constexpr std::array<std::pair<Duration, Duration>, 2> shifts{{
    {hours{7} + minutes{30}, hours{11} + minutes{30}},
    {hours{13} + minutes{30}, hours{17} + minutes{30}},
}};

/// Working time of a day before a time of it.
Duration before(Duration time) noexcept {
    Duration sum{0};
    for (auto const& [from, to] : shifts) sum += std::clamp(time - from, Duration{0}, to - from);
    return sum;
}

/// When of a day so much has been worked.
Duration time_of(Duration worked) noexcept {
    for (auto const& [from, to] : shifts) {
        if (worked <= to - from) return from + worked;
        worked -= to - from;
    }
    return shifts.back().second;
}

Duration local(geo::Instant instant) noexcept {
    return Duration{instant.microseconds} + zone;
}

/// Ascending, none reaching into another, none before `from`.
std::vector<Pause> in_order(geo::Instant from, std::vector<Pause> pauses) {
    std::ranges::sort(pauses, {}, &Pause::from);
    std::vector<Pause> kept;
    auto end = from;
    for (auto pause : pauses) {
        pause.from = std::max(pause.from, end);
        if (pause.until && *pause.until <= pause.from) continue;
        kept.push_back(pause);
        if (!pause.until) break;
        end = *pause.until;
    }
    return kept;
}

} // namespace

WorkingTime::WorkingTime(std::span<Holiday const> days) {
    auto const count = std::size_t((end_day - first_day).count());
    std::vector<bool> works(count);
    for (std::size_t i = 0; i < count; ++i)
        works[i] = weekday{first_day + std::chrono::days{i}}.iso_encoding() <= 5;
    auto const begin = std::int32_t(first_day.time_since_epoch().count());
    for (auto const& [day, worked] : days)
        if (day.days >= begin && std::size_t(day.days - begin) < count)
            works[std::size_t(day.days - begin)] = worked;
    m_days_before.assign(count + 1, 0);
    for (std::size_t i = 0; i < count; ++i)
        m_days_before[i + 1] = m_days_before[i] + (works[i] ? 1 : 0);
}

bool WorkingTime::works(geo::Date day) const noexcept {
    auto const at = day.days - std::int64_t(first_day.time_since_epoch().count());
    if (at < 0 || at + 1 >= std::int64_t(m_days_before.size())) return false;
    return m_days_before[std::size_t(at) + 1] > m_days_before[std::size_t(at)];
}

Duration WorkingTime::worked_until(geo::Instant instant) const noexcept {
    auto const time = local(instant);
    auto const day = floor<days>(time);
    auto const at = day.count() - first_day.time_since_epoch().count();
    if (at < 0) return Duration{0};
    if (at + 1 >= std::int64_t(m_days_before.size())) return m_days_before.back() * a_day;
    Duration const whole = m_days_before[std::size_t(at)] * a_day;
    return works({std::int32_t(day.count())}) ? whole + before(time - day) : whole;
}

Duration WorkingTime::between(geo::Instant from, geo::Instant to) const noexcept {
    return to <= from ? Duration{0} : worked_until(to) - worked_until(from);
}

geo::Instant WorkingTime::after(geo::Instant from, Duration term) const noexcept {
    auto const wanted = worked_until(from) + term;
    auto const enough = std::ranges::partition_point(
        m_days_before, [&](auto days) { return days * a_day < wanted; });
    auto const at = std::max<std::ptrdiff_t>(enough - m_days_before.begin() - 1, 0);
    auto const day = first_day.time_since_epoch() + std::chrono::days{at};
    auto const rest = wanted - m_days_before[std::size_t(at)] * a_day;
    return {(Duration{day} + time_of(rest) - zone).count()};
}

std::optional<geo::Instant> WorkingTime::deadline(geo::Instant from, Duration term,
                                                  std::vector<Pause> pauses) const {
    for (auto const& pause : in_order(from, std::move(pauses))) {
        auto const runs = between(from, pause.from);
        if (term <= runs) return after(from, term);
        if (!pause.until) return std::nullopt;
        term -= runs;
        from = *pause.until;
    }
    return after(from, term);
}

Duration WorkingTime::used(geo::Instant from, geo::Instant to, std::vector<Pause> pauses) const {
    Duration sum{0};
    for (auto const& pause : in_order(from, std::move(pauses))) {
        if (to <= pause.from) break;
        sum += between(from, pause.from);
        if (!pause.until) return sum;
        from = *pause.until;
    }
    return sum + between(from, to);
}

} // namespace diaban::services::domain
