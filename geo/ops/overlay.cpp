#include "geo/ops/overlay.hpp"

#include "geo/error.hpp"
#include "geo/ops/geos.hpp"
#include "geo/ops/measure.hpp"

#include <geos_c.h>

#include <cmath>

namespace diaban::geo::ops {

namespace {

using Overlay = GEOSGeometry* (*)(GEOSContextHandle_t, GEOSGeometry const*, GEOSGeometry const*);

Geometry overlaid(Overlay overlay, Geometry const& a, Geometry const& b) {
    GeosGeometry const first = to_geos(a);
    GeosGeometry const second = to_geos(b);
    if (!first || !second) return {};
    GeosGeometry const result{overlay(geos_context(), first.get(), second.get())};
    return result ? from_geos(result.get(), GeometryKind::polygon, a.srid) : Geometry{};
}

} // namespace

Geometry intersection(Geometry const& a, Geometry const& b) {
    return overlaid(GEOSIntersection_r, a, b);
}

Geometry difference(Geometry const& a, Geometry const& b) {
    return overlaid(GEOSDifference_r, a, b);
}

Geometry united(Geometry const& polygons) {
    GeosGeometry const shape = to_geos(polygons);
    if (!shape) return {};
    GeosGeometry const whole{GEOSUnaryUnion_r(geos_context(), shape.get())};
    return whole ? from_geos(whole.get(), GeometryKind::polygon, polygons.srid) : Geometry{};
}

Geometry convex_hull(Geometry const& geometry) {
    GeosGeometry const shape = to_geos(geometry);
    if (!shape) return {};
    GeosGeometry const hull{GEOSConvexHull_r(geos_context(), shape.get())};
    return hull ? from_geos(hull.get(), GeometryKind::polygon, geometry.srid) : Geometry{};
}

std::vector<Geometry> faces(Geometry const& lines) {
    auto* const context = geos_context();
    GeosGeometry const raw = to_geos(lines);
    if (!raw) return {};
    GeosGeometry const noded{GEOSUnaryUnion_r(context, raw.get())};
    if (!noded) return {};
    GEOSGeometry const* const one = noded.get();
    GeosGeometry const polygons{GEOSPolygonize_r(context, &one, 1)};
    std::vector<Geometry> result;
    if (!polygons) return result;
    for (int i = 0; i < GEOSGetNumGeometries_r(context, polygons.get()); ++i)
        result.push_back(from_geos(GEOSGetGeometryN_r(context, polygons.get(), i),
                                   GeometryKind::polygon, lines.srid));
    return result;
}

std::optional<Position> point_inside(Geometry const& polygon) {
    GeosGeometry const shape = to_geos(polygon);
    if (!shape) return std::nullopt;
    GeosGeometry const point{GEOSPointOnSurface_r(geos_context(), shape.get())};
    if (!point) return std::nullopt;
    auto const at = from_geos(point.get(), GeometryKind::point, polygon.srid);
    return at.empty() ? std::nullopt : std::optional{at.positions.front()};
}

double planar_area(Geometry const& polygon) noexcept {
    double area = 0;
    std::size_t path = 0;
    for (auto const end : polygon.part_ends)
        for (bool first = true; path < end; ++path, first = false) {
            double const ring = std::abs(planar_ring_area(polygon.path(path)));
            area += first ? ring : -ring;
        }
    return area;
}

double planar_perimeter(Geometry const& polygon) noexcept {
    double length = 0;
    for (std::size_t path = 0; path < polygon.path_ends.size(); ++path) {
        auto const ring = polygon.path(path);
        for (std::size_t i = 1; i < ring.size(); ++i)
            length += std::hypot(ring[i].x - ring[i - 1].x, ring[i].y - ring[i - 1].y);
    }
    return length;
}

Geometry common(Geometry const& polygon, Geometry const& other) {
    auto const a = to_geos(polygon);
    auto const b = to_geos(other);
    GeosGeometry const shared{a && b ? GEOSIntersection_r(geos_context(), a.get(), b.get())
                                     : nullptr};
    if (!shared) throw Error{Code::internal, "internal", {}, "an overlay failed"};
    return from_geos(shared.get(), other.kind, other.srid);
}

} // namespace diaban::geo::ops
