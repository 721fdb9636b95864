#include "services/api/collections.hpp"

#include "geo/error.hpp"
#include "services/api/crs.hpp"
#include "services/api/html.hpp"
#include "services/api/parameters.hpp"
#include "services/http/representation.hpp"
#include "tiles/grid.hpp"

#include <fmt/format.h>

namespace diaban::services::api {

namespace {

/// The mirror's extent as one that holds the record's positions, which lie within a step of its
/// grid.
geo::Box around(geo::Box const& extent) noexcept {
    constexpr double step = 360.0 / tiles::grid_side;
    return {std::max(-180.0, extent.min_x - step), std::max(-90.0, extent.min_y - step),
            std::min(180.0, extent.max_x + step), std::min(90.0, extent.max_y + step)};
}

Json describe_field(geo::Field const& field, http::Language language) {
    Json json{{"name", field.name},
              {"type", geo::to_string(field.type)},
              {"title", localised(field.title, language)},
              {"titles", titles(field.title)},
              {"tile", field.tile},
              {"personal", field.personal},
              {"sum", field.is_summed()},
              {"required", field.required}};
    if (!field.unit.empty()) json["unit"] = field.unit;
    if (!field.codes.empty()) {
        auto& codes = json["codes"] = Json::array();
        for (auto const& entry : field.codes) {
            codes.push_back({{"code", entry.code}, {"titles", titles(entry.title)}});
            if (!entry.in_force) codes.back()["inForce"] = false;
        }
    }
    return json;
}

Json links_of(data::model::Collection const& collection, http::Context const& context) {
    auto const& id = collection.schema.id;
    auto const base = fmt::format("{}/collections/{}", context.origin, id);
    Json links = Json::array();
    links.push_back(link("self", base + "?f=json", "application/json"));
    links.push_back(link("alternate", base + "?f=html", "text/html"));
    links.push_back(link("items", base + "/items?f=json", "application/geo+json"));
    links.push_back(link("items", base + "/items?f=html", "text/html"));
    for (auto const* const name : {"queryables", "sortables", "schema"})
        links.push_back(link(fmt::format("http://www.opengis.net/def/rel/ogc/1.0/{}", name),
                             fmt::format("{}/{}", base, name), "application/schema+json"));
    links.push_back(link("queryables", base + "/queryables", "application/json")); // a draft's name
    if (collection.schema.geometry != geo::GeometryKind::none) {
        links.push_back(link("http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector",
                             base + "/tiles?f=json", "application/json"));
        links.push_back(link("describedby", fmt::format("{}/tiles/{}.json", context.origin, id),
                             "application/json", "TileJSON"));
    }
    return links;
}

} // namespace

std::string_view to_string(geo::GeometryKind kind) noexcept {
    switch (kind) {
    case geo::GeometryKind::point: return "point";
    case geo::GeometryKind::line: return "line";
    case geo::GeometryKind::polygon: return "polygon";
    case geo::GeometryKind::none: return "none";
    }
    return "none";
}

Json describe(Backing const& backing, data::model::Collection const& collection,
              domain::View const* view, http::Context const& context) {
    auto const& policy = context.policy(collection.schema.id);
    auto const schema = data::model::visible(collection.schema, policy);
    Json json{{"id", schema.id},
              {"title", localised(collection.title, context.language)},
              {"description", localised(collection.description, context.language)},
              {"titles", titles(collection.title)},
              {"attribution", collection.attribution},
              {"licence", collection.licence},
              {"synthetic", collection.synthetic},
              {"itemType", "feature"},
              {"geometryType", to_string(schema.geometry)}};
    bool const has_geometry = schema.geometry != geo::GeometryKind::none;
    if (view != nullptr) {
        auto const count = view->layer->count(policy);
        json["count"] = count.rows;
        json["located"] = count.located;
    }
    if (has_geometry) {
        auto const extent = view != nullptr ? view->layer->extent(policy) : geo::Box{};
        // Without a feature there is no extent; the whole world would be a false one.
        if (!extent.empty())
            json["extent"] = {
                {"spatial", {{"bbox", Json::array({box(around(extent))})}, {"crs", crs84}}}};
        if (view != nullptr && view->has_geometry()) {
            json["minzoom"] = view->min_zoom();
            json["nativeZoom"] = view->layer->native_zoom();
            if (view->merges()) json["mergedBelow"] = view->layer->native_zoom();
        }
        json["maxzoom"] = tiles::TileId::max_zoom;
    }
    json["ready"] = view != nullptr;
    json["editable"] = !backing.settings.read_only &&
                       context.visitor.rights->find(schema.id, access::Action::edit) != nullptr;
    if (has_geometry) {
        json["crs"] = served_crs();
        json["storageCrs"] = crs84;
    }
    if (!schema.class_field.empty()) json["classField"] = schema.class_field;
    if (!schema.label_field.empty()) json["labelField"] = schema.label_field;
    if (!schema.time_field.empty()) json["timeField"] = schema.time_field;
    auto& fields = json["fields"] = Json::array();
    for (auto const& field : schema.fields)
        fields.push_back(describe_field(field, context.language));
    json["links"] = links_of(collection, context);
    return json;
}

namespace {

std::string list_page(Json const& collections, http::Context const& context) {
    std::string rows;
    for (auto const& collection : collections) {
        auto const id = collection["id"].get<std::string>();
        auto const count = collection.contains("count")
                               ? std::to_string(collection["count"].get<std::uint64_t>())
                               : std::string{"…"};
        rows += fmt::format(
            R"(<tr><td><a href="/collections/{0}?f=html">{1}</a><br><span class="muted">{0}</span></td><td>{2}</td><td>{3}</td><td>{4}</td></tr>)",
            escape(id), escape(collection["title"].get<std::string>()),
            escape(collection["geometryType"].get<std::string>()), count,
            escape(collection["attribution"].get<std::string>()));
    }
    auto const language = context.language;
    return page(
        language, word(language, "Lớp dữ liệu", "Collections"),
        fmt::format(
            R"(<div class="scroll"><table><thead><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr></thead><tbody>{}</tbody></table></div>)",
            word(language, "Lớp", "Collection"), word(language, "Hình học", "Geometry"),
            word(language, "Số đối tượng", "Features"), word(language, "Nguồn", "Source"), rows));
}

/// Links to the map, and to what can be asked of a collection.
std::string ways_in(Json const& collection, http::Language language) {
    auto const id = escape(collection["id"].get<std::string>());
    std::string links;
    if (collection.contains("extent")) {
        auto const& box = collection["extent"]["spatial"]["bbox"][0];
        links += fmt::format(R"( · <a href="/console/#map=8/{:.4f}/{:.4f}">{}</a>)",
                             (box[1].get<double>() + box[3].get<double>()) / 2,
                             (box[0].get<double>() + box[2].get<double>()) / 2,
                             word(language, "Mở trên bản đồ", "Open on the map"));
        links += fmt::format(R"( · <a href="/collections/{}/count?by=province">{}</a>)", id,
                             word(language, "Đếm theo tỉnh", "Count by province"));
        links += fmt::format(R"( · <a href="/tiles/{}.json">TileJSON</a>)", id);
    }
    return links + fmt::format(R"( · <a href="/collections/{}/queryables">{}</a>)", id,
                               word(language, "Lọc được theo", "Queryables"));
}

std::string one_page(Json const& collection, http::Context const& context) {
    auto const language = context.language;
    auto const id = collection["id"].get<std::string>();
    std::string rows;
    for (auto const& field : collection["fields"])
        rows += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                            escape(field["title"].get<std::string>()),
                            escape(field["name"].get<std::string>()),
                            escape(field["type"].get<std::string>()),
                            escape(field.contains("unit") ? field["unit"].get<std::string>() : ""));
    auto source = collection["attribution"].get<std::string>();
    auto const licence = collection["licence"].get<std::string>();
    if (!licence.empty()) source += (source.empty() ? "" : " · ") + licence;
    auto const synthetic =
        collection["synthetic"].get<bool>()
            ? fmt::format("<p><strong>{}</strong></p>", word(language, "GIẢ LẬP", "SYNTHETIC"))
            : std::string{};
    auto const body = fmt::format(
        R"(<p>{}</p>{}<p class="muted">{}</p><p><a href="/collections/{}/items?f=html">{}</a>{}</p><div class="scroll"><table><thead><tr><th>{}</th><th>id</th><th>{}</th><th>{}</th></tr></thead><tbody>{}</tbody></table></div>)",
        escape(collection["description"].get<std::string>()), synthetic, escape(source), escape(id),
        word(language, "Các đối tượng", "Features"), ways_in(collection, language),
        word(language, "Trường", "Field"), word(language, "Kiểu", "Type"),
        word(language, "Đơn vị", "Unit"), rows);
    return page(language, collection["title"].get<std::string>(), body);
}

http::Response answer_list(Backing const& backing, http::Context const& context) {
    auto const form = http::choose_form(context);
    auto const picture = backing.atlas.picture();
    Json collections = Json::array();
    for (auto const& view : picture->views)
        if (context.sees(view->id()))
            collections.push_back(describe(backing, view->collection, view.get(), context));
    for (auto const& collection : picture->waiting)
        if (context.sees(collection.schema.id))
            collections.push_back(describe(backing, collection, nullptr, context));
    if (form == http::Form::html)
        return represent(context, {"text/html; charset=utf-8", list_page(collections, context)});
    Json body;
    auto const self = fmt::format("{}/collections", context.origin);
    body["links"] = Json::array({link("self", self + "?f=json", "application/json"),
                                 link("alternate", self + "?f=html", "text/html")});
    body["collections"] = std::move(collections);
    return represent(context, {"application/json", dump(body)})
        .with("Link", link_field(body["links"]));
}

http::Response answer_one(Backing const& backing, http::Context const& context,
                          std::string const& id) {
    auto const form = http::choose_form(context);
    auto const picture = backing.atlas.picture();
    Json body;
    for (auto const& collection : picture->waiting)
        if (collection.schema.id == id) body = describe(backing, collection, nullptr, context);
    if (body.is_null()) {
        auto const view = backing.atlas.view(id);
        body = describe(backing, view->collection, view.get(), context);
    }
    if (form == http::Form::html)
        return represent(context, {"text/html; charset=utf-8", one_page(body, context)});
    return represent(context, {"application/json", dump(body)})
        .with("Link", link_field(body["links"]));
}

} // namespace

void add_collections(http::Router& router, Backing const& backing) {
    router.get(access::Need::read, "/collections", {"f"},
               [&backing](http::Context const& context) { return answer_list(backing, context); });
    router.get(access::Need::read, "/collections/{collectionId}", {"f"},
               [&backing](http::Context const& context, std::string const& id) {
                   return answer_one(backing, context, id);
               });
}

} // namespace diaban::services::api
