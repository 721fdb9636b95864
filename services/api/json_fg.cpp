#include "services/api/json_fg.hpp"

#include "geo/codec/geojson.hpp"
#include "services/api/json.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace diaban::services::api {

namespace {

geo::Value const* value_of(std::string_view name, geo::Feature const& feature,
                           std::vector<geo::Field> const& fields) {
    auto const field = std::ranges::find(fields, name, &geo::Field::name);
    if (field == fields.end()) return nullptr;
    auto const& value = feature.values[static_cast<std::size_t>(field - fields.begin())];
    return std::holds_alternative<std::monostate>(value) ? nullptr : &value;
}

void append_end(std::string& out, geo::Value const* value) {
    if (value == nullptr)
        out += R"("..")";
    else
        append_value(out, *value);
}

void append_time(std::string& out, geo::Feature const& feature, geo::Schema const& schema,
                 std::vector<geo::Field> const& fields) {
    if (!schema.time_field.empty() && schema.time_field != "valid_to") {
        auto const* const value = value_of(schema.time_field, feature, fields);
        if (value == nullptr) {
            out += "null";
            return;
        }
        out += std::holds_alternative<geo::Date>(*value) ? R"({"date":)" : R"({"timestamp":)";
        append_value(out, *value);
        out += '}';
        return;
    }
    auto const* const from = value_of("valid_from", feature, fields);
    auto const* const to = value_of("valid_to", feature, fields);
    if (from == nullptr && to == nullptr) {
        out += "null";
        return;
    }
    out += R"({"interval":[)";
    append_end(out, from);
    out += ',';
    append_end(out, to);
    out += "]}";
}

/// As RFC 7946's positions go: 0, 1 or 2.
int dimension(geo::GeometryKind kind) noexcept {
    return kind == geo::GeometryKind::point ? 0 : kind == geo::GeometryKind::line ? 1 : 2;
}

} // namespace

std::string json_fg_head(geo::Schema const& schema, NamedCrs const& crs,
                         std::string_view collection_url) {
    auto head =
        fmt::format(R"("conformsTo":["http://www.opengis.net/spec/json-fg-1/1.0/conf/core",)"
                    R"("http://www.opengis.net/spec/json-fg-1/1.0/conf/types-schemas"],)"
                    R"("featureType":"{}",)",
                    schema.id);
    if (!collection_url.empty())
        head += fmt::format(R"("featureSchema":"{}/schema",)", collection_url);
    head += fmt::format(R"("coordRefSys":"{}",)", crs.uri());
    if (schema.geometry != geo::GeometryKind::none)
        head += fmt::format(R"("geometryDimension":{},)", dimension(schema.geometry));
    return head;
}

void append_json_fg(std::string& out, geo::Feature const& feature, geo::Schema const& schema,
                    Presentation const& shown, std::string_view head, std::string_view links) {
    bool const as_geometry = shown.crs.is_crs84();
    out += R"({"type":"Feature",)";
    out += head;
    out += fmt::format(R"("id":{},"time":)", feature.fid);
    append_time(out, feature, schema, shown.fields);
    out += R"(,"place":)";
    if (as_geometry)
        out += "null";
    else
        geo::codec::append_geojson(out, feature.geometry, shown.crs.form());
    out += R"(,"geometry":)";
    if (as_geometry)
        geo::codec::append_geojson(out, feature.geometry);
    else
        out += "null";
    out += R"(,"properties":)";
    append_properties(out, feature, shown.fields);
    if (!links.empty()) {
        out += R"(,"links":)";
        out += links;
    }
    out += '}';
}

} // namespace diaban::services::api
