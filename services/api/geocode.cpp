#include "services/api/geocode.hpp"

#include "geo/error.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/api/place_json.hpp"
#include "services/api/place_names.hpp"
#include "services/domain/gazetteer.hpp"
#include "services/domain/nearest.hpp"
#include "services/domain/time_fields.hpp"
#include "services/domain/units.hpp"
#include "services/http/representation.hpp"
#include "tiles/grid.hpp"
#include "tiles/mirror/partition.hpp"
#include "tiles/mvt.hpp"

#include <algorithm>
#include <cmath>

namespace diaban::services::api {

namespace {

constexpr std::uint32_t usual_limit = 10;
constexpr std::uint32_t most_limit = 100;
constexpr std::size_t longest_text = 200;
constexpr unsigned most_errors = 2;
constexpr double named_within = 1000; ///< m: what is farther does not name a position

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
                              domain::UnitListCache& cache, PlaceNames& names) {
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
    auto const gazetteer = names.keeper->take();
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

/// What a row is called; empty where it has no name, or a hidden one.
std::string name_at(tiles::mirror::Layer::At const& at, geo::Policy const& policy) {
    auto const& run = *at.run;
    for (auto const& column : run.columns) {
        auto const& name = column.field->name;
        if ((name != run.schema->label_field && name != "name") || !policy.sees_field(name) ||
            column.codes[at.row] == 0)
            continue;
        auto const value = tiles::mvt::decode_value(
            run.tile_values[column.places[column.codes[at.row]]], column.field->type);
        if (auto const* const text = std::get_if<std::string_view>(&value))
            return std::string{*text};
    }
    return {};
}

http::Response answer_reverse(Backing const& backing, http::Context const& context,
                              domain::UnitListCache& cache, PlaceNames& names) {
    auto const from = read_position(context.query);
    auto const on = read_day(context.query, "on");
    auto const picture = backing.atlas.picture();
    auto const lists = lists_of(*picture, cache);
    Json features = Json::array();
    if (context.sees("places"))
        for (auto const* const unit : units_here(picture->find("places"), *lists, names.areas, from,
                                                 on, context.policy("places")))
            features.push_back(describe_unit(context, *lists, *unit));
    domain::NearestQuery query;
    query.from = from;
    query.limit = 1;
    query.within = named_within;
    for (auto const* const id : {"roads", "streets", "facilities"}) {
        auto const view = picture->find(id);
        if (view == nullptr || !view->has_geometry() || !context.sees(id)) continue;
        auto const& policy = context.policy(id);
        if (auto const found = domain::nearest_row(*view, backing.store, query, policy)) {
            auto const fid = found->at.run->fids[found->at.row];
            features.push_back({{"type", "Feature"},
                                {"id", fid},
                                {"geometry", point(found->nearest.position)},
                                {"properties",
                                 {{"collection", id},
                                  {"fid", fid},
                                  {"name", name_at(found->at, policy)},
                                  {"distance_m", std::round(found->nearest.metres * 100) / 100}}}});
        }
    }
    return represent(context, {"application/geo+json", dump({{"type", "FeatureCollection"},
                                                             {"features", std::move(features)}})});
}

} // namespace

void add_geocode(http::Router& router, Backing const& backing,
                 std::shared_ptr<domain::UnitListCache> const& lists,
                 std::shared_ptr<PlaceNames> const& names) {
    router.get(access::Need::read, "/geocode", {"q", "limit", "level", "on"},
               [&backing, lists, names](http::Context const& context) {
                   return answer_geocode(backing, context, *lists, *names);
               });
    router.get(access::Need::read, "/geocode/reverse", {"lon", "lat", "on"},
               [&backing, lists, names](http::Context const& context) {
                   return answer_reverse(backing, context, *lists, *names);
               });
}

} // namespace diaban::services::api
