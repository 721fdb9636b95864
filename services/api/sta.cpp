#include "services/api/sta.hpp"

#include "geo/error.hpp"
#include "services/api/access_json.hpp"
#include "services/api/sta_create.hpp"
#include "services/api/sta_json.hpp"
#include "services/http/representation.hpp"
#include "services/http/uri.hpp"

#include <array>
#include <string>
#include <utility>

namespace diaban::services::api {

namespace {

using data::postgis::StaSource;
using geo::sta::Entity;
using geo::sta::Path;
using geo::sta::Query;

constexpr std::string_view root = "/sta/v1.1";

/// What of the standard is served whole (18-088, annex A).
constexpr std::array<std::string_view, 11> conformance{
    "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/resource-path/resource-path-to-entities",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/order",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/expand",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/select",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/orderby",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/skip",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/top",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/count",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/filter",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/pagination",
};

[[noreturn]] void no_such_entity(std::string_view path) {
    throw geo::Error{
        geo::Code::not_found, "sta-no-entity", {{"value", std::string{path.substr(0, 80)}}}};
}

data::postgis::StaStore::Policies policies_of(http::Context const& context) {
    return [rights = context.visitor.rights](std::string_view collection) {
        return rights->find(collection, access::Action::read);
    };
}

Query query_of(Entity entity, http::Context const& context) {
    std::vector<geo::sta::Option> options;
    for (auto const& [name, value] : context.query.all()) options.emplace_back(name, value);
    return geo::sta::read_query(entity, options);
}

/// What the last step of a path means, each before it being there.
StaSource source_of(StaBacking const& sta, http::Context const& context, Path const& path,
                    std::string_view text) {
    auto const policies = policies_of(context);
    std::int64_t at = 0; // the entity that the steps so far lead to
    StaSource source;
    for (std::size_t i = 0; i < path.steps.size(); ++i) {
        auto const& step = path.steps[i];
        source = {.entity = step.entity};
        if (step.relation != nullptr && step.relation->many) {
            source.relation = step.relation;
            source.parents = {at};
        } else if (step.relation != nullptr) {
            source.ids = {at};
        }
        if (step.id) source.ids = {*step.id};
        if (i + 1 == path.steps.size()) break;
        auto const* const next = path.steps[i + 1].relation;
        std::vector<geo::sta::Relation const*> links;
        if (!next->many) links.push_back(next);
        auto const found = sta.store.read(source, {}, 1, links, policies);
        if (found.rows.empty()) no_such_entity(text);
        auto const& row = found.rows.front();
        if (!next->many && !row.links.front()) no_such_entity(text);
        at = next->many ? row.id : *row.links.front();
    }
    return source;
}

http::Response json(http::Context const& context, Json const& body) {
    return http::represent(context, {"application/json", dump(body)});
}

http::Response answer_root(http::Context const& context) {
    auto const base = std::string{context.origin} + std::string{root};
    Json sets = Json::array();
    for (std::size_t i = 0; i < geo::sta::entity_count; ++i) {
        std::string const name{geo::sta::set_name(static_cast<Entity>(i))};
        sets.push_back({{"name", name}, {"url", base + "/" + name}});
    }
    Json classes = Json::array();
    for (auto const one : conformance) classes.push_back(one);
    return json(context, {{"value", std::move(sets)},
                          {"serverSettings", {{"conformance", std::move(classes)}}}});
}

/// A property of an entity: `{"name": …}`, or by `$value` itself.
http::Response answer_property(http::Context const& context, Path const& path, Json const& entity,
                               std::string_view text) {
    auto const name = path.property == "id" ? "@iot.id" : path.property;
    auto const found = entity.find(name);
    if (found == entity.end() || name.find("@iot.nav") != std::string::npos) no_such_entity(text);
    if (found->is_null()) return no_content();
    if (!path.raw) return json(context, {{name, *found}});
    return http::represent(context,
                           {"text/plain; charset=utf-8",
                            found->is_string() ? found->get<std::string>() : dump(*found)});
}

http::Response answer_path(StaBacking const& sta, http::Context const& context,
                           std::string const& text) {
    auto const path = geo::sta::read_path(text);
    if (!path) no_such_entity(text);
    auto const entity = path->steps.back().entity;
    auto query = query_of(entity, context);
    auto const source = source_of(sta, context, *path, text);
    auto const base = std::string{context.origin} + std::string{root};
    StaWriter writer{sta.store, policies_of(context), base};
    if (path->is_one()) {
        auto const found = writer.entities(source, query);
        if (found.empty()) no_such_entity(text);
        if (!path->property.empty()) return answer_property(context, *path, found.front(), text);
        return json(context, found.front());
    }
    if (!path->references) return json(context, writer.set(source, query, base + "/" + text));
    query.expand.clear();
    query.select.clear();
    auto page = writer.set(source, query, base + "/" + text);
    for (auto& one : page["value"]) one = {{"@iot.selfLink", one["@iot.selfLink"]}};
    return json(context, page);
}

} // namespace

void add_sta(http::Router& router, Backing const& backing, StaBacking const& sta, bool writable) {
    using access::Need;
    using http::Context;
    using http::Method;
    router.get(Need::read, root, {}, [](Context const& context) { return answer_root(context); });
    auto const path = std::string{root} + "/{staPath...}";
    router.get(Need::read, path,
               {"$filter", "$expand", "$orderby", "$select", "$top", "$skip", "$count"},
               [sta](Context const& context, std::string const& text) {
                   return answer_path(sta, context, text);
               });
    if (!writable) return;
    router.add(Method::post, Need::edit, path, {},
               [&backing, sta](Context const& context, std::string const& text) {
                   return create_sta(backing, sta, context, text);
               });
}

} // namespace diaban::services::api
