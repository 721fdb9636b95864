#pragma once

#include "geo/feature.hpp"
#include "geo/schema.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// Where the rows of an extract go.
class ExtractWriter {
public:
    ExtractWriter() = default;
    ExtractWriter(ExtractWriter const&) = delete;
    ExtractWriter& operator=(ExtractWriter const&) = delete;
    virtual ~ExtractWriter() = default;
    virtual void append(geo::Feature const& feature) = 0;
    /// Makes the file whole and gives it its name; without it, nothing is left behind.
    virtual void finish() = 0;
};

/// GeoJSON: one FeatureCollection, or one feature a line.
std::unique_ptr<ExtractWriter> geojson_writer(std::filesystem::path const& file,
                                              std::vector<geo::Field> const& fields, bool lines);

/// CSV (RFC 4180) in UTF-8. `as_columns`: positions in the columns lon and lat, for single points.
std::unique_ptr<ExtractWriter> csv_writer(std::filesystem::path const& file,
                                          std::vector<geo::Field> const& fields, bool has_geometry,
                                          bool as_columns);

/// Appends `geometry` as well-known text, in the shortest digits that read back as the same.
void append_wkt(std::string& out, geo::Geometry const& geometry);

} // namespace diaban::services::domain
