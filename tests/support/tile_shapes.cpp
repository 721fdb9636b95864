#include "tests/support/tile_shapes.hpp"

#include "geo/codec/wkb.hpp"
#include "tests/support/geos.hpp"
#include "tiles/cut.hpp"

#include <stdexcept>

namespace diaban::tests {
namespace {

GEOSGeometry* ring_of(std::vector<ReadPoint> const& path) {
    auto* const sequence = GEOSCoordSeq_create_r(geos(), unsigned(path.size() + 1), 2);
    for (unsigned i = 0; i <= path.size(); ++i) {
        auto const& p = path[i % path.size()];
        GEOSCoordSeq_setXY_r(geos(), sequence, i, double(p.x), double(p.y));
    }
    return GEOSGeom_createLinearRing_r(geos(), sequence);
}

/// A feature's rings as the specification has them: exteriors, each followed by its holes.
GEOSGeometry* shape_of(ReadFeature const& feature) {
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
    for (auto const& path : feature.paths)
        if (twice_area(path) > 0) {
            end_part();
            exterior = ring_of(path);
        } else {
            if (exterior == nullptr) throw std::runtime_error{"a hole before its exterior"};
            holes.push_back(ring_of(path));
        }
    end_part();
    return collection(parts, GEOS_MULTIPOLYGON);
}

double area_of(GEOSGeometry const* shape) {
    double area = 0;
    GEOSArea_r(geos(), shape, &area);
    return area;
}

TileRing open_ring(GEOSGeometry const* ring) {
    TileRing open;
    auto const* const sequence = GEOSGeom_getCoordSeq_r(geos(), ring);
    unsigned size = 0;
    GEOSCoordSeq_getSize_r(geos(), sequence, &size);
    for (unsigned i = 0; i + 1 < size; ++i) {
        double x = 0;
        double y = 0;
        GEOSCoordSeq_getXY_r(geos(), sequence, i, &x, &y);
        open.push_back({std::int64_t(x), std::int64_t(y)});
    }
    return open;
}

/// A ring of a tile as a polygon in steps.
GEOSGeometry* polygon_of(tiles::TileId tile, TileRing const& ring) {
    double const unit = double(std::uint32_t{1} << (tiles::TileId::max_zoom - tile.zoom()));
    auto* const sequence = GEOSCoordSeq_create_r(geos(), unsigned(ring.size() + 1), 2);
    for (unsigned i = 0; i <= ring.size(); ++i) {
        auto const& p = ring[i % ring.size()];
        GEOSCoordSeq_setXY_r(geos(), sequence, i,
                             (double(tile.x()) * tiles::tile_extent + double(p.x)) * unit,
                             (double(tile.y()) * tiles::tile_extent + double(p.y)) * unit);
    }
    return GEOSGeom_createPolygon_r(geos(), GEOSGeom_createLinearRing_r(geos(), sequence), nullptr,
                                    0);
}

/// The exteriors of what polygons have in common two by two.
std::vector<TileRing> common(std::vector<GEOSGeometry*> const& shapes) {
    std::vector<TileRing> rings;
    for (std::size_t a = 0; a < shapes.size(); ++a)
        for (std::size_t b = a + 1; b < shapes.size(); ++b) {
            if (GEOSOverlaps_r(geos(), shapes[a], shapes[b]) != 1) continue;
            auto* const shared = GEOSIntersection_r(geos(), shapes[a], shapes[b]);
            for (int i = 0; i < GEOSGetNumGeometries_r(geos(), shared); ++i) {
                auto const* const part = GEOSGetGeometryN_r(geos(), shared, i);
                if (GEOSGeomTypeId_r(geos(), part) == GEOS_POLYGON)
                    rings.push_back(open_ring(GEOSGetExteriorRing_r(geos(), part)));
            }
            GEOSGeom_destroy_r(geos(), shared);
        }
    return rings;
}

} // namespace

TileShapes::TileShapes(std::vector<ReadLayer> const& layers) {
    std::vector<GEOSGeometry*> shapes;
    for (auto const& layer : layers)
        for (auto const& feature : layer.features) {
            if (feature.type != 3) continue;
            auto* const shape = shape_of(feature);
            ++m_polygons;
            if (GEOSisValid_r(geos(), shape) != 1) ++m_invalid;
            m_sum += area_of(shape);
            shapes.push_back(shape);
        }
    auto* const all = collection(shapes, GEOS_GEOMETRYCOLLECTION); // takes them, they live on
    auto* const united = GEOSUnaryUnion_r(geos(), all);
    if (united == nullptr) throw std::runtime_error{"GEOS cannot unite what a tile draws"};
    m_united = area_of(united);
    for (int i = 0; i < GEOSGetNumGeometries_r(geos(), united); ++i) {
        auto const* const part = GEOSGetGeometryN_r(geos(), united, i);
        if (GEOSGeomTypeId_r(geos(), part) != GEOS_POLYGON) continue;
        for (int h = 0; h < GEOSGetNumInteriorRings_r(geos(), part); ++h)
            m_holes.push_back(open_ring(GEOSGetInteriorRingN_r(geos(), part, h)));
    }
    if (m_united < m_sum * (1 - 1e-12)) m_overlaps = common(shapes);
    GEOSGeom_destroy_r(geos(), united);
    GEOSGeom_destroy_r(geos(), all);
}

struct Ground::Prepared {
    GEOSGeometry* shape = nullptr;
    GEOSPreparedGeometry const* ready = nullptr;

    ~Prepared() {
        GEOSPreparedGeom_destroy_r(geos(), ready);
        GEOSGeom_destroy_r(geos(), shape);
    }
};

Ground::Ground(geo::Geometry const& polygons) : m_prepared{std::make_unique<Prepared>()} {
    std::vector<std::byte> wkb;
    geo::codec::append_ewkb(wkb, polygons);
    m_prepared->shape = GEOSGeomFromWKB_buf_r(
        geos(), reinterpret_cast<unsigned char const*>(wkb.data()), wkb.size());
    m_prepared->ready = GEOSPrepare_r(geos(), m_prepared->shape);
}

Ground::~Ground() = default;
Ground::Ground(Ground&&) noexcept = default;

bool Ground::covers(tiles::TileId tile, TileRing const& ring) const {
    auto* const polygon = polygon_of(tile, ring);
    bool const covered = GEOSPreparedCovers_r(geos(), m_prepared->ready, polygon) == 1;
    GEOSGeom_destroy_r(geos(), polygon);
    return covered;
}

bool Ground::is_near(tiles::TileId tile, TileRing const& ring, double units) const {
    auto* const polygon = polygon_of(tile, ring);
    double const steps =
        units * double(std::uint32_t{1} << (tiles::TileId::max_zoom - tile.zoom()));
    bool const near = GEOSPreparedDistanceWithin_r(geos(), m_prepared->ready, polygon, steps) == 1;
    GEOSGeom_destroy_r(geos(), polygon);
    return near;
}

} // namespace diaban::tests
