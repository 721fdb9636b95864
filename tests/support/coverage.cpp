#include "tests/support/coverage.hpp"

#include "geo/codec/wkb.hpp"
#include "geo/synthetic/parcel_grid.hpp"
#include "tests/support/geos.hpp"

#include <ogr_api.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <stdexcept>

namespace diaban::tests {
namespace {

std::int64_t twice_area(std::span<geo::GridPoint const> ring) {
    std::int64_t sum = 0;
    for (std::size_t i = 1; i + 1 < ring.size(); ++i)
        sum += (std::int64_t{ring[i].x} - ring[0].x) * (std::int64_t{ring[i + 1].y} - ring[0].y) -
               (std::int64_t{ring[i].y} - ring[0].y) * (std::int64_t{ring[i + 1].x} - ring[0].x);
    return sum;
}

GEOSGeometry* geos_ring(std::span<geo::GridPoint const> ring, geo::GridPoint origin) {
    auto* const g = geos();
    auto* const sequence = GEOSCoordSeq_create_r(g, unsigned(ring.size() + 1), 2);
    for (unsigned i = 0; i <= ring.size(); ++i) {
        auto const p = ring[i % ring.size()];
        // From a near origin, so that products of coordinates are exact in doubles.
        GEOSCoordSeq_setXY_r(g, sequence, i, double(p.x) - origin.x, double(p.y) - origin.y);
    }
    return GEOSGeom_createLinearRing_r(g, sequence);
}

GEOSGeometry* geos_row(Coverage const& coverage, std::size_t row, geo::GridPoint origin,
                       std::size_t& collapsed) {
    std::vector<GEOSGeometry*> parts;
    GEOSGeometry* exterior = nullptr;
    std::vector<GEOSGeometry*> holes;
    auto const end_part = [&] {
        if (exterior != nullptr)
            parts.push_back(
                GEOSGeom_createPolygon_r(geos(), exterior, holes.data(), unsigned(holes.size())));
        holes.clear();
        exterior = nullptr;
    };
    for (auto r = coverage.row_begin[row]; r < coverage.row_begin[row + 1]; ++r) {
        auto const ring = std::span{coverage.points}.subspan(
            coverage.ring_begin[r], coverage.ring_begin[r + 1] - coverage.ring_begin[r]);
        auto const area = twice_area(ring);
        if (ring.size() < 3 || area == 0) {
            ++collapsed;
            continue;
        }
        if (area > 0) {
            end_part();
            exterior = geos_ring(ring, origin);
        } else if (exterior != nullptr) {
            holes.push_back(geos_ring(ring, origin));
        }
    }
    end_part();
    return collection(parts, GEOS_MULTIPOLYGON);
}

std::size_t count_rings(GEOSGeometry const* shape) {
    std::size_t rings = 0;
    int const parts = GEOSGetNumGeometries_r(geos(), shape);
    for (int i = 0; i < parts; ++i) {
        auto const* const part = GEOSGetGeometryN_r(geos(), shape, i);
        if (GEOSGeomTypeId_r(geos(), part) == GEOS_POLYGON)
            rings += 1 + std::size_t(GEOSGetNumInteriorRings_r(geos(), part));
    }
    return rings;
}

double area_of(GEOSGeometry const* shape) {
    double area = 0;
    GEOSArea_r(geos(), shape, &area);
    return area;
}

geo::Geometry from_geos(GEOSGeometry const* shape) {
    std::size_t size = 0;
    auto* const bytes = GEOSGeomToWKB_buf_r(geos(), shape, &size);
    geo::Geometry geometry;
    geo::codec::read_wkb(std::as_bytes(std::span{bytes, size}), geometry);
    GEOSFree_r(geos(), bytes);
    return geometry;
}

} // namespace

void Coverage::add(geo::Geometry const& polygon,
                   std::function<geo::GridPoint(geo::Position)> const& at) {
    std::size_t path = 0;
    for (auto const end : polygon.part_ends) {
        for (bool exterior = true; path < end; ++path) {
            auto const start = points.size();
            for (auto const& position : polygon.path(path)) {
                auto const p = at(position);
                if (points.size() == start || points.back() != p) points.push_back(p);
            }
            while (points.size() > start + 1 && points.back() == points[start]) points.pop_back();
            auto const area = twice_area(std::span{points}.subspan(start));
            if (points.size() < start + 3 || area == 0) {
                points.resize(start);
                continue;
            }
            if ((area > 0) != exterior)
                std::reverse(points.begin() + std::ptrdiff_t(start), points.end());
            ring_begin.push_back(std::uint32_t(points.size()));
            exterior = false;
        }
    }
    row_begin.push_back(std::uint32_t(ring_begin.size() - 1));
}

Coverage Coverage::filtered(std::function<bool(std::size_t)> const& keep) const {
    Coverage result;
    result.row_begin = row_begin;
    for (std::size_t ring = 0; ring + 1 < ring_begin.size(); ++ring) {
        for (auto i = ring_begin[ring]; i < ring_begin[ring + 1]; ++i)
            if (keep(i)) result.points.push_back(points[i]);
        result.ring_begin.push_back(std::uint32_t(result.points.size()));
    }
    return result;
}

Coverage random_coverage(std::mt19937_64& random, std::uint32_t across, std::uint32_t labels,
                         std::uint32_t vertices) {
    geo::synthetic::ParcelGridPlan plan;
    plan.count = std::uint64_t{across} * across;
    plan.vertices = vertices;
    plan.box = {0, 0, 1, 1};
    plan.seed = random();
    geo::synthetic::ParcelGrid const grid{plan};
    auto const at = [](geo::Position p) {
        constexpr double side = 1e6;
        return geo::GridPoint{std::int32_t(std::lrint(p.x * side)),
                              std::int32_t(std::lrint((1 - p.y) * side))};
    };
    Coverage cells;
    geo::synthetic::Parcel parcel;
    for (std::uint64_t i = 0; i < grid.size(); ++i) {
        grid.parcel(i, parcel);
        cells.add(parcel.outline, at);
    }
    // A third of the cells stay alone.
    std::map<std::uint64_t, std::vector<std::size_t>> areas;
    for (std::size_t i = 0; i < cells.size(); ++i)
        areas[random() % 3 == 0 ? labels + i : random() % labels].push_back(i);
    Coverage result;
    for (auto const& [label, members] : areas) {
        std::vector<GEOSGeometry*> shapes;
        std::size_t collapsed = 0;
        for (auto const member : members)
            shapes.push_back(geos_row(cells, member, {0, 0}, collapsed));
        auto* const all = collection(shapes, GEOS_GEOMETRYCOLLECTION);
        auto* const united = GEOSUnaryUnion_r(geos(), all);
        result.add(from_geos(united), [](geo::Position p) {
            return geo::GridPoint{std::int32_t(std::lrint(p.x)), std::int32_t(std::lrint(p.y))};
        });
        GEOSGeom_destroy_r(geos(), united);
        GEOSGeom_destroy_r(geos(), all);
    }
    return result;
}

CoverageFacts facts(Coverage const& coverage) {
    CoverageFacts facts;
    std::vector<GEOSGeometry*> rows;
    auto const origin = coverage.points.empty() ? geo::GridPoint{} : coverage.points.front();
    for (std::size_t row = 0; row < coverage.size(); ++row) {
        auto* const shape = geos_row(coverage, row, origin, facts.collapsed);
        facts.sum += area_of(shape);
        if (GEOSisValid_r(geos(), shape) != 1) ++facts.invalid;
        rows.push_back(shape);
    }
    auto* const all = collection(rows, GEOS_GEOMETRYCOLLECTION);
    auto* const united = GEOSUnaryUnion_r(geos(), all);
    if (united == nullptr) throw std::runtime_error{"GEOS cannot unite the coverage"};
    facts.united = area_of(united);
    facts.union_rings = count_rings(united);
    GEOSGeom_destroy_r(geos(), united);
    GEOSGeom_destroy_r(geos(), all);
    return facts;
}

geo::Geometry dissolved(Coverage const& coverage) {
    std::vector<GEOSGeometry*> rows;
    std::size_t collapsed = 0;
    for (std::size_t row = 0; row < coverage.size(); ++row)
        rows.push_back(geos_row(coverage, row, {0, 0}, collapsed));
    auto* const all = collection(rows, GEOS_GEOMETRYCOLLECTION);
    auto* const united = GEOSUnaryUnion_r(geos(), all);
    if (united == nullptr) throw std::runtime_error{"GEOS cannot unite the coverage"};
    auto result = from_geos(united);
    GEOSGeom_destroy_r(geos(), united);
    GEOSGeom_destroy_r(geos(), all);
    return result;
}

geo::Geometry overlaps(Coverage const& coverage) {
    std::vector<GEOSGeometry*> rows;
    std::size_t collapsed = 0;
    for (std::size_t row = 0; row < coverage.size(); ++row)
        rows.push_back(geos_row(coverage, row, {0, 0}, collapsed));
    std::vector<GEOSGeometry*> pieces;
    for (std::size_t a = 0; a < rows.size(); ++a)
        for (std::size_t b = a + 1; b < rows.size(); ++b) {
            if (GEOSOverlaps_r(geos(), rows[a], rows[b]) != 1) continue;
            auto* const shared = GEOSIntersection_r(geos(), rows[a], rows[b]);
            for (int i = 0; i < GEOSGetNumGeometries_r(geos(), shared); ++i) {
                auto const* const part = GEOSGetGeometryN_r(geos(), shared, i);
                if (GEOSGeomTypeId_r(geos(), part) == GEOS_POLYGON)
                    pieces.push_back(GEOSGeom_clone_r(geos(), part));
            }
            GEOSGeom_destroy_r(geos(), shared);
        }
    for (auto* const row : rows) GEOSGeom_destroy_r(geos(), row);
    auto* const all = collection(pieces, GEOS_MULTIPOLYGON);
    auto result = from_geos(all);
    GEOSGeom_destroy_r(geos(), all);
    return result;
}

std::vector<geo::Geometry> read_polygons(std::string const& path) {
    OGRRegisterAll();
    auto* const source = OGROpen(path.c_str(), 0, nullptr);
    if (source == nullptr) throw std::runtime_error{"cannot open " + path};
    auto* const layer = OGR_DS_GetLayer(source, 0);
    std::vector<geo::Geometry> polygons;
    std::vector<std::byte> wkb;
    while (auto* const feature = OGR_L_GetNextFeature(layer)) {
        auto* const shape = OGR_F_GetGeometryRef(feature);
        wkb.resize(std::size_t(OGR_G_WkbSize(shape)));
        OGR_G_ExportToWkb(shape, wkbNDR, reinterpret_cast<unsigned char*>(wkb.data()));
        geo::codec::read_wkb(wkb, polygons.emplace_back());
        OGR_F_Destroy(feature);
    }
    OGR_DS_Destroy(source);
    return polygons;
}

} // namespace diaban::tests
