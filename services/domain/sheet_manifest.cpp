#include "services/domain/sheet_manifest.hpp"

#include "geo/cadastre/old_text.hpp"
#include "geo/error.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <chrono>

namespace diaban::services::domain {

namespace {

using geo::cadastre::DatumStep;

/// The table of one sheet; what is not as it should be is named with its line.
class SheetTable {
public:
    SheetTable(std::string file, toml::table const& table)
        : m_file{std::move(file)}, m_table{table} {}

    [[noreturn]] void refuse(std::string const& key, std::string const& accepted) const {
        auto const* const node = m_table.get(key);
        auto const line = (node != nullptr ? node->source() : m_table.source()).begin.line;
        throw geo::Error{geo::Code::bad_input,
                         "bad-plan",
                         {{"file", m_file},
                          {"line", std::to_string(line)},
                          {"key", "sheet." + key},
                          {"accepted", accepted}}};
    }
    std::string text(std::string const& key, std::string const& otherwise = {}) const {
        auto const* const node = m_table.get(key);
        if (node == nullptr) return otherwise;
        auto const value = node->value_exact<std::string>();
        if (!value) refuse(key, "text");
        return *value;
    }
    std::string needed(std::string const& key) const {
        auto value = text(key);
        if (value.empty()) refuse(key, "text that is not empty");
        return value;
    }
    std::int64_t number(std::string const& key, std::int64_t most) const {
        auto const value = m_table[key].value_exact<std::int64_t>();
        if (!value || *value < 1 || *value > most) refuse(key, "1.." + std::to_string(most));
        return *value;
    }
    geo::Date date(std::string const& key) const {
        auto const value = m_table[key].value_exact<toml::date>();
        if (!value) refuse(key, "a day, as 2019-05-01");
        using namespace std::chrono;
        auto const days = sys_days{year{value->year} / value->month / value->day};
        return geo::Date{static_cast<std::int32_t>(days.time_since_epoch().count())};
    }
    SheetColumns columns() const {
        auto const* const given = m_table["columns"].as_table();
        if (given == nullptr) refuse("columns", "a table");
        SheetTable const inner{m_file, *given};
        return {inner.needed("number"), inner.text("land_use"),    inner.text("legal_area"),
                inner.text("holder"),   inner.text("certificate"), inner.text("address"),
                inner.text("boundary")};
    }
    std::optional<data::model::Correction> correction() const {
        if (m_table.get("replaces") == nullptr) return std::nullopt;
        auto const* const given = m_table["replaces"].as_table();
        if (given == nullptr) refuse("replaces", "a table");
        SheetTable const inner{m_file, *given};
        return data::model::Correction{inner.needed("document"), inner.date("issued_on")};
    }
    void finish() const {
        constexpr std::string_view known[] = {"file",  "commune", "number",   "crs",
                                              "axes",  "datum",   "scale",    "date",
                                              "layer", "columns", "encoding", "replaces"};
        for (auto const& [key, _] : m_table)
            if (std::ranges::find(known, key.str()) == std::end(known))
                refuse(std::string{key.str()},
                       "file, commune, number, crs, axes, datum, scale, date, layer, columns, "
                       "encoding, replaces");
    }

private:
    std::string m_file;
    toml::table const& m_table;
};

/// VN-2000 only: a sheet in anything else is no cadastral sheet.
int read_zone(SheetTable const& table) {
    auto const text = table.needed("crs");
    int srid = 0;
    if (text.starts_with("EPSG:"))
        std::from_chars(text.data() + 5, text.data() + text.size(), srid);
    bool const tm3 = (srid >= 5896 && srid <= 5899) || (srid >= 9205 && srid <= 9218);
    if (!tm3 && srid != 3405 && srid != 3406)
        table.refuse("crs", "EPSG:5896..5899, EPSG:9205..9218, EPSG:3405, EPSG:3406");
    return srid;
}

SheetEntry read_entry(std::filesystem::path const& manifest, SheetTable const& table) {
    table.finish();
    SheetEntry entry;
    entry.file = manifest.parent_path() / table.needed("file");
    entry.layer = table.text("layer");
    entry.columns = table.columns();
    entry.replaces = table.correction();
    auto const axes = table.text("axes", "en");
    if (axes != "en" && axes != "ne") table.refuse("axes", "en, ne");
    auto const datum = table.text("datum", "as-defined");
    std::optional<DatumStep> step;
    for (auto const one : {DatumStep::as_defined, DatumStep::none, DatumStep::flipped})
        if (datum == name_of(one)) step = one;
    if (!step) table.refuse("datum", "as-defined, unshifted, flipped-rotation");
    entry.reading = {read_zone(table), axes == "ne", *step};
    auto const encoding = table.text("encoding");
    if (!encoding.empty() && !geo::cadastre::text_encoding_named(encoding))
        table.refuse("encoding", "unicode, tcvn3, vni");
    if (!encoding.empty()) entry.encoding = encoding;
    entry.sheet.commune_code = table.needed("commune");
    entry.sheet.number = table.number("number", 1'000'000);
    entry.sheet.srid = entry.reading.srid;
    entry.sheet.axes_swapped = entry.reading.swapped;
    entry.sheet.scale = static_cast<std::int32_t>(table.number("scale", 100'000));
    entry.sheet.drawn_on = table.date("date");
    entry.sheet.file = entry.file.filename().string();
    return entry;
}

} // namespace

std::vector<SheetEntry> read_manifest(std::filesystem::path const& file) {
    auto const name = file.filename().string();
    if (!std::filesystem::exists(file))
        throw geo::Error{geo::Code::not_found, "no-file", {{"file", name}}};
    toml::table whole;
    try {
        whole = toml::parse_file(file.string());
    } catch (toml::parse_error const& fault) {
        throw geo::Error{geo::Code::bad_input,
                         "bad-plan",
                         {{"file", name},
                          {"line", std::to_string(fault.source().begin.line)},
                          {"key", std::string{fault.description()}},
                          {"accepted", "TOML"}}};
    }
    std::vector<SheetEntry> entries;
    SheetTable const top{name, whole};
    auto const* const sheets = whole["sheet"].as_array();
    if (sheets == nullptr || whole.size() != 1) top.refuse("file", "[[sheet]] tables alone");
    for (auto const& node : *sheets) {
        auto const* const table = node.as_table();
        if (table == nullptr) top.refuse("file", "[[sheet]] tables alone");
        entries.push_back(read_entry(file, SheetTable{name, *table}));
    }
    return entries;
}

} // namespace diaban::services::domain
