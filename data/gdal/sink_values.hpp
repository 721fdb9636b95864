#pragma once

#include "geo/codec/rfc3339.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/feature.hpp"
#include "geo/schema.hpp"

#include <ogrsf_frmts.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace diaban::data::gdal {

// What the sinks of this room share: values and geometry as OGR has them.

[[nodiscard]] inline OGRFieldType ogr_type(geo::FieldType type) {
    switch (type) {
    case geo::FieldType::text: return OFTString;
    case geo::FieldType::integer: return OFTInteger64;
    case geo::FieldType::number: return OFTReal;
    case geo::FieldType::boolean: return OFTInteger;
    case geo::FieldType::date: return OFTDate;
    case geo::FieldType::timestamp: return OFTDateTime;
    }
    return OFTString;
}

[[nodiscard]] inline OGRwkbGeometryType layer_type(geo::GeometryKind kind, bool multi) {
    switch (kind) {
    case geo::GeometryKind::none: return wkbNone;
    case geo::GeometryKind::point: return multi ? wkbMultiPoint : wkbPoint;
    case geo::GeometryKind::line: return multi ? wkbMultiLineString : wkbLineString;
    case geo::GeometryKind::polygon: return multi ? wkbMultiPolygon : wkbPolygon;
    }
    return wkbUnknown;
}

/// Sets one field of a feature by the type of the value at hand.
struct SetField {
    OGRFeature& feature;
    int index;

    void operator()(std::monostate) const { feature.SetFieldNull(index); }
    void operator()(bool value) const { feature.SetField(index, value ? 1 : 0); }
    void operator()(std::int64_t value) const {
        feature.SetField(index, static_cast<GIntBig>(value));
    }
    void operator()(double value) const { feature.SetField(index, value); }
    void operator()(std::string const& value) const { feature.SetField(index, value.c_str()); }
    void operator()(geo::Date value) const {
        feature.SetField(index, geo::codec::date_text(value).c_str());
    }
    void operator()(geo::Instant value) const {
        std::string text;
        geo::codec::append_instant(text, value);
        feature.SetField(index, text.c_str());
    }
};

/// `geometry` as the Multi form.
[[nodiscard]] inline std::unique_ptr<OGRGeometry> multiple(geo::Geometry const& g) {
    std::vector<std::byte> wkb;
    auto plain = g;
    plain.srid = 0;
    plain.multi = true;
    geo::codec::append_ewkb(wkb, plain);
    OGRGeometry* made = nullptr;
    OGRGeometryFactory::createFromWkb(wkb.data(), nullptr, &made, wkb.size());
    return std::unique_ptr<OGRGeometry>{made};
}

struct CloseDataset {
    void operator()(GDALDataset* dataset) const noexcept { GDALClose(dataset); }
};

} // namespace diaban::data::gdal
