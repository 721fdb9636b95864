#include "geo/statistics/controlled_rounding.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <string>

namespace diaban::geo::statistics {

namespace {

constexpr std::int64_t whole = 1'000'000; ///< parts of a unit

/// A table with one more row and column, in parts of a unit, that make every line whole. In each
/// line there are two cells with a fraction, or none.
class Fractions {
public:
    Fractions(std::vector<std::int64_t> const& parts, std::size_t columns)
        : m_columns{columns + 1}, m_rows{parts.size() / columns + 1}, m_cells(m_columns * m_rows) {
        for (std::size_t i = 0; i < parts.size(); ++i)
            cell(i / columns, i % columns) = parts[i] % whole;
        for (std::size_t row = 0; row + 1 < m_rows; ++row) {
            std::int64_t sum = 0;
            for (std::size_t column = 0; column < columns; ++column) sum += cell(row, column);
            cell(row, columns) = missing(sum);
        }
        for (std::size_t column = 0; column < m_columns; ++column) {
            std::int64_t sum = 0;
            for (std::size_t row = 0; row + 1 < m_rows; ++row) sum += cell(row, column);
            cell(m_rows - 1, column) = missing(sum);
        }
    }

    /// Rounds the cells of one row after the other to 0 or `whole`.
    void round() {
        for (std::size_t row = 0; row < m_rows; ++row)
            while (auto const column = across(row, m_columns)) turn(row, *column);
    }
    [[nodiscard]] bool is_up(std::size_t row, std::size_t column) const {
        return m_cells[row * m_columns + column] == whole;
    }

private:
    struct Corner {
        std::size_t row, column;
    };

    static std::int64_t missing(std::int64_t sum) { return (whole - sum % whole) % whole; }
    [[nodiscard]] std::int64_t& cell(std::size_t row, std::size_t column) {
        return m_cells[row * m_columns + column];
    }
    [[nodiscard]] bool is_broken(std::size_t row, std::size_t column) {
        return cell(row, column) % whole != 0;
    }
    std::optional<std::size_t> across(std::size_t row, std::size_t but) {
        for (std::size_t column = 0; column < m_columns; ++column)
            if (column != but && is_broken(row, column)) return column;
        return std::nullopt;
    }
    std::size_t down(std::size_t column, std::size_t but) {
        for (std::size_t row = 0; row < m_rows; ++row)
            if (row != but && is_broken(row, column)) return row;
        return but; // not reached: a line does not break once
    }

    /// Goes from broken cell to broken cell, along a column and a row in turn, until it meets a
    /// row where it was: what lies between is a cycle. One of its cells is whole afterwards.
    void turn(std::size_t row, std::size_t column) {
        std::vector<Corner> path;
        std::vector<std::size_t> first(m_rows, m_cells.size()); // where the path entered a row
        while (first[row] == m_cells.size()) {
            first[row] = path.size();
            if (!path.empty()) column = across(row, path.back().column).value_or(column);
            path.push_back({row, column});
            row = down(column, row);
            path.push_back({row, column});
        }
        path.erase(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(first[row]));
        close(path);
        shift(path);
    }

    /// The last cell and the first lie in one row. Where they are one cell, both go: the cycle is
    /// the rest, along that column.
    static void close(std::vector<Corner>& path) {
        if (path.front().column != path.back().column) return;
        path.erase(path.begin());
        path.pop_back();
    }

    void shift(std::vector<Corner> const& cycle) {
        std::int64_t up = whole;      // as far as even cells may rise and odd ones fall
        std::int64_t down_by = whole; // and the other way round
        for (std::size_t i = 0; i < cycle.size(); ++i) {
            auto const here = cell(cycle[i].row, cycle[i].column);
            auto const rise = whole - here;
            up = std::min(up, i % 2 == 0 ? rise : here);
            down_by = std::min(down_by, i % 2 == 0 ? here : rise);
        }
        auto const by = up <= down_by ? up : -down_by;
        for (std::size_t i = 0; i < cycle.size(); ++i)
            cell(cycle[i].row, cycle[i].column) += i % 2 == 0 ? by : -by;
    }

    std::size_t m_columns;
    std::size_t m_rows;
    std::vector<std::int64_t> m_cells;
};

std::vector<std::int64_t> parts_of(std::span<double const> amounts, double unit) {
    std::vector<std::int64_t> parts;
    parts.reserve(amounts.size());
    double sum = 0;
    for (double const amount : amounts) {
        if (!std::isfinite(amount) || amount < 0)
            throw Error{Code::bad_input, "bad-table", {{"value", std::to_string(amount)}}};
        sum += amount / unit;
        if (sum > most_table_units)
            throw Error{Code::too_large, "too-many-values", {{"value", std::to_string(sum)}}};
        parts.push_back(std::llround(amount / unit * double(whole)));
    }
    return parts;
}

/// Sums of lines, and how far anything printed is from its amount.
void add_up(RoundedTable& table, std::vector<std::int64_t> const& parts) {
    auto const columns = table.columns;
    auto const rows = parts.size() / columns;
    std::vector<std::int64_t> row_parts(rows), column_parts(columns);
    table.row_totals.resize(rows);
    table.column_totals.resize(columns);
    std::int64_t furthest = 0;
    auto const compare = [&](std::int64_t printed, std::int64_t amount) {
        furthest = std::max(furthest, std::abs(printed * whole - amount));
    };
    for (std::size_t i = 0; i < parts.size(); ++i) {
        table.row_totals[i / columns] += table.cells[i];
        table.column_totals[i % columns] += table.cells[i];
        row_parts[i / columns] += parts[i];
        column_parts[i % columns] += parts[i];
        compare(table.cells[i], parts[i]);
    }
    for (std::size_t row = 0; row < rows; ++row) compare(table.row_totals[row], row_parts[row]);
    for (std::size_t column = 0; column < columns; ++column)
        compare(table.column_totals[column], column_parts[column]);
    table.total = std::accumulate(table.row_totals.begin(), table.row_totals.end(), std::int64_t{});
    compare(table.total, std::accumulate(parts.begin(), parts.end(), std::int64_t{}));
    table.greatest_difference = double(furthest) / double(whole);
}

} // namespace

RoundedTable round_table(std::span<double const> amounts, std::size_t columns, double unit) {
    RoundedTable table;
    table.columns = columns;
    if (amounts.empty()) {
        table.column_totals.resize(columns);
        return table;
    }
    if (columns == 0 || amounts.size() % columns != 0 || !(unit > 0))
        throw Error{Code::bad_input, "bad-table", {{"value", std::to_string(amounts.size())}}};
    if (amounts.size() > most_table_cells)
        throw Error{
            Code::too_large, "too-many-values", {{"value", std::to_string(amounts.size())}}};
    auto const parts = parts_of(amounts, unit);
    Fractions fractions{parts, columns};
    fractions.round();
    table.cells.reserve(parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i)
        table.cells.push_back(parts[i] / whole +
                              (fractions.is_up(i / columns, i % columns) ? 1 : 0));
    add_up(table, parts);
    return table;
}

} // namespace diaban::geo::statistics
