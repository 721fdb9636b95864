#pragma once

#include "data/gdal/vector_sink.hpp"
#include "geo/feature.hpp"
#include "geo/geometry.hpp"

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace diaban::data::gdal {

/// A new GeoPackage of several layers and tables, written one after the other.
///
/// CRS       EPSG:4326, longitude first.
/// Geometry  lines and polygons as their Multi forms; points single.
/// Threads   one at a time.
/// Throws    Error{bad_input, "unwritable-file"}.
class PackageSink {
public:
    /// Creates `file`, which ends in `.gpkg` and is not there.
    explicit PackageSink(std::filesystem::path file);
    PackageSink(PackageSink const&) = delete;
    PackageSink& operator=(PackageSink const&) = delete;
    /// Without `finish`, leaves nothing behind.
    ~PackageSink();

    /// What follows goes into this one. A kind `none` makes a table of attributes. Row ids are the
    /// package's own, in a column of this name.
    void begin(std::string const& layer, geo::GeometryKind kind,
               std::vector<SinkField> const& fields, char const* row_id = "fid");
    /// `values` follow the fields of the layer.
    void append(geo::Geometry const& geometry, std::span<geo::Value const> values);
    /// Of a table of attributes.
    void append(std::span<geo::Value const> values) { append({}, values); }

    /// Closes the file. A full disk shows here at the latest.
    void finish();

private:
    struct State;
    [[noreturn]] void fail(std::string const& reason) const;

    std::filesystem::path m_file;
    std::unique_ptr<State> m_state;
};

} // namespace diaban::data::gdal
