#include "services/api/place_json.hpp"

#include "geo/codec/rfc3339.hpp"
#include "services/domain/place_index.hpp"
#include "services/domain/time_fields.hpp"

#include <algorithm>

namespace diaban::services::api {

namespace {

/// Whether any row of the mirror may hold the point: the record is asked only then.
bool may_hold(domain::View const& view, geo::Position point, geo::Policy const& policy) {
    auto const found = view.layer->find({point.x, point.y, point.x, point.y}, policy);
    return !found.matched.empty() || !found.doubtful.empty();
}

} // namespace

Json day(std::optional<geo::Date> const& date) {
    return date ? Json(geo::codec::date_text(*date)) : Json(nullptr);
}

Json describe_place(data::model::Place const& place) {
    Json json{{"fid", place.fid},
              {"code", place.code},
              {"level", place.level},
              {"kind", place.kind},
              {"name", place.name},
              {"full_name", place.full_name},
              {"full_name_en", place.full_name_en},
              {"province_code", place.province_code},
              {"province_name", place.province_name},
              {"valid_from", day(place.valid_from)},
              {"valid_to", day(place.valid_to)}};
    json["center"] = place.centre ? Json::array({place.centre->x, place.centre->y}) : Json{};
    json["bbox"] = box(place.box);
    return json;
}

std::vector<data::model::Place const*> units_at(domain::View const& view, Backing const& backing,
                                                http::Context const& context, geo::Position point,
                                                std::optional<geo::Date> on) {
    std::vector<data::model::Place const*> holding;
    if (view.places && context.sees("places") && may_hold(view, point, context.policy("places")))
        for (auto const& feature :
             backing.store.containing(view.collection, point, 100, context.policy("places"))) {
            auto const* const place = view.places->find(feature.fid);
            if (place != nullptr && (!on || domain::existed(*place, *on))) holding.push_back(place);
        }
    auto const now = domain::local_today();
    auto const rank = [&](data::model::Place const* place) {
        int const level = place->level == "province" ? 0 : place->level == "district" ? 1 : 2;
        return level + (domain::existed(*place, on.value_or(now)) ? 0 : 3);
    };
    std::ranges::stable_sort(holding, {}, rank);
    return holding;
}

} // namespace diaban::services::api
