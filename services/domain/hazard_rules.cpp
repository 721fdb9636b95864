#include "services/domain/hazard_rules.hpp"

#include "services/domain/column_values.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace diaban::services::domain {

std::vector<geo::hazard::RainRisk> read_rain_risks(View const& risks, geo::Policy const& policy) {
    static constexpr std::array<std::string_view, 8> names{
        "region", "zone", "from_mm", "until_mm", "wet_from", "wet_until", "risk", "since"};
    std::vector<geo::hazard::RainRisk> found;
    for_each_row(risks, policy, names, [&](std::int64_t, auto const& at, std::size_t row) {
        auto const number = [&](std::size_t i) { return at[i].number(row).value_or(0); };
        found.push_back({at[0].text(row), at[1].text(row), number(2), number(3), int(number(4)),
                         int(number(5)), int(number(6)), at[7].day(row).value_or(geo::Date{})});
    });
    return found;
}

std::optional<std::string> rain_region(View const& regions, geo::Policy const& policy,
                                       std::string_view province, geo::Date on) {
    static constexpr std::array<std::string_view, 3> names{"province", "region", "since"};
    std::optional<std::pair<geo::Date, std::string>> last;
    for_each_row(regions, policy, names, [&](std::int64_t, auto const& at, std::size_t row) {
        auto const since = at[2].day(row);
        if (at[0].text(row) != province || !since || *since > on) return;
        if (!last || *since > last->first) last = {*since, at[1].text(row)};
    });
    if (!last) return std::nullopt;
    return last->second;
}

std::vector<Reservoir> read_reservoirs(View const& curves, geo::Policy const& policy) {
    static constexpr std::array<std::string_view, 5> names{"reservoir", "title", "level_m",
                                                           "volume_m3", "mark"};
    std::map<std::string, Reservoir> found;
    for_each_row(curves, policy, names, [&](std::int64_t, auto const& at, std::size_t row) {
        auto const level = at[2].number(row);
        auto const volume = at[3].number(row);
        if (!level || !volume) return;
        auto& one = found[at[0].text(row)];
        one.id = at[0].text(row);
        one.title = at[1].text(row);
        one.points.push_back({*level, *volume});
        if (at[4].text(row) == "full") one.full = *level;
    });
    std::vector<Reservoir> all;
    for (auto& [id, one] : found) {
        std::ranges::sort(one.points, {}, &geo::hazard::LevelVolume::level);
        all.push_back(std::move(one));
    }
    return all;
}

} // namespace diaban::services::domain
