#include "services/api/features.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/api/filters.hpp"
#include "services/api/html.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/domain/items.hpp"
#include "services/domain/past.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace diaban::services::api {

namespace {

constexpr char geojson_type[] = "application/geo+json";
constexpr std::uint32_t usual_limit = 10;
constexpr std::uint32_t most_limit = 10'000;

std::string now() {
    std::string text;
    auto const since = std::chrono::system_clock::now().time_since_epoch();
    auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(since).count();
    geo::codec::append_instant(text, geo::Instant{seconds * 1'000'000});
    return text;
}

/// The request's own parameters, without form and page, to be followed by `&…`.
std::string same_query(http::Context const& context) {
    std::string text;
    for (auto const& [name, value] : context.query.all())
        if (name != "f" && name != "cursor")
            text += http::percent_encode(name) + "=" + http::percent_encode(value) + "&";
    return text;
}

Json page_links(http::Context const& context, std::string const& id,
                std::optional<std::int64_t> next) {
    auto const collection = fmt::format("{}/collections/{}", context.origin, id);
    auto const query = same_query(context);
    auto const cursor = context.query.find("cursor");
    auto const here = fmt::format("{}/items?{}{}", collection, query,
                                  cursor ? fmt::format("cursor={}&", *cursor) : "");
    Json links = Json::array();
    links.push_back(link("self", here + "f=json", geojson_type));
    links.push_back(link("alternate", here + "f=html", "text/html"));
    links.push_back(link("collection", collection, "application/json"));
    if (next)
        links.push_back(
            link("next",
                 fmt::format("{}/items?{}cursor={}&f=json", collection, query, write_cursor(*next)),
                 geojson_type));
    return links;
}

std::string items_json(http::Context const& context, domain::View const& view,
                       domain::ItemsPage const& items) {
    auto const fields = data::model::visible(view.collection.schema, context.policy).fields;
    std::string body;
    body.reserve(1024 + items.features.size() * 512);
    body += R"({"type":"FeatureCollection")";
    if (items.matched) body += R"(,"numberMatched":)" + std::to_string(*items.matched);
    body += R"(,"numberReturned":)";
    body += std::to_string(items.features.size());
    body += R"(,"timeStamp":")" + now() + R"(","links":)";
    body += dump(page_links(context, view.id(), items.next));
    body += R"(,"features":[)";
    for (std::size_t i = 0; i < items.features.size(); ++i) {
        if (i > 0) body += ',';
        append_feature(body, items.features[i], fields);
    }
    body += "]}";
    return body;
}

/// A value in words: of a code its title, and the code itself behind it.
std::string shown(geo::Field const& field, geo::Value const& value, http::Language language) {
    if (auto const* const text = std::get_if<std::string>(&value)) {
        auto const entry = std::ranges::find(field.codes, *text, &geo::CodeEntry::code);
        if (entry == field.codes.end()) return escape(*text);
        return escape(fmt::format("{} ({})", localised(entry->title, language), *text));
    }
    if (std::holds_alternative<std::monostate>(value)) return "—";
    std::string json;
    append_value(json, value);
    return escape(json);
}

std::string items_html(http::Context const& context, domain::View const& view,
                       domain::ItemsPage const& items) {
    auto const language = context.language;
    auto const fields = data::model::visible(view.collection.schema, context.policy).fields;
    std::string table = "<div class=\"scroll\"><table><thead><tr><th>fid</th>";
    for (auto const& field : fields)
        table += "<th>" + escape(localised(field.title, language)) + "</th>";
    table += "</tr></thead><tbody>";
    for (auto const& feature : items.features) {
        table += fmt::format(R"(<tr><td><a href="/collections/{0}/items/{1}?f=html">{1}</a></td>)",
                             escape(view.id()), feature.fid);
        for (std::size_t i = 0; i < fields.size(); ++i)
            table += "<td>" + shown(fields[i], feature.values[i], language) + "</td>";
        table += "</tr>";
    }
    table += "</tbody></table></div>";
    auto body = items.matched ? fmt::format("<p>{} {} {}</p>", items.features.size(),
                                            word(language, "trong", "of"), *items.matched)
                              : fmt::format("<p>{}</p>", items.features.size());
    body += table;
    if (items.next)
        body += fmt::format(R"(<p><a rel="next" href="?{}cursor={}&amp;f=html">{}</a></p>)",
                            escape(same_query(context)), write_cursor(*items.next),
                            word(language, "Trang sau", "Next page"));
    return page(language, localised(view.collection.title, language), body);
}

http::Response answer_items(Backing const& backing, http::Context const& context,
                            std::string const& id) {
    auto const form = http::choose_form(context, geojson_type);
    check_crs(context.query, "bbox-crs");
    domain::ItemsQuery query;
    query.boxes = read_bbox(context.query);
    query.period = read_datetime(context.query);
    query.limit = read_limit(context.query, usual_limit, most_limit);
    if (auto const after = read_cursor(context.query)) query.after_fid = *after;
    auto const view = backing.atlas.view(id);
    auto const recorded = read_as_of(context.query);
    query.filter = read_filter(context.query, view->layer->schema(), context.policy);
    if (recorded && query.filter) refuse_filter_of_past();
    auto const items =
        recorded ? domain::past_items(*view, backing.past, *recorded, query, context.policy)
                 : domain::find_items(*view, backing.store, query, context.policy);
    if (form == http::Form::html)
        return represent(context, {"text/html; charset=utf-8", items_html(context, *view, items)});
    auto response = represent(context, {geojson_type, items_json(context, *view, items)});
    response.with("Content-Crs", "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>");
    return response;
}

std::string item_html(http::Context const& context, domain::View const& view,
                      geo::Feature const& feature) {
    auto const fields = data::model::visible(view.collection.schema, context.policy).fields;
    std::string table = "<table><tbody>";
    for (std::size_t i = 0; i < fields.size(); ++i)
        table += fmt::format("<tr><th>{}</th><td>{} {}</td></tr>",
                             escape(localised(fields[i].title, context.language)),
                             shown(fields[i], feature.values[i], context.language),
                             escape(fields[i].unit));
    table += "</tbody></table>";
    auto const title =
        fmt::format("{} {}", localised(view.collection.title, context.language), feature.fid);
    return page(context.language, title, table);
}

http::Response answer_item(Backing const& backing, http::Context const& context,
                           std::string const& id, std::int64_t fid) {
    auto const form = http::choose_form(context, geojson_type);
    auto const view = backing.atlas.view(id);
    auto const found = backing.store.by_fids(view->collection, std::span{&fid, 1}, context.policy);
    if (found.empty())
        throw geo::Error{
            geo::Code::not_found, "no-item", {{"collection", id}, {"value", std::to_string(fid)}}};
    if (form == http::Form::html)
        return represent(context,
                         {"text/html; charset=utf-8", item_html(context, *view, found.front())});
    auto const collection = fmt::format("{}/collections/{}", context.origin, id);
    auto const self = fmt::format("{}/items/{}", collection, fid);
    Json const links{link("self", self + "?f=json", geojson_type),
                     link("alternate", self + "?f=html", "text/html"),
                     link("collection", collection, "application/json")};
    std::string body;
    append_feature(body, found.front(),
                   data::model::visible(view->collection.schema, context.policy).fields,
                   dump(links));
    auto response = represent(context, {geojson_type, std::move(body)});
    response.with("Content-Crs", "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>");
    return response;
}

} // namespace

void add_features(http::Router& router, Backing const& backing) {
    router.get("/collections/{collectionId}/items",
               {"f", "bbox", "bbox-crs", "datetime", "as-of", "filter", "filter-lang", "filter-crs",
                "limit", "cursor"},
               [&backing](http::Context const& context, std::string const& id) {
                   return answer_items(backing, context, id);
               });
    router.get("/collections/{collectionId}/items/{featureId}", {"f"},
               [&backing](http::Context const& context, std::string const& id, std::int64_t fid) {
                   return answer_item(backing, context, id, fid);
               });
}

} // namespace diaban::services::api
