#include "services/domain/heat_shelf.hpp"

#include "services/domain/field_numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace diaban::services::domain {

namespace {

constexpr std::size_t most_kept = 32;

std::string key_of(HeatQuestion const& question, geo::Policy const& policy) {
    auto key = policy.key();
    auto const& choice = question.choice;
    key += fmt::format("|{}|{}|{}", question.times.hours, question.times.weekdays,
                       question.weight ? question.weight->name : "");
    if (choice.period) key += fmt::format("|{}..{}", choice.period->begin, choice.period->end);
    for (auto const& box : choice.boxes)
        key += fmt::format("|{},{},{},{}", box.min_x, box.min_y, box.max_x, box.max_y);
    if (choice.filter) key += "|?" + choice.filter->key();
    return key;
}

std::shared_ptr<HeatSet const> gather(View const& view, data::postgis::FeatureStore const& store,
                                      HeatQuestion const& question, geo::Policy const& policy) {
    auto chosen = choose_rows(view, store, question.choice, policy);
    keep_local_times(question.times, chosen);
    auto set = std::make_shared<HeatSet>();
    for (auto const& [live, rows] : chosen) {
        auto const& run = *live.run;
        std::optional<FieldNumbers> weights;
        if (question.weight) weights.emplace(run, *question.weight);
        for (auto const row : rows) {
            if (row >= run.located()) break; // those without geometry come last
            auto const weight = weights ? float((*weights)[row]) : 1.0F;
            for (auto const& at : run.points_of(row)) set->points.add(at, weight);
        }
    }
    return set;
}

} // namespace

double HeatSet::top(double radius) const {
    constexpr std::size_t most_radii = 64;
    std::lock_guard const lock{m_mutex};
    auto const found = m_tops.find(radius);
    if (found != m_tops.end()) return found->second;
    if (m_tops.size() == most_radii) m_tops.clear();
    return m_tops[radius] = tiles::heat_top(points, radius);
}

std::shared_ptr<HeatSet const> HeatShelf::points(View const& view,
                                                 data::postgis::FeatureStore const& store,
                                                 HeatQuestion const& question,
                                                 geo::Policy const& policy) {
    auto const kept = kept_for(view, key_of(question, policy));
    std::shared_ptr<HeatSet const> made;
    {
        std::lock_guard const lock{kept->making};
        if (!kept->points) kept->points = gather(view, store, question, policy);
        made = kept->points;
    }
    tidy();
    return made;
}

std::shared_ptr<HeatShelf::Kept> HeatShelf::kept_for(View const& view, std::string key) {
    std::lock_guard const lock{m_mutex};
    // What was made of a former layer of the collection is never asked for again.
    std::erase_if(m_kept, [&](auto const& kept) {
        return kept->collection == view.id() && kept->layer != view.layer;
    });
    auto const found = std::ranges::find_if(
        m_kept, [&](auto const& kept) { return kept->layer == view.layer && kept->key == key; });
    if (found != m_kept.end()) {
        m_kept.splice(m_kept.begin(), m_kept, found);
        return m_kept.front();
    }
    auto kept = std::make_shared<Kept>();
    kept->collection = view.id();
    kept->key = std::move(key);
    kept->layer = view.layer;
    m_kept.push_front(kept);
    return kept;
}

/// Forgets what was not asked for longest, beyond what may be kept.
void HeatShelf::tidy() {
    std::lock_guard const lock{m_mutex};
    std::size_t bytes = 0;
    std::size_t count = 0;
    std::erase_if(m_kept, [&](auto const& kept) {
        std::unique_lock const making{kept->making, std::try_to_lock};
        if (!making || !kept->points) return false; // being made
        bytes += kept->points->points.bytes();
        ++count;
        return count > 1 && (bytes > m_bytes || count > most_kept);
    });
}

} // namespace diaban::services::domain
