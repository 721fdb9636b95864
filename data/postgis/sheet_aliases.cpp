#include "data/postgis/sheet_aliases.hpp"

#include "data/postgis/csv.hpp"
#include "data/postgis/session.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <utility>

namespace diaban::data::postgis {

namespace {

constexpr char given[] =
    "jsonb_to_recordset($1::jsonb) AS g (commune text, sheet bigint, new_commune text, new_sheet "
    "bigint, since date)";

/// The cells of one row by the names of their columns; what is not as it should be is named.
class AliasRow {
public:
    AliasRow(CsvTable const& table, CsvTable::Row const& row, std::string file)
        : m_table{table}, m_row{row}, m_file{std::move(file)} {}

    [[nodiscard]] std::string text(std::string const& name) const {
        auto const column = m_table.column(name);
        auto value = column ? m_row.cell(*column) : std::string{};
        if (value.empty()) refuse(name, "text that is not empty");
        return value;
    }
    [[nodiscard]] std::int64_t number(std::string const& name) const {
        auto const value = text(name);
        std::int64_t number = 0;
        auto const [end, fault] =
            std::from_chars(value.data(), value.data() + value.size(), number);
        if (fault != std::errc{} || end != value.data() + value.size() || number < 1)
            refuse(name, "a whole number from 1");
        return number;
    }
    [[nodiscard]] geo::Date date(std::string const& name) const {
        auto const day = geo::codec::read_date(text(name));
        if (!day) refuse(name, "a day, as 2025-07-01");
        return *day;
    }

private:
    [[noreturn]] void refuse(std::string const& name, std::string const& accepted) const {
        throw geo::Error{geo::Code::bad_input,
                         "bad-plan",
                         {{"file", m_file},
                          {"line", std::to_string(m_row.line)},
                          {"key", name},
                          {"accepted", accepted}}};
    }

    CsvTable const& m_table;
    CsvTable::Row const& m_row;
    std::string m_file;
};

} // namespace

std::vector<SheetAlias> read_aliases(std::filesystem::path const& file) {
    auto const table = CsvTable::read(file);
    std::vector<SheetAlias> aliases;
    for (std::size_t i = 1; i < table.rows().size(); ++i) {
        AliasRow const row{table, table.rows()[i], file.filename().string()};
        aliases.push_back({row.text("commune"), row.number("sheet"), row.text("new_commune"),
                           row.number("new_sheet"), row.date("valid_from")});
    }
    return aliases;
}

std::size_t enter_aliases(Pool& pool, std::span<SheetAlias const> aliases) {
    auto rows = nlohmann::json::array();
    for (auto const& alias : aliases)
        rows.push_back({{"commune", alias.commune},
                        {"sheet", alias.sheet},
                        {"new_commune", alias.new_commune},
                        {"new_sheet", alias.new_sheet},
                        {"since", geo::codec::date_text(alias.valid_from)}});
    auto const text = rows.dump();
    return writing(pool, [&](pqxx::work& sql) {
        auto const made = sql.exec_params(
            std::string{"INSERT INTO land.sheet_alias (commune_code, sheet, new_commune_code, "
                        "new_sheet, valid_from) SELECT commune, sheet, new_commune, new_sheet, "
                        "since FROM "} +
                given + " ON CONFLICT DO NOTHING",
            text);
        auto const otherwise = sql.exec_params(
            std::string{"SELECT g.new_commune, g.new_sheet FROM "} + given +
                " WHERE NOT EXISTS (SELECT FROM land.sheet_alias a WHERE a.commune_code = "
                "g.commune AND a.sheet = g.sheet AND a.valid_from = g.since AND "
                "a.new_commune_code = g.new_commune AND a.new_sheet = g.new_sheet) LIMIT 1",
            text);
        if (!otherwise.empty())
            throw geo::Error{
                geo::Code::conflict,
                "sheet-alias-taken",
                {{"commune", otherwise[0][0].c_str()}, {"value", otherwise[0][1].c_str()}}};
        return static_cast<std::size_t>(made.affected_rows());
    });
}

} // namespace diaban::data::postgis
