#pragma once

#include "geo/codec/wkb.hpp"
#include "geo/feature.hpp"
#include "geo/schema.hpp"
#include "tiles/mirror/layer.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace diaban::tests {

/// A row of a layer made by hand: EPSG:4326.
struct MadeRow {
    std::int64_t fid = 0;
    geo::Geometry geometry;
    std::vector<geo::ValueView> values;
    std::string scope = "42";
    std::uint8_t sensitivity = 0;
};

inline std::shared_ptr<tiles::mirror::Layer const>
make_layer(geo::Schema const& schema, std::vector<MadeRow> const& rows, unsigned parts = 2) {
    std::vector<tiles::mirror::LayerBuilder> builders;
    for (unsigned i = 0; i < parts; ++i) builders.emplace_back(schema);
    std::vector<std::byte> wkb;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        wkb.clear();
        if (!rows[i].geometry.empty()) geo::codec::append_ewkb(wkb, rows[i].geometry);
        builders[i % parts].append(
            {rows[i].fid, rows[i].scope, rows[i].sensitivity, wkb, rows[i].values});
    }
    return tiles::mirror::Layer::build(std::move(builders), 2);
}

inline geo::Geometry make_point(double x, double y) {
    geo::Geometry point;
    point.kind = geo::GeometryKind::point;
    point.srid = 4326;
    point.positions = {{x, y}};
    return point;
}

inline geo::Geometry make_line(std::vector<geo::Position> positions) {
    geo::Geometry line;
    line.kind = geo::GeometryKind::line;
    line.srid = 4326;
    line.positions = std::move(positions);
    line.path_ends = {std::uint32_t(line.positions.size())};
    return line;
}

/// A polygon of one part; each ring is open and is closed here.
inline geo::Geometry make_polygon(std::vector<std::vector<geo::Position>> const& rings) {
    geo::Geometry polygon;
    polygon.kind = geo::GeometryKind::polygon;
    polygon.srid = 4326;
    for (auto const& ring : rings) {
        polygon.positions.insert(polygon.positions.end(), ring.begin(), ring.end());
        polygon.positions.push_back(ring.front());
        polygon.path_ends.push_back(std::uint32_t(polygon.positions.size()));
    }
    polygon.part_ends = {std::uint32_t(polygon.path_ends.size())};
    return polygon;
}

inline geo::Schema make_schema(geo::GeometryKind kind, std::vector<geo::Field> fields = {}) {
    geo::Schema schema;
    schema.id = "made";
    schema.geometry = kind;
    schema.fields = std::move(fields);
    return schema;
}

} // namespace diaban::tests
