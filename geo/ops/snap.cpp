#include "geo/ops/snap.hpp"

#include "geo/error.hpp"
#include "geo/ops/geos.hpp"

#include <geos_c.h>

namespace diaban::geo::ops {
namespace {

/// `shape` made valid from its lines: GEOS refuses some tangles by structure.
GeosGeometry by_lines(GeosGeometry const& shape) {
    GeosGeometry const valid{GEOSMakeValid_r(geos_context(), shape.get())};
    if (!valid) return nullptr;
    // Lines that are left over belong to no polygon, and an overlay takes no mixed collections.
    return to_geos(from_geos(valid.get(), GeometryKind::polygon, 0));
}

} // namespace

Geometry snap_to_units(Geometry const& shape, Box const& window) {
    constexpr double unit = 1.0;
    auto* const geos = geos_context();
    auto const input = to_geos(shape);
    GeosGeometry const frame{
        GEOSGeom_createRectangle_r(geos, window.min_x, window.min_y, window.max_x, window.max_y)};
    GeosGeometry result;
    if (input && GEOSisValid_r(geos, input.get()) == 1)
        result.reset(GEOSIntersectionPrec_r(geos, input.get(), frame.get(), unit));
    for (auto* const repair : {made_valid_by_structure, by_lines}) {
        if (!input || result) break;
        if (auto const valid = repair(input))
            result.reset(GEOSIntersectionPrec_r(geos, valid.get(), frame.get(), unit));
    }
    if (!result) throw Error{Code::internal, "geos", {}, "snap-rounding failed"};
    return from_geos(result.get(), GeometryKind::polygon, shape.srid);
}

} // namespace diaban::geo::ops
