#include "services/domain/units.hpp"

#include "services/domain/chosen.hpp"

#include <algorithm>
#include <utility>

namespace diaban::services::domain {

namespace {

/// Levels, days and policies that are asked for by turns.
constexpr std::size_t most_kept = 24; // three levels on two days, of four policies

std::shared_ptr<Units const> make_units(std::shared_ptr<View const> const& view,
                                        std::string_view level, geo::Date on,
                                        geo::Policy const& policy) {
    auto units = std::make_shared<Units>();
    units->view = view;
    std::vector<tiles::mirror::Layer::At> rows;
    for (auto const& live : view->layer->runs())
        for (auto const row : seen_rows(live, std::nullopt, policy)) {
            auto const* const place = view->places->find(live.run->fids[row]);
            if (row >= live.run->located() || place == nullptr || place->level != level ||
                !existed(*place, on))
                continue;
            rows.push_back({live.run.get(), row});
            units->places.push_back(place);
        }
    units->areas = std::make_unique<tiles::mirror::Areas>(view->layer, std::move(rows));
    return units;
}

} // namespace

std::shared_ptr<Units const> UnitAreas::of(std::shared_ptr<View const> const& places,
                                           std::string_view level, geo::Date on,
                                           geo::Policy const& policy) {
    auto key = std::string{level} + "/" + std::to_string(on.days) + "/" + policy.key();
    std::scoped_lock const lock{m_mutex};
    // Of places as they were before an edit nothing need be kept.
    std::erase_if(m_kept, [&](Kept const& kept) { return kept.units->view != places; });
    auto const at = std::ranges::find(m_kept, key, &Kept::key);
    if (at != m_kept.end()) {
        auto kept = std::move(*at);
        m_kept.erase(at);
        m_kept.push_front(std::move(kept));
    } else {
        m_kept.push_front({std::move(key), make_units(places, level, on, policy)});
        if (m_kept.size() > most_kept) m_kept.pop_back();
    }
    return m_kept.front().units;
}

} // namespace diaban::services::domain
