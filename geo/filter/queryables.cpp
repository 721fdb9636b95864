#include "geo/filter/filter.hpp"

#include <algorithm>
#include <array>

namespace diaban::geo::filter {

namespace {

using Type = Queryable::Type;

Type type_of(FieldType type) noexcept {
    switch (type) {
    case FieldType::text: return Type::text;
    case FieldType::integer: return Type::integer;
    case FieldType::number: return Type::number;
    case FieldType::boolean: return Type::boolean;
    case FieldType::date: return Type::date;
    case FieldType::timestamp: return Type::timestamp;
    }
    return Type::text;
}

} // namespace

std::string_view to_string(Queryable::Type type) noexcept {
    switch (type) {
    case Type::text: return "text";
    case Type::integer: return "integer";
    case Type::number: return "number";
    case Type::boolean: return "boolean";
    case Type::date: return "date";
    case Type::timestamp: return "timestamp";
    case Type::interval: return "interval";
    case Type::geometry: return "geometry";
    }
    return "text";
}

std::vector<Queryable> queryables(Schema const& schema, Policy const& policy) {
    std::vector<Queryable> result;
    for (auto const& field : schema.fields)
        if (field.in_tiles() && policy.sees_field(field.name))
            result.push_back({field.name, type_of(field.type), &field});
    // A name that some field has stays that field's, even where the policy masks it.
    auto const add = [&](std::string name, Type type) {
        bool const taken = std::any_of(schema.fields.begin(), schema.fields.end(),
                                       [&](Field const& field) { return field.name == name; });
        if (!taken) result.push_back({std::move(name), type, nullptr});
    };
    add("id", Type::integer);
    add("valid", Type::interval);
    if (schema.geometry != GeometryKind::none) add("geometry", Type::geometry);
    return result;
}

std::span<Function const> functions() {
    static std::array const all{
        Function{"abs", {"Giá trị tuyệt đối", "Absolute value"}, Type::number, Type::number},
        Function{"ceil", {"Làm tròn lên", "Next integer above"}, Type::number, Type::number},
        Function{"floor", {"Làm tròn xuống", "Next integer below"}, Type::number, Type::number},
        Function{"length", {"Số ký tự", "Number of characters"}, Type::text, Type::integer},
        Function{"lower", {"Chữ thường", "Lower case"}, Type::text, Type::text},
        Function{"round",
                 {"Số nguyên gần nhất, nửa về số chẵn", "Nearest integer, halves to the even one"},
                 Type::number,
                 Type::number},
        Function{"sqrt", {"Căn bậc hai", "Square root"}, Type::number, Type::number},
        Function{"upper", {"Chữ hoa", "Upper case"}, Type::text, Type::text},
    };
    return all;
}

} // namespace diaban::geo::filter
