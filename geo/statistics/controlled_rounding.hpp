#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diaban::geo::statistics {

/// The most cells of a table that is rounded, and the most units in it.
inline constexpr std::size_t most_table_cells = 1'000'000;
inline constexpr double most_table_units = 1e12;

/// A table in whole units, row by row, that adds up exactly as printed.
struct RoundedTable {
    std::size_t columns = 0;
    std::vector<std::int64_t> cells;
    std::vector<std::int64_t> row_totals, column_totals; ///< sums of the rounded cells
    std::int64_t total = 0;
    double greatest_difference = 0; ///< of a cell, a line or the total to its amount, in units

    [[nodiscard]] std::int64_t at(std::size_t row, std::size_t column) const noexcept {
        return cells[row * columns + column];
    }
};

/// Rounds every amount to one of its two neighbouring multiples of `unit`, so that the totals of
/// rows, of columns and of all, each the sum of what is printed, are neighbours of theirs too:
/// none is off by a unit or more, and what is whole, zero above all, stays.
///
/// Amounts  not negative, finite; row-major, `columns` to a row; taken to a millionth of a unit.
/// Method   controlled rounding (Cox 1987, J. Am. Stat. Assoc. 82): fractions are moved around
///          cycles of cells until none is left. Cox draws the direction by lot; here it is the one
///          that moves less, so that the same table is always rounded alike.
/// Throws   Error{bad_input, "bad-table"} for other amounts or an incomplete row; Error{too_large,
///          "too-many-values"} beyond the bounds above.
/// Cost     at most cells · (rows + columns)²; of real tables about cells · 100.
[[nodiscard]] RoundedTable round_table(std::span<double const> amounts, std::size_t columns,
                                       double unit);

} // namespace diaban::geo::statistics
