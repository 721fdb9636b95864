#pragma once

#include "geo/feature.hpp"
#include "geo/schema.hpp"

#include <ogrsf_frmts.h>

#include <memory>
#include <string>

namespace diaban::data::gdal {

// What the sinks of this room share: values and geometry as OGR has them.

[[nodiscard]] OGRFieldType ogr_type(geo::FieldType type);
[[nodiscard]] OGRwkbGeometryType layer_type(geo::GeometryKind kind, bool multi);

/// Sets one field of a feature by the type of the value at hand.
struct SetField {
    OGRFeature& feature;
    int index;

    void operator()(std::monostate) const;
    void operator()(bool value) const;
    void operator()(std::int64_t value) const;
    void operator()(double value) const;
    void operator()(std::string const& value) const;
    void operator()(geo::Date value) const;
    void operator()(geo::Instant value) const;
};

/// `geometry` as the Multi form.
[[nodiscard]] std::unique_ptr<OGRGeometry> multiple(geo::Geometry const& geometry);

struct CloseDataset {
    void operator()(GDALDataset* dataset) const noexcept { GDALClose(dataset); }
};

} // namespace diaban::data::gdal
