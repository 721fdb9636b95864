#include "services/domain/land_statistics.hpp"

#include "geo/codec/rfc3339.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace diaban::services::domain {

namespace {

using data::model::LandUse;
using data::model::LandUseArea;
using data::model::LandUseChange;
using data::xlsx::Look;
using data::xlsx::MarkedCell;
using Row = std::vector<MarkedCell>;

constexpr char form_name[] = "Diaban TK-1";
constexpr char form_since[] = "2026-11-28"; ///< another layout gets another day

/// Those of these codes, in the order of the list; then codes that are not in it; then none.
std::vector<LandUse> in_order(std::set<std::string> codes, std::span<LandUse const> known) {
    std::vector<LandUse> uses;
    for (auto const& use : known)
        if (codes.erase(use.code) > 0) uses.push_back(use);
    bool const none = codes.erase("") > 0;
    for (auto const& code : codes) uses.push_back({code, "", code, code});
    if (none) uses.push_back({"", "", "Chưa rõ loại đất", "Use not known"});
    return uses;
}

void add(LandUseTable::Sum& to, LandUseTable::Sum const& one) {
    to.parcels += one.parcels;
    to.without_area += one.without_area;
    to.area_m2 += one.area_m2;
}

std::size_t place_of(std::span<LandUse const> uses, std::string const& code) {
    return static_cast<std::size_t>(std::ranges::find(uses, code, &LandUse::code) - uses.begin());
}

MarkedCell head(std::string text) {
    return {std::move(text), Look::head, {}};
}
MarkedCell area(std::int64_t hundredths, Look look = Look::input) {
    return {hectares(hundredths), look, {}};
}

std::string_view group_title(std::string_view group, bool english) {
    if (group == "agricultural") return english ? "Agricultural land" : "Đất nông nghiệp";
    if (group == "other") return english ? "Non-agricultural land" : "Đất phi nông nghiệp";
    if (group == "unused") return english ? "Unused land" : "Đất chưa sử dụng";
    return english ? "Of no group" : "Chưa phân nhóm";
}

/// Draws one form; rows are added from above.
class Drawing {
public:
    Drawing(LandStatisticsForm const& form, http::Language language)
        : m_form{form}, m_english{language == http::Language::en} {}

    std::vector<Row> draw() {
        add_heads();
        add_columns();
        Row all{head({}), head(say("Tổng diện tích", "All land"))};
        add_numbers(all, "", true);
        m_rows.push_back(std::move(all));
        for (auto const group : use_groups) add_group(group);
        if (m_form.changes) add_changes(*m_form.changes);
        return std::move(m_rows);
    }

private:
    [[nodiscard]] std::string say(char const* vi, char const* en) const {
        return m_english ? en : vi;
    }
    [[nodiscard]] std::string const& title(LandUse const& use) const {
        return m_english && !use.title_en.empty() ? use.title_en : use.title_vi;
    }
    void add_line(std::string text) { m_rows.push_back({head({}), head(std::move(text))}); }

    void add_heads() {
        auto const& of = m_form.statistics;
        std::string at;
        geo::codec::append_instant(at, of.frozen_at);
        bool const inventory = of.kind == "inventory";
        add_line(inventory ? say("KIỂM KÊ ĐẤT ĐAI", "LAND INVENTORY")
                           : say("THỐNG KÊ ĐẤT ĐAI", "LAND STATISTICS"));
        add_line(fmt::format("{} {}; {} {}; {} {}, {}", say("Đến ngày", "On"),
                             geo::codec::date_text(of.taken_on), say("phiên bản", "version"),
                             of.version, say("chốt lúc", "frozen at"), at, of.author));
        add_line(say("Đơn vị tính: ha; diện tích trên ellipsoid; từng số và từng tổng lệch dưới "
                     "0,01 ha",
                     "Unit: ha; areas on the ellipsoid; each number and total is off by less than "
                     "0.01 ha"));
        add_line(fmt::format(
            "{}: {}{}", say("Nguồn", "Origin"),
            m_form.synthetic ? say("GIẢ LẬP", "SYNTHETIC") : say("sổ địa chính", "the register"),
            m_form.partial
                ? say("; chỉ gồm phần người tải được xem", "; only what its reader may see")
                : ""));
        add_line(fmt::format("{} {} ({} {}), {}", say("Mẫu", "Form"), form_name, say("từ", "since"),
                             form_since, say("không phải mẫu của Bộ", "not the Ministry's")));
    }

    void add_columns() {
        Row row{head(say("Mã", "Code")), head(say("Loại đất", "Land use")),
                head(say("Tổng diện tích", "Total")),
                head(say("Đối tượng sử dụng: chưa rõ", "Users: not recorded"))};
        auto const& communes = m_form.table.communes;
        for (std::size_t i = 0; i < communes.size(); ++i)
            if (is_shown(i)) row.push_back(head(name_of(communes[i])));
        m_rows.push_back(std::move(row));
    }

    [[nodiscard]] bool is_shown(std::size_t commune) const {
        return !m_form.commune || *m_form.commune == commune;
    }
    [[nodiscard]] std::string name_of(std::string const& code) const {
        if (code.empty()) return say("Chưa rõ xã", "Commune not known");
        auto const found = m_form.names.find(code);
        return found == m_form.names.end() ? code : found->second + " (" + code + ")";
    }

    /// Total, users, communes: of a group, or of all.
    void add_numbers(Row& row, std::string_view group, bool all) const {
        auto const& table = m_form.table;
        auto const sum = [&](std::optional<std::size_t> commune) {
            auto const line = table.line(commune);
            std::int64_t total = 0;
            for (auto const one : line) total += one;
            return all ? total : sum_of_group(group, table.uses, line);
        };
        auto const total = sum(m_form.commune);
        row.push_back(area(total, Look::head));
        row.push_back(area(total, Look::head));
        for (std::size_t i = 0; i < table.communes.size(); ++i)
            if (is_shown(i)) row.push_back(area(sum(i), Look::head));
    }

    void add_group(std::string_view group) {
        auto const& table = m_form.table;
        if (std::ranges::find(table.uses, group, &LandUse::group) == table.uses.end()) return;
        Row sums{head({}), head(std::string{group_title(group, m_english)})};
        add_numbers(sums, group, false);
        m_rows.push_back(std::move(sums));
        auto const line = table.line(m_form.commune);
        for (std::size_t use = 0; use < table.uses.size(); ++use) {
            if (table.uses[use].group != group) continue;
            Row row{head(table.uses[use].code), head(title(table.uses[use])), area(line[use]),
                    area(line[use])};
            for (std::size_t i = 0; i < table.communes.size(); ++i)
                if (is_shown(i)) row.push_back(area(table.hundredths.at(i, use)));
            m_rows.push_back(std::move(row));
        }
    }

    void add_changes(LandUseChanges const& changes) {
        m_rows.push_back({});
        add_line(fmt::format("{} {}", say("Biến động so với", "Changes since"),
                             geo::codec::date_text(m_form.changed_since)));
        auto const& uses = changes.uses;
        auto const& table = changes.hundredths;
        Row names{head(say("Mã", "Code")), head(say("Trước \\ sau", "Before \\ after"))};
        for (auto const& use : uses)
            names.push_back(head(use.code.empty() ? title(use) : use.code));
        names.push_back(head(say("Không còn", "Gone")));
        names.push_back(head(say("Cộng trước", "Before")));
        m_rows.push_back(std::move(names));
        for (std::size_t i = 0; i <= uses.size(); ++i) {
            bool const is_new = i == uses.size();
            Row row{head(is_new ? "" : uses[i].code),
                    head(is_new ? say("Mới", "New") : title(uses[i]))};
            for (std::size_t k = 0; k <= uses.size(); ++k) row.push_back(area(table.at(i, k)));
            row.push_back(area(table.row_totals[i], Look::head));
            m_rows.push_back(std::move(row));
        }
        Row sums{head({}), head(say("Cộng sau", "After"))};
        for (auto const sum : table.column_totals) sums.push_back(area(sum, Look::head));
        sums.push_back(area(table.total, Look::head));
        m_rows.push_back(std::move(sums));
    }

    LandStatisticsForm const& m_form;
    bool m_english;
    std::vector<Row> m_rows;
};

} // namespace

std::optional<std::size_t> LandUseTable::find(std::string_view commune) const noexcept {
    auto const found = std::ranges::find(communes, commune);
    if (found == communes.end()) return std::nullopt;
    return static_cast<std::size_t>(found - communes.begin());
}

std::vector<std::int64_t> LandUseTable::line(std::optional<std::size_t> commune) const {
    if (!commune) return hundredths.column_totals;
    auto const begin =
        hundredths.cells.begin() + static_cast<std::ptrdiff_t>(*commune * uses.size());
    return {begin, begin + static_cast<std::ptrdiff_t>(uses.size())};
}

LandUseTable::Sum LandUseTable::sum(std::optional<std::size_t> commune) const {
    if (commune) return sums[*commune];
    Sum all;
    for (auto const& one : sums) add(all, one);
    return all;
}

LandUseTable tabulate(std::span<LandUseArea const> areas, std::span<LandUse const> known) {
    LandUseTable table;
    std::set<std::string> communes, codes;
    for (auto const& one : areas) {
        communes.insert(one.commune);
        codes.insert(one.land_use);
    }
    table.uses = in_order(std::move(codes), known);
    bool const none = communes.erase("") > 0;
    table.communes.assign(communes.begin(), communes.end());
    if (none) table.communes.emplace_back();
    std::vector<double> cells(table.communes.size() * table.uses.size());
    table.sums.resize(table.communes.size());
    for (auto const& one : areas) {
        auto const row = table.find(one.commune).value();
        cells[row * table.uses.size() + place_of(table.uses, one.land_use)] += one.area_m2;
        add(table.sums[row], {one.parcels, one.without_area, one.area_m2});
    }
    table.hundredths = geo::statistics::round_table(cells, table.uses.size(), printed_m2);
    return table;
}

LandUseChanges tabulate(std::span<LandUseChange const> changes, std::span<LandUse const> known) {
    LandUseChanges table;
    std::set<std::string> codes;
    for (auto const& one : changes)
        for (auto const& side : {one.before, one.after})
            if (side) codes.insert(*side);
    table.uses = in_order(std::move(codes), known);
    auto const columns = table.uses.size() + 1;
    std::vector<double> cells(columns * columns);
    auto const place = [&](std::optional<std::string> const& code) {
        return code ? place_of(table.uses, *code) : table.uses.size();
    };
    for (auto const& one : changes)
        cells[place(one.before) * columns + place(one.after)] += one.area_m2;
    table.hundredths = geo::statistics::round_table(cells, columns, printed_m2);
    return table;
}

std::int64_t sum_of_group(std::string_view group, std::span<LandUse const> uses,
                          std::span<std::int64_t const> hundredths) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < uses.size(); ++i)
        if (uses[i].group == group) sum += hundredths[i];
    return sum;
}

std::vector<Row> draw_land_statistics(LandStatisticsForm const& form, http::Language language) {
    return Drawing{form, language}.draw();
}

} // namespace diaban::services::domain
