#include "data/gdal/readers.hpp"

#include <ogr_geometry.h>

#include <cstdint>
#include <cstring>

namespace diaban::data::gdal {
namespace {

using Owned = std::unique_ptr<OGRGeometry>;

OGRwkbGeometryType single(OGRwkbGeometryType kind) {
    switch (kind) {
    case wkbMultiPoint: return wkbPoint;
    case wkbMultiLineString: return wkbLineString;
    case wkbMultiPolygon: return wkbPolygon;
    default: return kind;
    }
}

/// The kind all members of a collection have, at any depth; wkbUnknown when they differ.
OGRwkbGeometryType common_kind(OGRGeometryCollection const& collection) {
    OGRwkbGeometryType common = wkbNone;
    for (auto const* member : collection) {
        auto kind = single(wkbFlatten(member->getGeometryType()));
        if (kind == wkbGeometryCollection) kind = common_kind(*member->toGeometryCollection());
        if (kind == wkbNone) continue; // an empty collection inside
        if (common == wkbNone) common = kind;
        if (common != kind) return wkbUnknown;
    }
    return common;
}

void gather(OGRGeometryCollection const& from, OGRGeometryCollection& into) {
    for (auto const* member : from) {
        if (OGR_GT_IsSubClassOf(member->getGeometryType(), wkbGeometryCollection))
            gather(*member->toGeometryCollection(), into);
        else
            into.addGeometry(member);
    }
}

/// The members of `from`, at any depth, all of them of one kind.
template <class Multi>
Owned gathered(OGRGeometryCollection const& from) {
    auto result = std::make_unique<Multi>();
    gather(from, *result);
    return result;
}

/// `geometry` as one of the six simple kinds; nothing where it is a mixed collection.
Owned simple(Owned geometry) {
    if (geometry->hasCurveGeometry(FALSE)) geometry.reset(geometry->getLinearGeometry());
    auto const kind = wkbFlatten(geometry->getGeometryType());
    if (OGR_GT_IsSubClassOf(kind, wkbPolyhedralSurface) || kind == wkbTriangle)
        return Owned{OGRGeometryFactory::forceToMultiPolygon(geometry.release())};
    if (kind != wkbGeometryCollection) return geometry;
    auto const& collection = *geometry->toGeometryCollection();
    switch (common_kind(collection)) {
    case wkbPoint: return gathered<OGRMultiPoint>(collection);
    case wkbLineString: return gathered<OGRMultiLineString>(collection);
    case wkbPolygon: return gathered<OGRMultiPolygon>(collection);
    default: return geometry;
    }
}

void export_wkb(RowBatch& batch, RowBatch::Row& row, OGRGeometry const& geometry) {
    auto const size = static_cast<std::size_t>(geometry.WkbSize());
    auto* bytes = batch.allocate(size);
    geometry.exportToWkb(wkbNDR, reinterpret_cast<unsigned char*>(bytes), wkbVariantIso);
    row.wkb = {bytes, size};
}

} // namespace

bool is_plain_wkb(std::span<std::byte const> wkb) noexcept {
    if (wkb.size() < 5 || wkb[0] != std::byte{1}) return false;
    std::uint32_t type = 0;
    std::memcpy(&type, wkb.data() + 1, sizeof type);
    return type >= wkbPoint && type <= wkbMultiPolygon;
}

void keep_geometry(RowBatch& batch, RowBatch::Row& row, OGRGeometry& geometry, bool swap_axes) {
    geometry.flattenTo2D();
    if (geometry.IsEmpty()) return;
    if (swap_axes) geometry.swapXY();
    auto kind = wkbFlatten(geometry.getGeometryType());
    if (kind >= wkbPoint && kind <= wkbMultiPolygon) return export_wkb(batch, row, geometry);
    Owned const made = simple(Owned{geometry.clone()});
    kind = wkbFlatten(made->getGeometryType());
    if (kind < wkbPoint || kind > wkbMultiPolygon) row.fault = "mixed-collection";
    export_wkb(batch, row, *made);
}

void keep_unusual_wkb(RowBatch& batch, RowBatch::Row& row, std::span<std::byte const> wkb) {
    OGRGeometry* made = nullptr;
    auto const* bytes = reinterpret_cast<unsigned char const*>(wkb.data());
    auto const outcome = OGRGeometryFactory::createFromWkb(bytes, nullptr, &made, wkb.size());
    Owned const geometry{made};
    if (outcome != OGRERR_NONE || !geometry) {
        row.fault = "bad-wkb";
        row.wkb = wkb;
        return;
    }
    keep_geometry(batch, row, *geometry, false);
}

} // namespace diaban::data::gdal
