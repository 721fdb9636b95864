#include "services/api/plain_layers.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

namespace diaban::services::api {

namespace {

constexpr std::size_t most_bytes = 64 << 10;
constexpr std::size_t most_layers = 20;
constexpr char palette_key[] = "diaban:plain";

/// FNV-1a: the same on every machine.
std::uint32_t number_of(std::string_view text) noexcept {
    std::uint32_t sum = 2166136261U;
    for (char const c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 16777619U;
    return sum;
}

Json const* palette_of(Json const& style) {
    auto const metadata = style.find("metadata");
    if (metadata == style.end()) return nullptr;
    auto const palette = metadata->find(palette_key);
    if (palette == metadata->end() || palette->value("colours", Json::array()).empty())
        return nullptr;
    return &*palette;
}

/// A colour for each id, no two alike while there are enough.
std::map<std::string, std::string> colours_of(Json const& palette,
                                              std::vector<Unnamed> const& collections) {
    auto const colours = palette["colours"].get<std::vector<std::string>>();
    std::vector<std::string> ids;
    for (auto const& one : collections) ids.push_back(one.id);
    std::ranges::sort(ids);
    std::vector<std::size_t> uses(colours.size());
    std::map<std::string, std::string> chosen;
    for (auto const& id : ids) {
        auto slot = number_of(id) % colours.size();
        auto const least = *std::ranges::min_element(uses);
        while (uses[slot] > least) slot = (slot + 1) % colours.size();
        ++uses[slot];
        chosen[id] = colours[slot];
    }
    return chosen;
}

Json layer(Unnamed const& collection, char const* suffix, char const* type, Json rest) {
    Json made{{"id", collection.id + "-" + suffix},
              {"type", type},
              {"source", collection.id},
              {"source-layer", collection.id}};
    made.update(rest);
    return made;
}

Json grow(double low, double width_low, double high, double width_high) {
    return Json::array({"interpolate", Json::array({"exponential", 1.4}), Json::array({"zoom"}),
                        low, width_low, high, width_high});
}

Json const alone = Json::parse(R"(["!", ["has", "count"]])");
Json const gathered = Json::parse(R"(["has", "count"])");

/// The name of each feature, under it where it is a point, along it where it is a line.
Json name_layer(Unnamed const& collection, Json const& palette) {
    bool const area = collection.geometry == geo::GeometryKind::polygon;
    Json layout{
        {"text-font", Json::array({"Noto Sans Regular"})},
        {"text-field", Json::array({"to-string", Json::array({"get", collection.label_field})})},
        {"text-size", 12},
        {"text-max-width", 9}};
    if (collection.geometry == geo::GeometryKind::point)
        layout.update(Json{{"text-anchor", "top"}, {"text-offset", Json::array({0, 0.7})}});
    if (collection.geometry == geo::GeometryKind::line) layout["symbol-placement"] = "line";
    auto made = layer(collection, "name", "symbol",
                      {{"minzoom", 10},
                       {"filter", alone},
                       {"layout", std::move(layout)},
                       {"paint",
                        {{"text-color", palette.value("label", "#000000")},
                         {"text-halo-color", palette.value("halo", "#FFFFFF")},
                         {"text-halo-width", 1.5}}}});
    if (area && collection.has_label_points) made["source-layer"] = collection.id + "_label";
    return made;
}

Json plain_point(Unnamed const& collection, std::string const& colour, Json const& palette) {
    auto const surface = palette.value("halo", "#FFFFFF");
    Json count{{"text-font", Json::array({"Noto Sans SemiBold"})},
               {"text-field", Json::parse(R"(["to-string", ["get", "count"]])")},
               {"text-size", 12},
               {"text-allow-overlap", true}};
    return Json::array(
        {layer(collection, "point", "circle",
               {{"filter", alone},
                {"paint",
                 {{"circle-radius", grow(6, 3, 14, 7)},
                  {"circle-color", colour},
                  {"circle-stroke-color", surface},
                  {"circle-stroke-width", 1.5}}}}),
         layer(collection, "cluster", "circle",
               {{"filter", gathered},
                {"paint",
                 {{"circle-radius",
                   Json::parse(R"(["interpolate", ["linear"], ["sqrt", ["get", "count"]],
                                   1, 14, 30, 26])")},
                  {"circle-color", surface},
                  {"circle-stroke-color", colour},
                  {"circle-stroke-width", 2.5}}}}),
         layer(collection, "cluster-count", "symbol",
               {{"filter", gathered},
                {"layout", std::move(count)},
                {"paint", {{"text-color", palette.value("label", "#000000")}}}})});
}

Json plain_layers(Unnamed const& collection, std::string const& colour, Json const& palette) {
    auto made = Json::array();
    Json const round{{"line-cap", "round"}, {"line-join", "round"}};
    switch (collection.geometry) {
    case geo::GeometryKind::polygon:
        made.push_back(layer(collection, "fill", "fill",
                             {{"paint", {{"fill-color", colour}, {"fill-opacity", 0.35}}}}));
        made.push_back(
            layer(collection, "edge", "line",
                  {{"paint", {{"line-color", colour}, {"line-width", grow(8, 0.8, 15, 2)}}}}));
        break;
    case geo::GeometryKind::line:
        made.push_back(
            layer(collection, "line", "line",
                  {{"layout", round},
                   {"paint", {{"line-color", colour}, {"line-width", grow(8, 1.2, 15, 4)}}}}));
        break;
    case geo::GeometryKind::point: made = plain_point(collection, colour, palette); break;
    case geo::GeometryKind::none: return made;
    }
    if (!collection.label_field.empty()) made.push_back(name_layer(collection, palette));
    return made;
}

Json plain_entry(Unnamed const& collection, std::string const& colour) {
    Json entry{{"shape", "fill"}, {"titles", titles(collection.title)}, {"colour", colour}};
    if (collection.geometry == geo::GeometryKind::line)
        entry.update(Json{{"shape", "line"}, {"width", 2.5}});
    else if (collection.geometry == geo::GeometryKind::point)
        entry["shape"] = "circle";
    else
        entry.update(Json{{"edge", colour}, {"opacity", 0.35}});
    return entry;
}

/// What of a file is not accepted; empty if all is.
std::string fault_of(Json const& file) {
    constexpr std::array<std::string_view, 4> types = {"fill", "line", "circle", "symbol"};
    if (!file.is_object()) return "it is no JSON object";
    auto const layers = file.find("layers");
    if (layers == file.end() || !layers->is_array() || layers->empty() ||
        layers->size() > most_layers)
        return fmt::format("layers: 1 to {}", most_layers);
    for (auto const& layer : *layers)
        if (!layer.is_object() || !layer.contains("type") || !layer["type"].is_string() ||
            std::ranges::find(types, layer["type"].get_ref<std::string const&>()) == types.end())
            return fmt::format("type of a layer: {}", fmt::join(types, ", "));
    if (file.contains("legend") && !file["legend"].is_array()) return "legend: a list";
    for (auto const& entry : file.value("legend", Json::array()))
        if (!entry.is_object() || !entry.contains("titles") || !entry.contains("shape"))
            return "an entry of the legend: shape, titles";
    return {};
}

/// Gives layers of a file what ties them to their collection.
void tie(Json& layers, Unnamed const& collection) {
    std::size_t number = 0;
    for (auto& one : layers) {
        auto const points = collection.id + "_label";
        bool const at_points = one.value("source-layer", Json{}) == points;
        one["id"] = fmt::format("{}-own-{}", collection.id, ++number);
        one["source"] = collection.id;
        one["source-layer"] = at_points ? points : collection.id;
    }
}

bool is_symbol(Json const& layer) {
    return layer.value("type", "") == "symbol";
}

} // namespace

Json own_layers(std::filesystem::path const& folder, Unnamed const& collection) {
    auto const path = folder / (collection.id + ".json");
    std::ifstream stream{path, std::ios::binary};
    if (!stream) return nullptr;
    std::string text(most_bytes + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    auto file = text.size() > most_bytes ? Json{} : Json::parse(text, nullptr, false);
    auto const fault =
        text.size() > most_bytes ? fmt::format("more than {} bytes", most_bytes) : fault_of(file);
    if (!fault.empty()) {
        spdlog::warn("{} is not drawn: {}", path.string(), fault);
        return nullptr;
    }
    tie(file["layers"], collection);
    return file;
}

void add_plain_layers(Json& style, std::vector<Unnamed> const& collections,
                      std::filesystem::path const& own) {
    auto const* const found = palette_of(style);
    if (!found) return;
    auto const palette = *found;
    auto const colours = colours_of(palette, collections);
    std::vector<Json> shapes;
    std::vector<Json> symbols;
    for (auto const& collection : collections) {
        auto file = own_layers(own, collection);
        auto layers = file.is_null() ? plain_layers(collection, colours.at(collection.id), palette)
                                     : std::move(file["layers"]);
        if (layers.empty()) continue;
        style["sources"][collection.id] = {{"type", "vector"},
                                           {"url", "{origin}/tiles/" + collection.id + ".json"}};
        for (auto& one : layers) (is_symbol(one) ? symbols : shapes).push_back(std::move(one));
    }
    constexpr auto order = [](Json const& layer) {
        auto const type = layer.value("type", "");
        return type == "fill" ? 0 : type == "line" ? 1 : 2;
    };
    std::ranges::stable_sort(shapes, {}, order);
    auto all = style["layers"].get<std::vector<Json>>();
    auto at = std::ranges::find_if(all, is_symbol);
    at = all.insert(at, symbols.begin(), symbols.end());
    all.insert(at, shapes.begin(), shapes.end());
    style["layers"] = std::move(all);
}

void add_plain_legend(Json& legend, Json const& style, std::vector<Unnamed> const& collections,
                      std::filesystem::path const& own) {
    auto const* const palette = palette_of(style);
    if (!palette) return;
    auto const colours = colours_of(*palette, collections);
    for (auto const& collection : collections) {
        auto const file = own_layers(own, collection);
        legend["collections"][collection.id] =
            file.is_object() && file.contains("legend")
                ? file["legend"]
                : Json::array({plain_entry(collection, colours.at(collection.id))});
    }
}

} // namespace diaban::services::api
