#include "data/postgis/collections.hpp"
#include "data/postgis/csv.hpp"
#include "data/postgis/import.hpp"
#include "data/postgis/places.hpp"
#include "data/postgis/wire.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace diaban::data::postgis {
namespace {

using geo::Code;
using geo::Error;

/// The kind that a full name begins with.
struct Kind {
    std::string_view word;    ///< as written, in lower case
    std::string_view code;    ///< of the code list place_kind
    std::string_view english; ///< written after the name
};

constexpr std::array<Kind, 9> kinds{{
    {"tỉnh ", "tinh", "Province"},
    {"thành phố ", "thanh_pho", "City"},
    {"quận ", "quan", "District"},
    {"huyện ", "huyen", "District"},
    {"thị xã ", "thi_xa", "Town"},
    {"thị trấn ", "thi_tran", "Township"},
    {"phường ", "phuong", "Ward"},
    {"xã ", "xa", "Commune"},
    {"đặc khu ", "dac_khu", "Special Zone"},
}};

/// In lower case as far as words of kind go: the lists write `Xã`, `xã` and `Thị Trấn`.
std::string lowered(std::string text) {
    for (auto& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    constexpr std::string_view capital = "Đ";
    if (text.starts_with(capital)) text.replace(0, capital.size(), "đ");
    return text;
}

struct Unit {
    std::string code;
    std::string_view level;
    std::string full_name;
    std::string full_name_en;
    std::string province_code;
    std::string district_code;
    std::optional<double> area_km2;
};

using Units = std::map<std::string, Unit>; // by code, whose length tells the level

[[noreturn]] void bad_line(char const* type, std::size_t line, std::string const& reason) {
    throw Error{Code::bad_input, type, {{"line", std::to_string(line)}, {"reason", reason}}};
}

void add(Units& units, Unit unit, std::size_t line) {
    std::size_t const digits = unit.level == "province" ? 2 : unit.level == "district" ? 3 : 5;
    bool const well_coded =
        unit.code.size() == digits && std::all_of(unit.code.begin(), unit.code.end(),
                                                  [](char c) { return c >= '0' && c <= '9'; });
    if (!well_coded) bad_line("bad-unit-list", line, "code " + unit.code);
    if (unit.full_name.empty()) bad_line("bad-unit-list", line, "no name for " + unit.code);
    auto const [at, is_new] = units.try_emplace(unit.code, unit);
    if (!is_new && (unit.level == "commune" || at->second.full_name != unit.full_name))
        bad_line("bad-unit-list", line, "code " + unit.code + " again");
}

std::optional<double> area(std::string const& text) {
    double value = 0;
    auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// `code,full_name,full_name_en,…,province_code,province_name,area_km2,…`
Units two_levels(CsvTable const& table) {
    auto const column = [&](char const* name) {
        auto const found = table.column(name);
        if (!found) bad_line("bad-unit-list", 1, std::string{"no column "} + name);
        return *found;
    };
    auto const code = column("code");
    auto const full_name = column("full_name");
    auto const full_name_en = column("full_name_en");
    auto const province_code = column("province_code");
    auto const province_name = column("province_name");
    auto const area_km2 = column("area_km2");
    Units units;
    for (auto const& row : std::span{table.rows()}.subspan(1)) {
        auto const province = row.cell(province_code);
        add(units, {province, "province", row.cell(province_name), "", province, "", {}}, row.line);
        add(units,
            {row.cell(code), "commune", row.cell(full_name), row.cell(full_name_en), province, "",
             area(row.cell(area_km2))},
            row.line);
    }
    return units;
}

/// `ward_code,ward,district_code,district,province_code,province`; a district without communes has
/// a row without a ward.
Units three_levels(CsvTable const& table) {
    Units units;
    for (auto const& row : std::span{table.rows()}.subspan(1)) {
        auto const district = row.cell(2);
        auto const province = row.cell(4);
        add(units, {province, "province", row.cell(5), "", province, "", {}}, row.line);
        add(units, {district, "district", row.cell(3), "", province, district, {}}, row.line);
        if (!row.cell(0).empty())
            add(units, {row.cell(0), "commune", row.cell(1), "", province, district, {}}, row.line);
    }
    return units;
}

Units read_units(std::filesystem::path const& file) {
    auto const table = CsvTable::read(file);
    if (table.column("ward_code") == 0U && table.column("province") == 5U)
        return three_levels(table);
    return two_levels(table);
}

/// Names without diacritics, by the record's own function.
std::map<std::string, std::string> plain_names(Wire& wire, std::vector<std::string> const& names) {
    std::map<std::string, std::string> plain;
    std::string list;
    for (auto const& name : names) list += name + "\n";
    for (auto const& row : wire.query(
             "SELECT name, diaban.plain(name) FROM string_to_table($1, E'\\n') AS name", {list}))
        plain[row.at(0).value_or("")] = row.at(1).value_or("");
    return plain;
}

/// A unit's values, in the order of the collection's fields; borrows from both.
class UnitRow {
public:
    UnitRow(geo::Schema const& schema, UnitList const& list) : m_schema{schema}, m_list{list} {}

    std::span<geo::ValueView const> values(Unit const& unit, Kind const& kind,
                                           std::string const& name, std::string const& name_en,
                                           std::string const& full_name_en) {
        m_values.clear();
        for (auto const& field : m_schema.fields)
            m_values.push_back(value(field.name, unit, kind, name, name_en, full_name_en));
        return m_values;
    }

    static std::vector<std::string> spoken() {
        return {"code",         "valid_from",    "valid_to",      "level",
                "kind",         "name",          "full_name",     "name_en",
                "full_name_en", "province_code", "district_code", "area_km2"};
    }

private:
    geo::ValueView value(std::string const& field, Unit const& unit, Kind const& kind,
                         std::string const& name, std::string const& name_en,
                         std::string const& full_name_en) const {
        auto const text = [](std::string_view held) {
            return held.empty() ? geo::ValueView{} : geo::ValueView{held};
        };
        if (field == "code") return text(unit.code);
        if (field == "valid_from") return m_list.valid_from;
        if (field == "valid_to" && m_list.valid_to) return *m_list.valid_to;
        if (field == "level") return text(unit.level);
        if (field == "kind") return text(kind.code);
        if (field == "name") return text(name);
        if (field == "full_name") return text(unit.full_name);
        if (field == "name_en") return text(name_en);
        if (field == "full_name_en") return text(full_name_en);
        if (field == "province_code") return text(unit.province_code);
        if (field == "district_code") return text(unit.district_code);
        if (field == "area_km2" && unit.area_km2) return *unit.area_km2;
        return {};
    }

    geo::Schema const& m_schema;
    UnitList const& m_list;
    std::vector<geo::ValueView> m_values;
};

Kind const& kind_of(Unit const& unit) {
    auto const spelled = lowered(unit.full_name);
    auto const found = std::find_if(kinds.begin(), kinds.end(), [&](Kind const& kind) {
        return spelled.starts_with(kind.word);
    });
    if (found == kinds.end())
        throw Error{Code::bad_input, "bad-unit-list", {{"reason", "kind of " + unit.full_name}}};
    return *found;
}

model::Share share_of(std::string const& note) {
    auto const has = [&](std::string_view words) { return note.find(words) != std::string::npos; };
    if (has("một phần") || has("Phần còn lại")) return model::Share::part;
    if (note == "Nhập toàn bộ") return model::Share::whole;
    if (note.starts_with("Giữ nguyên") || note.starts_with("Đổi tên") ||
        note.starts_with("Đổi loại hình") || note.starts_with("Sắp xếp toàn bộ"))
        return model::Share::same;
    return model::Share::unknown;
}

std::string_view share_name(model::Share share) {
    switch (share) {
    case model::Share::whole: return "whole";
    case model::Share::same: return "same";
    case model::Share::part: return "part";
    case model::Share::unknown: return "unknown";
    }
    return "unknown";
}

/// The code in brackets at the end: `Huyện Cồn Cỏ (471)`.
std::string bracketed(std::string const& text) {
    auto const open = text.rfind('(');
    if (open == std::string::npos || text.back() != ')') return {};
    return text.substr(open + 1, text.size() - open - 2);
}

} // namespace

UnitCounts load_units(std::string const& uri, UnitList const& list) {
    auto const units = read_units(list.file);
    Pool pool{{.uri = uri, .role = Role::owner, .size = 1, .statement_timeout = {}}};
    auto const places = Collections{pool}.get("places");

    std::vector<std::string> names;
    for (auto const& [code, unit] : units) {
        names.push_back(unit.full_name.substr(kind_of(unit).word.size()));
    }
    Wire wire{uri, Role::owner};
    auto const plain = plain_names(wire, names);

    Import import{uri,
                  places,
                  {.mode = ImportMode::upsert,
                   .key = {"code", "valid_from"},
                   .fields = UnitRow::spoken(),
                   .source = list.file.filename().string()}};
    UnitRow row{places.schema, list};
    UnitCounts counts;
    auto name = names.begin();
    for (auto const& [code, unit] : units) {
        auto const& kind = kind_of(unit);
        auto const& name_en = plain.at(*name);
        auto const full_name_en = unit.full_name_en.empty()
                                      ? name_en + " " + std::string{kind.english}
                                      : unit.full_name_en;
        ImportRow written;
        written.scope = unit.code;
        written.values = row.values(unit, kind, *name, name_en, full_name_en);
        import.append(written);
        ++(unit.level == "province"   ? counts.provinces
           : unit.level == "district" ? counts.districts
                                      : counts.communes);
        ++name;
    }
    auto const result = import.finish();
    counts.inserted = result.inserted;
    counts.updated = result.updated;
    return counts;
}

CrosswalkCounts load_crosswalk(std::string const& uri, std::filesystem::path const& file,
                               geo::Date effective) {
    // Columns: new province, new unit, its code, old unit, its code, note, old district, old
    // province. A row that names no new code is the heading of a province.
    constexpr std::size_t heading_rows = 2;
    auto const table = CsvTable::read(file);
    auto const date = geo::codec::date_text(effective);
    Wire wire{uri, Role::owner};
    wire.run("BEGIN");
    wire.query("DELETE FROM diaban.place_crosswalk WHERE effective = $1::date", {date});
    CrosswalkCounts counts;
    for (std::size_t i = heading_rows; i < table.rows().size(); ++i) {
        auto const& row = table.rows()[i];
        auto const new_code = row.cell(2);
        if (new_code.empty()) {
            if (!row.cell(1).empty() || !row.cell(3).empty())
                bad_line("bad-crosswalk", row.line, "no code of the new unit");
            continue;
        }
        auto old_name = row.cell(3);
        auto old_code = row.cell(4);
        if (old_name.empty()) { // a district that had no communes went on as one
            old_name = row.cell(6);
            old_code = bracketed(old_name);
        }
        if (old_name.empty()) bad_line("bad-crosswalk", row.line, "no old unit");
        auto const share = share_of(row.cell(5));
        wire.query(
            "INSERT INTO diaban.place_crosswalk VALUES ($1::date, $2, $3, $4, $5, $6)",
            {date, old_code, old_name, new_code, std::string{share_name(share)}, row.cell(5)});
    }
    auto const summary = wire.query(
        "SELECT count(*), count(*) FILTER (WHERE share = 'whole'), "
        "count(*) FILTER (WHERE share = 'same'), count(*) FILTER (WHERE share = 'part'), "
        "count(*) FILTER (WHERE share = 'unknown'), count(DISTINCT nullif(old_code, '')), "
        "count(DISTINCT new_code), "
        "(SELECT count(*) FROM (SELECT FROM diaban.place_crosswalk WHERE effective = $1::date "
        "AND old_code <> '' GROUP BY old_code HAVING count(*) > 1) AS split), "
        "count(*) FILTER (WHERE NOT EXISTS (SELECT FROM record.places AS p "
        "WHERE p.code = old_code AND p.valid_to = $1::date::timestamp AT TIME ZONE INTERVAL "
        "'+07:00') "
        "OR NOT EXISTS (SELECT FROM record.places AS p "
        "WHERE p.code = new_code AND p.valid_from = $1::date::timestamp AT TIME ZONE INTERVAL "
        "'+07:00')) "
        "FROM diaban.place_crosswalk WHERE effective = $1::date",
        {date});
    wire.run("COMMIT");
    std::array<std::uint64_t*, 9> const into{&counts.pairs,     &counts.whole,   &counts.same,
                                             &counts.part,      &counts.unknown, &counts.old_units,
                                             &counts.new_units, &counts.split,   &counts.unplaced};
    for (std::size_t i = 0; i < into.size(); ++i)
        *into[i] = std::stoull(summary.at(0).at(i).value_or("0"));
    return counts;
}

} // namespace diaban::data::postgis
