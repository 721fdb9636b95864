#pragma once

#include "geo/geometry.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::geo {

/// What a field holds. In JSON: text, integer, number, boolean, date, timestamp.
enum class FieldType : std::uint8_t { text, integer, number, boolean, date, timestamp };

[[nodiscard]] constexpr std::string_view to_string(FieldType type) noexcept {
    switch (type) {
    case FieldType::text: return "text";
    case FieldType::integer: return "integer";
    case FieldType::number: return "number";
    case FieldType::boolean: return "boolean";
    case FieldType::date: return "date";
    case FieldType::timestamp: return "timestamp";
    }
    return "text";
}

[[nodiscard]] constexpr std::optional<FieldType> field_type(std::string_view name) noexcept {
    for (auto type : {FieldType::text, FieldType::integer, FieldType::number, FieldType::boolean,
                      FieldType::date, FieldType::timestamp})
        if (to_string(type) == name) return type;
    return std::nullopt;
}

/// A word in both languages of the house. An empty English title falls back to the Vietnamese.
struct Title {
    std::string vi;
    std::string en;

    bool operator==(Title const&) const = default;
};

/// One entry of a code list. Lists are data with validity, never an enum.
struct CodeEntry {
    std::string code;
    Title title;
    bool in_force = true; ///< else it only names what old rows hold

    bool operator==(CodeEntry const&) const = default;
};

/// A column of a collection.
struct Field {
    std::string name; ///< [a-z][a-z0-9_]*, at most 48 bytes
    FieldType type = FieldType::text;
    std::string unit; ///< UCUM-like: m, m2, km2, people; empty when it has none
    Title title;
    bool tile = false;     ///< enters the mirror, may be drawn and filtered
    bool personal = false; ///< about a person: never enters the mirror
    bool sum = false;      ///< a number whose sum merged features carry; only of a tile field
    bool required = false; ///< an edit must give it; what files bring may lack it
    std::vector<CodeEntry> codes;

    /// Whether a mirror holds it.
    [[nodiscard]] bool in_tiles() const noexcept { return tile && !personal; }
    /// Whether merged features carry its sum.
    [[nodiscard]] bool is_summed() const noexcept { return sum && may_be_summed(); }
    /// Whether a sum of it means anything: it is a number in tiles, of another name than those that
    /// merged features have for themselves.
    [[nodiscard]] bool may_be_summed() const noexcept {
        return in_tiles() && (type == FieldType::integer || type == FieldType::number) &&
               name != "count" && name != "area_m2" && name != "length_m" && name != "drawn";
    }

    bool operator==(Field const&) const = default;
};

/// What a mirror needs to know of a collection. Values of rows follow `fields`.
struct Schema {
    std::string id; ///< collection id, [a-z][a-z0-9_]*
    GeometryKind geometry = GeometryKind::none;
    std::vector<Field> fields;
    std::string class_field; ///< empty: none
    std::string label_field; ///< empty: none
    std::string time_field;  ///< empty: none
    std::uint32_t version = 1;
    bool all_zooms = false; ///< drawn below the native zoom too (places)

    /// Whether features are merged below the native zoom: drawn there as areas of a class, as lines
    /// joined end to end, or as clusters.
    [[nodiscard]] bool merges() const noexcept {
        return geometry != GeometryKind::none && !all_zooms;
    }
    /// Whether features keep their outlines below the native zoom, with fewer points.
    [[nodiscard]] bool simplifies() const noexcept {
        return geometry == GeometryKind::polygon && all_zooms;
    }
    /// Whether each feature has a point for its label beside its shape.
    [[nodiscard]] bool has_labels() const noexcept {
        return geometry == GeometryKind::polygon && !label_field.empty();
    }

    bool operator==(Schema const&) const = default;
};

} // namespace diaban::geo
