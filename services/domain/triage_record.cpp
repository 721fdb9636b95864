#include "services/domain/triage_record.hpp"

#include "geo/hazard/storm_rules.hpp"
#include "services/domain/column_values.hpp"

#include <array>
#include <cmath>

namespace diaban::services::domain {

namespace {

std::optional<std::int64_t> whole(std::optional<double> const& number) {
    return number ? std::optional<std::int64_t>{std::llround(*number)} : std::nullopt;
}

} // namespace

std::vector<geo::hazard::TriageRule> read_triage_rules(View const& rules, geo::Policy const& policy,
                                                       geo::Date on) {
    static constexpr std::array<std::string_view, 5> names{
        "priority", "depth_from", "vulnerable_from", "people_from", "since"};
    std::vector<geo::hazard::TriageRule> found;
    for_each_row(rules, policy, names, [&](std::int64_t, auto const& at, std::size_t row) {
        auto const priority = whole(at[0].number(row));
        auto const since = at[4].day(row);
        if (priority && since)
            found.push_back({int(*priority), at[1].number(row), whole(at[2].number(row)),
                             whole(at[3].number(row)), *since});
    });
    return geo::hazard::in_force<geo::hazard::TriageRule>(found, on);
}

} // namespace diaban::services::domain
