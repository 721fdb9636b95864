#include "services/api/lots.hpp"

#include "data/postgis/edition_store.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "geo/ops/measure.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/domain/overlay.hpp"
#include "services/http/representation.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace diaban::services::api {

namespace {

using data::model::EditionStep;

constexpr std::size_t most_collections = 10;

Json number_or_null(std::optional<double> const& number) {
    return number ? Json(*number) : Json{};
}

Json describe(std::vector<EditionStep> const& steps) {
    auto all = Json::array();
    for (auto const& step : steps)
        all.push_back({{"kind", step.kind},
                       {"since", geo::codec::date_text(step.since)},
                       {"fid", step.fid},
                       {"of_parent", step.of_parent},
                       {"of_child", step.of_child},
                       {"moved_m", number_or_null(step.moved_m)},
                       {"noise_m", number_or_null(step.noise_m)},
                       {"same_id", step.same_id}});
    return all;
}

geo::Feature feature_of(Backing const& backing, domain::View const& view,
                        http::Context const& context, std::int64_t fid) {
    auto found = backing.store.item(view.collection, fid, context.policy(view.id()));
    if (!found)
        throw geo::Error{geo::Code::not_found,
                         "no-item",
                         {{"collection", view.id()}, {"value", std::to_string(fid)}}};
    return std::move(found->feature);
}

http::Response answer_lineage(Backing const& backing, http::Context const& context,
                              std::string const& id, std::int64_t fid) {
    check_json_form(context);
    auto const& policy = context.policy(id);
    auto const view = backing.atlas.view(id);
    static_cast<void>(feature_of(backing, *view, context, fid));
    auto const lineage = data::postgis::EditionStore{backing.pool}.lineage(id, fid, policy);
    auto purposes = Json::array();
    for (auto const& step : lineage.purposes)
        purposes.push_back({{"since", geo::codec::date_text(step.since)},
                            {"fid", step.fid},
                            {"before", step.before},
                            {"after", step.after}});
    return represent(context, {"application/json", dump({{"collection", id},
                                                         {"fid", fid},
                                                         {"parents", describe(lineage.parents)},
                                                         {"children", describe(lineage.children)},
                                                         {"purposes", std::move(purposes)}})});
}

std::vector<std::string> collections_named(http::Context const& context) {
    auto const list = context.query.find("with").value_or("");
    std::vector<std::string> ids;
    for (auto rest = list;;) {
        auto const comma = rest.find(',');
        ids.emplace_back(rest.substr(0, comma));
        if (ids.back().empty() || ids.size() > most_collections)
            refuse_parameter("with", list, "1..10 ids of collections, with commas");
        if (comma == std::string_view::npos) return ids;
        rest.remove_prefix(comma + 1);
    }
}

geo::Period now() {
    auto const since = std::chrono::system_clock::now().time_since_epoch();
    auto const instant = std::chrono::duration_cast<std::chrono::microseconds>(since).count();
    return {instant, instant};
}

Json describe(domain::Overlay const& overlay, domain::View const& view,
              std::vector<geo::Field> const& fields) {
    auto parts = Json::array();
    for (auto const& part : overlay.parts) {
        std::string properties = "{";
        for (std::size_t i = 0; i < fields.size() && i < part.feature.values.size(); ++i) {
            if (i > 0) properties += ',';
            append_string(properties, fields[i].name);
            properties += ':';
            append_value(properties, part.feature.values[i]);
        }
        parts.push_back({{"fid", part.feature.fid},
                         {"area_m2", part.area_m2},
                         {"share", part.share},
                         {"properties", Json::parse(properties + "}")}});
    }
    return {{"collection", view.id()},
            {"covered_m2", overlay.covered_m2},
            {"share", overlay.share},
            {"parts", std::move(parts)}};
}

http::Response answer_overlay(Backing const& backing, http::Context const& context,
                              std::string const& id, std::int64_t fid) {
    check_json_form(context);
    auto const names = collections_named(context);
    auto const period = read_datetime(context.query).value_or(now());
    static_cast<void>(context.policy(id));
    auto const feature = feature_of(backing, *backing.atlas.view(id), context, fid);
    if (feature.geometry.kind != geo::GeometryKind::polygon || feature.geometry.empty())
        throw geo::Error{geo::Code::bad_input, "overlay-polygons", {{"collection", id}}};
    auto overlays = Json::array();
    for (auto const& name : names) {
        auto const& policy = context.policy(name);
        auto const view = backing.atlas.view(name);
        if (view->collection.schema.geometry != geo::GeometryKind::polygon)
            throw geo::Error{geo::Code::bad_input, "overlay-polygons", {{"collection", name}}};
        overlays.push_back(
            describe(domain::overlay_of(feature.geometry, *view, backing.store, period, policy),
                     *view, data::model::visible(view->collection.schema, policy).fields));
    }
    return represent(
        context,
        {"application/json",
         dump({{"collection", id},
               {"fid", fid},
               {"area_m2", geo::ops::geodesic_area(feature.geometry)},
               {"method", "overlay of the record's doubles, areas on the WGS 84 ellipsoid"},
               {"overlays", std::move(overlays)}})});
}

} // namespace

void add_lots(http::Router& router, Backing const& backing) {
    router.get(access::Need::read, "/collections/{collectionId}/items/{featureId}/lineage", {"f"},
               [&backing](http::Context const& context, std::string const& id, std::int64_t fid) {
                   return answer_lineage(backing, context, id, fid);
               });
    router.get(access::Need::read, "/collections/{collectionId}/items/{featureId}/overlay",
               {"f", "with", "datetime"},
               [&backing](http::Context const& context, std::string const& id, std::int64_t fid) {
                   return answer_overlay(backing, context, id, fid);
               });
}

} // namespace diaban::services::api
