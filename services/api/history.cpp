#include "services/api/history.hpp"

#include "geo/codec/geojson.hpp"
#include "geo/error.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

namespace diaban::services::api {

namespace {

using data::postgis::Version;

constexpr char geojson_type[] = "application/geo+json";
constexpr std::uint32_t usual_limit = 10;
constexpr std::uint32_t most_limit = 1000;

geo::Value ended_at(Version const& version) {
    return version.ended_at ? geo::Value{*version.ended_at} : geo::Value{};
}

geo::Value or_null(std::string const& text) {
    return text.empty() ? geo::Value{} : geo::Value{text};
}

void append_version(std::string& out, Version const& version,
                    std::vector<geo::Field> const& fields) {
    auto const& feature = version.feature;
    out +=
        fmt::format(R"({{"type":"Feature","id":"{}@{}","geometry":)", feature.fid, version.number);
    geo::codec::append_geojson(out, feature.geometry);
    out += fmt::format(R"(,"properties":{{"fid":{},"version":{},"recorded_at":)", feature.fid,
                       version.number);
    append_value(out, version.recorded_at);
    auto const add = [&](std::string_view name, geo::Value const& value) {
        out += fmt::format(R"(,"{}":)", name);
        append_value(out, value);
    };
    add("recorded_by", or_null(version.made_by.who));
    add("reason", or_null(version.made_by.why));
    add("ended_at", ended_at(version));
    add("ended_by", or_null(version.ended_by));
    if (!version.removed_by.who.empty()) {
        add("removed_by", version.removed_by.who);
        add("removal_reason", or_null(version.removed_by.why));
    }
    for (std::size_t i = 0; i < fields.size() && i < feature.values.size(); ++i) {
        out += ',';
        append_string(out, fields[i].name);
        out += ':';
        append_value(out, feature.values[i]);
    }
    out += "}}";
}

Json links_of(http::Context const& context, std::string const& id, std::int64_t fid,
              std::uint32_t limit, std::optional<std::int64_t> next) {
    auto const collection = fmt::format("{}/collections/{}", context.origin, id);
    auto const history = fmt::format("{}/items/{}/history?limit={}", collection, fid, limit);
    auto const cursor = context.query.find("cursor");
    Json links = Json::array();
    links.push_back(
        link("self", history + (cursor ? fmt::format("&cursor={}", *cursor) : ""), geojson_type));
    links.push_back(link("item", fmt::format("{}/items/{}", collection, fid), geojson_type));
    links.push_back(link("collection", collection, "application/json"));
    if (next)
        links.push_back(
            link("next", fmt::format("{}&cursor={}", history, write_cursor(*next)), geojson_type));
    return links;
}

http::Response answer_history(Backing const& backing, http::Context const& context,
                              std::string const& id, std::int64_t fid) {
    check_json_form(context);
    auto const limit = read_limit(context.query, usual_limit, most_limit);
    std::optional<geo::Instant> before;
    if (auto const cursor = read_cursor(context.query)) before = geo::Instant{*cursor};
    auto const view = backing.atlas.view(id);
    auto versions =
        backing.past.versions(view->collection, fid, before, limit + 1, context.policy(view->id()));
    if (versions.empty() && !before)
        throw geo::Error{
            geo::Code::not_found, "no-item", {{"collection", id}, {"value", std::to_string(fid)}}};
    std::optional<std::int64_t> next;
    if (versions.size() > limit) {
        versions.pop_back();
        next = versions.back().recorded_at.microseconds;
    }
    auto const fields =
        data::model::visible(view->collection.schema, context.policy(view->id())).fields;
    auto body = fmt::format(R"({{"type":"FeatureCollection","numberReturned":{},"links":)",
                            versions.size());
    body += dump(links_of(context, id, fid, limit, next));
    body += R"(,"features":[)";
    for (std::size_t i = 0; i < versions.size(); ++i) {
        if (i > 0) body += ',';
        append_version(body, versions[i], fields);
    }
    body += "]}";
    auto response = represent(context, {geojson_type, std::move(body)});
    response.with("Content-Crs", "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>");
    return response;
}

} // namespace

void add_history(http::Router& router, Backing const& backing) {
    router.get(access::Need::read, "/collections/{collectionId}/items/{featureId}/history",
               {"f", "limit", "cursor"},
               [&backing](http::Context const& context, std::string const& id, std::int64_t fid) {
                   return answer_history(backing, context, id, fid);
               });
}

} // namespace diaban::services::api
