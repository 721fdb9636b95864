#include "services/api/tile_layers.hpp"

#include "data/model/collection.hpp"
#include "services/api/html.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace diaban::services::api {

namespace {

/// Who is told of the layers.
struct Asker {
    geo::Policy const& policy;
    http::Language language;
};

Json field_descriptions(domain::View const& view, Asker const& asker) {
    Json fields = Json::object();
    for (auto const& field : data::model::visible(view.collection.schema, asker.policy).fields)
        if (field.in_tiles())
            fields[field.name] =
                field.unit.empty()
                    ? localised(field.title, asker.language)
                    : fmt::format("{} ({})", localised(field.title, asker.language), field.unit);
    return fields;
}

/// Which lines each zoom draws: classes that it draws whole, and the length on the screen from
/// which it draws those of the next.
Json lines_drawn(domain::View const& view, Asker const& asker) {
    auto zooms = Json::array();
    auto const& schema = view.collection.schema;
    if (!view.pyramid || !asker.policy.sees_field(schema.class_field)) return zooms;
    auto const& plan = view.pyramid->plan();
    auto const field = std::ranges::find(schema.fields, schema.class_field, &geo::Field::name);
    auto const name_of = [&](std::size_t rank) {
        return rank < plan.classes.size() && field != schema.fields.end()
                   ? Json(field->codes.at(rank).code)
                   : Json(nullptr);
    };
    for (auto zoom = plan.lowest; zoom <= plan.finest; ++zoom) {
        auto const& cut = plan.line_cuts.at(zoom);
        if (cut == tiles::pyramid::LineCut{}) continue;
        auto whole = Json::array();
        for (std::size_t rank = 0; rank < std::min<std::size_t>(cut.rank, plan.classes.size());
             ++rank)
            whole.push_back(name_of(rank));
        constexpr double units_a_pixel = 16;
        auto const steps_a_pixel = units_a_pixel * double(1U << (tiles::TileId::max_zoom - zoom));
        zooms.push_back({{"zoom", zoom},
                         {"whole", whole},
                         {"partly", name_of(cut.rank)},
                         {"from_pixels", double(cut.length) / steps_a_pixel}});
    }
    return zooms;
}

/// Says how a layer is drawn below its native zoom, and what the merged features carry.
void describe_merging(Json& layer, domain::View const& view, Asker const& asker) {
    auto const& schema = view.collection.schema;
    auto const& policy = asker.policy;
    auto const language = asker.language;
    auto by = Json::array({"scope", "sensitivity"});
    if (!schema.class_field.empty() && policy.sees_field(schema.class_field))
        by.insert(by.begin(), schema.class_field);
    auto carries = Json::array({"count"});
    auto const carry = [&](char const* name, char const* vi, char const* en) {
        carries.push_back(name);
        layer["fields"][name] = word(language, vi, en);
    };
    layer["fields"]["count"] = word(language, "Số đối tượng được gộp", "Features merged");
    if (schema.geometry == geo::GeometryKind::polygon)
        carry("area_m2", "Diện tích được gộp (m2)", "Area merged (m2)");
    if (schema.geometry == geo::GeometryKind::line) {
        carry("length_m", "Chiều dài được gộp (m)", "Length merged (m)");
        carry("drawn", "Số đối tượng được vẽ", "Features drawn of them");
    }
    for (auto const& field : schema.fields)
        if (field.is_summed() && policy.sees_field(field.name)) carries.push_back(field.name);
    layer["merged_below"] = {{"zoom", view.layer->native_zoom()}, {"by", by}, {"carries", carries}};
    if (schema.geometry == geo::GeometryKind::line)
        layer["merged_below"]["drawn"] = lines_drawn(view, asker);
}

} // namespace

std::uint32_t first_tile_zoom(domain::View const& view, bool past) {
    return past ? std::max(view.min_zoom(), view.layer->native_zoom()) : view.min_zoom();
}

void add_tile_layers(Json& layers, domain::View const& view, geo::Policy const& policy,
                     http::Language language, bool past) {
    Asker const asker{policy, language};
    Json layer{{"id", view.id()},
               {"description", localised(view.collection.title, language)},
               {"minzoom", first_tile_zoom(view, past)},
               {"maxzoom", tiles::TileId::max_zoom},
               {"fields", field_descriptions(view, asker)}};
    auto labels = layer;
    if (view.merges() && !past) describe_merging(layer, view, asker);
    layers.push_back(std::move(layer));
    if (!view.collection.schema.has_labels()) return;
    labels["id"] = view.id() + "_label";
    labels["minzoom"] = tiles::labels_from(*view.layer);
    layers.push_back(std::move(labels));
}

} // namespace diaban::services::api
