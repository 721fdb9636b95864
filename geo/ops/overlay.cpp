#include "geo/ops/overlay.hpp"

#include "geo/error.hpp"
#include "geo/ops/geos.hpp"

#include <geos_c.h>

namespace diaban::geo::ops {

Geometry common(Geometry const& polygon, Geometry const& other) {
    auto const a = to_geos(polygon);
    auto const b = to_geos(other);
    GeosGeometry const shared{a && b ? GEOSIntersection_r(geos_context(), a.get(), b.get())
                                     : nullptr};
    if (!shared) throw Error{Code::internal, "internal", {}, "an overlay failed"};
    return from_geos(shared.get(), other.kind, other.srid);
}

} // namespace diaban::geo::ops
