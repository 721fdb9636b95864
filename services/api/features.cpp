#include "services/api/features.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "geo/parallel.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/filters.hpp"
#include "services/api/html.hpp"
#include "services/api/item_forms.hpp"
#include "services/api/json.hpp"
#include "services/api/json_fg.hpp"
#include "services/api/parameters.hpp"
#include "services/api/presentation.hpp"
#include "services/api/sketch.hpp"
#include "services/api/sorting.hpp"
#include "services/domain/items.hpp"
#include "services/domain/past.hpp"
#include "services/domain/standing.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>

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

std::string next_cursor(http::Context const& context, domain::SortPlace const& next) {
    return write_cursor(next, context.query.find("sortby").value_or(""));
}

/// The address of the page behind this one, to be followed by `f=…`.
std::string next_page(http::Context const& context, std::string const& id,
                      domain::SortPlace const& next) {
    return fmt::format("{}/collections/{}/items?{}cursor={}&", context.origin, id,
                       same_query(context), next_cursor(context, next));
}

/// To this page in every form, to its collection and to the next page.
Json page_links(http::Context const& context, std::string const& id,
                std::optional<domain::SortPlace> const& next, ItemForm const& form) {
    auto const collection = fmt::format("{}/collections/{}", context.origin, id);
    auto const cursor = context.query.find("cursor");
    auto const here = fmt::format("{}/items?{}{}", collection, same_query(context),
                                  cursor ? fmt::format("cursor={}&", *cursor) : "");
    Json links = Json::array();
    links.push_back(link("self", fmt::format("{}f={}", here, form.name), form.media_type));
    for (auto const& other : item_forms())
        if (other.name != form.name)
            links.push_back(
                link("alternate", fmt::format("{}f={}", here, other.name), other.media_type));
    links.push_back(link("collection", collection, "application/json"));
    if (next)
        links.push_back(link("next",
                             fmt::format("{}f={}", next_page(context, id, *next), form.name),
                             form.media_type));
    return links;
}

std::string items_json(http::Context const& context, domain::View const& view,
                       domain::ItemsPage const& items, Presentation const& shown,
                       ItemForm const& form) {
    bool const fg = form.kind == ItemForm::Kind::json_fg;
    std::string body;
    auto const& schema = view.layer->schema();
    body += R"({"type":"FeatureCollection",)";
    if (fg)
        body += json_fg_head(schema, shown.crs,
                             fmt::format("{}/collections/{}", context.origin, view.id()));
    if (items.matched) body += R"("numberMatched":)" + std::to_string(*items.matched) + ",";
    body += R"("numberReturned":)";
    body += std::to_string(items.features.size());
    body += R"(,"timeStamp":")" + now() + R"(","links":)";
    body += dump(page_links(context, view.id(), items.next, form));
    body += R"(,"features":[)";
    constexpr std::size_t sample = 64; // as long as the first ones the others will be
    auto const append = [&](std::string& text, std::size_t first, std::size_t last) {
        auto const begin = text.size();
        for (std::size_t i = first; i < last; ++i) {
            if (i == first + sample)
                text.reserve(text.size() + (text.size() - begin) / sample * (last - i) * 9 / 8);
            if (i > 0) text += ',';
            if (fg)
                append_json_fg(text, items.features[i], schema, shown);
            else
                append_feature(text, items.features[i], shown.fields, {}, shown.crs.form());
        }
    };
    constexpr std::size_t for_one_alone = 2000;
    auto const count = items.features.size();
    if (count <= for_one_alone) {
        append(body, 0, count);
    } else {
        std::string second;
        geo::in_parallel(2, 2, [&](std::size_t half) {
            append(half == 0 ? body : second, half * count / 2, (half + 1) * count / 2);
        });
        body += second;
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
    if (json.starts_with('"')) json = json.substr(1, json.size() - 2); // a date or an instant
    return escape(json);
}

std::string items_html(http::Context const& context, domain::View const& view,
                       domain::ItemsPage const& items, std::vector<geo::Field> const& fields) {
    auto const language = context.language;
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
    body += sketch(items.features, language);
    body += table;
    if (items.next)
        body += fmt::format(R"(<p><a rel="next" href="?{}cursor={}&amp;f=html">{}</a></p>)",
                            escape(same_query(context)), next_cursor(context, *items.next),
                            word(language, "Trang sau", "Next page"));
    return page(language, localised(view.collection.title, language), body);
}

domain::ItemsQuery read_items_query(http::Context const& context, domain::View const& view,
                                    Presentation const& shown) {
    auto const& schema = view.layer->schema();
    domain::ItemsQuery query;
    auto window = read_window(context.query);
    query.boxes = std::move(window.boxes);
    query.period = domain::meant(schema, read_datetime(context.query), read_as_of(context.query));
    query.filter =
        read_filter(context.query, schema, context.policy(schema.id), std::move(window.shape));
    query.sort = read_sortby(context.query, schema, context.policy(schema.id));
    query.limit = read_limit(context.query, usual_limit, most_limit);
    if (auto after = read_cursor(context.query, query.sort, schema))
        query.after = std::move(*after);
    query.geometry = shown.geometry;
    return query;
}

/// The past knows boxes and times, and the order of ids.
void check_asked_of_past(http::Query const& asked, domain::ItemsQuery const& query) {
    if (asked.find("filter")) refuse_filter_of_past();
    if (query.filter)
        refuse_parameter("bbox-crs", *asked.find("bbox-crs"),
                         "with as-of: OGC:CRS84, EPSG:4326, EPSG:3857");
    if (!query.sort.empty()) refuse_sort_of_past();
}

/// A page as a file; how many there are and where the next page is say header fields.
http::Response answer_file(http::Context const& context, domain::View const& view,
                           Presentation const& shown, ItemForm const& form,
                           domain::ItemsPage const& items) {
    auto response = represent(context, item_file(context, view, shown, form, items.features));
    response.with("Content-Crs", fmt::format("<{}>", shown.crs.uri()))
        .with("Content-Disposition",
              fmt::format("attachment; filename=\"{}{}\"", view.id(), form.ending))
        .with("OGC-NumberReturned", std::to_string(items.features.size()));
    if (items.matched) response.with("OGC-NumberMatched", std::to_string(*items.matched));
    if (items.next)
        response.with("Link", fmt::format("<{}f={}>; rel=\"next\"",
                                          next_page(context, view.id(), *items.next), form.name));
    return response;
}

http::Response answer_items(Backing const& backing, http::Context const& context,
                            std::string const& id) {
    auto const& form = choose_item_form(context);
    auto const view = backing.atlas.view(id);
    auto const shown =
        read_presentation(context.query, view->collection, context.policy(view->id()));
    auto const query = read_items_query(context, *view, shown);
    auto const recorded = read_as_of(context.query);
    if (recorded) check_asked_of_past(context.query, query);
    auto items = recorded ? domain::past_items(*view, backing.past, *recorded, query,
                                               context.policy(view->id()))
                          : domain::find_items(*view, backing.store, backing.orders, query,
                                               context.policy(view->id()));
    shown.apply(recorded ? nullptr : view.get(), items.features);
    if (form.kind == ItemForm::Kind::html)
        return represent(
            context, {"text/html; charset=utf-8", items_html(context, *view, items, shown.fields)});
    if (form.kind == ItemForm::Kind::file) return answer_file(context, *view, shown, form, items);
    auto response = represent(
        context, {std::string{form.media_type}, items_json(context, *view, items, shown, form)});
    response.with("Link", link_field(page_links(context, view->id(), items.next, form)));
    response.with("Content-Crs", fmt::format("<{}>", shown.crs.uri()));
    return response;
}

/// Where the reader may go from a feature: its collection, its past, the map.
std::string onward(http::Context const& context, domain::View const& view,
                   geo::Feature const& feature) {
    auto const language = context.language;
    auto const& id = view.id();
    auto body = fmt::format(
        R"(<p><a rel="collection" href="/collections/{0}?f=html">{1}</a> · <a href="/collections/{0}/items/{2}?f=json">GeoJSON</a> · <a href="/collections/{0}/items/{2}/history">{3}</a>)",
        id, escape(localised(view.collection.title, language)), feature.fid,
        word(language, "Lịch sử", "History"));
    auto const box = feature.geometry.box();
    if (!box.empty())
        body += fmt::format(R"( · <a href="/console/#map=15/{:.5f}/{:.5f}">{}</a>)",
                            (box.min_y + box.max_y) / 2, (box.min_x + box.max_x) / 2,
                            word(language, "Mở trên bản đồ", "Open on the map"));
    return body + "</p>";
}

std::string item_html(http::Context const& context, domain::View const& view,
                      geo::Feature const& feature, std::vector<geo::Field> const& fields) {
    std::string table = "<table><tbody>";
    for (std::size_t i = 0; i < fields.size(); ++i)
        table += fmt::format("<tr><th>{}</th><td>{} {}</td></tr>",
                             escape(localised(fields[i].title, context.language)),
                             shown(fields[i], feature.values[i], context.language),
                             escape(fields[i].unit));
    table += "</tbody></table>";
    auto const title =
        fmt::format("{} {}", localised(view.collection.title, context.language), feature.fid);
    auto const map = sketch(std::span{&feature, 1}, context.language);
    return page(context.language, title, map + onward(context, view, feature) + table);
}

Json item_links(std::string const& collection, std::int64_t fid) {
    auto const self = fmt::format("{}/items/{}", collection, fid);
    return {link("self", self + "?f=json", geojson_type),
            link("alternate", self + "?f=html", "text/html"),
            link("collection", collection, "application/json")};
}

http::Response answer_item(Backing const& backing, http::Context const& context,
                           std::string const& id, std::int64_t fid) {
    auto const& form = choose_item_form(context);
    auto const view = backing.atlas.view(id);
    auto const shown =
        read_presentation(context.query, view->collection, context.policy(view->id()));
    auto found = backing.store.item(shown.geometry ? view->collection
                                                   : domain::without_geometry(view->collection),
                                    fid, context.policy(view->id()));
    if (!found)
        throw geo::Error{
            geo::Code::not_found, "no-item", {{"collection", id}, {"value", std::to_string(fid)}}};
    std::vector<geo::Feature> features;
    features.push_back(std::move(found->feature));
    shown.apply(view.get(), features);
    auto const& feature = features.front();
    if (form.kind == ItemForm::Kind::html)
        return represent(context, {.media_type = "text/html; charset=utf-8",
                                   .body = item_html(context, *view, feature, shown.fields),
                                   .state = state_tag(found->stamp)});
    if (form.kind == ItemForm::Kind::file)
        return answer_file(context, *view, shown, form, {std::move(features), 1, {}});
    auto const collection = fmt::format("{}/collections/{}", context.origin, id);
    auto const links = item_links(collection, fid);
    std::string body;
    if (form.kind == ItemForm::Kind::json_fg)
        append_json_fg(body, feature, view->layer->schema(), shown,
                       json_fg_head(view->layer->schema(), shown.crs, collection), dump(links));
    else
        append_feature(body, feature, shown.fields, dump(links), shown.crs.form());
    auto response = represent(context, {.media_type = std::string{form.media_type},
                                        .body = std::move(body),
                                        .state = state_tag(found->stamp)});
    response.with("Link", link_field(links));
    response.with("Content-Crs", fmt::format("<{}>", shown.crs.uri()));
    return response;
}

/// Those parameters, and those of presentation.
std::vector<std::string> with_presentation(std::vector<std::string> names) {
    names.insert(names.end(), std::begin(presentation_parameters),
                 std::end(presentation_parameters));
    return names;
}

} // namespace

std::string item_json(http::Context const& context, data::model::Collection const& collection,
                      geo::Feature const& feature) {
    auto const links = item_links(
        fmt::format("{}/collections/{}", context.origin, collection.schema.id), feature.fid);
    std::string body;
    append_feature(
        body, feature,
        data::model::visible(collection.schema, context.policy(collection.schema.id)).fields,
        dump(links));
    return body;
}

void add_features(http::Router& router, Backing const& backing) {
    router.get(access::Need::read, "/collections/{collectionId}/items",
               with_presentation({"f", "bbox", "bbox-crs", "datetime", "as-of", "filter",
                                  "filter-lang", "filter-crs", "sortby", "limit", "cursor"}),
               [&backing](http::Context const& context, std::string const& id) {
                   return answer_items(backing, context, id);
               });
    router.get(access::Need::read, "/collections/{collectionId}/items/{featureId}",
               with_presentation({"f"}),
               [&backing](http::Context const& context, std::string const& id, std::int64_t fid) {
                   return answer_item(backing, context, id, fid);
               });
}

} // namespace diaban::services::api
