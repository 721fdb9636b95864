#include "services/commands/generate_input.hpp"

#include "data/gdal/vector_source.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "geo/synthetic/lines.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>
#include <functional>
#include <sstream>
#include <string_view>
#include <variant>

namespace diaban::services::commands {
namespace {

using data::gdal::RowBatch;
using data::gdal::VectorSource;
using geo::Code;
using geo::Error;

std::size_t field(data::gdal::SourceLayer const& layer, std::string_view name) {
    for (std::size_t i = 0; i < layer.fields.size(); ++i)
        if (layer.fields[i].name == name) return i;
    throw Error{Code::bad_input, "unknown-source-field", {{"field", std::string{name}}}};
}

std::string text(geo::ValueView const& value) {
    auto const* const words = std::get_if<std::string_view>(&value);
    return words != nullptr ? std::string{*words} : std::string{};
}

/// Every row's geometry in EPSG:4326, with the selected fields.
void for_each_row(
    VectorSource& source,
    std::function<void(geo::Geometry&, std::span<geo::ValueView const>)> const& take) {
    int const srid = source.layer().srid;
    if (srid <= 0) throw Error{Code::bad_input, "missing-crs"};
    auto const transform = geo::Transform::between(srid, 4326);
    RowBatch batch;
    geo::Geometry geometry;
    while (source.read(batch))
        for (std::size_t i = 0; i < batch.size(); ++i) {
            if (batch.row(i).wkb.empty() || !batch.row(i).fault.empty()) continue;
            geo::codec::read_wkb(batch.row(i).wkb, geometry);
            transform.apply(geometry.positions);
            geometry.srid = 4326;
            take(geometry, batch.values(i));
        }
}

std::string contents(std::filesystem::path const& file) {
    std::ifstream in{file, std::ios::binary};
    if (!in) throw Error{Code::not_found, "no-file", {{"file", file.string()}}};
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

bool is_gmt_dump(std::filesystem::path const& file) {
    std::ifstream in{file, std::ios::binary};
    int const first = in.peek();
    return first == '>' || first == '#';
}

void append(geo::Geometry& lines, geo::Geometry const& more) {
    auto const before = static_cast<std::uint32_t>(lines.positions.size());
    lines.positions.insert(lines.positions.end(), more.positions.begin(), more.positions.end());
    for (std::uint32_t const end : more.path_ends) lines.path_ends.push_back(before + end);
}

/// Cells of one line of comma-separated values; quoted ones may hold commas and doubled quotes.
std::vector<std::string> cells(std::string_view line) {
    std::vector<std::string> result(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        char const c = line[i];
        bool const doubled = quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"';
        if (doubled) {
            result.back() += c;
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            result.emplace_back();
        } else {
            result.back() += c;
        }
    }
    return result;
}

/// A row of the table of units, by the place of each column.
class UnitTable {
public:
    explicit UnitTable(std::vector<std::string> const& head) {
        constexpr std::array<std::string_view, 6> names{
            "province_code", "province", "district_code", "district", "ward_code", "ward"};
        for (std::size_t i = 0; i < names.size(); ++i) {
            auto const found = std::find(head.begin(), head.end(), names[i]);
            if (found == head.end())
                throw Error{
                    Code::bad_input, "unknown-source-field", {{"field", std::string{names[i]}}}};
            m_columns[i] = static_cast<std::size_t>(found - head.begin());
        }
    }
    /// The unit of a row at level 0 (province) to 2 (commune).
    [[nodiscard]] geo::synthetic::Unit unit(std::vector<std::string> const& row,
                                            std::size_t level) const {
        auto const cell = [&](std::size_t column) {
            std::size_t const at = m_columns[column];
            return at < row.size() ? row[at] : std::string{};
        };
        return {cell(level * 2), cell(level * 2 + 1), {}};
    }

private:
    std::array<std::size_t, 6> m_columns{};
};

/// The part of `whole` with the code of `unit`, which becomes its last one if it is not there yet.
geo::synthetic::Unit& part(geo::synthetic::Unit& whole, geo::synthetic::Unit unit) {
    for (auto& known : whole.parts)
        if (known.code == unit.code) return known;
    return whole.parts.emplace_back(std::move(unit));
}

} // namespace

std::vector<geo::synthetic::Commune> read_communes(std::filesystem::path const& file,
                                                   std::string const& where) {
    auto source = VectorSource::open(file, {.layer = {},
                                            .where = where,
                                            .sql = {},
                                            .encoding = {},
                                            .x = {},
                                            .y = {},
                                            .wkt = {},
                                            .find_columns = false});
    auto const& layer = source.layer();
    std::array const fields{field(layer, "code"), field(layer, "name"), field(layer, "full_name")};
    source.select(fields);
    std::vector<geo::synthetic::Commune> communes;
    for_each_row(source, [&](geo::Geometry& outline, std::span<geo::ValueView const> values) {
        if (outline.kind != geo::GeometryKind::polygon) return;
        auto full_name = text(values[2]);
        std::string kind{geo::synthetic::parts_of_name(full_name).kind};
        communes.push_back({text(values[0]), text(values[1]), std::move(full_name), std::move(kind),
                            std::move(outline)});
        outline = {};
    });
    if (communes.empty()) throw Error{Code::bad_input, "no-communes"};
    return communes;
}

geo::Geometry read_lines(std::filesystem::path const& file) {
    geo::Geometry lines;
    lines.kind = geo::GeometryKind::line;
    lines.multi = true;
    lines.srid = 4326;
    if (file.empty()) return lines;
    if (is_gmt_dump(file))
        return geo::synthetic::join_lines(geo::synthetic::read_gmt_lines(contents(file)));
    auto source = VectorSource::open(file);
    for_each_row(source, [&](geo::Geometry& geometry, std::span<geo::ValueView const>) {
        if (geometry.kind == geo::GeometryKind::line) append(lines, geometry);
    });
    return geo::synthetic::join_lines(lines);
}

geo::synthetic::Unit read_units(std::filesystem::path const& file, std::string const& province) {
    std::string const table = contents(file);
    std::string_view left = table;
    auto const next_line = [&] {
        std::size_t const length = std::min(left.find('\n'), left.size());
        std::string_view line = left.substr(0, length);
        left.remove_prefix(std::min(length + 1, left.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        return line;
    };
    if (left.starts_with("\xEF\xBB\xBF")) left.remove_prefix(3);
    UnitTable const columns{cells(next_line())};
    geo::synthetic::Unit found;
    while (!left.empty()) {
        auto const row = cells(next_line());
        auto unit = columns.unit(row, 0);
        if (unit.code != province) continue;
        if (found.code.empty()) found = std::move(unit);
        auto district = columns.unit(row, 1);
        if (district.code.empty()) continue;
        auto& in = part(found, std::move(district));
        auto commune = columns.unit(row, 2);
        if (!commune.code.empty()) part(in, std::move(commune));
    }
    if (found.parts.empty()) throw Error{Code::bad_input, "no-communes", {{"province", province}}};
    return found;
}

} // namespace diaban::services::commands
