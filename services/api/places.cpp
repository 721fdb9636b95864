#include "services/api/places.hpp"

#include "geo/error.hpp"
#include "services/api/collections.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/api/place_json.hpp"
#include "services/domain/nearest.hpp"
#include "services/domain/place_index.hpp"
#include "services/domain/standing.hpp"
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

Json title_of(geo::Feature const& feature, geo::Schema const& schema) {
    for (std::size_t i = 0; i < schema.fields.size(); ++i)
        if (schema.fields[i].name == schema.label_field || schema.fields[i].name == "name")
            if (auto const* const text = std::get_if<std::string>(&feature.values[i])) return *text;
    return std::to_string(feature.fid);
}

Json places_at(Backing const& backing, http::Context const& context, geo::Position point,
               std::optional<geo::Date> on) {
    Json places = Json::array();
    auto const picture = backing.atlas.picture();
    if (auto const view = picture->find("places"))
        for (auto const* const place : units_at(*view, backing, context, point, on))
            places.push_back(describe_place(*place));
    return places;
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
    auto const picture = backing.atlas.picture();
    for (auto const& view : picture->views) {
        if (view->id() == "places" || !view->has_geometry() || !context.sees(view->id())) continue;
        auto const& policy = context.policy(view->id());
        query.choice.period = domain::meant(view->layer->schema(), around.period);
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
    router.get(access::Need::read, "/at", {"lon", "lat", "on", "radius", "datetime"},
               [&backing](http::Context const& context) { return answer_at(backing, context); });
}

} // namespace diaban::services::api
