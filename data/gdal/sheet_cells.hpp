#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace diaban::data::gdal {

/// Rows of cells as text, from the first row and column on; an empty cell is an empty text.
using SheetCells = std::vector<std::vector<std::string>>;

/// The cells of the first sheet of a workbook (Office Open XML), numbers as they are stored, and
/// formulas as they were last computed.
///
/// Bounds   20 MB unpacked, 10,000 rows, 200 columns.
/// Throws   Error{bad_input, "form-unreadable"} for what is no workbook; Error{too_large,
///          "form-too-large"}.
[[nodiscard]] SheetCells read_sheet(std::string_view bytes);

} // namespace diaban::data::gdal
