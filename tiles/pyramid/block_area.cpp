#include "tiles/pyramid/block_area.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace diaban::tiles::pyramid {
namespace {

std::int64_t floor_divided(Wide a, std::int64_t b) noexcept {
    auto quotient = a / b;
    if (a % b != 0 && (a < 0) != (b < 0)) --quotient;
    return std::int64_t(quotient);
}

/// Where the side from (a, u) to (b, v) is at `at` between a and b; rounded. a < b.
std::int64_t crossing(std::int64_t a, std::int64_t u, std::int64_t b, std::int64_t v,
                      std::int64_t at) noexcept {
    auto const run = b - a;
    return u + floor_divided(2 * Wide{v - u} * (at - a) + run, 2 * run);
}

} // namespace

bool BlockArea::begin(GridBox const& box) {
    auto const range = [&](std::int64_t low, std::int64_t high, std::int64_t origin) {
        auto const side = std::int64_t{m_square.side};
        return std::pair{
            std::clamp((low - origin) >> m_square.shift, std::int64_t{0}, side),
            std::clamp(((high - origin) >> m_square.shift) + 1, std::int64_t{0}, side)};
    };
    std::tie(m_first_row, m_last_row) = range(box.min_y, box.max_y, m_square.north);
    std::tie(m_first_column, m_last_column) = range(box.min_x, box.max_x, m_square.west);
    if (m_first_row >= m_last_row || m_first_column >= m_last_column) return false;
    m_stride = m_last_column - m_first_column + 1;
    auto const cells = std::size_t((m_last_row - m_first_row) * m_stride);
    if (m_cells.size() < cells) m_cells.resize(cells);
    return true;
}

void BlockArea::add_ring(std::span<GridPoint const> ring) {
    for (std::size_t i = 0; i < ring.size(); ++i)
        add_side(ring[i], ring[i + 1 == ring.size() ? 0 : i + 1]);
}

void BlockArea::add_side(GridPoint a, GridPoint b) {
    if (a.y == b.y) return;
    // Exteriors run clockwise on screen: a side that goes up has the inside to its right.
    int const sign = a.y > b.y ? 1 : -1;
    if (a.y > b.y) std::swap(a, b);
    auto const ax = a.x - m_square.west;
    auto const ay = a.y - m_square.north;
    auto const bx = b.x - m_square.west;
    auto const by = b.y - m_square.north;
    auto const first = std::max(ay >> m_square.shift, m_first_row);
    auto const last = std::min((by - 1) >> m_square.shift, m_last_row - 1);
    for (auto row = first; row <= last; ++row) {
        auto const top = row << m_square.shift;
        auto const bottom = (row + 1) << m_square.shift;
        auto const from = ay >= top ? ax : crossing(ay, ax, by, bx, top);
        auto const to = by <= bottom ? bx : crossing(ay, ax, by, bx, bottom);
        add_in_row(row, from, std::max(ay, top), to, std::min(by, bottom), sign);
    }
}

void BlockArea::add_in_row(std::int64_t row, std::int64_t ax, std::int64_t ay, std::int64_t bx,
                           std::int64_t by, int sign) {
    auto const column = [&](std::int64_t x) { return x >> m_square.shift; };
    bool const east = ax <= bx;
    auto const low = column(east ? ax : bx);
    auto const high = column(east ? bx : ax);
    if (low == high || high < m_first_column || low >= m_last_column) {
        add_in_cell(row, low, ax, ay, bx, by, sign);
        return;
    }
    // From west to east; the run in y is counted with its own sign.
    auto const wx = east ? ax : bx;
    auto const wy = east ? ay : by;
    auto const ex = east ? bx : ax;
    auto const ey = east ? by : ay;
    auto const direction = east ? sign : -sign;
    auto const first = std::max(low, m_first_column - 1);
    auto const last = std::min(high, m_last_column - 1);
    for (auto c = first; c <= last; ++c) {
        auto const west = c << m_square.shift;
        auto const border = (c + 1) << m_square.shift;
        bool const begins = c == low || c < m_first_column;
        auto const fx = begins ? wx : west;
        auto const fy = begins ? wy : crossing(wx, wy, ex, ey, west);
        auto const tx = c == high ? ex : border;
        auto const ty = c == high ? ey : crossing(wx, wy, ex, ey, border);
        add_in_cell(row, c, fx, fy, tx, ty, direction);
    }
}

void BlockArea::add_in_cell(std::int64_t row, std::int64_t column, std::int64_t ax, std::int64_t ay,
                            std::int64_t bx, std::int64_t by, int sign) {
    if (column >= m_last_column) return;
    auto const run = sign * (by - ay);
    auto const row_begin = (row - m_first_row) * m_stride;
    if (column < m_first_column) {
        m_cells[std::size_t(row_begin)].cover += run;
        return;
    }
    auto& cell = m_cells[std::size_t(row_begin + 1 + column - m_first_column)];
    auto const west = column << m_square.shift;
    cell.cover += run;
    cell.moment += run * (ax - west + bx - west);
}

} // namespace diaban::tiles::pyramid
