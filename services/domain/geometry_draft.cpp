#include "services/domain/geometry_draft.hpp"

#include "geo/codec/geojson.hpp"
#include "geo/error.hpp"
#include "geo/ops/validate.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace diaban::services::domain {

namespace {

using Json = nlohmann::json;

std::string_view accepted_types(geo::GeometryKind kind) {
    switch (kind) {
    case geo::GeometryKind::none: return "null";
    case geo::GeometryKind::point: return "Point, MultiPoint";
    case geo::GeometryKind::line: return "LineString, MultiLineString";
    case geo::GeometryKind::polygon: return "Polygon, MultiPolygon";
    }
    return "null";
}

/// Polygon `k` by itself.
geo::Geometry part(geo::Geometry const& whole, std::size_t k) {
    geo::Geometry one;
    one.kind = whole.kind;
    one.srid = whole.srid;
    for (std::size_t ring = k == 0 ? 0 : whole.part_ends[k - 1]; ring < whole.part_ends[k];
         ++ring) {
        auto const path = whole.path(ring);
        one.positions.insert(one.positions.end(), path.begin(), path.end());
        one.path_ends.push_back(static_cast<std::uint32_t>(one.positions.size()));
    }
    one.part_ends.push_back(static_cast<std::uint32_t>(one.path_ends.size()));
    return one;
}

/// Whether the geometry is valid; else its defect is noted.
bool check_shape(geo::Geometry const& geometry, std::string const& pointer,
                 std::vector<Fault>& faults) {
    auto const verdict = geo::ops::validate(geometry);
    if (verdict.valid) return true;
    faults.push_back({pointer,
                      "shape-" + verdict.reason,
                      {{"reason", verdict.reason},
                       {"at", fmt::format("{:.11g}, {:.11g}", verdict.where.x, verdict.where.y)}}});
    return false;
}

/// Every defective polygon by itself; where each is sound, all of them together.
bool check_validity(geo::Geometry const& geometry, std::string const& pointer,
                    std::vector<Fault>& faults) {
    bool sound = true;
    if (geometry.kind == geo::GeometryKind::polygon && geometry.part_ends.size() > 1)
        for (std::size_t k = 0; k < geometry.part_ends.size(); ++k)
            sound &= check_shape(part(geometry, k), fmt::format("{}/coordinates/{}", pointer, k),
                                 faults);
    return sound && check_shape(geometry, pointer, faults);
}

bool check_world(geo::Geometry const& geometry, std::string const& pointer,
                 std::vector<Fault>& faults) {
    for (auto const& p : geometry.positions)
        if (!(std::abs(p.x) <= 180 && std::abs(p.y) <= 90)) {
            faults.push_back(
                {pointer,
                 "shape-outside-world",
                 {{"at", fmt::format("{}, {}", p.x, p.y)}, {"accepted", "-180..180, -90..90"}}});
            return false;
        }
    return true;
}

} // namespace

Json patched_geometry(Json const& given, geo::Geometry const& current, bool patch) {
    if (!patch || !given.is_object()) return given;
    std::string text;
    geo::codec::append_geojson(text, current);
    auto merged = Json::parse(text);
    merged.merge_patch(given);
    return merged;
}

std::optional<geo::Geometry> read_geometry(Json const& json, geo::GeometryKind kind,
                                           std::string const& pointer, std::vector<Fault>& faults) {
    if (json.is_null()) return geo::Geometry{};
    geo::Geometry geometry;
    try {
        geometry = geo::codec::read_geojson(json.dump());
    } catch (geo::Error const& error) {
        faults.push_back({pointer, error.type(), error.parameters()});
        return std::nullopt;
    }
    if (geometry.kind != kind) {
        faults.push_back({pointer + "/type",
                          "wrong-type",
                          {{"field", "geometry"},
                           {"value", json["type"].get<std::string>()},
                           {"accepted", std::string{accepted_types(kind)}}}});
        return std::nullopt;
    }
    if (geometry.positions.size() > most_positions) {
        faults.push_back({pointer,
                          "shape-too-large",
                          {{"value", std::to_string(geometry.positions.size())},
                           {"accepted", std::to_string(most_positions)}}});
        return std::nullopt;
    }
    if (!check_world(geometry, pointer, faults) || !check_validity(geometry, pointer, faults))
        return std::nullopt;
    return geometry;
}

} // namespace diaban::services::domain
