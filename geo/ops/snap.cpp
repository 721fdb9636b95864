#include "geo/ops/snap.hpp"

#include "geo/error.hpp"

#include <geos_c.h>

#include <memory>
#include <vector>

namespace diaban::geo::ops {
namespace {

/// One GEOS context a thread, kept for the thread's life.
GEOSContextHandle_t context() {
    struct Context {
        GEOSContextHandle_t handle = GEOS_init_r();
        ~Context() { GEOS_finish_r(handle); }
    };
    thread_local Context context;
    return context.handle;
}

struct Destroy {
    void operator()(GEOSGeometry* g) const { GEOSGeom_destroy_r(context(), g); }
};
using Shape = std::unique_ptr<GEOSGeometry, Destroy>;

GEOSGeometry* ring_of(std::span<Position const> path) {
    auto const geos = context();
    bool const closed = path.size() > 1 && path.front() == path.back();
    auto const count = unsigned(path.size() + (closed ? 0 : 1));
    GEOSCoordSequence* sequence = GEOSCoordSeq_create_r(geos, count, 2);
    for (unsigned i = 0; i < count; ++i) {
        auto const& p = path[i < path.size() ? i : 0];
        GEOSCoordSeq_setXY_r(geos, sequence, i, p.x, p.y);
    }
    return GEOSGeom_createLinearRing_r(geos, sequence);
}

Shape to_geos(Geometry const& shape) {
    auto const geos = context();
    std::vector<GEOSGeometry*> polygons;
    std::size_t path = 0;
    for (auto const end : shape.part_ends) {
        GEOSGeometry* exterior = ring_of(shape.path(path));
        std::vector<GEOSGeometry*> holes;
        for (++path; path < end; ++path) holes.push_back(ring_of(shape.path(path)));
        polygons.push_back(
            GEOSGeom_createPolygon_r(geos, exterior, holes.data(), unsigned(holes.size())));
    }
    return Shape{GEOSGeom_createCollection_r(geos, GEOS_MULTIPOLYGON, polygons.data(),
                                             unsigned(polygons.size()))};
}

void append_ring(Geometry& out, GEOSGeometry const* ring) {
    auto const geos = context();
    GEOSCoordSequence const* sequence = GEOSGeom_getCoordSeq_r(geos, ring);
    unsigned size = 0;
    GEOSCoordSeq_getSize_r(geos, sequence, &size);
    for (unsigned i = 0; i < size; ++i) {
        Position p;
        GEOSCoordSeq_getXY_r(geos, sequence, i, &p.x, &p.y);
        out.positions.push_back(p);
    }
    out.path_ends.push_back(std::uint32_t(out.positions.size()));
}

/// Appends the polygons of `g`; points and lines left over by an intersection have no area.
void append_polygons(Geometry& out, GEOSGeometry const* g) {
    auto const geos = context();
    int const type = GEOSGeomTypeId_r(geos, g);
    if (type == GEOS_POLYGON) {
        if (GEOSisEmpty_r(geos, g) != 0) return;
        append_ring(out, GEOSGetExteriorRing_r(geos, g));
        int const holes = GEOSGetNumInteriorRings_r(geos, g);
        for (int i = 0; i < holes; ++i) append_ring(out, GEOSGetInteriorRingN_r(geos, g, i));
        out.part_ends.push_back(std::uint32_t(out.path_ends.size()));
    } else if (type == GEOS_MULTIPOLYGON || type == GEOS_GEOMETRYCOLLECTION) {
        int const parts = GEOSGetNumGeometries_r(geos, g);
        for (int i = 0; i < parts; ++i) append_polygons(out, GEOSGetGeometryN_r(geos, g, i));
    }
}

Shape made_valid(Shape const& shape) {
    auto const geos = context();
    GEOSMakeValidParams* parameters = GEOSMakeValidParams_create_r(geos);
    GEOSMakeValidParams_setMethod_r(geos, parameters, GEOS_MAKE_VALID_STRUCTURE);
    Shape valid{GEOSMakeValidWithParams_r(geos, shape.get(), parameters)};
    GEOSMakeValidParams_destroy_r(geos, parameters);
    return valid;
}

} // namespace

Geometry snap_to_units(Geometry const& shape, Box const& window) {
    auto const geos = context();
    Shape const input = to_geos(shape);
    Shape const frame{
        GEOSGeom_createRectangle_r(geos, window.min_x, window.min_y, window.max_x, window.max_y)};
    Shape result;
    if (GEOSisValid_r(geos, input.get()) == 1)
        result.reset(GEOSIntersectionPrec_r(geos, input.get(), frame.get(), 1.0));
    if (!result) {
        Shape const valid = made_valid(input);
        if (valid) result.reset(GEOSIntersectionPrec_r(geos, valid.get(), frame.get(), 1.0));
    }
    if (!result) throw Error{Code::internal, "geos", {}, "snap-rounding failed"};
    Geometry out;
    out.kind = GeometryKind::polygon;
    out.multi = true;
    append_polygons(out, result.get());
    return out;
}

} // namespace diaban::geo::ops
