#include "geo/synthetic/parcel_grid.hpp"

#include "geo/error.hpp"
#include "geo/synthetic/noise.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>

namespace diaban::geo::synthetic {

namespace {

constexpr std::uint64_t max_count = 1'000'000'000;
constexpr std::uint32_t min_vertices = 5;   // four corners and the closing position
constexpr std::uint32_t max_vertices = 133; // 32 positions inside each edge
constexpr double max_latitude = 85;
constexpr double min_cell = 1e-8; // degrees, about 1 mm: far above the step of a double there

// In cells. Opposite edges stay 0.4 apart and adjacent ones open by at least 2°, so every ring is
// simple: corners of a cell lie within 0.2 of the lattice, and an edge leaves the line between its
// corners by at most 0.08, and by at most 0.32 of the way along it (`taper`).
constexpr double corner_jitter = 0.2;
constexpr double edge_jitter = 0.08;
constexpr double taper = 0.32;
constexpr double step_jitter = 0.25; // along the edge, of the distance between its vertices

constexpr double patch_area = 196; // parcels
constexpr double patch_warp = 2.5; // cells by which the borders of patches leave straight lines
constexpr double warp_length = 24; // cells
constexpr std::uint32_t sheet_columns = 25;
constexpr std::uint32_t sheet_rows = 20;

// What a hashed number is for.
enum Purpose : std::uint64_t {
    corner_x = 1,
    corner_y,
    edge_across,
    edge_along,
    warp_x,
    warp_y,
    use
};

struct Share {
    std::string_view code;
    unsigned percent;
};

// Patches are coloured as a 2 × 2 board, each colour with codes of its own: patches that touch at
// an edge never have one code, so a patch of equal codes never outgrows one cell of the board.
using Shares = std::array<Share, 6>;
constexpr std::array<Shares, 4> colours{{
    {{{"LUC", 70}, {"LUK", 12}, {"NTS", 12}, {"LMU", 2}, {"MNC", 4}, {"LUC", 0}}},
    {{{"HNK", 45}, {"CLN", 40}, {"NKH", 6}, {"CNT", 4}, {"DTL", 5}, {"HNK", 0}}},
    {{{"RSX", 55}, {"RPH", 30}, {"RDD", 7}, {"BCS", 5}, {"DCS", 3}, {"RSX", 0}}},
    {{{"ONT", 55}, {"ODT", 20}, {"SKC", 8}, {"TMD", 7}, {"NTD", 5}, {"DGD", 5}}},
}};

std::string_view pick(Shares const& shares, double at) noexcept {
    double percent = at * 100;
    for (auto const& share : shares) {
        if (percent < share.percent) return share.code;
        percent -= share.percent;
    }
    return shares.front().code;
}

std::uint64_t place(std::uint32_t column, std::uint32_t row) noexcept {
    return (std::uint64_t{row} << 32) | column;
}

std::uint32_t at_least_one(double n) noexcept {
    return static_cast<std::uint32_t>(std::max(1.0, std::round(n)));
}

[[noreturn]] void refuse(char const* parameter, std::string value, char const* accepted) {
    throw Error{Code::bad_input,
                "bad-parameter",
                {{"parameter", parameter}, {"value", std::move(value)}, {"accepted", accepted}}};
}

std::string words(Box const& box) {
    auto const number = [](double x) { return std::to_string(x); };
    return number(box.min_x) + "," + number(box.min_y) + "," + number(box.max_x) + "," +
           number(box.max_y);
}

void check(ParcelGridPlan const& plan) {
    if (plan.count == 0 || plan.count > max_count)
        refuse("count", std::to_string(plan.count), "1 … 1000000000");
    if (plan.vertices < min_vertices || plan.vertices > max_vertices || plan.vertices % 2 == 0)
        refuse("vertices", std::to_string(plan.vertices), "5, 7, … 133");
    Box const& box = plan.box;
    bool const ordered = box.min_x < box.max_x && box.min_y < box.max_y; // false for NaN
    if (!ordered || box.min_x < -180 || box.max_x > 180 || box.min_y < -max_latitude ||
        box.max_y > max_latitude)
        refuse("box", words(box), "W,S,E,N: -180 … 180, -85 … 85");
}

} // namespace

ParcelGrid::ParcelGrid(ParcelGridPlan const& plan) : m_plan{plan} {
    check(plan);
    Box const& box = plan.box;
    double const middle = (box.min_y + box.max_y) / 2 * std::numbers::pi / 180;
    double const aspect = (box.max_x - box.min_x) * std::cos(middle) / (box.max_y - box.min_y);
    double const count = static_cast<double>(plan.count);
    m_columns = at_least_one(std::min(std::sqrt(count * aspect), count));
    m_rows = static_cast<std::uint32_t>((plan.count + m_columns - 1) / m_columns);
    if ((box.max_x - box.min_x) / m_columns < min_cell ||
        (box.max_y - box.min_y) / m_rows < min_cell)
        refuse("box", words(box), "1 mm × 1 mm × count");

    m_full_rows = std::max(1U, static_cast<std::uint32_t>(plan.count / m_columns));
    m_patch_rows = at_least_one(m_rows / std::sqrt(patch_area));
    m_patch_columns = at_least_one(m_columns / (patch_area * m_patch_rows / m_rows));

    std::uint32_t const between = (plan.vertices - min_vertices) / 2;
    m_between_along = between / 2;
    m_between_across = between - m_between_along;
}

Position ParcelGrid::corner(std::uint32_t column, std::uint32_t row) const noexcept {
    Box const& box = m_plan.box;
    std::uint64_t const at = place(column, row);
    auto const axis = [&](std::uint32_t i, std::uint32_t n, double low, double high, Purpose why) {
        if (i == 0) return low;
        if (i == n) return high;
        double const jitter = corner_jitter * signed_unit(mix(m_plan.seed, why, at));
        return low + (high - low) * ((i + jitter) / n);
    };
    return {axis(column, m_columns, box.min_x, box.max_x, corner_x),
            axis(row, m_rows, box.min_y, box.max_y, corner_y)};
}

/// Appends the edge between two corners without its end. Its vertices are computed from the western
/// or southern corner whichever way it is walked: so both neighbours get the same doubles.
void ParcelGrid::append_edge(Geometry& outline, Cell from, Cell to) const {
    bool const across = from.row == to.row;
    bool const backwards = across ? to.column < from.column : to.row < from.row;
    Cell const first = backwards ? to : from;
    Cell const last = backwards ? from : to;
    Position const a = corner(first.column, first.row);
    Position const b = corner(last.column, last.row);
    outline.positions.push_back(backwards ? b : a);

    std::uint32_t const n = across ? m_between_across : m_between_along;
    bool const rim = across ? first.row == 0 || first.row == m_rows
                            : first.column == 0 || first.column == m_columns;
    double const cell = across ? (m_plan.box.max_y - m_plan.box.min_y) / m_rows
                               : (m_plan.box.max_x - m_plan.box.min_x) / m_columns;
    std::uint64_t const edge =
        mix(m_plan.seed, across ? edge_across : edge_along, place(first.column, first.row));
    for (std::uint32_t i = 1; i <= n; ++i) {
        std::uint32_t const k = backwards ? n + 1 - i : i;
        std::uint64_t const word = mix(edge + k);
        double const step = step_jitter * signed_unit(word << 32);
        double const t = (k + step) / (n + 1);
        double const reach = std::min(edge_jitter, taper * std::min(t, 1 - t));
        double const aside = rim ? 0 : reach * signed_unit(word) * cell;
        Position p{a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
        (across ? p.y : p.x) += aside;
        outline.positions.push_back(p);
    }
}

/// Patches stand in strips from south to north: the sides of a strip wind by less than a cell a
/// row, the borders inside it are straight, so every patch is connected.
std::string_view ParcelGrid::land_use(Cell cell) const noexcept {
    cell.row = std::min(cell.row, m_full_rows - 1); // a row cut short continues the one before
    auto const patch = [](double at, std::uint32_t n, std::uint32_t patches) {
        return static_cast<std::uint32_t>(std::clamp(at * patches / n, 0.0, patches - 0.5));
    };
    double const wind =
        patch_warp * noise(m_plan.seed, warp_x, cell.column / warp_length, cell.row / warp_length);
    std::uint32_t const strip = patch(cell.column + 0.5 + wind, m_columns, m_patch_columns);
    double const shift = patch_warp * signed_unit(mix(m_plan.seed, warp_y, strip));
    std::uint32_t const row = patch(cell.row + 0.5 + shift, m_rows, m_patch_rows);
    return pick(colours[(strip & 1) + 2 * (row & 1)],
                unit(mix(m_plan.seed, use, place(strip, row))));
}

void ParcelGrid::parcel(std::uint64_t index, Parcel& into) const {
    Cell const south_west{static_cast<std::uint32_t>(index % m_columns),
                          static_cast<std::uint32_t>(index / m_columns)};
    Cell const south_east{south_west.column + 1, south_west.row};
    Cell const north_east{south_west.column + 1, south_west.row + 1};
    Cell const north_west{south_west.column, south_west.row + 1};

    Geometry& outline = into.outline;
    outline.kind = GeometryKind::polygon;
    outline.multi = false;
    outline.srid = 4326;
    outline.positions.clear();
    append_edge(outline, south_west, south_east);
    append_edge(outline, south_east, north_east);
    append_edge(outline, north_east, north_west);
    append_edge(outline, north_west, south_west);
    outline.positions.push_back(Position{outline.positions.front()});
    outline.path_ends.assign(1, m_plan.vertices);
    outline.part_ends.assign(1, 1);

    std::uint32_t const sheets_across = (m_columns + sheet_columns - 1) / sheet_columns;
    into.sheet = std::int64_t{south_west.row / sheet_rows} * sheets_across +
                 south_west.column / sheet_columns + 1;
    into.number = std::int64_t{south_west.row % sheet_rows} * sheet_columns +
                  south_west.column % sheet_columns + 1;
    into.land_use = land_use(south_west);
}

} // namespace diaban::geo::synthetic
