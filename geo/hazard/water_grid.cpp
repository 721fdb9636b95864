#include "geo/hazard/water_grid.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace diaban::geo::hazard {

namespace {

/// The bed of what is no ground: nothing flows over it.
constexpr float wall = 1e30F;

std::int32_t parts(std::int32_t length, std::int32_t most) {
    return std::max(1, (length + most - 1) / most);
}

/// So many cells in whole runs of 16.
constexpr std::int32_t in_runs(std::int32_t cells) {
    return (cells + 15) / 16 * 16;
}

} // namespace

WaterGrid::WaterGrid(Scenario const& scenario)
    : m_frame{scenario.frame}, m_one_drag{scenario.frictions.empty()} {
    auto const& shape = m_frame.shape;
    // 253 cells and three faces more are 256; some 64 rows keep a tile in the second-level cache.
    m_tiles_across = parts(shape.columns, 253);
    m_tile_columns = parts(shape.columns, m_tiles_across);
    m_tiles_across = parts(shape.columns, m_tile_columns);
    m_tiles_down = parts(shape.rows, 64);
    m_tile_rows = parts(shape.rows, m_tiles_down);
    m_tiles_down = parts(shape.rows, m_tile_rows);
    m_stride = std::size_t(in_runs(m_tile_columns + 3) + frame_before);
    m_tile_size = m_stride * std::size_t(m_tile_rows + frame_before + frame_behind);
    m_states.resize(std::size_t(m_tiles_across) * std::size_t(m_tiles_down));
    load(scenario);
}

void WaterGrid::load(Scenario const& scenario) {
    auto const& shape = m_frame.shape;
    auto const all = m_tile_size * tiles();
    double lowest = std::numeric_limits<double>::infinity();
    for (float const z : scenario.bed)
        if (!std::isnan(z)) lowest = std::min(lowest, double(z));
    m_datum = std::floor(lowest);
    m_bed.assign(all, wall);
    auto const drag = [](double n) { return float(double(gravity) * n * n); };
    m_drag.assign(m_one_drag ? m_stride : all, drag(scenario.friction));
    m_arrival.assign(all, std::numeric_limits<float>::infinity());
    for (auto* const layer : {&m_depth, &m_rest, &m_east, &m_south, &m_deepest, &m_hazard})
        layer->assign(all, 0);
    for (std::int32_t row = 0; row < shape.rows; ++row)
        for (std::int32_t column = 0; column < shape.columns; ++column) {
            auto const from = shape.index(column, row);
            if (std::isnan(scenario.bed[from])) continue;
            auto const to = index({column, row});
            m_bed[to] = float(counted_height(double(scenario.bed[from]) - m_datum));
            if (!m_one_drag) m_drag[to] = drag(double(scenario.frictions[from]));
            if (scenario.depth.empty()) continue;
            m_depth[to] = scenario.depth[from];
            auto& state = m_states[tile_of({column, row})];
            state.deepest = std::max(state.deepest, scenario.depth[from]);
        }
    load_frames();
    place_rain(scenario);
}

void WaterGrid::place_rain(Scenario const& scenario) {
    m_zones.clear();
    if (scenario.rains.empty()) return;
    m_zones.assign(m_tile_size * tiles(), 0);
    auto const& shape = m_frame.shape;
    for (std::int32_t row = 0; row < shape.rows; ++row)
        for (std::int32_t column = 0; column < shape.columns; ++column) {
            auto const from = shape.index(column, row);
            if (!std::isnan(scenario.bed[from]))
                m_zones[index({column, row})] =
                    scenario.rain_zones.empty() ? 1 : scenario.rain_zones[from];
        }
}

/// A tile with its frame, as far as the grid reaches.
raster::Window WaterGrid::framed(std::size_t tile) const noexcept {
    auto const w = window(tile);
    auto const left = std::max(w.column - frame_before, 0);
    auto const top = std::max(w.row - frame_before, 0);
    auto const right = std::min(w.column + w.columns + frame_behind, m_frame.shape.columns);
    auto const bottom = std::min(w.row + w.rows + frame_behind, m_frame.shape.rows);
    return {left, top, right - left, bottom - top};
}

/// Calls `copy(from, to, count)` for each run of cells in a tile's frame that another tile holds.
template <typename Copy>
void WaterGrid::around(std::size_t tile, Copy&& copy) const {
    auto const w = window(tile);
    auto const f = framed(tile);
    auto const run = [&](std::int32_t row, std::int32_t begin, std::int32_t end) {
        while (begin < end) {
            auto const owner = tile_of({begin, row});
            auto const theirs = window(owner);
            auto const stop = std::min(end, theirs.column + theirs.columns);
            copy(place(owner, begin, row), place(tile, begin, row), stop - begin);
            begin = stop;
        }
    };
    for (auto row = f.row; row < f.row + f.rows; ++row) {
        if (row < w.row || row >= w.row + w.rows) {
            run(row, f.column, f.column + f.columns);
        } else {
            run(row, f.column, w.column);
            run(row, w.column + w.columns, f.column + f.columns);
        }
    }
}

/// What never changes, or seldom.
void WaterGrid::load_frames() {
    for (std::size_t tile = 0; tile < tiles(); ++tile)
        around(tile, [&](std::size_t from, std::size_t to, std::int32_t count) {
            std::copy_n(m_bed.data() + from, count, m_bed.data() + to);
            if (!m_one_drag) std::copy_n(m_drag.data() + from, count, m_drag.data() + to);
        });
}

void WaterGrid::fetch(std::size_t tile) noexcept {
    around(tile, [&](std::size_t from, std::size_t to, std::int32_t count) {
        for (auto* const layer : {m_depth.data(), m_east.data(), m_south.data()})
            std::copy_n(layer + from, count, layer + to);
    });
}

raster::Window WaterGrid::window(std::size_t tile) const noexcept {
    auto const left = std::int32_t(tile % std::size_t(m_tiles_across)) * m_tile_columns;
    auto const top = std::int32_t(tile / std::size_t(m_tiles_across)) * m_tile_rows;
    return {left, top, std::min(m_tile_columns, m_frame.shape.columns - left),
            std::min(m_tile_rows, m_frame.shape.rows - top)};
}

/// A tile on its way through one step: rows from north to south, with the discharges of few rows
/// at hand. Rows begin one cell west of the tile: cell 0 is that one, the tile's own are [1, end).
class WaterGrid::Tile {
public:
    Tile(WaterGrid& grid, std::size_t tile, StepPlan const& plan, Scratch& scratch)
        : m_grid{grid}, m_plan{plan}, m_window{grid.window(tile)}, m_first{grid.place(
                                                                       tile, m_window.column - 1,
                                                                       m_window.row)},
          m_end{m_window.columns + 1}, m_faces{in_runs(m_window.columns + 3)} {
        // Rows of their own: x-faces and y-faces of two rows, one y-face row more, shares of two
        // rows, rain; a run of 16 before and behind each.
        auto const length = std::size_t(m_faces + 32);
        scratch.cells.assign(9 * length, 0.0F);
        float* next = scratch.cells.data() + 16;
        for (auto* const row : {&m_east[0], &m_east[1], &m_south[0], &m_south[1], &m_south[2],
                                &m_share[0], &m_share[1], &m_rain, &m_whole}) {
            *row = next;
            next += length;
        }
        std::fill_n(m_whole - 16, length, 1.0F);
    }

    TileState run() {
        auto const top = m_window.row;
        auto const bottom = m_window.row + m_window.rows;
        south(top - 1, m_south[0]);
        bool cut_above = false;
        for (auto row = top - 1; row <= bottom; ++row) {
            east(row, m_east[1]);
            south(row + 1, m_south[1]);
            RowFaces const faces{m_east[1], m_south[0], m_south[1]};
            float const* const depth = row_of(m_grid.m_depth, row);
            bool const cut = overdrawn(m_plan.advance, depth, faces, 0, m_end + 1);
            if (cut) shares(m_plan.advance, depth, faces, m_share[1], 0, m_faces);
            if (cut || cut_above)
                cut_fluxes(cut_above ? m_share[0] : m_whole, cut ? m_share[1] : m_whole, m_south[0],
                           0, m_faces);
            if (cut) cut_fluxes(m_share[1] - 1, m_share[1], m_east[1], 1, m_faces);
            // What leaves the row above is known now; so is what stays there.
            if (row > top) finish(row - 1, {m_east[0], m_south[2], m_south[0]});
            std::swap(m_east[0], m_east[1]);
            std::swap(m_share[0], m_share[1]);
            std::swap(m_south[2], m_south[0]);
            std::swap(m_south[0], m_south[1]);
            cut_above = cut;
        }
        return m_state;
    }

private:
    /// A row of a layer, from the cell before the tile's first.
    template <typename T>
    [[nodiscard]] T* row_of(std::vector<T>& layer, std::int32_t row) const noexcept {
        return layer.data() +
               (std::ptrdiff_t(m_first) + (row - m_window.row) * std::ptrdiff_t(m_grid.m_stride));
    }
    [[nodiscard]] float const* drag(std::int32_t row) const noexcept {
        return m_grid.m_one_drag ? m_grid.m_drag.data() + 1 : row_of(m_grid.m_drag, row);
    }

    void east(std::int32_t row, float* into) const {
        flux_east(m_plan.faces, row_of(m_grid.m_bed, row), row_of(m_grid.m_depth, row), drag(row),
                  row_of(m_grid.m_east, row), row_of(m_grid.m_south, row),
                  row_of(m_grid.m_south, row + 1), into, 0, m_faces);
    }
    /// Through the faces north of a row.
    void south(std::int32_t row, float* into) const {
        auto const both = [&](auto& layer, float const*(&rows)[2]) {
            rows[0] = row_of(layer, row - 1);
            rows[1] = row_of(layer, row);
        };
        TwoRows rows{};
        both(m_grid.m_bed, rows.bed);
        both(m_grid.m_depth, rows.depth);
        both(m_grid.m_east, rows.cross);
        rows.drag[0] = drag(row - 1);
        rows.drag[1] = drag(row);
        rows.before = row_of(m_grid.m_south, row - 1);
        rows.old = row_of(m_grid.m_south, row);
        rows.after = row_of(m_grid.m_south, row + 1);
        flux_south(m_plan.faces, rows, into, 0, m_faces);
    }
    void let_it_rain(std::int32_t row) {
        if (m_grid.m_zones.empty()) return;
        std::uint8_t const* const zone = row_of(m_grid.m_zones, row);
        if (m_plan.rain.size() == 2) return rain_on(m_plan.rain[1], zone, m_rain, 1, m_end);
        for (std::int32_t i = 1; i < m_end; ++i) m_rain[i] = m_plan.rain[zone[i]];
    }
    /// In place: nothing further south asks what this row was.
    void finish(std::int32_t row, RowFaces const& faces) {
        let_it_rain(row);
        RowState const state{row_of(m_grid.m_depth, row), row_of(m_grid.m_rest, row),
                             row_of(m_grid.m_east, row), row_of(m_grid.m_south, row)};
        float const deepest = balance(m_plan.advance, m_rain, faces, state, 1, m_end);
        m_state.deepest = std::max(m_state.deepest, deepest);
        if (m_plan.infiltration > 0)
            m_state.soaked += soak(m_plan.infiltration, state.rest, state.depth, 1, m_end);
        if (!m_plan.look) return;
        remember(m_plan.seconds, m_plan.arrived, state.depth, faces,
                 {row_of(m_grid.m_arrival, row), row_of(m_grid.m_deepest, row),
                  row_of(m_grid.m_hazard, row)},
                 1, m_end);
    }

    WaterGrid& m_grid;
    StepPlan const& m_plan;
    raster::Window m_window;
    std::size_t m_first; ///< where the cell before the tile's first lies
    std::int32_t m_end;
    std::int32_t m_faces;
    TileState m_state;
    float* m_east[2];  ///< of the row above and of this one
    float* m_south[3]; ///< north of this row, south of it, and north of the row above
    float* m_share[2]; ///< of the row above and of this one
    float* m_rain;
    float* m_whole; ///< shares where nothing is cut
};

void WaterGrid::advance(std::size_t tile, StepPlan const& plan, Scratch& scratch) {
    m_states[tile] = Tile{*this, tile, plan, scratch}.run();
}

void WaterGrid::still(std::size_t tile) {
    auto const w = window(tile);
    for (auto* const layer : {&m_depth, &m_east, &m_south})
        for (auto row = w.row; row < w.row + w.rows; ++row)
            std::fill_n(layer->data() + place(tile, w.column, row), w.columns, 0.0F);
    m_states[tile] = {};
}

double WaterGrid::set_water(Cell cell, double metres) noexcept {
    auto const i = index(cell);
    double const before = water(cell);
    m_depth[i] = float(metres);
    m_rest[i] = float(metres - double(m_depth[i]));
    auto& state = m_states[tile_of(cell)];
    state.deepest = std::max(state.deepest, m_depth[i]);
    return water(cell) - before;
}

void WaterGrid::note(Cell cell, StepPlan const& plan) noexcept {
    auto const i = index(cell);
    if (m_depth[i] > plan.arrived) m_arrival[i] = std::min(m_arrival[i], plan.seconds);
    m_deepest[i] = std::max(m_deepest[i], m_depth[i]);
}

void WaterGrid::pass_walls(Cell cell) noexcept {
    auto const i = index(cell);
    auto const pass = [&](std::vector<float>& faces, std::size_t stride, std::size_t behind) {
        bool const closed_before = m_bed[i - stride] == wall;
        bool const closed_behind = m_bed[i + stride] == wall;
        if (closed_before == closed_behind) return;
        faces[closed_before ? i : behind] = faces[closed_before ? behind : i];
    };
    pass(m_east, 1, index_behind(cell, {cell.column + 1, cell.row}));
    pass(m_south, m_stride, index_behind(cell, {cell.column, cell.row + 1}));
}

void WaterGrid::set_bed(Cell cell, double above_datum) noexcept {
    float const height = float(counted_height(above_datum));
    m_bed[index(cell)] = height;
    for (std::size_t tile = 0; tile < tiles(); ++tile) {
        auto const f = framed(tile);
        if (cell.column >= f.column && cell.column < f.column + f.columns && cell.row >= f.row &&
            cell.row < f.row + f.rows)
            m_bed[place(tile, cell.column, cell.row)] = height;
    }
}

double WaterGrid::friction(Cell cell) const noexcept {
    return std::sqrt(double(m_drag[m_one_drag ? 0 : index(cell)]) / double(gravity));
}

double WaterGrid::stored() const {
    double sum = 0;
    for (std::int32_t row = 0; row < m_frame.shape.rows; ++row) {
        double of_row = 0;
        for (std::int32_t column = 0; column < m_frame.shape.columns; ++column)
            of_row += water({column, row});
        sum += of_row;
    }
    return sum;
}

raster::Grid<float> WaterGrid::plain(std::vector<float> const& tiled) const {
    raster::Grid<float> grid{m_frame};
    for (std::size_t tile = 0; tile < tiles(); ++tile) {
        auto const w = window(tile);
        for (auto row = w.row; row < w.row + w.rows; ++row)
            std::copy_n(tiled.data() + place(tile, w.column, row), w.columns,
                        grid.row(row).data() + w.column);
    }
    return grid;
}

raster::Grid<float> WaterGrid::speed() const {
    raster::Grid<float> grid{m_frame};
    for (std::int32_t row = 0; row < m_frame.shape.rows; ++row)
        for (std::int32_t column = 0; column < m_frame.shape.columns; ++column) {
            Cell const cell{column, row};
            auto const i = index(cell);
            if (m_depth[i] <= still_depth) continue;
            float const x = m_east[i] + m_east[index_behind(cell, {column + 1, row})];
            float const y = m_south[i] + m_south[index_behind(cell, {column, row + 1})];
            grid.at(column, row) = 0.5F * std::sqrt(x * x + y * y) / m_depth[i];
        }
    return grid;
}

WaterGrid::Froude WaterGrid::froude() const {
    constexpr float deep = 0.1F;
    auto const speed = this->speed();
    Froude found;
    double all = 0;
    for (std::int32_t row = 0; row < m_frame.shape.rows; ++row)
        for (std::int32_t column = 0; column < m_frame.shape.columns; ++column) {
            float const h = m_depth[index({column, row})];
            if (h <= deep) continue;
            double const number =
                double(speed.at(column, row)) / std::sqrt(double(gravity) * double(h));
            found.greatest = std::max(found.greatest, number);
            if (number > 1) found.faster += double(h);
            all += double(h);
        }
    if (all > 0) found.faster /= all;
    return found;
}

} // namespace diaban::geo::hazard
