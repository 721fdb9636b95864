#include "services/api/places.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/api/collections.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/domain/nearest.hpp"
#include "services/domain/place_index.hpp"
#include "services/domain/time_fields.hpp"
#include "services/http/representation.hpp"

#include <algorithm>
#include <cmath>

namespace diaban::services::api {

namespace {

constexpr std::uint32_t usual_limit = 10;
constexpr std::uint32_t most_limit = 100;
constexpr std::size_t longest_text = 200;
/// Features of one collection that are shown of a point; where there are more it is said.
constexpr std::size_t most_at_a_point = 20;
constexpr double most_radius = 5000; // m
/// A point on a border is in what it borders: m, beyond what distances are off by.
constexpr double on_border = 1e-5;

Json day(std::optional<geo::Date> const& date) {
    if (!date) return nullptr;
    std::string text;
    geo::codec::append_date(text, *date);
    return text;
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

domain::PlaceSearch read_search(http::Query const& query) {
    domain::PlaceSearch search;
    search.text = query.find("q").value_or("");
    if (search.text.empty() || search.text.size() > longest_text)
        refuse_parameter("q", search.text, "1..200 bytes of text");
    search.level = query.find("level").value_or("");
    if (!search.level.empty() && search.level != "province" && search.level != "district" &&
        search.level != "commune")
        refuse_parameter("level", search.level, "province, district, commune");
    search.on = read_day(query, "on");
    search.limit = read_limit(query, usual_limit, most_limit);
    return search;
}

http::Response answer_search(Backing const& backing, http::Context const& context) {
    auto const search = read_search(context.query);
    auto const view = backing.atlas.view("places");
    Json places = Json::array();
    if (view->places)
        for (auto const* const place : view->places->search(search, context.policy("places")))
            places.push_back(describe_place(*place));
    return represent(context, {"application/json", dump({{"places", std::move(places)}})});
}

http::Response answer_geocode(Backing const& backing, http::Context const& context) {
    auto const search = read_search(context.query);
    auto const view = backing.atlas.view("places");
    Json features = Json::array();
    if (view->places)
        for (auto const* const place : view->places->search(search, context.policy("places"))) {
            auto properties = describe_place(*place);
            properties.erase("center");
            properties.erase("bbox");
            Json feature{{"type", "Feature"}, {"id", place->fid}};
            if (!place->box.empty()) feature["bbox"] = box(place->box);
            feature["geometry"] =
                place->centre
                    ? Json{{"type", "Point"},
                           {"coordinates", Json::array({place->centre->x, place->centre->y})}}
                    : Json{};
            feature["properties"] = std::move(properties);
            features.push_back(std::move(feature));
        }
    return represent(context, {"application/geo+json", dump({{"type", "FeatureCollection"},
                                                             {"features", std::move(features)}})});
}

/// Whether any row of the mirror may hold the point: the record is asked only then.
bool may_hold(domain::View const& view, geo::Position point, geo::Policy const& policy) {
    auto const found = view.layer->find({point.x, point.y, point.x, point.y}, policy);
    return !found.matched.empty() || !found.doubtful.empty();
}

/// Units that hold the point, those of that day where one is given: existing ones before former
/// ones, in each the province first.
Json places_at(Backing const& backing, http::Context const& context, geo::Position point,
               std::optional<geo::Date> on) {
    auto const picture = backing.atlas.picture();
    auto const view = picture->find("places");
    std::vector<data::model::Place const*> holding;
    if (view != nullptr && view->places && context.sees("places") &&
        may_hold(*view, point, context.policy("places")))
        for (auto const& feature :
             backing.store.containing(view->collection, point, 100, context.policy("places"))) {
            auto const* const place = view->places->find(feature.fid);
            if (place != nullptr && (!on || domain::existed(*place, *on))) holding.push_back(place);
        }
    auto const now = domain::local_today();
    auto const rank = [&](data::model::Place const* place) {
        int const level = place->level == "province" ? 0 : place->level == "district" ? 1 : 2;
        return level + (domain::existed(*place, on.value_or(now)) ? 0 : 3);
    };
    std::ranges::stable_sort(holding, {}, rank);
    Json places = Json::array();
    for (auto const* const place : holding) places.push_back(describe_place(*place));
    return places;
}

Json title_of(geo::Feature const& feature, geo::Schema const& schema) {
    for (std::size_t i = 0; i < schema.fields.size(); ++i)
        if (schema.fields[i].name == schema.label_field || schema.fields[i].name == "name")
            if (auto const* const text = std::get_if<std::string>(&feature.values[i])) return *text;
    return std::to_string(feature.fid);
}

/// What a point is asked about besides its units.
struct Surroundings {
    geo::Position point;
    double radius = 0; ///< metres
    std::optional<geo::Period> period;
};

/// Features of every collection that hold the point or lie within the radius, nearest first in
/// each; the names of those that have more than are shown.
struct FeaturesAt {
    Json features = Json::array();
    Json more = Json::array();
};

FeaturesAt features_at(Backing const& backing, http::Context const& context,
                       Surroundings const& around) {
    FeaturesAt at;
    domain::NearestQuery query;
    query.from = around.point;
    query.limit = most_at_a_point + 1;
    query.within = std::max(around.radius, on_border);
    query.choice.period = around.period;
    auto const picture = backing.atlas.picture();
    for (auto const& view : picture->views) {
        if (view->id() == "places" || !view->has_geometry() || !context.sees(view->id())) continue;
        auto const& policy = context.policy(view->id());
        auto found = domain::nearest_features(*view, backing.store, query, policy);
        if (found.size() > most_at_a_point) {
            at.more.push_back(view->id());
            found.resize(most_at_a_point);
        }
        auto const schema = data::model::visible(view->collection.schema, policy);
        for (auto const& [feature, nearest] : found) {
            std::string text;
            append_feature(text, geo::Feature{feature.fid, {}, feature.values}, schema.fields);
            bool const here = nearest.metres <= on_border;
            at.features.push_back(
                {{"collection", view->id()},
                 {"fid", feature.fid},
                 {"title", title_of(feature, schema)},
                 {"distance_m", here ? 0 : std::round(nearest.metres * 1000) / 1000},
                 {"bearing_deg", here || !nearest.bearing ? Json{} : Json(*nearest.bearing)},
                 {"properties", Json::parse(text)["properties"]}});
        }
    }
    return at;
}

double read_radius(http::Query const& query) {
    auto const text = query.find("radius");
    if (!text) return 0;
    auto const metres = finite_number(*text);
    if (!metres || *metres < 0 || *metres > most_radius)
        refuse_parameter("radius", *text, "0..5000 (m)");
    return *metres;
}

http::Response answer_at(Backing const& backing, http::Context const& context) {
    auto const point = read_position(context.query);
    auto const on = read_day(context.query, "on");
    if (!backing.atlas.readiness().registry_read)
        throw geo::Error{geo::Code::unavailable, "not-ready", {{"collection", "places"}}};
    auto at = features_at(backing, context,
                          {point, read_radius(context.query), read_datetime(context.query)});
    Json body{{"lon", point.x},
              {"lat", point.y},
              {"places", places_at(backing, context, point, on)},
              {"features", std::move(at.features)},
              {"more", std::move(at.more)}};
    return represent(context, {"application/json", dump(body)});
}

} // namespace

void add_places(http::Router& router, Backing const& backing) {
    router.get(
        access::Need::read, "/places", {"q", "limit", "level", "on"},
        [&backing](http::Context const& context) { return answer_search(backing, context); });
    router.get(
        access::Need::read, "/geocode", {"q", "limit", "level", "on"},
        [&backing](http::Context const& context) { return answer_geocode(backing, context); });
    router.get(access::Need::read, "/at", {"lon", "lat", "on", "radius", "datetime"},
               [&backing](http::Context const& context) { return answer_at(backing, context); });
}

} // namespace diaban::services::api
