#include "services/domain/extract_text.hpp"

#include "data/model/unwritable_file.hpp"
#include "geo/codec/rfc3339.hpp"
#include "services/api/json.hpp"
#include "services/api/json_fg.hpp"

#include <array>
#include <charconv>
#include <fstream>
#include <span>
#include <system_error>

namespace diaban::services::domain {
namespace {

namespace fs = std::filesystem;

/// A file that has its name only when it is whole.
class TextFile {
public:
    explicit TextFile(fs::path file) : m_file{std::move(file)}, m_unfinished{m_file} {
        if (fs::exists(m_file) && !fs::is_regular_file(m_file)) fail("not a plain file");
        m_unfinished.replace_filename("." + m_file.filename().string() + ".unfinished");
        m_out.open(m_unfinished, std::ios::binary | std::ios::trunc);
        if (!m_out) fail("it cannot be made here");
    }
    TextFile(TextFile const&) = delete;
    TextFile& operator=(TextFile const&) = delete;
    ~TextFile() {
        m_out.close();
        std::error_code none;
        fs::remove(m_unfinished, none);
    }

    void write(std::string_view text) {
        m_out.write(text.data(), static_cast<std::streamsize>(text.size()));
        if (!m_out) fail("not all rows reached the disk: is it full?");
    }

    void finish() {
        m_out.close();
        if (!m_out) fail("not all rows reached the disk: is it full?");
        std::error_code error;
        fs::rename(m_unfinished, m_file, error);
        if (error) fail(error.message());
    }

private:
    [[noreturn]] void fail(std::string const& reason) const {
        data::model::refuse_file(m_file, reason);
    }

    fs::path m_file;
    fs::path m_unfinished;
    std::ofstream m_out;
};

/// A feature collection whose features stand one a line.
class CollectionWriter : public TextWriter {
public:
    CollectionWriter(fs::path const& file, std::string_view head) : m_file{file} {
        m_file.write(std::string{head} + R"("features":[)");
    }

    void make(std::string& out, geo::Feature const& feature) const final {
        out += ",\n";
        append_to(out, feature);
    }

    void write(std::string_view rows) final {
        if (rows.empty()) return;
        m_file.write(m_first ? rows.substr(1) : rows);
        m_first = false;
    }

    void finish() final {
        m_file.write("\n]}\n");
        m_file.finish();
    }

private:
    virtual void append_to(std::string& out, geo::Feature const& feature) const = 0;

    TextFile m_file;
    bool m_first = true;
};

std::string geojson_head(int srid) {
    std::string head = R"({"type":"FeatureCollection",)";
    if (srid != 4326)
        head += R"("crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::)" +
                std::to_string(srid) + R"("}},)";
    return head;
}

class GeoJsonWriter final : public CollectionWriter {
public:
    GeoJsonWriter(fs::path const& file, std::vector<geo::Field> fields, GeoJsonLayout layout)
        : CollectionWriter{file, geojson_head(layout.srid)}, m_fields{std::move(fields)},
          m_form{false, layout.decimals} {}

private:
    void append_to(std::string& out, geo::Feature const& feature) const override {
        api::append_feature(out, feature, m_fields, {}, m_form);
    }

    std::vector<geo::Field> m_fields;
    geo::codec::CoordinateForm m_form;
};

/// Rows that stand alone.
class LineWriter : public TextWriter {
public:
    explicit LineWriter(fs::path const& file) : m_file{file} {}
    void write(std::string_view rows) final { m_file.write(rows); }
    void finish() final { m_file.finish(); }

private:
    TextFile m_file;
};

class GeoJsonLines final : public LineWriter {
public:
    GeoJsonLines(fs::path const& file, std::vector<geo::Field> fields, GeoJsonLayout layout)
        : LineWriter{file}, m_fields{std::move(fields)}, m_form{false, layout.decimals} {}

    void make(std::string& out, geo::Feature const& feature) const override {
        api::append_feature(out, feature, m_fields, {}, m_form);
        out += '\n';
    }

private:
    std::vector<geo::Field> m_fields;
    geo::codec::CoordinateForm m_form;
};

class JsonFgWriter final : public CollectionWriter {
public:
    JsonFgWriter(fs::path const& file, geo::Schema schema, api::Presentation const& shown)
        : CollectionWriter{file, R"({"type":"FeatureCollection",)" +
                                     api::json_fg_head(schema, shown.crs)},
          m_schema{std::move(schema)}, m_shown{shown} {}

private:
    void append_to(std::string& out, geo::Feature const& feature) const override {
        api::append_json_fg(out, feature, m_schema, m_shown);
    }

    geo::Schema m_schema;
    api::Presentation m_shown;
};

template <typename Number>
void append_number(std::string& out, Number number) {
    std::array<char, 32> digits{};
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void append_cell(std::string& out, std::string_view text) {
    bool const edge = !text.empty() && (text.front() == ' ' || text.back() == ' ');
    if (!edge && text.find_first_of(",\"\r\n") == std::string_view::npos) {
        out += text;
        return;
    }
    out += '"';
    for (char const c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

/// Whether a spreadsheet would take the text for a formula.
bool like_formula(std::string_view text) {
    return !text.empty() && std::string_view{"=+-@\t\r"}.find(text.front()) != text.npos;
}

struct AppendCell {
    std::string& out;
    bool guarded;
    void operator()(std::monostate) const {}
    void operator()(bool value) const { out += value ? "true" : "false"; }
    void operator()(std::int64_t value) const { append_number(out, value); }
    void operator()(double value) const { append_number(out, value); }
    void operator()(std::string const& value) const {
        append_cell(out, guarded && like_formula(value) ? "'" + value : value);
    }
    void operator()(geo::Date value) const { geo::codec::append_date(out, value); }
    void operator()(geo::Instant value) const { geo::codec::append_instant(out, value); }
};

class CsvWriter final : public LineWriter {
public:
    CsvWriter(fs::path const& file, std::vector<geo::Field> const& fields, CsvLayout layout)
        : LineWriter{file}, m_layout{layout} {
        std::string head = "fid";
        for (auto const& field : fields) head += "," + field.name;
        if (layout.has_geometry)
            head += !layout.as_columns ? ",wkt" : layout.planar ? ",x,y" : ",lon,lat";
        write(head + "\r\n");
    }

    void make(std::string& out, geo::Feature const& feature) const override {
        append_number(out, feature.fid);
        for (auto const& value : feature.values) {
            out += ',';
            std::visit(AppendCell{out, m_layout.guarded}, value);
        }
        if (m_layout.has_geometry) append_geometry(out, feature.geometry);
        out += "\r\n";
    }

private:
    void append_geometry(std::string& out, geo::Geometry const& geometry) const {
        out += ',';
        if (!m_layout.as_columns) {
            std::string wkt;
            append_wkt(wkt, geometry, m_layout.form);
            return append_cell(out, wkt);
        }
        if (geometry.empty()) {
            out += ',';
            return;
        }
        auto const p = geometry.positions.front();
        geo::codec::append_coordinates(out, p, ',', {false, m_layout.form.decimals});
    }

    CsvLayout m_layout;
};

void append_path(std::string& out, std::span<geo::Position const> path,
                 geo::codec::CoordinateForm form) {
    out += '(';
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (i > 0) out += ',';
        geo::codec::append_coordinates(out, path[i], ' ', form);
    }
    out += ')';
}

void append_paths(std::string& out, geo::Geometry const& geometry, std::size_t begin,
                  std::size_t end, geo::codec::CoordinateForm form) {
    out += '(';
    for (std::size_t i = begin; i < end; ++i) {
        if (i > begin) out += ',';
        append_path(out, geometry.path(i), form);
    }
    out += ')';
}

void append_polygon(std::string& out, geo::Geometry const& geometry, bool multi,
                    geo::codec::CoordinateForm form) {
    out += multi ? "MULTIPOLYGON (" : "POLYGON ";
    std::size_t begin = 0;
    for (auto const end : geometry.part_ends) {
        if (begin > 0) out += ',';
        append_paths(out, geometry, begin, end, form);
        begin = end;
    }
    if (multi) out += ')';
}

} // namespace

void append_wkt(std::string& out, geo::Geometry const& geometry, geo::codec::CoordinateForm form) {
    if (geometry.empty()) return;
    switch (geometry.kind) {
    case geo::GeometryKind::none: return;
    case geo::GeometryKind::point:
        out += geometry.multi || geometry.positions.size() > 1 ? "MULTIPOINT " : "POINT ";
        return append_path(out, geometry.positions, form);
    case geo::GeometryKind::line:
        if (!geometry.multi && geometry.path_ends.size() == 1) {
            out += "LINESTRING ";
            return append_path(out, geometry.positions, form);
        }
        out += "MULTILINESTRING ";
        return append_paths(out, geometry, 0, geometry.path_ends.size(), form);
    case geo::GeometryKind::polygon:
        return append_polygon(out, geometry, geometry.multi || geometry.part_ends.size() > 1, form);
    }
}

std::unique_ptr<TextWriter>
geojson_writer(fs::path const& file, std::vector<geo::Field> const& fields, GeoJsonLayout layout) {
    if (layout.lines) return std::make_unique<GeoJsonLines>(file, fields, layout);
    return std::make_unique<GeoJsonWriter>(file, fields, layout);
}

std::unique_ptr<TextWriter> json_fg_writer(fs::path const& file, geo::Schema const& schema,
                                           api::Presentation const& shown) {
    return std::make_unique<JsonFgWriter>(file, schema, shown);
}

std::unique_ptr<TextWriter> csv_writer(fs::path const& file, std::vector<geo::Field> const& fields,
                                       CsvLayout layout) {
    return std::make_unique<CsvWriter>(file, fields, layout);
}

} // namespace diaban::services::domain
