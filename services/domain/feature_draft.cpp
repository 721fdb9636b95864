#include "services/domain/feature_draft.hpp"

#include "data/gdal/text.hpp"
#include "geo/codec/rfc3339.hpp"
#include "services/domain/geometry_draft.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace diaban::services::domain {

namespace {

using Json = nlohmann::json;

constexpr std::size_t most_shown = 64; // bytes of a client's own value in an answer to it
constexpr std::size_t most_codes = 40; // of a list, in an answer
constexpr double whole_doubles = 9007199254740992.0; // 2^53: below it every whole number is one

std::string shown(Json const& value) {
    auto text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() <= most_shown) return text;
    auto end = most_shown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end) + "…";
}

std::string escaped(std::string_view name) {
    std::string token;
    for (char const c : name) {
        if (c == '~')
            token += "~0";
        else if (c == '/')
            token += "~1";
        else
            token += c;
    }
    return token;
}

/// What a field takes, in words of JSON: `number (m2)`, `string, date-time`.
std::string accepted_by(geo::Field const& field) {
    auto const* const form = field.type == geo::FieldType::text      ? "string"
                             : field.type == geo::FieldType::integer ? "integer"
                             : field.type == geo::FieldType::number  ? "number"
                             : field.type == geo::FieldType::boolean ? "true, false"
                             : field.type == geo::FieldType::date    ? "string, YYYY-MM-DD"
                                                                  : "string, YYYY-MM-DDThh:mm:ssZ";
    return field.unit.empty() ? form : fmt::format("{} ({})", form, field.unit);
}

std::optional<geo::Value> integer_of(Json const& json) {
    if (json.is_number_unsigned()) {
        auto const number = json.get<std::uint64_t>();
        if (number > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return std::nullopt;
        return static_cast<std::int64_t>(number);
    }
    if (json.is_number_integer()) return json.get<std::int64_t>();
    if (!json.is_number_float()) return std::nullopt;
    auto const number = json.get<double>();
    if (!(std::abs(number) < whole_doubles) || number != std::trunc(number)) return std::nullopt;
    return static_cast<std::int64_t>(number);
}

std::optional<geo::Value> text_of(Json const& json) {
    if (!json.is_string()) return std::nullopt;
    auto const& given = json.get_ref<std::string const&>();
    if (given.find('\0') != std::string::npos) return std::nullopt;
    if (data::gdal::trimmed(given).empty()) return geo::Value{};
    std::string buffer;
    return geo::Value{std::string{data::gdal::to_nfc(given, buffer)}};
}

/// A value as the field's type has it; nothing if it is not of that type.
std::optional<geo::Value> value_of(Json const& json, geo::FieldType type) {
    if (json.is_null()) return geo::Value{};
    switch (type) {
    case geo::FieldType::text: return text_of(json);
    case geo::FieldType::integer: return integer_of(json);
    case geo::FieldType::number:
        if (!json.is_number() || !std::isfinite(json.get<double>())) return std::nullopt;
        return json.get<double>();
    case geo::FieldType::boolean:
        if (!json.is_boolean()) return std::nullopt;
        return json.get<bool>();
    case geo::FieldType::date:
        if (!json.is_string()) return std::nullopt;
        if (auto const date = geo::codec::read_date(json.get_ref<std::string const&>()))
            return *date;
        return std::nullopt;
    case geo::FieldType::timestamp:
        if (!json.is_string()) return std::nullopt;
        if (auto const instant = geo::codec::read_instant(json.get_ref<std::string const&>()))
            return *instant;
        return std::nullopt;
    }
    return std::nullopt;
}

bool in_force(geo::Field const& field, geo::Value const& value) {
    if (field.codes.empty() || std::holds_alternative<std::monostate>(value)) return true;
    auto const* const text = std::get_if<std::string>(&value);
    return text != nullptr && std::ranges::any_of(field.codes, [&](geo::CodeEntry const& entry) {
               return entry.in_force && entry.code == *text;
           });
}

std::string codes_of(geo::Field const& field) {
    std::string list;
    std::size_t count = 0;
    for (auto const& entry : field.codes) {
        if (!entry.in_force) continue;
        if (++count > most_codes) return list + ", …";
        list += (list.empty() ? "" : ", ") + entry.code;
    }
    return list;
}

class PropertiesReader {
public:
    PropertiesReader(geo::Policy const& policy, std::string pointer, data::model::Edit& edit,
                     std::vector<Fault>& faults)
        : m_schema{edit.collection->schema}, m_policy{policy}, m_pointer{std::move(pointer)},
          m_edit{edit}, m_faults{faults} {}

    void read(Json const& properties, Extent extent) {
        for (auto const& [name, value] : properties.items())
            if (std::ranges::none_of(m_schema.fields, [&, &name = name](geo::Field const& field) {
                    return seen(field) && field.name == name;
                }))
                note(name, "unknown-field",
                     {{"field", name.substr(0, most_shown)}, {"accepted", names()}});
        for (std::size_t i = 0; i < m_schema.fields.size(); ++i) {
            auto const& field = m_schema.fields[i];
            if (!seen(field)) continue;
            auto const given = properties.find(field.name);
            if (given == properties.end() && extent == Extent::patch) continue;
            read_field(i, given == properties.end() ? Json{} : *given);
        }
    }

private:
    [[nodiscard]] bool seen(geo::Field const& field) const {
        return !field.personal && m_policy.sees_field(field.name);
    }

    [[nodiscard]] std::string names() const {
        std::string list;
        for (auto const& field : m_schema.fields)
            if (seen(field)) list += (list.empty() ? "" : ", ") + field.name;
        return list;
    }

    void read_field(std::size_t index, Json const& json) {
        auto const& field = m_schema.fields[index];
        auto value = value_of(json, field.type);
        if (!value) {
            note(field.name, "wrong-type",
                 {{"field", field.name}, {"value", shown(json)}, {"accepted", accepted_by(field)}});
        } else if (field.required && std::holds_alternative<std::monostate>(*value)) {
            note(field.name, "value-required",
                 {{"field", field.name}, {"accepted", accepted_by(field)}});
        } else if (!in_force(field, *value)) {
            note(field.name, "unknown-code",
                 {{"field", field.name}, {"value", shown(json)}, {"accepted", codes_of(field)}});
        } else {
            m_edit.values.emplace_back(index, *std::move(value));
        }
    }

    void note(std::string const& name, std::string type, geo::Error::Parameters parameters) {
        parameters.emplace_back("collection", m_schema.id);
        m_faults.push_back(
            {m_pointer + "/" + escaped(name), std::move(type), std::move(parameters)});
    }

    geo::Schema const& m_schema;
    geo::Policy const& m_policy;
    std::string m_pointer;
    data::model::Edit& m_edit;
    std::vector<Fault>& m_faults;
};

/// A validity that ends before it begins is told here where both ends are given.
void check_validity(data::model::Edit const& edit, std::string const& pointer,
                    std::vector<Fault>& faults) {
    std::optional<geo::Value> from;
    std::optional<geo::Value> to;
    for (auto const& [index, value] : edit.values) {
        auto const& name = edit.collection->schema.fields[index].name;
        if (std::holds_alternative<std::monostate>(value)) continue;
        if (name == "valid_from") from = value;
        if (name == "valid_to") to = value;
    }
    // As days both ends are included.
    bool const days = from && std::holds_alternative<geo::Date>(*from);
    if (from && to && (days ? *to < *from : *to <= *from))
        faults.push_back({pointer + "/valid_to", "validity-order", {{"field", "valid_to"}}});
}

/// A patch that gives a row another identifier (OGC API Features, Part 4,
/// /req/features/update-json-merge-patch).
void check_id(Json const& patch, std::int64_t fid, std::string const& pointer,
              std::vector<Fault>& faults) {
    auto const id = patch.find("id");
    if (id == patch.end()) return;
    auto const own = std::to_string(fid);
    if ((id->is_number_integer() && id->dump() == own) || (id->is_string() && *id == own)) return;
    faults.push_back({pointer + "/id", "other-id", {{"value", shown(*id)}, {"accepted", own}}});
}

} // namespace

bool patches_within_geometry(Json const& body) {
    if (!body.is_object()) return false;
    auto const geometry = body.find("geometry");
    return geometry != body.end() && geometry->is_object() &&
           !(geometry->contains("type") && geometry->contains("coordinates"));
}

void read_feature(Json const& body, geo::Geometry const& current, Extent extent,
                  geo::Policy const& policy, std::string const& pointer, data::model::Edit& edit,
                  std::vector<Fault>& faults) {
    if (!body.is_object()) {
        faults.push_back({pointer, "not-a-feature", {{"accepted", "{\"type\": \"Feature\", …}"}}});
        return;
    }
    auto const type = body.find("type");
    bool const typed = type != body.end() && *type == "Feature";
    if (!typed && (extent == Extent::whole || type != body.end()))
        faults.push_back({pointer + "/type", "not-a-feature", {{"accepted", "\"Feature\""}}});
    if (extent == Extent::patch) check_id(body, edit.fid, pointer, faults);

    auto const properties = body.find("properties");
    auto const below = pointer + "/properties";
    if (properties != body.end() && !properties->is_object() && !properties->is_null())
        faults.push_back(
            {below,
             "wrong-type",
             {{"field", "properties"}, {"value", shown(*properties)}, {"accepted", "object"}}});
    else if (properties != body.end() || extent == Extent::whole) {
        bool const none = properties == body.end() || properties->is_null();
        // A patch that removes the properties removes every one.
        PropertiesReader{policy, below, edit, faults}.read(none ? Json::object() : *properties,
                                                           none ? Extent::whole : extent);
        check_validity(edit, below, faults);
    }

    auto const geometry = body.find("geometry");
    if (geometry != body.end())
        edit.geometry =
            read_geometry(patched_geometry(*geometry, current, extent == Extent::patch),
                          edit.collection->schema.geometry, pointer + "/geometry", faults);
    else if (extent == Extent::whole && edit.collection->schema.geometry != geo::GeometryKind::none)
        faults.push_back({pointer + "/geometry",
                          "value-required",
                          {{"field", "geometry"}, {"accepted", "GeoJSON, null"}}});
}

} // namespace diaban::services::domain
