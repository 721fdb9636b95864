#include "services/api/place_names.hpp"

#include "geo/error.hpp"
#include "services/domain/time_fields.hpp"
#include "tiles/grid.hpp"
#include "tiles/mirror/partition.hpp"

#include <algorithm>

namespace diaban::services::api {

namespace {

/// Lists and outlines for those who see everything that is not sensitive, as most do.
void prepare(domain::Picture const& picture, domain::UnitListCache& cache, PlaceNames& names) {
    auto const places = picture.find("places");
    if (places == nullptr || !places->places) return;
    auto const lists = cache.of(places->places);
    access::Reach reach;
    reach.everywhere = true;
    (void)units_here(places, *lists, names.areas, {105.9, 18.34}, std::nullopt, reach.policy());
}

} // namespace

std::shared_ptr<PlaceNames> make_place_names(Backing const& backing,
                                             std::shared_ptr<domain::UnitListCache> const& lists) {
    auto names = std::make_shared<PlaceNames>();
    names->keeper = std::make_unique<domain::GazetteerKeeper>(
        [&backing] { return backing.atlas.picture(); },
        [lists, &names = *names](domain::Picture const& picture) {
            try {
                prepare(picture, *lists, names);
            } catch (geo::Error const&) {
                return; // the record cannot be read: made when it is asked for
            }
        });
    return names;
}

std::vector<data::model::Place const*> units_here(std::shared_ptr<domain::View const> const& places,
                                                  domain::UnitLists const& lists,
                                                  domain::UnitAreas& areas, geo::Position from,
                                                  std::optional<geo::Date> on,
                                                  geo::Policy const& policy) {
    std::vector<geo::Date> days{on.value_or(domain::local_today())};
    if (!on && lists.effective()) days.push_back({lists.effective()->days - 1});
    std::vector<data::model::Place const*> holding;
    for (auto const day : days)
        for (auto const* const level : {"commune", "district", "province"}) {
            auto const units = areas.of(places, level, day, policy);
            if (units->places.empty()) continue;
            auto const part = units->areas->holding(tiles::to_grid(from));
            if (part == tiles::mirror::Partition::nowhere) continue;
            auto const* const unit = units->places[part];
            if (std::ranges::find(holding, unit) == holding.end()) holding.push_back(unit);
        }
    return holding;
}

std::optional<geo::Position> centre_of(domain::View const& view, std::int64_t fid) {
    auto const at = view.layer->find(fid);
    if (!at || at->row >= at->run->located()) return std::nullopt;
    if (!at->run->labels.empty()) {
        auto const label = at->run->labels[at->row];
        return tiles::from_grid({double(label.x), double(label.y)});
    }
    auto const& box = at->run->boxes[at->row];
    return tiles::from_grid(
        {(double(box.min_x) + double(box.max_x)) / 2, (double(box.min_y) + double(box.max_y)) / 2});
}

} // namespace diaban::services::api
