#include "services/domain/masking.hpp"

#include <algorithm>
#include <vector>

namespace diaban::services::domain {

namespace {

void mask_sums(Tally& tally) {
    for (auto& sum : tally.sums)
        if (sum.counted > 0 && sum.counted < least_group) sum = {};
}

} // namespace

void mask_small(Tally& whole) {
    mask_sums(whole);
    whole.masked = whole.count > 0 && whole.count < least_group;
}

void mask_small(Tallies& tallies) {
    std::vector<Tally*> groups;
    for (auto& [part, tally] : tallies.parts) groups.push_back(&tally);
    for (auto* const rest : {&tallies.nowhere, &tallies.unlocated})
        if (rest->count > 0) groups.push_back(rest);
    for (auto* const group : groups) {
        group->masked = group->count < least_group;
        mask_sums(*group);
    }
    mask_small(tallies.all);
    if (std::ranges::count(groups, true, &Tally::masked) != 1) return;
    std::erase_if(groups, [](auto const* group) { return group->masked; });
    auto const next = std::ranges::min_element(groups, {}, &Tally::count);
    if (next != groups.end())
        (*next)->masked = true;
    else
        tallies.all.masked = true; // it was the whole
}

} // namespace diaban::services::domain
