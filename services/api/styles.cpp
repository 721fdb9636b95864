#include "services/api/styles.hpp"

#include "geo/error.hpp"
#include "services/api/json.hpp"
#include "services/api/plain_layers.hpp"
#include "services/http/representation.hpp"
#include "services/http/static_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>

namespace diaban::services::api {

namespace {

namespace fs = std::filesystem;

constexpr char style_type[] = "application/vnd.mapbox.style+json";

constexpr char own_folder[] = "layers"; ///< in the folder of styles: how collections are drawn

/// An id is a file's name without its ending: nothing that could lead elsewhere.
bool is_id(std::string_view id) {
    return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

std::optional<std::string> read_text(fs::path const& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) return std::nullopt;
    std::ostringstream text;
    text << file.rdbuf();
    return std::move(text).str();
}

std::vector<std::string> style_ids(fs::path const& folder) {
    std::vector<std::string> ids;
    std::error_code fault;
    for (auto const& entry : fs::directory_iterator{folder, fault}) {
        auto const id = entry.path().stem().string();
        if (entry.path().extension() == ".json" && is_id(id) && !id.starts_with("sprite"))
            ids.push_back(id);
    }
    std::ranges::sort(ids);
    return ids;
}

void make_absolute(Json& json, std::string_view origin) {
    constexpr std::string_view mark = "{origin}";
    if (json.is_string()) {
        auto& text = json.get_ref<std::string&>();
        if (text.starts_with(mark)) text.replace(0, mark.size(), origin);
    } else if (json.is_structured()) {
        for (auto& child : json) make_absolute(child, origin);
    }
}

/// The collections that a source's URL `{origin}/tiles/{a,b}.json` names; none for another source.
std::vector<std::string> collections_of(Json const& source) {
    constexpr std::string_view begin = "{origin}/tiles/";
    constexpr std::string_view end = ".json";
    std::vector<std::string> ids;
    if (!source.contains("url") || !source["url"].is_string()) return ids;
    std::string_view url = source["url"].get_ref<std::string const&>();
    if (!url.starts_with(begin) || !url.ends_with(end)) return ids;
    url = url.substr(begin.size(), url.size() - begin.size() - end.size());
    while (!url.empty()) {
        auto const comma = url.find(',');
        ids.emplace_back(url.substr(0, comma));
        url = comma == std::string_view::npos ? "" : url.substr(comma + 1);
    }
    return ids;
}

bool is_registered(Json const& source, std::vector<std::string> const& registered) {
    return std::ranges::all_of(collections_of(source), [&](auto const& id) {
        return std::ranges::find(registered, id) != registered.end();
    });
}

void leave_out_unregistered(Json& style, std::vector<std::string> const& registered) {
    std::vector<std::string> gone;
    for (auto const& [name, source] : style["sources"].items())
        if (!is_registered(source, registered)) gone.push_back(name);
    for (auto const& name : gone) style["sources"].erase(name);
    auto& layers = style["layers"];
    auto kept = Json::array();
    for (auto& layer : layers)
        if (!layer.contains("source") ||
            std::ranges::find(gone, layer["source"].get<std::string>()) == gone.end())
            kept.push_back(std::move(layer));
    layers = std::move(kept);
}

[[noreturn]] void no_style(std::string const& id) {
    throw geo::Error{geo::Code::not_found, "no-style", {{"style", id.substr(0, 64)}}};
}

Json parse_style(std::string_view id, std::string_view text) {
    auto style = Json::parse(text, nullptr, false);
    if (style.is_discarded() || !style.is_object() || !style.contains("sources") ||
        !style.contains("layers"))
        throw geo::Error{geo::Code::internal, "bad-style", {{"style", std::string{id}}}};
    return style;
}

/// The collections that the visitor may know of, loaded or not yet.
std::vector<data::model::Collection> seen(domain::Atlas const& atlas,
                                          http::Context const& context) {
    auto const picture = atlas.picture();
    auto collections = picture->waiting;
    for (auto const& view : picture->views) collections.push_back(view->collection);
    std::erase_if(collections, [&](auto const& one) { return !context.sees(one.schema.id); });
    return collections;
}

std::vector<std::string> ids_of(std::vector<data::model::Collection> const& collections) {
    std::vector<std::string> ids;
    for (auto const& one : collections) ids.push_back(one.schema.id);
    return ids;
}

/// Those with a geometry that no source of the style names.
std::vector<Unnamed> unnamed(Json const& style,
                             std::vector<data::model::Collection> const& collections,
                             http::Context const& context) {
    std::vector<std::string> named;
    for (auto const& source : style["sources"])
        std::ranges::copy(collections_of(source), std::back_inserter(named));
    std::vector<Unnamed> rest;
    for (auto const& one : collections) {
        auto const& schema = one.schema;
        if (schema.geometry == geo::GeometryKind::none ||
            std::ranges::find(named, schema.id) != named.end())
            continue;
        auto const label = std::ranges::find(schema.fields, schema.label_field, &geo::Field::name);
        bool const labelled = label != schema.fields.end() && label->in_tiles() &&
                              context.policy(schema.id).sees_field(label->name);
        rest.push_back({schema.id, one.title, schema.geometry,
                        labelled ? schema.label_field : std::string{}, schema.has_labels()});
    }
    return rest;
}

http::Response answer_list(Backing const& backing, http::Context const& context) {
    auto const ids = style_ids(backing.settings.styles);
    Json styles = Json::array();
    for (auto const& id : ids) {
        auto const style = Json::parse(style_text(backing.settings.styles, id), nullptr, false);
        if (style.is_discarded() || !style.is_object()) continue;
        auto const base = fmt::format("{}/styles/{}", context.origin, id);
        auto const name = style.find("name");
        styles.push_back(
            {{"id", id},
             {"title", name != style.end() && name->is_string() ? *name : Json(id)},
             {"links", Json::array({link("stylesheet", base, style_type),
                                    link("describedby", base + "/legend", "application/json")})}});
    }
    bool const has_light = std::ranges::find(ids, "light") != ids.end();
    Json body{{"default", has_light     ? "light"
                          : ids.empty() ? ""
                                        : ids.front()},
              {"styles", std::move(styles)}};
    return represent(context, {"application/json", dump(body)});
}

http::Response answer_legend(Backing const& backing, http::Context const& context,
                             std::string const& id) {
    auto const style = parse_style(id, style_text(backing.settings.styles, id));
    auto const text = read_text(backing.settings.styles / "legends" / (id + ".json"));
    if (!text) no_style(id);
    auto legend = Json::parse(*text, nullptr, false);
    if (!legend.is_object()) throw geo::Error{geo::Code::internal, "bad-style", {{"style", id}}};
    add_plain_legend(legend, style, unnamed(style, seen(backing.atlas, context), context),
                     backing.settings.styles / own_folder);
    return represent(context, {"application/json", dump(legend)});
}

} // namespace

std::string style_text(fs::path const& folder, std::string const& id) {
    if (!is_id(id) || id.starts_with("sprite")) no_style(id);
    auto text = read_text(folder / (id + ".json"));
    if (!text) no_style(id);
    return *std::move(text);
}

Json style_for(Backing const& backing, http::Context const& context, std::string const& id) {
    auto style = parse_style(id, style_text(backing.settings.styles, id));
    auto const collections = seen(backing.atlas, context);
    auto const rest = unnamed(style, collections, context);
    leave_out_unregistered(style, ids_of(collections));
    add_plain_layers(style, rest, backing.settings.styles / own_folder);
    make_absolute(style, context.origin);
    return style;
}

std::vector<std::string> collections_of_style(fs::path const& folder, std::string const& id) {
    auto const style = parse_style(id, style_text(folder, id));
    std::vector<std::string> ids;
    for (auto const& source : style["sources"])
        for (auto& one : collections_of(source))
            if (std::ranges::find(ids, one) == ids.end()) ids.push_back(std::move(one));
    return ids;
}

void add_styles(http::Router& router, Backing const& backing) {
    auto files = std::make_shared<http::StaticFolder>(backing.settings.styles);
    router.get(access::Need::open, "/styles", {},
               [&backing](http::Context const& context) { return answer_list(backing, context); });
    router.get(access::Need::open, "/styles/sprite{rest}", {},
               [files](http::Context const& context, std::string const& rest) {
                   auto response = files->answer(context, "sprite" + rest);
                   if (!response) no_style("sprite" + rest);
                   return *std::move(response);
               });
    router.get(access::Need::read, "/styles/{style}", {},
               [&backing](http::Context const& context, std::string const& id) {
                   return represent(context, {style_type, dump(style_for(backing, context, id))});
               });
    router.get(access::Need::read, "/styles/{style}/legend", {},
               [&backing](http::Context const& context, std::string const& id) {
                   return answer_legend(backing, context, id);
               });
}

} // namespace diaban::services::api
