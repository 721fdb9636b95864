#include "services/domain/time_fields.hpp"

#include <algorithm>
#include <chrono>
#include <variant>

namespace diaban::services::domain {

namespace {

constexpr std::int64_t microseconds_a_day = 86'400'000'000;
constexpr std::int64_t local_offset = 7 * 3'600'000'000LL;

std::optional<std::size_t> place_of(std::vector<geo::Field> const& fields, std::string_view name) {
    auto const it = std::ranges::find(fields, name, &geo::Field::name);
    if (it == fields.end() ||
        (it->type != geo::FieldType::date && it->type != geo::FieldType::timestamp))
        return std::nullopt;
    return static_cast<std::size_t>(it - fields.begin());
}

/// First and last microsecond of what a value means.
std::optional<geo::Period> period_of(geo::ValueView const& value) {
    if (auto const* const date = std::get_if<geo::Date>(&value)) {
        auto const begin = local_midnight(*date).microseconds;
        return geo::Period{begin, begin + microseconds_a_day - 1};
    }
    if (auto const* const instant = std::get_if<geo::Instant>(&value))
        return geo::Period{instant->microseconds, instant->microseconds};
    return std::nullopt;
}

} // namespace

geo::Instant local_midnight(geo::Date day) noexcept {
    return {day.days * microseconds_a_day - local_offset};
}

geo::Date local_today() {
    auto const now = std::chrono::system_clock::now().time_since_epoch();
    auto const since = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    return {static_cast<std::int32_t>((since + local_offset) / microseconds_a_day)};
}

TimeFields::TimeFields(geo::Schema const& schema, std::vector<geo::Field> const& fields) {
    if (!schema.time_field.empty()) m_instant = place_of(fields, schema.time_field);
    if (m_instant) return;
    m_from = place_of(fields, "valid_from");
    m_to = place_of(fields, "valid_to");
}

geo::Period TimeFields::of(std::span<geo::ValueView const> values) const {
    if (m_instant) return period_of(values[*m_instant]).value_or(geo::Period::never());
    geo::Period valid;
    if (m_from)
        if (auto const from = period_of(values[*m_from])) valid.begin = from->begin;
    if (m_to) // a date is the last day, an instant the first at which the row is no longer valid
        if (auto const to = period_of(values[*m_to]))
            valid.end = std::holds_alternative<geo::Date>(values[*m_to]) ? to->end : to->end - 1;
    return valid;
}

} // namespace diaban::services::domain
