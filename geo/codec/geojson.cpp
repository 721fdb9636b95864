#include "geo/codec/geojson.hpp"

#include "geo/error.hpp"
#include "geo/ops/measure.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

namespace diaban::geo::codec {

namespace {

using Json = nlohmann::json;

/// Writes the coordinates of geometries, in one form.
class CoordinateWriter {
public:
    CoordinateWriter(std::string& out, CoordinateForm form) : m_out{out}, m_form{form} {}

    void geometry(Geometry const& g, bool multi) {
        switch (g.kind) {
        case GeometryKind::none: return;
        case GeometryKind::point: return multi ? path(g.positions) : position(g.positions.front());
        case GeometryKind::line:
            if (!multi) return path(g.path(0));
            return list(g.path_ends.size(), [&](std::size_t i) { path(g.path(i)); });
        case GeometryKind::polygon:
            if (!multi) return polygon(g, 0, g.part_ends.front());
            return list(g.part_ends.size(), [&](std::size_t i) {
                polygon(g, i == 0 ? 0 : g.part_ends[i - 1], g.part_ends[i]);
            });
        }
    }

private:
    char* write(char* to, Position p) const {
        if (!std::isfinite(p.x) || !std::isfinite(p.y))
            throw Error{Code::internal, "non-finite-coordinate"};
        *to++ = '[';
        to = write_coordinates(to, p, ',', m_form);
        *to++ = ']';
        return to;
    }

    void position(Position p) {
        std::array<char, longest_position + 2> text;
        m_out.append(text.data(), write(text.data(), p));
    }

    /// `count` things between brackets, with commas.
    template <typename Append>
    void list(std::size_t count, Append const& append) {
        m_out += '[';
        for (std::size_t i = 0; i < count; ++i) {
            if (i > 0) m_out += ',';
            append(i);
        }
        m_out += ']';
    }

    /// Many positions are added at once: one by one they take half as long again.
    void path(std::span<Position const> positions, bool backwards = false) {
        std::array<char, 2048> text;
        auto* const full = text.data() + text.size() - longest_position - 3;
        auto* to = text.data();
        *to++ = '[';
        for (std::size_t i = 0; i < positions.size(); ++i) {
            if (i > 0) *to++ = ',';
            to = write(to, positions[backwards ? positions.size() - 1 - i : i]);
            if (to < full) continue;
            m_out.append(text.data(), to);
            to = text.data();
        }
        *to++ = ']';
        m_out.append(text.data(), to);
    }

    void polygon(Geometry const& g, std::size_t begin, std::size_t end) {
        list(end - begin, [&](std::size_t i) {
            auto const ring = g.path(begin + i);
            double const area = ops::planar_ring_area(ring);
            path(ring, i == 0 ? area < 0 : area > 0);
        });
    }

    std::string& m_out;
    CoordinateForm m_form;
};

std::string_view simple_name(GeometryKind kind) noexcept {
    switch (kind) {
    case GeometryKind::none: break;
    case GeometryKind::point: return "Point";
    case GeometryKind::line: return "LineString";
    case GeometryKind::polygon: return "Polygon";
    }
    return "";
}

bool several(Geometry const& g) noexcept {
    switch (g.kind) {
    case GeometryKind::none: return false;
    case GeometryKind::point: return g.multi || g.positions.size() > 1;
    case GeometryKind::line: return g.multi || g.path_ends.size() > 1;
    case GeometryKind::polygon: return g.multi || g.part_ends.size() > 1;
    }
    return false;
}

[[noreturn]] void fail(char const* reason) {
    throw Error{Code::bad_input, "bad-geojson", {{"reason", reason}}};
}

Json::array_t const& array_of(Json const& json) {
    if (!json.is_array()) fail("coordinates-nesting");
    return json.get_ref<Json::array_t const&>();
}

std::uint32_t size32(std::size_t n) {
    if (n > std::numeric_limits<std::uint32_t>::max()) fail("too-many-positions");
    return static_cast<std::uint32_t>(n);
}

void read_position(Json const& json, Geometry& into) {
    auto const& numbers = array_of(json);
    if (numbers.size() < 2 || !numbers[0].is_number() || !numbers[1].is_number()) fail("position");
    into.positions.push_back({numbers[0].get<double>(), numbers[1].get<double>()});
}

void read_path(Json const& json, Geometry& into, std::size_t least) {
    auto const& positions = array_of(json);
    if (positions.size() < least) fail("too-few-positions");
    for (auto const& position : positions) read_position(position, into);
    into.path_ends.push_back(size32(into.positions.size()));
}

void read_polygon(Json const& json, Geometry& into) {
    auto const& rings = array_of(json);
    for (auto const& ring : rings) {
        read_path(ring, into, 4);
        auto const path = into.path(into.path_ends.size() - 1);
        if (path.front() != path.back()) fail("ring-not-closed");
    }
    if (!rings.empty()) into.part_ends.push_back(size32(into.path_ends.size()));
}

void read_member(Json const& json, Geometry& into) {
    switch (into.kind) {
    case GeometryKind::none: return;
    case GeometryKind::point: return read_position(json, into);
    case GeometryKind::line: return read_path(json, into, 2);
    case GeometryKind::polygon: return read_polygon(json, into);
    }
}

Json const& member(Json const& json, char const* name) {
    static Json const none;
    if (!json.is_object()) return none;
    auto const found = json.find(name);
    return found == json.end() ? none : *found;
}

/// The `crs` member of the format's draft of 2008, where some programs still write it.
void check_crs(Json const& object) {
    Json const& crs = member(object, "crs");
    if (crs.is_null()) return;
    Json const& name = member(member(crs, "properties"), "name");
    for (auto const* const accepted :
         {"urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84",
          "urn:ogc:def:crs:EPSG::4326", "EPSG:4326"})
        if (name == accepted) return;
    fail("crs");
}

GeometryKind kind_named(std::string_view name) {
    for (auto kind : {GeometryKind::point, GeometryKind::line, GeometryKind::polygon})
        if (simple_name(kind) == name) return kind;
    fail("type");
}

} // namespace

void append_geojson(std::string& out, Geometry const& geometry, CoordinateForm form) {
    if (geometry.empty() || geometry.kind == GeometryKind::none) {
        out += "null";
        return;
    }
    bool const multi = several(geometry);
    out += R"({"type":")";
    if (multi) out += "Multi";
    out += simple_name(geometry.kind);
    out += R"(","coordinates":)";
    CoordinateWriter{out, form}.geometry(geometry, multi);
    out += '}';
}

Geometry read_geojson(std::string_view text) {
    Json const json = Json::parse(text, nullptr, false);
    Geometry geometry;
    if (json.is_null()) return geometry;
    if (json.is_discarded() || !json.is_object()) fail("not-a-json-object");
    check_crs(json);
    Json const& type = member(json, "type");
    if (!type.is_string()) fail("type");

    std::string_view name = type.get_ref<std::string const&>();
    geometry.multi = name.starts_with("Multi");
    if (geometry.multi) name.remove_prefix(5);
    geometry.kind = kind_named(name);
    geometry.srid = 4326;
    auto const& coordinates = array_of(member(json, "coordinates"));
    if (coordinates.empty()) return geometry;
    if (geometry.multi) {
        for (auto const& one : coordinates) read_member(one, geometry);
    } else {
        read_member(member(json, "coordinates"), geometry);
    }
    return geometry;
}

} // namespace diaban::geo::codec
