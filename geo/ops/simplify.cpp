#include "geo/ops/simplify.hpp"

#include "geo/ops/geos.hpp"

#include <geos_c.h>

namespace diaban::geo::ops {

Geometry simplified(Geometry const& geometry, double tolerance) {
    if (geometry.kind != GeometryKind::line && geometry.kind != GeometryKind::polygon)
        return geometry;
    auto const whole = to_geos(geometry);
    if (!whole) return geometry;
    GeosGeometry const fewer{
        GEOSTopologyPreserveSimplify_r(geos_context(), whole.get(), tolerance)};
    if (!fewer) return geometry;
    auto result = from_geos(fewer.get(), geometry.kind, geometry.srid);
    if (result.empty()) return geometry;
    result.multi = geometry.multi;
    return result;
}

} // namespace diaban::geo::ops
