#include "geo/ops/geos.hpp"

#include <geos_c.h>

#include <vector>

namespace diaban::geo::ops {

static_assert(sizeof(Position) == 2 * sizeof(double), "GEOS copies positions as they lie");

namespace {

double const* numbers(std::span<Position const> path) noexcept {
    return path.empty() ? nullptr : &path.front().x;
}

GEOSCoordSequence* sequence(std::span<Position const> path) {
    return GEOSCoordSeq_copyFromBuffer_r(geos_context(), numbers(path),
                                         static_cast<unsigned>(path.size()), 0, 0);
}

GeosGeometry point(Position p) {
    return GeosGeometry{GEOSGeom_createPoint_r(geos_context(), sequence({&p, 1}))};
}

GeosGeometry line(std::span<Position const> path) {
    return GeosGeometry{GEOSGeom_createLineString_r(geos_context(), sequence(path))};
}

GeosGeometry ring(std::span<Position const> path) {
    return GeosGeometry{GEOSGeom_createLinearRing_r(geos_context(), sequence(path))};
}

/// Hands several geometries to one of GEOS's constructors, which own them from then on.
std::vector<GEOSGeometry*> released(std::vector<GeosGeometry>& members) {
    std::vector<GEOSGeometry*> raw;
    raw.reserve(members.size());
    for (auto& member : members) raw.push_back(member.release());
    return raw;
}

GeosGeometry collected(int type, std::vector<GeosGeometry> members) {
    for (auto const& member : members)
        if (!member) return nullptr;
    auto raw = released(members);
    return GeosGeometry{GEOSGeom_createCollection_r(geos_context(), type, raw.data(),
                                                    static_cast<unsigned>(raw.size()))};
}

GeosGeometry polygon(Geometry const& g, std::size_t begin, std::size_t end) {
    GeosGeometry shell = ring(g.path(begin));
    if (!shell) return nullptr;
    std::vector<GeosGeometry> holes;
    for (std::size_t i = begin + 1; i < end; ++i) {
        holes.push_back(ring(g.path(i)));
        if (!holes.back()) return nullptr;
    }
    auto raw = released(holes);
    return GeosGeometry{GEOSGeom_createPolygon_r(geos_context(), shell.release(), raw.data(),
                                                 static_cast<unsigned>(raw.size()))};
}

void append_path(GEOSGeometry const* line, Geometry& into) {
    GEOSContextHandle_t const context = geos_context();
    GEOSCoordSequence const* const coordinates = GEOSGeom_getCoordSeq_r(context, line);
    unsigned n = 0;
    GEOSCoordSeq_getSize_r(context, coordinates, &n);
    std::size_t const before = into.positions.size();
    into.positions.resize(before + n);
    if (n > 0) GEOSCoordSeq_copyToBuffer_r(context, coordinates, &into.positions[before].x, 0, 0);
    into.path_ends.push_back(static_cast<std::uint32_t>(into.positions.size()));
}

void append_polygon(GEOSGeometry const* polygon, Geometry& into) {
    GEOSContextHandle_t const context = geos_context();
    append_path(GEOSGetExteriorRing_r(context, polygon), into);
    int const holes = GEOSGetNumInteriorRings_r(context, polygon);
    for (int i = 0; i < holes; ++i) append_path(GEOSGetInteriorRingN_r(context, polygon, i), into);
    into.part_ends.push_back(static_cast<std::uint32_t>(into.path_ends.size()));
}

void append_parts(GEOSGeometry const* geometry, Geometry& into) {
    GEOSContextHandle_t const context = geos_context();
    if (GEOSisEmpty_r(context, geometry) != 0) return;
    switch (GEOSGeomTypeId_r(context, geometry)) {
    case GEOS_POINT:
        if (into.kind == GeometryKind::point) {
            Position p;
            GEOSGeomGetX_r(context, geometry, &p.x);
            GEOSGeomGetY_r(context, geometry, &p.y);
            into.positions.push_back(p);
        }
        return;
    case GEOS_LINESTRING:
    case GEOS_LINEARRING:
        if (into.kind == GeometryKind::line) append_path(geometry, into);
        return;
    case GEOS_POLYGON:
        if (into.kind == GeometryKind::polygon) append_polygon(geometry, into);
        return;
    default:
        for (int i = 0; i < GEOSGetNumGeometries_r(context, geometry); ++i)
            append_parts(GEOSGetGeometryN_r(context, geometry, i), into);
    }
}

} // namespace

GEOSContextHandle_HS* geos_context() {
    struct Finish {
        void operator()(GEOSContextHandle_HS* context) const noexcept { GEOS_finish_r(context); }
    };
    thread_local std::unique_ptr<GEOSContextHandle_HS, Finish> const context{GEOS_init_r()};
    return context.get();
}

void GeosDelete::operator()(GEOSGeom_t* geometry) const noexcept {
    GEOSGeom_destroy_r(geos_context(), geometry);
}

GeosGeometry to_geos(Geometry const& geometry) {
    std::vector<GeosGeometry> members;
    switch (geometry.kind) {
    case GeometryKind::none: return collected(GEOS_GEOMETRYCOLLECTION, {});
    case GeometryKind::point:
        for (auto const& p : geometry.positions) members.push_back(point(p));
        if (members.size() == 1 && !geometry.multi) return std::move(members.front());
        return collected(GEOS_MULTIPOINT, std::move(members));
    case GeometryKind::line:
        for (std::size_t i = 0; i < geometry.path_ends.size(); ++i)
            members.push_back(line(geometry.path(i)));
        if (members.size() == 1 && !geometry.multi) return std::move(members.front());
        return collected(GEOS_MULTILINESTRING, std::move(members));
    case GeometryKind::polygon:
        std::size_t begin = 0;
        for (std::size_t const end : geometry.part_ends) {
            members.push_back(polygon(geometry, begin, end));
            begin = end;
        }
        if (members.size() == 1 && !geometry.multi) return std::move(members.front());
        return collected(GEOS_MULTIPOLYGON, std::move(members));
    }
    return nullptr;
}

Geometry from_geos(GEOSGeom_t const* geometry, GeometryKind kind, std::int32_t srid) {
    Geometry result;
    result.kind = kind;
    result.srid = srid;
    append_parts(geometry, result);
    switch (kind) {
    case GeometryKind::none: break;
    case GeometryKind::point: result.multi = result.positions.size() > 1; break;
    case GeometryKind::line: result.multi = result.path_ends.size() > 1; break;
    case GeometryKind::polygon: result.multi = result.part_ends.size() > 1; break;
    }
    return result;
}

GeosGeometry made_valid_by_structure(GeosGeometry const& shape) {
    GEOSContextHandle_t const context = geos_context();
    GEOSMakeValidParams* const how = GEOSMakeValidParams_create_r(context);
    GEOSMakeValidParams_setMethod_r(context, how, GEOS_MAKE_VALID_STRUCTURE);
    GEOSMakeValidParams_setKeepCollapsed_r(context, how, 0);
    GeosGeometry made{GEOSMakeValidWithParams_r(context, shape.get(), how)};
    GEOSMakeValidParams_destroy_r(context, how);
    return made;
}

} // namespace diaban::geo::ops
