#include "services/domain/indicator_form.hpp"

#include "geo/codec/rfc3339.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

namespace diaban::services::domain {

namespace {

constexpr std::string_view marker = "DIABAN-1";
constexpr std::size_t first_unit_row = 3;
constexpr std::size_t first_value_column = 2;

using data::gdal::SheetCells;
using data::xlsx::Look;
using data::xlsx::MarkedCell;
using http::Language;

std::string joined(std::set<std::string> const& words) {
    return fmt::format("{}", fmt::join(words, ", "));
}

/// The cadence that periods of this form have.
std::string_view cadence_of(std::string_view period) {
    if (period.size() == 4) return "year";
    if (period.find('Q') != std::string_view::npos) return "quarter";
    if (period.find('W') != std::string_view::npos) return "week";
    return period.size() == 7 ? "month" : "day";
}

std::optional<double> number_in(std::string_view text) {
    double value = 0;
    auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

std::string trimmed(std::string_view text) {
    auto const first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return std::string{text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1)};
}

std::string title_of(Indicator const& indicator, Language language) {
    auto const& title = language == Language::en && !indicator.title_en.empty() ? indicator.title_en
                                                                                : indicator.title;
    return fmt::format("{} ({})", title, indicator.unit);
}

/// Whether a row is of that list and unit.
bool is_of(IndicatorRow const& row, UnitLists const& lists, Vintage vintage, std::uint32_t unit) {
    return lists.vintage_of(row.place_on) == vintage && lists.find(vintage, row.place_code) == unit;
}

/// Reads a form, cell by cell.
class FormReader {
public:
    FormReader(UnitLists const& lists, std::span<Indicator const> catalogue,
               SheetCells const& cells, SeesUnit const& sees, geo::Date today)
        : m_lists{lists}, m_catalogue{catalogue}, m_cells{cells}, m_sees{sees}, m_today{today} {}

    FormReading read() {
        if (cell(0, 0) != marker) throw geo::Error{geo::Code::bad_input, "form-unreadable"};
        read_question();
        read_head();
        read_units();
        std::ranges::sort(m_form.faults, {}, [](FormFault const& fault) {
            return std::pair{fault.row, fault.column};
        });
        return std::move(m_form);
    }

private:
    [[nodiscard]] std::string cell(std::size_t row, std::size_t column) const {
        if (row >= m_cells.size() || column >= m_cells[row].size()) return {};
        return trimmed(m_cells[row][column]);
    }

    void note(std::size_t row, std::size_t column, std::string type,
              geo::Error::Parameters parameters) {
        m_form.faults.push_back({row, column, std::move(type), std::move(parameters)});
    }

    void read_question() {
        auto& question = m_form.question;
        question.owner = cell(0, 1);
        question.period = cell(0, 2);
        question.province = cell(0, 5);
        auto const level = unit_level(cell(0, 3));
        auto const on = geo::codec::read_date(cell(0, 4));
        if (!level)
            note(0, 3, "form-cell",
                 {{"value", cell(0, 3)}, {"accepted", "province, district, commune"}});
        if (!on) note(0, 4, "form-cell", {{"value", cell(0, 4)}, {"accepted", "2025-07-01"}});
        m_units_known = level && on;
        question.level = level.value_or(UnitLevel::province);
        question.on = on.value_or(m_today);
        try {
            m_allowed = form_indicators(m_catalogue, question, m_today);
        } catch (geo::Error const& error) {
            note(0, error.type() == "form-owner" ? 1 : 2, error.type(), error.parameters());
        }
    }

    void read_head() {
        std::size_t columns = 0;
        for (auto const& row : m_cells) columns = std::max(columns, row.size());
        m_column_of.assign(columns, std::nullopt);
        std::set<std::string> accepted;
        for (auto const& indicator : m_allowed) accepted.insert(indicator.code);
        std::set<std::string> met;
        for (auto c = first_value_column; c < columns; ++c) {
            auto const code = cell(1, c);
            if (code.empty()) continue;
            auto const found = std::ranges::find(m_allowed, code, &Indicator::code);
            if (found == m_allowed.end()) {
                // Where owner or period are wrong, that is what is wrong.
                if (!m_allowed.empty())
                    note(1, c, "form-indicator", {{"value", code}, {"accepted", joined(accepted)}});
            } else if (!met.insert(code).second) {
                note(1, c, "form-again", {{"value", code}});
            } else {
                m_column_of[c] = m_form.indicators.size();
                m_form.indicators.push_back(*found);
            }
            m_named.insert(c);
        }
    }

    void read_units() {
        auto const vintage = m_lists.vintage_of(m_form.question.on);
        std::set<std::uint32_t> wanted;
        if (m_units_known)
            for (auto const unit : form_units(m_lists, m_form.question, m_sees))
                wanted.insert(unit);
        std::set<std::uint32_t> met;
        for (auto r = first_unit_row; r < m_cells.size(); ++r) {
            auto const code = cell(r, 0);
            auto const unit = m_lists.find(vintage, code);
            bool const known = unit && wanted.contains(*unit);
            bool const blank = std::ranges::all_of(
                m_cells[r], [](std::string const& text) { return trimmed(text).empty(); });
            if (blank) continue;
            if (m_units_known && !known)
                note(r, 0, "form-unit", {{"value", code}});
            else if (known && !met.insert(*unit).second)
                note(r, 0, "form-again", {{"value", code}});
            else if (known)
                check_name(r, m_lists.units(vintage)[*unit]);
            read_values(r, known ? unit : std::nullopt);
        }
    }

    void check_name(std::size_t row, ListedUnit const& unit) {
        auto const name = cell(row, 1);
        if (!name.empty() && name != unit.place().full_name)
            note(row, 1, "form-name", {{"value", name}, {"accepted", unit.place().full_name}});
    }

    void read_values(std::size_t row, std::optional<std::uint32_t> unit) {
        for (auto c = first_value_column; c < m_cells[row].size(); ++c) {
            auto const text = cell(row, c);
            if (text.empty()) continue;
            if (!m_named.contains(c)) {
                note(row, c, "form-column", {{"value", text}});
                continue;
            }
            auto const value = number_in(text);
            if (!value) {
                note(row, c, "form-number", {{"value", text}});
                continue;
            }
            if (!m_column_of[c]) continue; // its head says what is wrong
            auto fault = fault_of_value(m_form.indicators[*m_column_of[c]], *value);
            if (fault)
                note(row, c, std::move(fault->first), std::move(fault->second));
            else if (unit)
                m_form.values.push_back({*m_column_of[c], *unit, *value});
        }
    }

    UnitLists const& m_lists;
    std::span<Indicator const> m_catalogue;
    SheetCells const& m_cells;
    SeesUnit const& m_sees;
    geo::Date m_today;
    std::vector<Indicator> m_allowed;
    std::vector<std::optional<std::size_t>> m_column_of; ///< indicator of each column
    std::set<std::size_t> m_named;                       ///< columns with a code, right or wrong
    bool m_units_known = false;
    FormReading m_form;
};

} // namespace

std::optional<std::pair<std::string, geo::Error::Parameters>>
fault_of_value(Indicator const& indicator, double value) {
    auto const text = fmt::format("{}", value);
    double const scaled = value * std::pow(10.0, double(indicator.decimals));
    // A double keeps a decimal to 16 digits.
    if (std::abs(scaled - std::round(scaled)) > 1e-9 * std::max(1.0, std::abs(scaled)))
        return std::pair{std::string{"form-decimals"},
                         geo::Error::Parameters{{"value", text},
                                                {"accepted", std::to_string(indicator.decimals)}}};
    if ((indicator.least && value < *indicator.least) ||
        (indicator.most && value > *indicator.most)) {
        auto const bound = [](std::optional<double> const& one) {
            return one ? fmt::format("{}", *one) : std::string{};
        };
        return std::pair{std::string{"form-bounds"},
                         geo::Error::Parameters{
                             {"value", text},
                             {"accepted", bound(indicator.least) + ".." + bound(indicator.most)}}};
    }
    return std::nullopt;
}

std::string cell_name(std::size_t row, std::size_t column) {
    std::string letters;
    for (auto n = column + 1; n > 0; n = (n - 1) / 26)
        letters.insert(letters.begin(), char('A' + (n - 1) % 26));
    return letters + std::to_string(row + 1);
}

std::vector<Indicator> form_indicators(std::span<Indicator const> catalogue,
                                       FormQuestion const& question, geo::Date today) {
    std::set<std::string> owners;
    std::set<std::string> cadences;
    std::vector<Indicator> chosen;
    auto const first = first_day(question.period);
    for (auto const& indicator : catalogue) {
        owners.insert(indicator.owner);
        if (indicator.owner != question.owner) continue;
        cadences.insert(indicator.cadence);
        if (first && (indicator.cadence == cadence_of(question.period) ||
                      (indicator.cadence == "live" && cadence_of(question.period) == "day")))
            chosen.push_back(indicator);
    }
    if (!owners.contains(question.owner))
        throw geo::Error{geo::Code::bad_input,
                         "form-owner",
                         {{"value", question.owner}, {"accepted", joined(owners)}}};
    if (chosen.empty() || today < *first)
        throw geo::Error{geo::Code::bad_input,
                         "form-period",
                         {{"value", question.period}, {"accepted", joined(cadences)}}};
    return chosen;
}

std::vector<std::uint32_t> form_units(UnitLists const& lists, FormQuestion const& question,
                                      SeesUnit const& sees) {
    auto const vintage = lists.vintage_of(question.on);
    auto const units = lists.units(vintage);
    auto const within = lists.find(vintage, question.province);
    std::vector<std::uint32_t> chosen;
    for (std::uint32_t i = 0; i < units.size(); ++i) {
        auto const province = units[i].up[std::size_t(UnitLevel::province)];
        if (units[i].level == question.level && sees(units[i]) &&
            (question.province.empty() || (within && province == within)))
            chosen.push_back(i);
    }
    return chosen;
}

std::vector<std::vector<MarkedCell>> draw_form(UnitLists const& lists, FormQuestion const& question,
                                               std::span<Indicator const> indicators,
                                               std::span<std::uint32_t const> units,
                                               std::span<IndicatorRow const> reported,
                                               Language language) {
    bool const english = language == Language::en;
    auto const head = [](std::string text) { return MarkedCell{std::move(text), Look::head, {}}; };
    std::vector<std::vector<MarkedCell>> rows(first_unit_row);
    rows[0] = {head(std::string{marker}),
               head(question.owner),
               head(question.period),
               head(std::string{to_string(question.level)}),
               head(geo::codec::date_text(question.on)),
               head(question.province)};
    rows[1] = {head(english ? "Code" : "Mã đơn vị"), head(english ? "Unit" : "Tên đơn vị")};
    rows[2] = {head({}), head({})};
    for (auto const& indicator : indicators) {
        rows[1].push_back(head(indicator.code));
        rows[2].push_back(head(title_of(indicator, language)));
    }
    auto const vintage = lists.vintage_of(question.on);
    std::map<std::pair<std::string_view, std::uint32_t>, double> known;
    for (auto const& row : reported)
        if (auto const unit = lists.find(vintage, row.place_code);
            unit && is_of(row, lists, vintage, *unit))
            known[{row.code, *unit}] = row.value;
    for (auto const unit : units) {
        auto const& place = lists.units(vintage)[unit].place();
        auto& row = rows.emplace_back();
        row = {head(place.code), head(place.full_name)};
        for (auto const& indicator : indicators) {
            auto& cell = row.emplace_back(MarkedCell{{}, Look::input, {}});
            if (auto const found = known.find({indicator.code, unit}); found != known.end())
                cell.value = found->second;
        }
    }
    return rows;
}

FormReading read_form(UnitLists const& lists, std::span<Indicator const> catalogue,
                      SheetCells const& cells, SeesUnit const& sees, geo::Date today) {
    return FormReader{lists, catalogue, cells, sees, today}.read();
}

std::vector<std::vector<MarkedCell>>
mark_form(SheetCells const& cells, std::span<FormFault const> faults, Language language) {
    std::vector<std::vector<MarkedCell>> rows;
    for (std::size_t r = 0; r < cells.size(); ++r) {
        auto& row = rows.emplace_back();
        for (std::size_t c = 0; c < cells[r].size(); ++c) {
            bool const value = r >= first_unit_row && c >= first_value_column;
            auto& cell =
                row.emplace_back(MarkedCell{cells[r][c], value ? Look::input : Look::head, {}});
            if (auto const number = value ? number_in(cells[r][c]) : std::nullopt)
                cell.value = *number;
        }
    }
    for (auto const& fault : faults) {
        if (rows.size() <= fault.row) rows.resize(fault.row + 1);
        auto& row = rows[fault.row];
        if (row.size() <= fault.column) row.resize(fault.column + 1);
        auto& cell = row[fault.column];
        cell.look = Look::marked;
        auto const& said = http::sentence_of(fault.type);
        if (!cell.note.empty()) cell.note += "\n";
        cell.note += http::fill(language == Language::en ? said.detail_en : said.detail_vi,
                                fault.parameters);
    }
    return rows;
}

std::vector<data::model::Edit> form_edits(data::model::Collection const& collection,
                                          UnitLists const& lists, FormReading const& form,
                                          std::span<IndicatorRow const> reported) {
    using data::model::Edit;
    using data::model::EditKind;
    auto const vintage = lists.vintage_of(form.question.on);
    std::map<std::pair<std::string_view, std::uint32_t>, IndicatorRow const*> known;
    for (auto const& row : reported)
        if (auto const unit = lists.find(vintage, row.place_code);
            unit && is_of(row, lists, vintage, *unit))
            known[{row.code, *unit}] = &row;
    auto const effective = lists.effective();
    auto const day = !effective                    ? form.question.on
                     : vintage == Vintage::present ? *effective
                                                   : geo::Date{effective->days - 1};
    auto const field = [&](std::string_view name) {
        auto const& fields = collection.schema.fields;
        return std::size_t(std::ranges::find(fields, name, &geo::Field::name) - fields.begin());
    };
    std::vector<Edit> edits;
    for (auto const& [indicator, unit, value] : form.values) {
        auto const& code = form.indicators[indicator].code;
        auto const found = known.find({code, unit});
        if (found != known.end() && found->second->value == value) continue;
        auto& edit = edits.emplace_back();
        edit.collection = &collection;
        edit.values.emplace_back(field("value"), value);
        if (found != known.end()) {
            edit.kind = EditKind::change;
            edit.fid = found->second->fid;
            continue;
        }
        edit.kind = EditKind::create;
        edit.values.emplace_back(field("code"), code);
        edit.values.emplace_back(field("place_code"), lists.units(vintage)[unit].code());
        edit.values.emplace_back(field("place_on"), day);
        edit.values.emplace_back(field("period"), form.question.period);
    }
    return edits;
}

} // namespace diaban::services::domain
