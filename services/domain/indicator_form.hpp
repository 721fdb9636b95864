#pragma once

#include "data/gdal/sheet_cells.hpp"
#include "data/model/edit.hpp"
#include "data/xlsx/marked_sheet.hpp"
#include "geo/error.hpp"
#include "services/domain/indicator_rows.hpp"
#include "services/domain/unit_lists.hpp"
#include "services/http/messages.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// A sheet in which an owner reports the values of a period: a row a unit, a column an indicator.
///
///   row 1   DIABAN-1, owner, period, level, day of the list of units, code of a province or
///   nothing row 2   code of the unit, its name, codes of indicators row 3   what they are called,
///   with the unit of measure row 4…  units with their values; an empty cell reports nothing
struct FormQuestion {
    std::string owner;
    std::string period;
    UnitLevel level = UnitLevel::province;
    geo::Date on;
    std::string province; ///< only what lies in it; empty: all
};

/// Whether a policy lets a unit be known.
using SeesUnit = std::function<bool(ListedUnit const&)>;

/// What the owner reports in such a period.
/// Throws   Error{bad_input, "form-owner"} naming who owns anything; "form-period".
[[nodiscard]] std::vector<Indicator> form_indicators(std::span<Indicator const> catalogue,
                                                     FormQuestion const& question, geo::Date today);
/// The units it is reported for, in the order of the list.
[[nodiscard]] std::vector<std::uint32_t>
form_units(UnitLists const& lists, FormQuestion const& question, SeesUnit const& sees);

/// The form to be filled in, with what was reported before. `reported`: rows of those indicators
/// and that period.
[[nodiscard]] std::vector<std::vector<data::xlsx::MarkedCell>>
draw_form(UnitLists const& lists, FormQuestion const& question,
          std::span<Indicator const> indicators, std::span<std::uint32_t const> units,
          std::span<IndicatorRow const> reported, http::Language language);

/// One thing that is wrong, and the cell it stands in, counted from zero.
struct FormFault {
    std::size_t row = 0;
    std::size_t column = 0;
    std::string type;
    geo::Error::Parameters parameters;
};
/// `C7`.
[[nodiscard]] std::string cell_name(std::size_t row, std::size_t column);

struct FormValue {
    std::size_t indicator = 0; ///< of FormReading::indicators
    std::uint32_t unit = 0;
    double value = 0;
};

/// What a filled-in form says. Values mean nothing where there are faults.
struct FormReading {
    FormQuestion question;
    std::vector<Indicator> indicators;
    std::vector<FormValue> values;
    std::vector<FormFault> faults; ///< by row and column
};

/// Checks every cell: the owner and period, units by code and name, numbers by the bounds and
/// decimals of the catalogue.
/// Throws   Error{bad_input, "form-unreadable"} for what is no such form.
[[nodiscard]] FormReading read_form(UnitLists const& lists, std::span<Indicator const> catalogue,
                                    data::gdal::SheetCells const& cells, SeesUnit const& sees,
                                    geo::Date today);

/// The form as it came, each faulty cell marked and saying what is wrong with it.
[[nodiscard]] std::vector<std::vector<data::xlsx::MarkedCell>>
mark_form(data::gdal::SheetCells const& cells, std::span<FormFault const> faults,
          http::Language language);

/// What has to be written so that the record says what the form says: new values, and corrections
/// of others. `collection` is that of `indicators`; `reported` as for draw_form.
[[nodiscard]] std::vector<data::model::Edit> form_edits(data::model::Collection const& collection,
                                                        UnitLists const& lists,
                                                        FormReading const& form,
                                                        std::span<IndicatorRow const> reported);

/// A value as its catalogue entry allows it; a fault's type and parameters where it does not.
[[nodiscard]] std::optional<std::pair<std::string, geo::Error::Parameters>>
fault_of_value(Indicator const& indicator, double value);

} // namespace diaban::services::domain
