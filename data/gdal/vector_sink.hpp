#pragma once

#include "geo/feature.hpp"
#include "geo/schema.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace diaban::data::gdal {

/// A field of a file to be written.
struct SinkField {
    std::string name;
    geo::FieldType type = geo::FieldType::text;
};

/// One layer of a new file, written row by row: GeoPackage if it ends in `.gpkg`, else FlatGeobuf.
///
/// CRS       EPSG:`srid`, written as easting or longitude first.
/// Geometry  all single (one point, one path, one polygon a row) or all multiple; or none.
/// Without   geometry a row of a spatial layer can be written to a GeoPackage only.
/// Fields    one named `fid` becomes the row id of a GeoPackage.
/// Memory    one row: a FlatGeobuf gets no spatial index, so that rows go straight to the disk.
/// Threads   one at a time.
class VectorSink {
public:
    /// Creates `file`, replacing what is there, under another name until `finish`.
    /// Throws    Error{bad_input, "unwritable-file"}; also where `file` is there and no plain file.
    VectorSink(std::filesystem::path file, std::string const& layer, geo::GeometryKind kind,
               std::vector<SinkField> const& fields, bool multi = false, int srid = 4326);
    VectorSink(VectorSink const&) = delete;
    VectorSink& operator=(VectorSink const&) = delete;
    /// Without `finish`, leaves nothing behind.
    ~VectorSink();

    /// `values` follow the fields.
    /// Throws    Error{bad_input, "unwritable-file"}.
    /// Not checked: that `geometry` is single, unless the layer is of multiple ones.
    void append(geo::Geometry const& geometry, std::span<geo::Value const> values);

    /// Closes the file and gives it its name.
    /// Throws    Error{bad_input, "unwritable-file"}: a full disk shows here at the latest.
    void finish();

    [[nodiscard]] std::uint64_t rows() const noexcept { return m_rows; }

private:
    struct State;
    [[noreturn]] void fail(std::string const& reason) const;

    std::filesystem::path m_file;
    std::filesystem::path m_unfinished;
    bool m_multi;
    std::unique_ptr<State> m_state;
    std::uint64_t m_rows = 0;
};

} // namespace diaban::data::gdal
