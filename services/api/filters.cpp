#include "services/api/filters.hpp"

#include "geo/error.hpp"
#include "geo/filter/cql2_json.hpp"
#include "geo/filter/cql2_text.hpp"
#include "services/api/html.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/http/negotiation.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace diaban::services::api {

namespace {

using geo::filter::Expression;
using geo::filter::Queryable;
using Type = Queryable::Type;

/// Whether `filter-crs` has latitude first.
bool latitude_first(http::Query const& query) {
    constexpr char name[] = "filter-crs";
    constexpr std::string_view wgs84 = "http://www.opengis.net/def/crs/EPSG/0/4326";
    auto const crs = query.find(name);
    if (!crs) return false;
    if (*crs == wgs84 || *crs == "[EPSG:4326]") return true;
    if (!is_crs84(*crs)) refuse_parameter(name, *crs, fmt::format("{}, {}", crs84, wgs84));
    return false;
}

Expression read_expression(std::string_view text, std::string_view language,
                           geo::Schema const& schema) {
    if (language == "cql2-json") return geo::filter::read_json(text);
    if (language == "cql2-text") return geo::filter::read_text(text);
    return geo::filter::with_draft_times(geo::filter::read_draft_text(text), schema);
}

/// A type in JSON Schema.
std::string_view json_type(Type type) noexcept {
    switch (type) {
    case Type::integer: return "integer";
    case Type::number: return "number";
    case Type::boolean: return "boolean";
    case Type::interval: return "array";
    case Type::text:
    case Type::date:
    case Type::timestamp:
    case Type::geometry: break;
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

Json describe_field(geo::Field const& field, Type type, geo::Schema const& schema,
                    http::Language language) {
    Json json{{"title", localised(field.title, language)}, {"type", json_type(type)}};
    if (type == Type::date) json["format"] = "date";
    if (type == Type::timestamp) json["format"] = "date-time";
    if (field.name == schema.time_field) json["x-ogc-role"] = "primary-instant";
    if (!field.unit.empty()) json["x-ogc-unit"] = field.unit;
    if (!field.codes.empty()) {
        auto& codes = json["enum"] = Json::array();
        for (auto const& entry : field.codes) codes.push_back(entry.code);
    }
    return json;
}

Json describe_queryable(Queryable const& known, geo::Schema const& schema,
                        http::Language language) {
    if (known.field != nullptr) return describe_field(*known.field, known.type, schema, language);
    if (known.type == Type::geometry)
        return {{"title", word(language, "Hình học", "Geometry")},
                {"x-ogc-role", "primary-geometry"},
                {"format", geometry_format(schema.geometry)}};
    if (known.type == Type::interval)
        return {{"title", word(language, "Khoảng thời gian", "Period")},
                {"description", word(language, "Theo trường thời gian, hoặc hiệu lực pháp lý",
                                     "By the time field, or else legal validity")},
                {"type", json_type(known.type)},
                {"minItems", 2},
                {"maxItems", 2},
                {"items", {{"type", "string"}, {"format", "date-time"}}}};
    return {{"title", word(language, "Mã đối tượng", "Feature id")},
            {"type", json_type(known.type)},
            {"x-ogc-role", "id"}};
}

http::Response answer_queryables(Backing const& backing, http::Context const& context,
                                 std::string const& id) {
    check_json_form(context);
    auto const view = backing.atlas.view(id);
    auto const& schema = view->layer->schema();
    Json properties = Json::object();
    Json names = Json::array();
    for (auto const& known : geo::filter::queryables(schema, context.policy)) {
        properties[known.name] = describe_queryable(known, schema, context.language);
        names.push_back({{"id", known.name}});
    }
    Json body{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"$id", fmt::format("{}/collections/{}/queryables", context.origin, id)},
              {"type", "object"},
              {"title", localised(view->collection.title, context.language)},
              {"properties", std::move(properties)},
              {"additionalProperties", false}};
    // Who accepts plain JSON and no schema reads, like GDAL 3.6, what a draft of the standard had.
    bool const plain =
        http::choose_media_type(context.request.header_list("accept"),
                                {"application/schema+json", "application/json"}) == 1;
    if (plain) body["queryables"] = std::move(names);
    return represent(context, {plain ? "application/json" : "application/schema+json", dump(body)});
}

http::Response answer_functions(http::Context const& context) {
    check_json_form(context);
    Json functions = Json::array();
    for (auto const& known : geo::filter::functions())
        functions.push_back(
            {{"name", known.name},
             {"description", localised(known.title, context.language)},
             {"arguments", Json::array({{{"type", Json::array({json_type(known.argument)})}}})},
             {"returns", Json::array({json_type(known.result)})}});
    return represent(context, {"application/json", dump({{"functions", std::move(functions)}})});
}

} // namespace

std::optional<geo::filter::Filter> read_filter(http::Query const& query, geo::Schema const& schema,
                                               geo::Policy const& policy) {
    auto const language = query.find("filter-lang").value_or("cql2-text");
    if (language != "cql2-text" && language != "cql2-json" && language != "cql-text")
        refuse_parameter("filter-lang", language, "cql2-text, cql2-json");
    bool const swap = latitude_first(query);
    auto const text = query.find("filter");
    if (!text) return std::nullopt;
    auto expression = read_expression(*text, language, schema);
    if (swap) expression = geo::filter::with_axes_swapped(std::move(expression));
    return geo::filter::Filter::make(std::move(expression), schema, policy);
}

void refuse_filter_of_past() {
    throw geo::Error{geo::Code::bad_input, "filter-past", {{"parameter", "filter"}}};
}

void add_filters(http::Router& router, Backing const& backing) {
    router.get("/collections/{collectionId}/queryables", {"f"},
               [&backing](http::Context const& context, std::string const& id) {
                   return answer_queryables(backing, context, id);
               });
    router.get("/functions", {"f"}, answer_functions);
}

} // namespace diaban::services::api
