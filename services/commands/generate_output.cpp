#include "services/commands/generate_output.hpp"

#include "data/gdal/vector_sink.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "geo/ops/measure.hpp"
#include "services/commands/progress.hpp"
#include "services/domain/fold.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <fstream>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace diaban::services::commands {
namespace {

using data::gdal::SinkField;
using data::gdal::VectorSink;
using geo::FieldType;
using geo::GeometryKind;
using geo::Value;

std::string words(std::string_view text) {
    return std::string{text};
}

geo::Geometry point(geo::Position at) {
    geo::Geometry geometry;
    geometry.kind = GeometryKind::point;
    geometry.srid = 4326;
    geometry.positions = {at};
    return geometry;
}

/// One layer on its way to the disk, with progress.
class Writing {
public:
    Writing(std::filesystem::path const& file, std::string const& layer, GeometryKind kind,
            std::vector<SinkField> const& fields, std::uint64_t rows)
        : m_file{file}, m_layer{layer}, m_sink{file, layer, kind, fields},
          m_progress{"write " + layer, "rows"}, m_rows{static_cast<std::int64_t>(rows)} {}

    void add(geo::Geometry const& geometry, std::span<Value const> values) {
        m_sink.append(geometry, values);
        if (m_sink.rows() % 1024 == 0) m_progress.at(m_sink.rows(), m_rows);
    }
    void finish() {
        m_sink.finish();
        m_progress.clear();
        fmt::print("{}: {} {}\n", m_file.string(), m_sink.rows(), m_layer);
    }

private:
    std::filesystem::path m_file;
    std::string m_layer;
    VectorSink m_sink;
    Progress m_progress;
    std::int64_t m_rows;
};

[[noreturn]] void unwritable(std::filesystem::path const& file, std::string const& reason) {
    throw geo::Error{geo::Code::bad_input,
                     "unwritable-file",
                     {{"file", file.filename().string()}, {"reason", reason}},
                     file.string()};
}

/// Without diacritics, each word with a capital: Cam Due.
std::string english(std::string_view name) {
    std::string plain = domain::fold(name);
    bool first = true;
    for (char& c : plain) {
        if (first && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        first = c == ' ';
    }
    return plain;
}

std::string english_kind(std::string_view kind) {
    static std::map<std::string_view, std::string_view> const kinds{
        {"tinh", "Province"},  {"thanh_pho", "City"},    {"quan", "District"},
        {"huyen", "District"}, {"thi_xa", "Town"},       {"xa", "Commune"},
        {"phuong", "Ward"},    {"thi_tran", "Township"}, {"dac_khu", "Special Zone"}};
    auto const found = kinds.find(kind);
    return found == kinds.end() ? std::string{} : " " + std::string{found->second};
}

/// People of each unit by its code: of communes as given, of wholes as the sum of their parts.
std::map<std::string, std::int64_t>
people_by_code(std::vector<geo::synthetic::TerritoryUnit> const& units,
               std::vector<std::int64_t> const& people) {
    std::map<std::string, std::int64_t> by_code;
    std::size_t commune = 0;
    for (auto const& unit : units) {
        if (unit.level != "commune") continue;
        std::int64_t const here = people[commune++];
        for (auto const& code : {unit.code, unit.district_code, unit.province_code})
            by_code[code] += here;
    }
    return by_code;
}

} // namespace

ProvinceFiles::ProvinceFiles(std::filesystem::path folder) : m_folder{std::move(folder)} {
    std::error_code error;
    std::filesystem::create_directories(m_folder, error);
    if (error) unwritable(m_folder, error.message());
}

std::filesystem::path ProvinceFiles::file(char const* layer) const {
    return m_folder / (std::string{layer} + ".fgb");
}

void ProvinceFiles::parcels(geo::synthetic::ParcelMap const& map) const {
    std::vector<SinkField> const fields{
        {"sheet", FieldType::integer},     {"parcel_number", FieldType::integer},
        {"land_use", FieldType::text},     {"planned_use", FieldType::text},
        {"area_m2", FieldType::number},    {"legal_area_m2", FieldType::number},
        {"commune_code", FieldType::text}, {"origin", FieldType::text},
        {"geohash", FieldType::text},      {"owner_name", FieldType::text}};
    Writing out{file("parcels"), "parcels", GeometryKind::polygon, fields, map.size()};
    map.for_each([&](geo::synthetic::LandParcel const& p) {
        std::array<Value, 10> const values{p.sheet,
                                           p.number,
                                           words(p.land_use),
                                           words(p.planned_use),
                                           p.area_m2,
                                           p.legal_area_m2,
                                           map.land().communes()[p.commune].code,
                                           words(p.origin),
                                           p.geohash,
                                           p.owner_name};
        out.add(p.outline, values);
    });
    out.finish();
}

void ProvinceFiles::streets(std::vector<geo::synthetic::Commune> const& communes,
                            std::vector<geo::synthetic::Street> const& streets) const {
    Writing out{
        file("streets"),
        "streets",
        GeometryKind::line,
        {{"name", FieldType::text}, {"kind", FieldType::text}, {"commune_code", FieldType::text}},
        streets.size()};
    for (auto const& s : streets)
        out.add(s.line, std::array<Value, 3>{s.name, words(s.kind), communes[s.commune].code});
    out.finish();
}

void ProvinceFiles::facilities(std::vector<geo::synthetic::Commune> const& communes,
                               std::vector<geo::synthetic::Facility> const& facilities) const {
    Writing out{file("facilities"),
                "facilities",
                GeometryKind::point,
                {{"name", FieldType::text},
                 {"kind", FieldType::text},
                 {"capacity", FieldType::integer},
                 {"address", FieldType::text},
                 {"commune_code", FieldType::text}},
                facilities.size()};
    for (auto const& f : facilities)
        out.add(point(f.at), std::array<Value, 5>{f.name, words(f.kind), f.capacity, f.address,
                                                  communes[f.commune].code});
    out.finish();
}

void ProvinceFiles::cameras(std::vector<geo::synthetic::Commune> const& communes,
                            std::vector<geo::synthetic::Camera> const& cameras) const {
    Writing out{file("cameras"),
                "cameras",
                GeometryKind::point,
                {{"name", FieldType::text},
                 {"kind", FieldType::text},
                 {"azimuth", FieldType::number},
                 {"field_of_view", FieldType::number},
                 {"range_m", FieldType::number},
                 {"height_m", FieldType::number},
                 {"status", FieldType::text},
                 {"owner_unit", FieldType::text},
                 {"commune_code", FieldType::text}},
                cameras.size()};
    for (auto const& c : cameras)
        out.add(point(c.at), std::array<Value, 9>{c.name, words(c.kind), c.azimuth, c.field_of_view,
                                                  c.range_m, c.height_m, words(c.status),
                                                  c.owner_unit, communes[c.commune].code});
    out.finish();
}

void ProvinceFiles::reports(std::vector<geo::synthetic::Commune> const& communes,
                            std::vector<geo::synthetic::Report> const& reports) const {
    Writing out{file("reports"),
                "reports",
                GeometryKind::point,
                {{"code", FieldType::text},
                 {"category", FieldType::text},
                 {"title", FieldType::text},
                 {"description", FieldType::text},
                 {"status", FieldType::text},
                 {"reported_at", FieldType::timestamp},
                 {"due_at", FieldType::timestamp},
                 {"agency", FieldType::text},
                 {"reporter_name", FieldType::text},
                 {"reporter_phone", FieldType::text},
                 {"commune_code", FieldType::text}},
                reports.size()};
    for (auto const& r : reports)
        out.add(point(r.at),
                std::array<Value, 11>{r.code, words(r.category), r.title, r.description,
                                      words(r.status), r.reported_at, r.due_at, r.agency,
                                      r.reporter_name, r.reporter_phone, communes[r.commune].code});
    out.finish();
}

void ProvinceFiles::population(std::vector<geo::synthetic::Commune> const& communes,
                               std::vector<std::int64_t> const& people) const {
    auto const path = m_folder / "population.csv";
    std::ofstream out{path, std::ios::binary};
    out << "code,population\n";
    for (std::size_t i = 0; i < communes.size(); ++i)
        out << communes[i].code << ',' << people[i] << '\n';
    out.close();
    if (!out) unwritable(path, "cannot be written");
    fmt::print("{}: {} communes\n", path.string(), communes.size());
}

void ProvinceFiles::places(std::vector<geo::synthetic::TerritoryUnit> const& units,
                           std::vector<std::int64_t> const& people) const {
    // The list of units that names them was in force from this day on, to this day.
    auto const first_day = geo::codec::read_date("2025-03-01").value();
    auto const last_day = geo::codec::read_date("2025-06-30").value();
    auto const by_code = people_by_code(units, people);
    Writing out{file("places"),
                "places",
                GeometryKind::polygon,
                {{"code", FieldType::text},
                 {"valid_from", FieldType::date},
                 {"valid_to", FieldType::date},
                 {"level", FieldType::text},
                 {"kind", FieldType::text},
                 {"name", FieldType::text},
                 {"full_name", FieldType::text},
                 {"name_en", FieldType::text},
                 {"full_name_en", FieldType::text},
                 {"province_code", FieldType::text},
                 {"district_code", FieldType::text},
                 {"area_km2", FieldType::number},
                 {"population", FieldType::integer}},
                units.size()};
    for (auto const& u : units) {
        double const area = std::round(geo::ops::geodesic_area(u.outline) / 1e4) / 100;
        auto const name = english(u.name);
        out.add(u.outline, std::array<Value, 13>{
                               u.code, first_day, last_day, words(u.level), words(u.kind), u.name,
                               u.full_name, name, name + english_kind(u.kind), u.province_code,
                               u.district_code.empty() ? Value{} : Value{u.district_code}, area,
                               by_code.at(u.code)});
    }
    out.finish();
}

void ProvinceFiles::roads(std::vector<geo::synthetic::Road> const& roads) const {
    Writing out{
        file("roads"),
        "roads",
        GeometryKind::line,
        {{"name", FieldType::text}, {"kind", FieldType::text}, {"length_km", FieldType::number}},
        roads.size()};
    for (auto const& r : roads) {
        double const length = std::round(geo::ops::geodesic_length(r.line) / 10) / 100;
        out.add(r.line, std::array<Value, 3>{r.name, words(r.kind), length});
    }
    out.finish();
}

void ProvinceFiles::lines(char const* layer, geo::Geometry const& lines) const {
    Writing out{file(layer),
                layer,
                GeometryKind::line,
                {{"length_km", FieldType::number}},
                lines.path_ends.size()};
    for (std::size_t i = 0; i < lines.path_ends.size(); ++i) {
        auto const path = lines.path(i);
        geo::Geometry line;
        line.kind = GeometryKind::line;
        line.srid = 4326;
        line.positions.assign(path.begin(), path.end());
        line.path_ends = {static_cast<std::uint32_t>(path.size())};
        double const length = std::round(geo::ops::geodesic_length(line) / 10) / 100;
        out.add(line, std::array<Value, 1>{length});
    }
    out.finish();
}

} // namespace diaban::services::commands
