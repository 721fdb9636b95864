#include "tests/support/mvt_reader.hpp"

#include <geos_c.h>
#include <protozero/pbf_reader.hpp>

#include <set>
#include <stdexcept>

namespace diaban::tests {
namespace {

void demand(bool held, char const* what) {
    if (!held) throw std::runtime_error{what};
}

ReadValue read_value(protozero::pbf_reader message) {
    demand(message.next(), "a value that holds nothing");
    ReadValue value;
    switch (message.tag()) {
    case 1: value = message.get_string(); break;
    case 2: value = double(message.get_float()); break;
    case 3: value = message.get_double(); break;
    case 4: value = message.get_int64(); break;
    case 5: value = std::int64_t(message.get_uint64()); break;
    case 6: value = message.get_sint64(); break;
    case 7: value = message.get_bool(); break;
    default: throw std::runtime_error{"a value of unknown type"};
    }
    demand(!message.next(), "a value that holds two");
    return value;
}

void read_geometry(ReadFeature& feature) {
    ReadPoint cursor;
    auto const& commands = feature.commands;
    std::size_t i = 0;
    auto const point = [&] {
        demand(i + 2 <= commands.size(), "a command without its parameters");
        cursor.x += protozero::decode_zigzag32(commands[i]);
        cursor.y += protozero::decode_zigzag32(commands[i + 1]);
        i += 2;
        return cursor;
    };
    while (i < commands.size()) {
        auto const id = commands[i] & 7U;
        auto const count = commands[i] >> 3U;
        ++i;
        demand(id == 1 && count >= 1, "a geometry that does not begin with MoveTo");
        if (feature.type == 1) {
            demand(feature.paths.empty(), "points in two commands");
            auto& path = feature.paths.emplace_back();
            for (std::uint32_t k = 0; k < count; ++k) path.push_back(point());
            continue;
        }
        demand(count == 1, "a line or ring that moves twice");
        auto& path = feature.paths.emplace_back();
        path.push_back(point());
        demand(i < commands.size() && (commands[i] & 7U) == 2, "MoveTo without LineTo");
        auto const lines = commands[i++] >> 3U;
        demand(lines >= (feature.type == 3 ? 2U : 1U), "too few points");
        for (std::uint32_t k = 0; k < lines; ++k) {
            auto const p = point();
            demand(!(p == path.back()), "a segment of no length");
            path.push_back(p);
        }
        if (feature.type != 3) continue;
        demand(i < commands.size() && commands[i] == 15, "a ring without ClosePath");
        ++i;
        demand(!(path.front() == path.back()), "a ring closed twice");
    }
}

ReadFeature read_feature(protozero::pbf_reader message, std::vector<std::string> const& keys,
                         std::vector<ReadValue> const& values) {
    ReadFeature feature;
    std::vector<std::uint32_t> tags;
    while (message.next()) switch (message.tag()) {
        case 1: feature.id = message.get_uint64(); break;
        case 2:
            for (auto const tag : message.get_packed_uint32()) tags.push_back(tag);
            break;
        case 3: feature.type = message.get_enum(); break;
        case 4:
            for (auto const command : message.get_packed_uint32())
                feature.commands.push_back(command);
            break;
        default: throw std::runtime_error{"an unknown field of a feature"};
        }
    demand(tags.size() % 2 == 0, "an odd number of tags");
    for (std::size_t i = 0; i < tags.size(); i += 2) {
        demand(tags[i] < keys.size() && tags[i + 1] < values.size(), "a tag out of range");
        demand(feature.tags.emplace(keys[tags[i]], values[tags[i + 1]]).second, "a key used twice");
    }
    demand(!feature.commands.empty(), "a feature without geometry");
    read_geometry(feature);
    return feature;
}

ReadLayer read_layer(protozero::pbf_reader message) {
    ReadLayer layer;
    std::vector<std::string> keys;
    std::vector<ReadValue> values;
    std::vector<protozero::pbf_reader> features;
    while (message.next()) switch (message.tag()) {
        case 1: layer.name = message.get_string(); break;
        case 2: features.push_back(message.get_message()); break;
        case 3: keys.push_back(message.get_string()); break;
        case 4: values.push_back(read_value(message.get_message())); break;
        case 5: layer.extent = message.get_uint32(); break;
        case 15: layer.version = message.get_uint32(); break;
        default: throw std::runtime_error{"an unknown field of a layer"};
        }
    demand(layer.version == 2 && !layer.name.empty() && layer.extent > 0 && !features.empty(),
           "a layer that lacks its version, name, extent or features");
    demand(std::set<std::string>(keys.begin(), keys.end()).size() == keys.size(), "equal keys");
    demand(std::set<ReadValue>(values.begin(), values.end()).size() == values.size(),
           "equal values");
    for (auto const& feature : features)
        layer.features.push_back(read_feature(feature, keys, values));
    return layer;
}

} // namespace

std::vector<ReadLayer> read_tile(std::string_view bytes) {
    std::vector<ReadLayer> layers;
    std::set<std::string> names;
    protozero::pbf_reader tile{bytes.data(), bytes.size()};
    while (tile.next()) {
        demand(tile.tag() == 3, "an unknown field of a tile");
        layers.push_back(read_layer(tile.get_message()));
        demand(names.insert(layers.back().name).second, "two layers of one name");
    }
    return layers;
}

std::int64_t twice_area(std::vector<ReadPoint> const& ring) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        auto const& a = ring[i];
        auto const& b = ring[(i + 1) % ring.size()];
        sum += a.x * b.y - a.y * b.x;
    }
    return sum;
}

std::string polygon_fault(ReadFeature const& feature) {
    thread_local struct Geos {
        GEOSContextHandle_t handle = GEOS_init_r();
        ~Geos() { GEOS_finish_r(handle); }
    } geos;
    auto* const g = geos.handle;
    std::vector<GEOSGeometry*> polygons;
    GEOSGeometry* exterior = nullptr;
    std::vector<GEOSGeometry*> holes;
    auto const end_polygon = [&] {
        if (exterior != nullptr)
            polygons.push_back(
                GEOSGeom_createPolygon_r(g, exterior, holes.data(), unsigned(holes.size())));
        holes.clear();
        exterior = nullptr;
    };
    for (auto const& path : feature.paths) {
        auto const area = twice_area(path);
        if (area == 0) return "a ring without area";
        if (area < 0 && exterior == nullptr) return "a hole before its exterior";
        GEOSCoordSequence* sequence = GEOSCoordSeq_create_r(g, unsigned(path.size() + 1), 2);
        for (unsigned i = 0; i <= path.size(); ++i) {
            auto const& p = path[i % path.size()];
            GEOSCoordSeq_setXY_r(g, sequence, i, double(p.x), double(p.y));
        }
        GEOSGeometry* ring = GEOSGeom_createLinearRing_r(g, sequence);
        if (area > 0) {
            end_polygon();
            exterior = ring;
        } else {
            holes.push_back(ring);
        }
    }
    end_polygon();
    GEOSGeometry* const shape = GEOSGeom_createCollection_r(g, GEOS_MULTIPOLYGON, polygons.data(),
                                                            unsigned(polygons.size()));
    std::string text;
    if (GEOSisValid_r(g, shape) != 1) {
        char* const reason = GEOSisValidReason_r(g, shape);
        text = reason;
        GEOSFree_r(g, reason);
    }
    GEOSGeom_destroy_r(g, shape);
    return text;
}

} // namespace diaban::tests
