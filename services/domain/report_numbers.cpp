#include "services/domain/report_numbers.hpp"

#include "services/domain/column_values.hpp"
#include "services/domain/local_times.hpp"

#include <algorithm>
#include <array>

namespace diaban::services::domain {

namespace {

constexpr double day = 86'400e6; // microseconds

/// One report, as far as it is counted.
struct Counted {
    bool closed = false;
    bool late = false; ///< past its day, now or when it was closed
    std::optional<std::int64_t> took;
};

void add(ReportNumbers& numbers, Counted const& one) {
    if (one.closed) {
        ++numbers.closed;
        numbers.closed_late += one.late;
        if (one.took) numbers.took.push_back(*one.took);
    } else {
        ++numbers.open;
        numbers.overdue += one.late;
    }
}

class Columns {
public:
    Columns(tiles::mirror::LiveRun const& live, geo::Policy const& policy)
        : m_run{*live.run}, m_service{live, "category", policy}, m_state{live, "status", policy},
          m_due{live, "due_at", policy}, m_closed{live, "closed_at", policy} {}

    [[nodiscard]] std::string service(std::uint32_t row) const { return m_service.text(row); }
    [[nodiscard]] std::string state(std::uint32_t row) const { return m_state.text(row); }

    [[nodiscard]] Counted read(std::uint32_t row, std::string_view state, geo::Instant now) const {
        Counted one{.closed = is_closed(state), .late = false, .took = {}};
        auto const due = m_due.instant(row);
        auto const closed = m_closed.instant(row);
        auto const until = one.closed ? closed : std::optional{now};
        one.late = due && until && due->microseconds < until->microseconds;
        auto const begin = begin_of(m_run, row);
        if (one.closed && closed && begin && closed->microseconds >= *begin)
            one.took = closed->microseconds - *begin;
        return one;
    }

private:
    tiles::mirror::Run const& m_run;
    ColumnValues m_service;
    ColumnValues m_state;
    ColumnValues m_due;
    ColumnValues m_closed;
};

Tally tally_of(ReportNumbers const& numbers) {
    return {.count = numbers.count()};
}

} // namespace

bool is_closed(std::string_view status) noexcept {
    constexpr std::array<std::string_view, 4> ends{"fixed", "duplicate", "not_responsible",
                                                   "unable_to_fix"};
    return std::ranges::find(ends, status) != ends.end();
}

std::optional<double> ReportNumbers::median_days() const {
    if (took.empty()) return std::nullopt;
    auto sorted = took;
    std::ranges::sort(sorted);
    auto const middle = sorted.size() / 2;
    double const upper = double(sorted[middle]);
    double const lower = sorted.size() % 2 == 0 ? double(sorted[middle - 1]) : upper;
    return (lower + upper) / 2 / day;
}

ReportTable report_numbers(std::span<ChosenRows const> chosen, geo::Policy const& policy,
                           tiles::mirror::Partition const& areas, geo::Instant now) {
    ReportTable table;
    for (auto const& [live, rows] : chosen) {
        Columns const columns{live, policy};
        auto const parts = tiles::mirror::parts_of(*live.run, rows, areas);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            auto const row = rows[i];
            auto const state = columns.state(row);
            auto const one = columns.read(row, state, now);
            add(table.all, one);
            add(table.services[columns.service(row)], one);
            add(table.states[state], one);
            bool const nowhere = parts[i] == tiles::mirror::Partition::nowhere;
            add(!nowhere                     ? table.areas[parts[i]]
                : row >= live.run->located() ? table.unlocated
                                             : table.elsewhere,
                one);
        }
    }
    return table;
}

Tallies counts_of(ReportTable const& table, std::map<std::string, ReportNumbers> const& division) {
    Tallies counts{.all = tally_of(table.all), .parts = {}, .nowhere = {}, .unlocated = {}};
    std::uint32_t part = 0;
    for (auto const& [code, numbers] : division) counts.parts[part++] = tally_of(numbers);
    return counts;
}

Tallies counts_of_areas(ReportTable const& table) {
    Tallies counts{.all = tally_of(table.all),
                   .parts = {},
                   .nowhere = tally_of(table.elsewhere),
                   .unlocated = tally_of(table.unlocated)};
    for (auto const& [part, numbers] : table.areas) counts.parts[part] = tally_of(numbers);
    return counts;
}

} // namespace diaban::services::domain
