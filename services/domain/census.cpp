#include "services/domain/census.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

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
std::optional<Period> period_of(geo::ValueView const& value) {
    if (auto const* const date = std::get_if<geo::Date>(&value)) {
        auto const begin = local_midnight(*date).microseconds;
        return Period{begin, begin + microseconds_a_day - 1};
    }
    if (auto const* const instant = std::get_if<geo::Instant>(&value))
        return Period{instant->microseconds, instant->microseconds};
    return std::nullopt;
}

} // namespace

geo::Instant local_midnight(geo::Date day) noexcept {
    return {day.days * microseconds_a_day - local_offset};
}

TimeFields::TimeFields(geo::Schema const& schema, std::vector<geo::Field> const& fields) {
    if (!schema.time_field.empty()) m_instant = place_of(fields, schema.time_field);
    if (m_instant) return;
    m_from = place_of(fields, "valid_from");
    m_to = place_of(fields, "valid_to");
}

std::optional<Period> TimeFields::of(std::span<geo::ValueView const> values) const {
    if (m_instant) return period_of(values[*m_instant]);
    Period valid;
    if (m_from)
        if (auto const from = period_of(values[*m_from])) valid.begin = from->begin;
    if (m_to) // a date is the last day, an instant the first at which the row is no longer valid
        if (auto const to = period_of(values[*m_to]))
            valid.end = std::holds_alternative<geo::Date>(values[*m_to]) ? to->end : to->end - 1;
    return valid;
}

Census::Entry& Census::entry_of(std::string_view scope, std::uint8_t sensitivity) {
    if (m_last_entry != nullptr && m_last.sensitivity == sensitivity && m_last.scope == scope)
        return *m_last_entry;
    m_last = Class{std::string{scope}, sensitivity};
    auto const number = static_cast<std::uint32_t>(m_classes.size());
    m_last_entry = &m_classes.try_emplace(m_last, Entry{0, number}).first->second;
    return *m_last_entry;
}

void Census::add(geo::RowView const& row, std::optional<Period> const& period) {
    auto& entry = entry_of(row.scope, row.sensitivity);
    ++entry.rows;
    if (m_timed && period) m_rows.push_back({row.fid, *period, entry.number});
}

void Census::join(Census&& part) {
    std::vector<std::uint32_t> numbers(part.m_classes.size());
    for (auto const& [who, entry] : part.m_classes) {
        auto& mine = entry_of(who.scope, who.sensitivity);
        mine.rows += entry.rows;
        numbers[entry.number] = mine.number;
    }
    m_rows.reserve(m_rows.size() + part.m_rows.size());
    for (auto row : part.m_rows) {
        row.number = numbers[row.number];
        m_rows.push_back(row);
    }
    part = Census{};
}

void Census::finish() {
    std::ranges::sort(m_rows, {}, &Timed::fid);
    m_rows.shrink_to_fit();
    m_last_entry = nullptr;
}

std::uint64_t Census::count(geo::Policy const& policy) const {
    std::uint64_t rows = 0;
    for (auto const& [who, entry] : m_classes)
        if (policy.sees(who.scope, who.sensitivity)) rows += entry.rows;
    return rows;
}

std::vector<std::int64_t> Census::during(Period const& period, geo::Policy const& policy) const {
    std::vector<char> seen(m_classes.size());
    for (auto const& [who, entry] : m_classes)
        seen[entry.number] = policy.sees(who.scope, who.sensitivity);
    std::vector<std::int64_t> fids;
    for (auto const& row : m_rows)
        if (seen[row.number] != 0 && row.period.meets(period)) fids.push_back(row.fid);
    return fids;
}

} // namespace diaban::services::domain
