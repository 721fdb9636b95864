#include "services/api/schemas.hpp"

#include "geo/filter/filter.hpp"
#include "services/api/html.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/api/sorting.hpp"
#include "services/http/negotiation.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace diaban::services::api {

namespace {

std::string_view json_type(geo::FieldType type) noexcept {
    switch (type) {
    case geo::FieldType::integer: return "integer";
    case geo::FieldType::number: return "number";
    case geo::FieldType::boolean: return "boolean";
    case geo::FieldType::text:
    case geo::FieldType::date:
    case geo::FieldType::timestamp: break;
    }
    return "string";
}

std::string_view geometry_format(geo::GeometryKind kind) noexcept {
    switch (kind) {
    case geo::GeometryKind::point: return "geometry-point-or-multipoint";
    case geo::GeometryKind::line: return "geometry-linestring-or-multilinestring";
    case geo::GeometryKind::polygon: return "geometry-polygon-or-multipolygon";
    case geo::GeometryKind::none: break;
    }
    return "geometry-any";
}

/// What a field is to its feature (Part 5, "core roles"); empty: nothing that has a name.
std::string_view role_of(geo::Field const& field, geo::Schema const& schema) noexcept {
    bool const by_validity = schema.time_field.empty() || schema.time_field == "valid_to";
    if (!by_validity && field.name == schema.time_field) return "primary-instant";
    if (by_validity && field.name == "valid_from") return "primary-interval-start";
    if (by_validity && field.name == "valid_to") return "primary-interval-end";
    if (field.name == schema.class_field) return "type";
    return {};
}

Json describe_field(geo::Field const& field, geo::Schema const& schema, http::Language language) {
    Json json{{"title", localised(field.title, language)}, {"type", json_type(field.type)}};
    if (field.type == geo::FieldType::date) json["format"] = "date";
    if (field.type == geo::FieldType::timestamp) json["format"] = "date-time";
    if (auto const role = role_of(field, schema); !role.empty()) json["x-ogc-role"] = role;
    if (!field.unit.empty()) json["x-ogc-unit"] = field.unit;
    if (field.codes.empty()) return json;
    Json codes = Json::array();
    Json titled = Json::array();
    for (auto const& entry : field.codes) {
        codes.push_back(entry.code);
        titled.push_back({{"const", entry.code}, {"title", localised(entry.title, language)}});
    }
    json["enum"] = std::move(codes);
    json["oneOf"] = std::move(titled);
    return json;
}

Json describe_id(http::Language language) {
    return {{"title", word(language, "Mã đối tượng", "Feature id")},
            {"type", "integer"},
            {"x-ogc-role", "id"},
            {"readOnly", true}};
}

Json describe_geometry(geo::GeometryKind kind, http::Language language) {
    return {{"title", word(language, "Hình học", "Geometry")},
            {"x-ogc-role", "primary-geometry"},
            {"format", geometry_format(kind)}};
}

Json describe_valid(http::Language language) {
    return {{"title", word(language, "Khoảng thời gian", "Period")},
            {"description", word(language, "Theo trường thời gian, hoặc hiệu lực pháp lý",
                                 "By the time field, or else legal validity")},
            {"type", "array"},
            {"minItems", 2},
            {"maxItems", 2},
            {"items", {{"type", "string"}, {"format", "date-time"}}}};
}

Json queryable_properties(geo::Schema const& schema, http::Context const& context) {
    using Type = geo::filter::Queryable::Type;
    auto const language = context.language;
    Json properties = Json::object();
    for (auto const& known : geo::filter::queryables(schema, context.policy(schema.id)))
        properties[known.name] =
            known.field != nullptr         ? describe_field(*known.field, schema, language)
            : known.type == Type::geometry ? describe_geometry(schema.geometry, language)
            : known.type == Type::interval ? describe_valid(language)
                                           : describe_id(language);
    return properties;
}

Json sortable_properties(geo::Schema const& schema, http::Context const& context) {
    Json properties = Json::object();
    for (auto const& known : sortables(schema, context.policy(schema.id)))
        properties[known.name] = known.field != nullptr
                                     ? describe_field(*known.field, schema, context.language)
                                     : describe_id(context.language);
    return properties;
}

/// Everything that is answered: the id, the fields in their order, the geometry.
Json returned_properties(geo::Schema const& schema, http::Context const& context) {
    Json properties = Json::object();
    auto const add = [&](std::string const& name, Json described) {
        if (properties.contains(name)) return;
        described["x-ogc-propertySeq"] = properties.size() + 1;
        properties[name] = std::move(described);
    };
    bool const id_is_free =
        std::ranges::find(schema.fields, "id", &geo::Field::name) == schema.fields.end();
    add(id_is_free ? "id" : "fid", describe_id(context.language));
    for (auto const& field : data::model::visible(schema, context.policy(schema.id)).fields)
        add(field.name, describe_field(field, schema, context.language));
    if (schema.geometry != geo::GeometryKind::none)
        add("geometry", describe_geometry(schema.geometry, context.language));
    return properties;
}

template <typename Properties>
void add_schema(http::Router& router, Backing const& backing, std::string_view name,
                Properties const& properties_of) {
    router.get(
        access::Need::read, fmt::format("/collections/{{collectionId}}/{}", name), {"f"},
        [&backing, properties_of, name](http::Context const& context, std::string const& id) {
            check_json_form(context);
            auto const view = backing.atlas.view(id);
            Json body{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                      {"$id", fmt::format("{}/collections/{}/{}", context.origin, id, name)},
                      {"type", "object"},
                      {"title", localised(view->collection.title, context.language)},
                      {"properties", properties_of(view->layer->schema(), context)},
                      {"additionalProperties", false}};
            // Who accepts plain JSON and no schema reads, like GDAL 3.6, what a draft of Part 3
            // had.
            bool const draft =
                name == "queryables" &&
                http::choose_media_type(context.request.header_list("accept"),
                                        {"application/schema+json", "application/json"}) == 1;
            if (draft) {
                auto& names = body["queryables"] = Json::array();
                for (auto const& [property, described] : body["properties"].items())
                    names.push_back({{"id", property}});
            }
            return represent(context,
                             {draft ? "application/json" : "application/schema+json", dump(body)});
        });
}

} // namespace

void add_schemas(http::Router& router, Backing const& backing) {
    add_schema(router, backing, "schema", returned_properties);
    add_schema(router, backing, "queryables", queryable_properties);
    add_schema(router, backing, "sortables", sortable_properties);
}

} // namespace diaban::services::api
