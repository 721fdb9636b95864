#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace diaban::data::xlsx {

/// How a cell looks.
enum class Look : std::uint8_t {
    plain,
    head,   ///< bold on grey: what is not to be filled in
    input,  ///< bordered: what is
    marked, ///< red: what is wrong
};

struct MarkedCell {
    std::variant<std::monostate, double, std::string> value{};
    Look look = Look::plain;
    std::string note{}; ///< said beside the cell when it is pointed at; empty: nothing
};

/// A workbook (Office Open XML) of one sheet with these cells, as bytes.
///
/// Texts    are texts, never formulas. Bounds as SheetSink.
/// Frozen   the first `frozen_rows` rows and the first two columns stay in sight.
/// Throws   Error{internal, "unwritable-file"} where the machine has no room for it.
[[nodiscard]] std::string write_marked_sheet(std::string const& sheet,
                                             std::vector<std::vector<MarkedCell>> const& rows,
                                             std::uint32_t frozen_rows);

} // namespace diaban::data::xlsx
