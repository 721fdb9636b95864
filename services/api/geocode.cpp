#include "services/api/geocode.hpp"

#include "geo/error.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/api/place_json.hpp"
#include "services/domain/gazetteer.hpp"
#include "services/domain/nearest.hpp"
#include "services/http/representation.hpp"
#include "tiles/grid.hpp"

#include <algorithm>
#include <cmath>

namespace diaban::services::api {

namespace {

constexpr std::uint32_t usual_limit = 10;
constexpr std::uint32_t most_limit = 100;
constexpr std::size_t longest_text = 200;
constexpr unsigned most_errors = 2;
constexpr double named_within = 1000; ///< m: what is farther does not name a position

/// Where a feature stands on a map: its label, or the middle of its box.
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

Json point(std::optional<geo::Position> const& position) {
    if (!position) return nullptr;
    return {{"type", "Point"}, {"coordinates", Json::array({position->x, position->y})}};
}

/// What a former unit became, what a present one was made of.
Json relatives(http::Context const& context, domain::UnitLists const& lists,
               data::model::Place const& place) {
    Json list = Json::array();
    for (auto const vintage : {domain::Vintage::former, domain::Vintage::present}) {
        auto const unit = lists.find(vintage, place.code);
        if (!unit || lists.units(vintage)[*unit].place().fid != place.fid) continue;
        auto const other =
            vintage == domain::Vintage::former ? domain::Vintage::present : domain::Vintage::former;
        for (auto const& relative : lists.relatives(vintage, *unit)) {
            auto const& there = lists.units(other)[relative.unit];
            if (!context.policy("places").sees(there.entry->scope, there.entry->sensitivity))
                continue;
            list.push_back({{"code", there.code()},
                            {"full_name", there.place().full_name},
                            {"province_name", there.place().province_name},
                            {"valid_from", day(there.place().valid_from)},
                            {"valid_to", day(there.place().valid_to)},
                            {"whole", relative.whole}});
        }
    }
    return list;
}

Json describe_unit(http::Context const& context, domain::UnitLists const& lists,
                   data::model::Place const& place) {
    Json feature{{"type", "Feature"}, {"id", place.fid}};
    if (!place.box.empty()) feature["bbox"] = box(place.box);
    feature["geometry"] = point(place.centre);
    auto properties = describe_place(place);
    properties.erase("center");
    properties.erase("bbox");
    bool const former = place.valid_to.has_value();
    properties[former ? "became" : "made_of"] = relatives(context, lists, place);
    feature["properties"] = std::move(properties);
    return feature;
}

Json describe_match(http::Context const& context, domain::Picture const& picture,
                    domain::UnitLists const& lists, domain::NameMatch const& match) {
    auto const& named = *match.named;
    Json feature;
    if (named.unit != nullptr) {
        feature = describe_unit(context, lists, named.unit->place);
    } else {
        auto const view = picture.find(named.collection);
        feature = {{"type", "Feature"}, {"id", named.fid}};
        feature["geometry"] = view == nullptr ? Json{} : point(centre_of(*view, named.fid));
        feature["properties"] = {{"fid", named.fid}, {"name", named.name}};
    }
    auto& properties = feature["properties"];
    properties["collection"] = named.collection;
    properties["errors"] = match.errors;
    properties["beginning"] = match.begins;
    return feature;
}

std::shared_ptr<domain::UnitLists const> lists_of(domain::Picture const& picture,
                                                  domain::UnitListCache& cache) {
    auto const places = picture.find("places");
    if (places == nullptr || !places->places)
        throw geo::Error{geo::Code::unavailable, "not-ready", {{"collection", "places"}}};
    return cache.of(places->places);
}

http::Response answer_geocode(Backing const& backing, http::Context const& context,
                              domain::UnitListCache& cache, domain::GazetteerCache& names) {
    auto const& query = context.query;
    auto const text = query.find("q").value_or("");
    if (text.empty() || text.size() > longest_text)
        refuse_parameter("q", text, "1..200 bytes of text");
    auto const level = query.find("level").value_or("");
    if (!level.empty() && !domain::unit_level(level))
        refuse_parameter("level", level, "province, district, commune");
    auto const on = read_day(query, "on");
    auto const limit = read_limit(query, usual_limit, most_limit);
    auto const picture = backing.atlas.picture();
    auto const lists = lists_of(*picture, cache);
    auto const gazetteer = names.of(*picture);
    auto const policy = [&](std::string_view collection) {
        return context.sees(collection) ? &context.policy(collection) : nullptr;
    };
    auto const wanted = [&](domain::Named const& named) {
        if (named.unit == nullptr) return level.empty() && !on;
        auto const& place = named.unit->place;
        return (level.empty() || place.level == level) && (!on || domain::existed(place, *on));
    };
    Json features = Json::array();
    for (auto const& match : gazetteer->find(text, limit, most_errors, policy, wanted))
        features.push_back(describe_match(context, *picture, *lists, match));
    return represent(context, {"application/geo+json", dump({{"type", "FeatureCollection"},
                                                             {"features", std::move(features)}})});
}

std::string name_in(geo::Feature const& feature, geo::Schema const& schema) {
    for (std::size_t i = 0; i < schema.fields.size(); ++i)
        if (schema.fields[i].name == schema.label_field || schema.fields[i].name == "name")
            if (auto const* const text = std::get_if<std::string>(&feature.values[i])) return *text;
    return {};
}

http::Response answer_reverse(Backing const& backing, http::Context const& context,
                              domain::UnitListCache& cache) {
    auto const from = read_position(context.query);
    auto const on = read_day(context.query, "on");
    auto const picture = backing.atlas.picture();
    auto const lists = lists_of(*picture, cache);
    Json features = Json::array();
    auto const places = picture->find("places");
    auto units = units_at(*places, backing, context, from, on);
    std::ranges::reverse(units);
    std::ranges::stable_partition(units, [](auto const* unit) { return !unit->valid_to; });
    for (auto const* const unit : units) features.push_back(describe_unit(context, *lists, *unit));
    domain::NearestQuery query;
    query.from = from;
    query.limit = 1;
    query.within = named_within;
    for (auto const* const id : {"roads", "streets", "facilities"}) {
        auto const view = picture->find(id);
        if (view == nullptr || !view->has_geometry() || !context.sees(id)) continue;
        auto const& policy = context.policy(id);
        auto const schema = data::model::visible(view->collection.schema, policy);
        for (auto const& [feature, nearest] :
             domain::nearest_features(*view, backing.store, query, policy))
            features.push_back({{"type", "Feature"},
                                {"id", feature.fid},
                                {"geometry", point(nearest.position)},
                                {"properties",
                                 {{"collection", id},
                                  {"fid", feature.fid},
                                  {"name", name_in(feature, schema)},
                                  {"distance_m", std::round(nearest.metres * 1000) / 1000}}}});
    }
    return represent(context, {"application/geo+json", dump({{"type", "FeatureCollection"},
                                                             {"features", std::move(features)}})});
}

} // namespace

void add_geocode(http::Router& router, Backing const& backing,
                 std::shared_ptr<domain::UnitListCache> const& lists) {
    auto const names = std::make_shared<domain::GazetteerCache>();
    router.get(access::Need::read, "/geocode", {"q", "limit", "level", "on"},
               [&backing, lists, names](http::Context const& context) {
                   return answer_geocode(backing, context, *lists, *names);
               });
    router.get(access::Need::read, "/geocode/reverse", {"lon", "lat", "on"},
               [&backing, lists](http::Context const& context) {
                   return answer_reverse(backing, context, *lists);
               });
}

} // namespace diaban::services::api
