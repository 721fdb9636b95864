#include "services/domain/extract_file.hpp"

#include "data/gdal/vector_sink.hpp"
#include "data/xlsx/sheet_sink.hpp"
#include "geo/error.hpp"
#include "services/api/json.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <system_error>
#include <utility>

namespace diaban::services::domain {
namespace {

namespace fs = std::filesystem;
using geo::GeometryKind;

/// A file that GDAL writes.
class FileWriter final : public ExtractWriter {
public:
    FileWriter(fs::path const& file, geo::Schema const& schema,
               std::vector<geo::Field> const& fields, ExtractLayout const& layout)
        : m_sink{file,
                 schema.id,
                 schema.geometry,
                 sink_fields(fields),
                 layout.multi || schema.geometry != GeometryKind::point,
                 layout.srid} {}

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

/// A workbook: for people, so its header has titles and units.
class SheetWriter final : public ExtractWriter {
public:
    SheetWriter(fs::path const& file, geo::Schema const& schema,
                std::vector<geo::Field> const& fields, ExtractLayout const& layout)
        : m_points{schema.geometry == GeometryKind::point && !layout.multi},
          m_sink{file, schema.id, header(fields, layout, m_points)} {}

    void append(geo::Feature const& feature) override {
        m_values.assign(1, geo::Value{feature.fid});
        m_values.insert(m_values.end(), feature.values.begin(), feature.values.end());
        if (m_points && !feature.geometry.empty()) {
            m_values.emplace_back(feature.geometry.positions.front().x);
            m_values.emplace_back(feature.geometry.positions.front().y);
        }
        m_sink.append(m_values);
    }
    void finish() override { m_sink.finish(); }

private:
    static std::vector<std::string> header(std::vector<geo::Field> const& fields,
                                           ExtractLayout const& layout, bool points) {
        std::vector<std::string> titles{"fid"};
        for (auto const& field : fields) {
            auto const& title = api::localised(field.title, layout.language);
            titles.push_back(field.unit.empty() ? title
                                                : fmt::format("{} ({})", title, field.unit));
        }
        if (!points) return titles;
        titles.emplace_back(layout.planar ? "x" : "lon");
        titles.emplace_back(layout.planar ? "y" : "lat");
        return titles;
    }

    bool m_points;
    data::xlsx::SheetSink m_sink;
    std::vector<geo::Value> m_values;
};

/// A file that is gone at the end.
class PassingFile {
public:
    explicit PassingFile(std::string const& ending) {
        static std::atomic<std::uint64_t> number{0};
        m_path =
            fs::temp_directory_path() / fmt::format("diaban-{}-{}{}", ::getpid(), ++number, ending);
    }
    PassingFile(PassingFile const&) = delete;
    PassingFile& operator=(PassingFile const&) = delete;
    ~PassingFile() {
        std::error_code ignored;
        fs::remove(m_path, ignored);
    }
    [[nodiscard]] fs::path const& path() const noexcept { return m_path; }
    [[nodiscard]] std::string bytes() const {
        std::string read(fs::file_size(m_path), '\0');
        std::ifstream{m_path, std::ios::binary}.read(read.data(),
                                                     static_cast<std::streamsize>(read.size()));
        return read;
    }

private:
    fs::path m_path;
};

} // namespace

std::unique_ptr<ExtractWriter> extract_writer(fs::path const& file, geo::Schema const& schema,
                                              std::vector<geo::Field> const& fields,
                                              ExtractLayout const& layout) {
    auto const ending = file.extension().string();
    if (ending == ".gpkg" || ending == ".fgb")
        return std::make_unique<FileWriter>(file, schema, fields, layout);
    if (ending == ".xlsx") return std::make_unique<SheetWriter>(file, schema, fields, layout);
    GeoJsonLayout const json{ending == ".geojsonl", layout.srid, layout.form.decimals};
    if (ending == ".geojson" || json.lines) return geojson_writer(file, fields, json);
    if (ending == ".jsonfg" && layout.shown != nullptr)
        return json_fg_writer(file, schema, *layout.shown);
    if (ending == ".csv")
        return csv_writer(file, fields,
                          {schema.geometry != GeometryKind::none,
                           schema.geometry == GeometryKind::point && !layout.multi, layout.planar,
                           layout.guarded, layout.form});
    throw geo::Error{geo::Code::unsupported,
                     "unknown-format",
                     {{"file", file.filename().string()},
                      {"accepted", ".gpkg, .fgb, .geojson, .geojsonl, .jsonfg, .csv, .xlsx"}}};
}

std::string extract_bytes(std::string const& ending, geo::Schema const& schema,
                          std::vector<geo::Field> const& fields, ExtractLayout layout,
                          std::vector<geo::Feature> const& features) {
    PassingFile const file{ending};
    layout.multi = schema.geometry == GeometryKind::point &&
                   std::ranges::any_of(features, [](geo::Feature const& feature) {
                       return feature.geometry.positions.size() > 1;
                   });
    auto const writer = extract_writer(file.path(), schema, fields, layout);
    for (auto const& feature : features) writer->append(feature);
    writer->finish();
    return file.bytes();
}

} // namespace diaban::services::domain
