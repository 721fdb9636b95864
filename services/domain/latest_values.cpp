#include "services/domain/latest_values.hpp"

#include "geo/parallel.hpp"

#include <algorithm>
#include <set>
#include <span>

namespace diaban::services::domain {

namespace {

/// Lists, levels and policies that are asked for by turns.
constexpr std::size_t most_kept = 16;

std::vector<LatestValue> carry_latest(View const& values, View const& catalogue,
                                      UnitLists const& lists, CarryRequest const& request,
                                      geo::Policy const& policy,
                                      geo::Policy const& catalogue_policy) {
    std::vector<LatestValue> made;
    auto const periods = read_periods(values, policy);
    std::set<IndicatorPeriod> wanted;
    for (auto& indicator : read_catalogue(catalogue, catalogue_policy)) {
        auto const theirs = periods.find(indicator.code);
        if (theirs == periods.end()) continue;
        auto const& period = *theirs->second.rbegin();
        wanted.emplace(indicator.code, period);
        if (!indicator.weight.empty()) wanted.emplace(indicator.weight, period);
        made.push_back({std::move(indicator), period, {}});
    }
    auto const rows = read_rows_of(values, wanted, policy);
    auto const of = [&](std::string const& code, std::string const& period) {
        auto const found = rows.find({code, period});
        return found == rows.end() ? std::span<IndicatorRow const>{} : std::span{found->second};
    };
    auto const people = read_rows(values, {"census_population", {}, {}}, policy);
    ReceivingWeights const receiving{lists, people, request};
    geo::in_parallel(made.size(), 2, [&](std::size_t i) {
        auto& one = made[i];
        one.carried = carry_values(lists, one.indicator, of(one.indicator.code, one.period),
                                   of(one.indicator.weight, one.period), receiving, request);
    });
    return made;
}

} // namespace

std::shared_ptr<std::vector<LatestValue> const>
LatestValues::of(std::shared_ptr<View const> const& values,
                 std::shared_ptr<View const> const& catalogue,
                 std::shared_ptr<UnitLists const> const& lists, Vintage vintage, UnitLevel level,
                 geo::Policy const& policy, geo::Policy const& catalogue_policy) {
    auto const key = std::to_string(int(vintage)) + "/" + std::to_string(int(level)) + "/" +
                     policy.key() + "/" + catalogue_policy.key();
    {
        std::lock_guard const lock{m_mutex};
        std::erase_if(m_kept, [&](Kept const& kept) {
            return kept.values != values || kept.catalogue != catalogue || kept.lists != lists;
        });
        for (auto const& kept : m_kept)
            if (kept.key == key) return kept.made;
    }
    auto made = std::make_shared<std::vector<LatestValue> const>(
        carry_latest(*values, *catalogue, *lists, {.vintage = vintage, .level = level}, policy,
                     catalogue_policy));
    std::lock_guard const lock{m_mutex};
    m_kept.push_front({values, catalogue, lists, key, made});
    if (m_kept.size() > most_kept) m_kept.pop_back();
    return made;
}

} // namespace diaban::services::domain
