#pragma once

#include "geo/schema.hpp"

#include <initializer_list>
#include <string>
#include <utility>

namespace diaban::bench {

/// A schema of parcels with these fields in its tiles, merged by their use.
inline geo::Schema
parcel_schema(std::initializer_list<std::pair<char const*, geo::FieldType>> fields) {
    geo::Schema schema;
    schema.id = "parcels";
    schema.geometry = geo::GeometryKind::polygon;
    for (auto const& [name, type] : fields) {
        geo::Field field;
        field.name = name;
        field.type = type;
        field.tile = true;
        schema.fields.push_back(std::move(field));
    }
    schema.class_field = "land_use";
    return schema;
}

} // namespace diaban::bench
