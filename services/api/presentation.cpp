#include "services/api/presentation.hpp"

#include "geo/error.hpp"
#include "services/api/parameters.hpp"
#include "services/domain/generalised.hpp"
#include "services/http/router.hpp"
#include "tiles/tile_id.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace diaban::services::api {

namespace {

[[noreturn]] void refuse_property(std::string_view name, std::vector<geo::Field> const& known) {
    std::vector<std::string> names;
    for (auto const& field : known) names.push_back(field.name);
    throw geo::Error{geo::Code::bad_input,
                     "unknown-property",
                     {{"parameter", "properties"},
                      {"value", std::string{name.substr(0, 64)}},
                      {"accepted", http::join(names)}}};
}

/// Places of the named fields, ascending, each once.
std::vector<std::size_t> read_properties(std::string_view text,
                                         std::vector<geo::Field> const& known) {
    std::vector<std::size_t> places;
    if (text.empty()) return places;
    for (;;) {
        auto const comma = text.find(',');
        auto const name = text.substr(0, comma);
        auto const at = std::ranges::find(known, name, &geo::Field::name);
        if (at == known.end()) refuse_property(name, known);
        places.push_back(static_cast<std::size_t>(at - known.begin()));
        if (comma == std::string_view::npos) break;
        text.remove_prefix(comma + 1);
    }
    std::ranges::sort(places);
    auto const repeated = std::ranges::unique(places);
    places.erase(repeated.begin(), repeated.end());
    return places;
}

bool read_truth(http::Query const& query, std::string_view name) {
    auto const text = query.find(name);
    if (text && *text != "true" && *text != "false") refuse_parameter(name, *text, "true, false");
    return text == "true";
}

std::optional<std::uint32_t> read_zoom(http::Query const& query) {
    constexpr char name[] = "zoom-level";
    auto const text = query.find(name);
    if (!text) return std::nullopt;
    std::uint32_t zoom = 0;
    auto const [end, fault] = std::from_chars(text->data(), text->data() + text->size(), zoom);
    if (fault != std::errc{} || end != text->data() + text->size() ||
        zoom > tiles::TileId::max_zoom)
        refuse_parameter(name, *text, fmt::format("0..{}", tiles::TileId::max_zoom));
    return zoom;
}

} // namespace

void Presentation::apply(geo::Feature& feature) const {
    if (!geometry) feature.geometry = {};
    crs.project(feature.geometry);
    if (!chosen) return;
    std::vector<geo::Value> values;
    values.reserve(chosen->size());
    for (auto const place : *chosen) values.push_back(std::move(feature.values[place]));
    feature.values = std::move(values);
}

void Presentation::apply(domain::View const* view, std::span<geo::Feature> features) const {
    if (zoom && geometry) domain::generalise(view, features, *zoom);
    for (auto& feature : features) apply(feature);
}

Presentation read_presentation(http::Query const& query, data::model::Collection const& collection,
                               geo::Policy const& policy) {
    Presentation made;
    made.crs = read_crs(query, "crs");
    made.fields = data::model::visible(collection.schema, policy).fields;
    made.geometry = !read_truth(query, "skipGeometry");
    made.zoom = read_zoom(query);
    if (auto const text = query.find("properties")) {
        made.chosen = read_properties(*text, made.fields);
        std::vector<geo::Field> fields;
        for (auto const place : *made.chosen) fields.push_back(made.fields[place]);
        made.fields = std::move(fields);
    }
    return made;
}

} // namespace diaban::services::api
