#include "services/domain/extract.hpp"

#include "data/gdal/vector_sink.hpp"
#include "data/postgis/collections.hpp"
#include "data/postgis/copy.hpp"
#include "data/postgis/pool.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/error.hpp"
#include "services/domain/extract_text.hpp"

#include <optional>

namespace diaban::services::domain {
namespace {

using data::model::Collection;
using geo::Code;
using geo::Error;
using geo::GeometryKind;

/// A file that GDAL writes.
class FileWriter final : public ExtractWriter {
public:
    FileWriter(std::filesystem::path const& file, Collection const& collection,
               std::vector<geo::Field> const& fields, bool multi)
        : m_sink{file, collection.schema.id, collection.schema.geometry, sink_fields(fields),
                 multi} {}

    void append(geo::Feature const& feature) override {
        m_values.assign(1, geo::Value{feature.fid});
        m_values.insert(m_values.end(), feature.values.begin(), feature.values.end());
        m_sink.append(feature.geometry, m_values);
    }
    void finish() override { m_sink.finish(); }

private:
    static std::vector<data::gdal::SinkField> sink_fields(std::vector<geo::Field> const& fields) {
        std::vector<data::gdal::SinkField> result{{"fid", geo::FieldType::integer}};
        for (auto const& field : fields) result.push_back({field.name, field.type});
        return result;
    }

    data::gdal::VectorSink m_sink;
    std::vector<geo::Value> m_values;
};

/// Thrown where a point of several positions meets a file laid out for single ones.
struct Several {};

std::unique_ptr<ExtractWriter> writer_of(std::filesystem::path const& file,
                                         Collection const& collection,
                                         std::vector<geo::Field> const& fields, bool multi) {
    auto const ending = file.extension().string();
    auto const kind = collection.schema.geometry;
    if (ending == ".gpkg" || ending == ".fgb")
        return std::make_unique<FileWriter>(file, collection, fields, multi);
    if (ending == ".geojson") return geojson_writer(file, fields, false);
    if (ending == ".geojsonl") return geojson_writer(file, fields, true);
    if (ending == ".csv")
        return csv_writer(file, fields, kind != GeometryKind::none,
                          kind == GeometryKind::point && !multi);
    throw Error{Code::unsupported,
                "unknown-format",
                {{"file", file.filename().string()},
                 {"accepted", ".gpkg, .fgb, .geojson, .geojsonl, .csv"}}};
}

class Extraction {
public:
    Extraction(data::postgis::CopyOut const& rows, ExtractWriter& writer, bool single,
               OnExtract const& on_extract)
        : m_rows{rows}, m_writer{writer}, m_single{single}, m_on_extract{on_extract} {}

    std::uint64_t run() {
        m_rows.read(0, 1, [this](geo::RowView const& row) { take(row); });
        m_writer.finish();
        return m_written;
    }

private:
    void take(geo::RowView const& row) {
        m_feature.fid = row.fid;
        if (row.wkb.empty())
            m_feature.geometry = {};
        else
            geo::codec::read_wkb(row.wkb, m_feature.geometry);
        if (m_single && m_feature.geometry.positions.size() > 1) throw Several{};
        m_feature.values.clear();
        for (auto const& value : row.values) m_feature.values.push_back(geo::owned(value));
        m_writer.append(m_feature);
        if (++m_written % 1024 == 0 && m_on_extract)
            m_on_extract(m_written, static_cast<std::int64_t>(m_rows.estimated_rows()));
    }

    data::postgis::CopyOut const& m_rows;
    ExtractWriter& m_writer;
    bool m_single;
    OnExtract const& m_on_extract;
    geo::Feature m_feature;
    std::uint64_t m_written = 0;
};

} // namespace

std::uint64_t extract(std::string const& uri, ExtractRequest const& request,
                      OnExtract const& on_extract) {
    std::optional<Collection> collection;
    {
        data::postgis::Pool pool{{.uri = uri, .role = data::postgis::Role::feed, .size = 1}};
        collection = data::postgis::Collections{pool}.get(request.collection);
    }
    bool const points = collection->schema.geometry == GeometryKind::point;
    auto const which =
        request.personal ? data::postgis::Fields::all : data::postgis::Fields::impersonal;
    data::postgis::CopyOut const rows{uri, *collection, which};
    // Lines and polygons are Multi in files that have one type a layer; points hardly ever are.
    for (bool const single : {true, false}) {
        if (single && !points) continue;
        auto const writer = writer_of(request.file, *collection, rows.fields(), !single);
        try {
            return Extraction{rows, *writer, single, on_extract}.run();
        } catch (Several const&) {
            continue;
        }
    }
    return 0;
}

} // namespace diaban::services::domain
