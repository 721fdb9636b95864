#pragma once

#include "data/gdal/row_batch.hpp"
#include "geo/geometry.hpp"
#include "geo/schema.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diaban::data::gdal {

/// A field of a layer. `readable` is false for what has no place in the record (binary).
struct SourceField {
    std::string name;
    geo::FieldType type = geo::FieldType::text;
    bool readable = true;
};

/// What a file says of one of its layers.
struct SourceLayer {
    std::string name;
    std::vector<SourceField> fields;
    bool has_geometry = false;
    std::optional<geo::GeometryKind> kind;    ///< nothing: mixed, or the file does not say
    std::int64_t count = -1;                  ///< rows; -1 when only reading could tell
    int srid = 0;                             ///< EPSG code; 0: none said, -1: none that fits
    std::string crs_name;                     ///< as the file calls it
    bool typed = true;                        ///< false: every field is text (CSV)
    std::vector<std::size_t> geometry_fields; ///< columns the geometry is made of; usually none
};

/// What to read of a file, and how.
struct SourceOptions {
    std::string layer{};    ///< empty: the only one
    std::string where{};    ///< OGR SQL condition
    std::string sql{};      ///< a query over the file's layers, SQLite dialect
    std::string encoding{}; ///< iconv name; empty: what the file says
    std::string x{};        ///< tables without geometry: columns of the coordinates …
    std::string y{};
    std::string wkt{};         ///< … or of the geometry as WKT
    bool find_columns = false; ///< seek those columns by their usual names
};

/// Rows of one layer of a vector file, read from start to end in batches.
///
/// Formats  GeoPackage, Shapefile, GeoJSON and its line form, FlatGeobuf, KML/KMZ, CSV, XLSX, ODS,
///          DXF, DGN V7, OSM, GPX, GML, MapInfo. `.zip` is entered where one file in it can be read
///          (else name it: `a.zip/b.shp`), `.gz` is unpacked while reading.
/// Memory   one batch, whatever the file's size, as far as GDAL's driver streams: XLSX, ODS, DXF
/// and
///          KML are held whole by theirs, GeoJSON up to 200 MB.
/// Axes     always x = easting or longitude.
/// Geometry Z and M are dropped, curves become lines, surfaces and collections of one kind become
///          the Multi form; other collections are faults of their row.
/// Text     as the bytes come, after `encoding`: whether it is UTF-8 is for the caller to judge.
///          A date-time without zone is given as text, since it is no instant.
/// Threads  one at a time.
class VectorSource {
public:
    /// Throws  Error{not_found, "no-file"}; Error{bad_input, "unreadable-file"} with the reason,
    ///         "unknown-layer" or "layer-needed" with those there are, "ambiguous-archive" with the
    ///         files in it, "bad-condition", "unknown-source-field".
    static VectorSource open(std::filesystem::path const& file, SourceOptions const& options = {});

    /// Names of the layers of `file`, as `open` would see them.
    static std::vector<std::string> layers(std::filesystem::path const& file);

    VectorSource(VectorSource&&) noexcept;
    VectorSource& operator=(VectorSource&&) noexcept;
    ~VectorSource();

    [[nodiscard]] SourceLayer const& layer() const noexcept;
    [[nodiscard]] std::string const& driver() const noexcept;

    /// Which fields rows carry, as indexes into `layer().fields`; none before the first call.
    void select(std::span<std::size_t const> fields);

    /// Reads on: up to some thousand rows or 8 MB. False, and an empty batch, at the end.
    /// Throws  Error{bad_input, "unreadable-file"} where the file breaks off or lies.
    bool read(RowBatch& into);

    /// Back to the first row.
    void rewind();

    /// What GDAL remarked while opening and reading, each once, at most twenty.
    [[nodiscard]] std::vector<std::string> const& remarks() const noexcept;

private:
    struct State;
    explicit VectorSource(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace diaban::data::gdal
