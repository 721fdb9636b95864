#pragma once

#include "geo/codec/coordinates.hpp"
#include "geo/feature.hpp"
#include "geo/schema.hpp"
#include "services/api/presentation.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
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

/// A writer whose rows are text: any thread makes text of a row, while one writes.
class TextWriter : public ExtractWriter {
public:
    void append(geo::Feature const& feature) final {
        m_row.clear();
        make(m_row, feature);
        write(m_row);
    }
    /// Appends the row, to stand behind any other.
    virtual void make(std::string& out, geo::Feature const& feature) const = 0;
    /// Writes rows that were made.
    virtual void write(std::string_view rows) = 0;

private:
    std::string m_row;
};

/// How GeoJSON is laid out: one FeatureCollection, or one feature a line. Longitude or easting
/// first whatever the CRS; one that is not WGS 84 is named in the member `crs`, as readers of files
/// expect.
struct GeoJsonLayout {
    bool lines = false;
    int srid = 4326;
    int decimals = -1; ///< of coordinates; -1: as many as the doubles need
};

std::unique_ptr<TextWriter> geojson_writer(std::filesystem::path const& file,
                                           std::vector<geo::Field> const& fields,
                                           GeoJsonLayout layout);

/// One JSON-FG feature collection (services/api/json_fg.hpp).
std::unique_ptr<TextWriter> json_fg_writer(std::filesystem::path const& file,
                                           geo::Schema const& schema,
                                           api::Presentation const& shown);

/// How a CSV is laid out.
///
/// `as_columns`  positions in two columns (lon and lat; x and y where `planar`), for single points;
///               else in the column wkt.
/// `guarded`     texts that a spreadsheet would take for a formula (that begin with = + - @, a tab
///               or a carriage return) come behind an apostrophe.
struct CsvLayout {
    bool has_geometry = true;
    bool as_columns = false;
    bool planar = false;
    bool guarded = false;
    geo::codec::CoordinateForm form{};
};

/// CSV (RFC 4180) in UTF-8.
std::unique_ptr<TextWriter> csv_writer(std::filesystem::path const& file,
                                       std::vector<geo::Field> const& fields, CsvLayout layout);

/// Appends `geometry` as well-known text.
void append_wkt(std::string& out, geo::Geometry const& geometry,
                geo::codec::CoordinateForm form = {});

} // namespace diaban::services::domain
