#include "data/gdal/sink_values.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/codec/wkb.hpp"

#include <cstddef>
#include <vector>

namespace diaban::data::gdal {

OGRFieldType ogr_type(geo::FieldType type) {
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

OGRwkbGeometryType layer_type(geo::GeometryKind kind, bool multi) {
    switch (kind) {
    case geo::GeometryKind::none: return wkbNone;
    case geo::GeometryKind::point: return multi ? wkbMultiPoint : wkbPoint;
    case geo::GeometryKind::line: return multi ? wkbMultiLineString : wkbLineString;
    case geo::GeometryKind::polygon: return multi ? wkbMultiPolygon : wkbPolygon;
    }
    return wkbUnknown;
}

void SetField::operator()(std::monostate) const {
    feature.SetFieldNull(index);
}
void SetField::operator()(bool value) const {
    feature.SetField(index, value ? 1 : 0);
}
void SetField::operator()(std::int64_t value) const {
    feature.SetField(index, static_cast<GIntBig>(value));
}
void SetField::operator()(double value) const {
    feature.SetField(index, value);
}
void SetField::operator()(std::string const& value) const {
    feature.SetField(index, value.c_str());
}
void SetField::operator()(geo::Date value) const {
    feature.SetField(index, geo::codec::date_text(value).c_str());
}
void SetField::operator()(geo::Instant value) const {
    std::string text;
    geo::codec::append_instant(text, value);
    feature.SetField(index, text.c_str());
}

std::unique_ptr<OGRGeometry> multiple(geo::Geometry const& geometry) {
    std::vector<std::byte> wkb;
    auto plain = geometry;
    plain.srid = 0;
    plain.multi = true;
    geo::codec::append_ewkb(wkb, plain);
    OGRGeometry* made = nullptr;
    OGRGeometryFactory::createFromWkb(wkb.data(), nullptr, &made, wkb.size());
    return std::unique_ptr<OGRGeometry>{made};
}

} // namespace diaban::data::gdal
