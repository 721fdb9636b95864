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

} // namespace

WaterGrid::WaterGrid(Scenario const& scenario)
    : m_frame{scenario.frame}, m_side{scenario.frame.width}, m_stride{std::size_t(
                                                                 m_frame.shape.columns +
                                                                 frame_left + frame_right)},
      m_one_drag{scenario.frictions.empty()} {
    auto const& shape = m_frame.shape;
    // 253 cells and three faces more are 256; some 64 rows keep a tile in the second-level cache.
    m_tiles_across = parts(shape.columns, 253);
    m_tile_columns = parts(shape.columns, m_tiles_across);
    m_tiles_across = parts(shape.columns, m_tile_columns);
    m_tiles_down = parts(shape.rows, 64);
    m_tile_rows = parts(shape.rows, m_tiles_down);
    m_tiles_down = parts(shape.rows, m_tile_rows);
    m_states.resize(std::size_t(m_tiles_across) * std::size_t(m_tiles_down));
    load(scenario);
}

void WaterGrid::load(Scenario const& scenario) {
    auto const& shape = m_frame.shape;
    auto const all = m_stride * std::size_t(shape.rows + 2 * frame_rows);
    double lowest = std::numeric_limits<double>::infinity();
    for (float const z : scenario.bed)
        if (!std::isnan(z)) lowest = std::min(lowest, double(z));
    m_datum = std::floor(lowest);
    m_bed.assign(all, wall);
    auto const drag = [](double n) { return float(double(gravity) * n * n); };
    m_drag.assign(m_one_drag ? m_stride : all, drag(scenario.friction));
    m_rest.assign(all, 0);
    m_arrival.assign(all, std::numeric_limits<float>::infinity());
    m_deepest.assign(all, 0);
    m_hazard.assign(all, 0);
    if (!scenario.rains.empty()) m_zones.assign(all, 0);
    for (unsigned k = 0; k < 2; ++k) {
        m_depth[k].assign(all, 0);
        m_east[k].assign(all, 0);
        m_south[k].assign(all, 0);
    }
    for (std::int32_t row = 0; row < shape.rows; ++row)
        for (std::int32_t column = 0; column < shape.columns; ++column) {
            auto const from = shape.index(column, row);
            if (std::isnan(scenario.bed[from])) continue;
            auto const to = index(column, row);
            m_bed[to] = float(counted_height(double(scenario.bed[from]) - m_datum));
            if (!m_one_drag) m_drag[to] = drag(double(scenario.frictions[from]));
            if (!m_zones.empty())
                m_zones[to] = scenario.rain_zones.empty() ? 1 : scenario.rain_zones[from];
            if (scenario.depth.empty()) continue;
            m_depth[m_now][to] = scenario.depth[from];
            auto& state = m_states[tile_of({column, row})];
            state.deepest = std::max(state.deepest, scenario.depth[from]);
        }
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
    Tile(WaterGrid& grid, raster::Window const& window, StepPlan const& plan, Scratch& scratch)
        : m_grid{grid}, m_plan{plan}, m_window{window}, m_end{window.columns + 1},
          m_faces{(window.columns + 3 + 15) / 16 * 16} {
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
            float const* const depth = now(m_grid.m_depth, row);
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
    [[nodiscard]] std::size_t start(std::int32_t row) const noexcept {
        return m_grid.index(m_window.column - 1, row);
    }
    [[nodiscard]] float const* now(std::vector<float> const (&twice)[2],
                                   std::int32_t row) const noexcept {
        return twice[m_grid.m_now].data() + start(row);
    }
    [[nodiscard]] float* fresh(std::vector<float> (&twice)[2], std::int32_t row) const noexcept {
        return twice[m_grid.m_now ^ 1].data() + start(row);
    }
    [[nodiscard]] float const* bed(std::int32_t row) const noexcept {
        return m_grid.m_bed.data() + start(row);
    }
    [[nodiscard]] float const* drag(std::int32_t row) const noexcept {
        return m_grid.m_drag.data() + (m_grid.m_one_drag ? 16U : start(row));
    }

    void east(std::int32_t row, float* into) const {
        flux_east(m_plan.faces, bed(row), now(m_grid.m_depth, row), drag(row),
                  now(m_grid.m_east, row), now(m_grid.m_south, row), now(m_grid.m_south, row + 1),
                  into, 0, m_faces);
    }
    /// Through the faces north of a row.
    void south(std::int32_t row, float* into) const {
        TwoRows const rows{
            {bed(row - 1), bed(row)},     {now(m_grid.m_depth, row - 1), now(m_grid.m_depth, row)},
            {drag(row - 1), drag(row)},   {now(m_grid.m_east, row - 1), now(m_grid.m_east, row)},
            now(m_grid.m_south, row - 1), now(m_grid.m_south, row),
            now(m_grid.m_south, row + 1)};
        flux_south(m_plan.faces, rows, into, 0, m_faces);
    }
    void let_it_rain(std::int32_t row) {
        if (m_grid.m_zones.empty()) return;
        std::uint8_t const* const zone = m_grid.m_zones.data() + start(row);
        for (std::int32_t i = 1; i < m_end; ++i) m_rain[i] = m_plan.rain[zone[i]];
    }
    void finish(std::int32_t row, RowFaces const& faces) {
        std::copy_n(faces.east + 1, m_window.columns, fresh(m_grid.m_east, row) + 1);
        std::copy_n(faces.north + 1, m_window.columns, fresh(m_grid.m_south, row) + 1);
        float* const rest = m_grid.m_rest.data() + start(row);
        float* const depth = fresh(m_grid.m_depth, row);
        let_it_rain(row);
        float const deepest =
            balance(m_plan.advance, m_rain, now(m_grid.m_depth, row), faces, rest, depth, 1, m_end);
        m_state.deepest = std::max(m_state.deepest, deepest);
        if (m_plan.infiltration > 0)
            m_state.soaked += soak(m_plan.infiltration, rest, depth, 1, m_end);
        if (!m_plan.look) return;
        remember(m_plan.seconds, m_plan.arrived, depth, faces,
                 {m_grid.m_arrival.data() + start(row), m_grid.m_deepest.data() + start(row),
                  m_grid.m_hazard.data() + start(row)},
                 1, m_end);
    }

    WaterGrid& m_grid;
    StepPlan const& m_plan;
    raster::Window m_window;
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
    m_states[tile] = Tile{*this, window(tile), plan, scratch}.run();
}

void WaterGrid::still(std::size_t tile) {
    auto const w = window(tile);
    for (unsigned k = 0; k < 2; ++k)
        for (auto* const layer : {&m_depth[k], &m_east[k], &m_south[k]})
            for (auto row = w.row; row < w.row + w.rows; ++row)
                std::fill_n(layer->begin() + std::ptrdiff_t(index(w.column, row)), w.columns, 0.0F);
    m_states[tile] = {};
}

double WaterGrid::set_water(Cell cell, double metres) noexcept {
    auto const i = index(cell);
    auto& depth = m_depth[m_now ^ 1][i];
    double const before = water(cell);
    depth = float(metres);
    m_rest[i] = float(metres - double(depth));
    auto& state = m_states[tile_of(cell)];
    state.deepest = std::max(state.deepest, depth);
    return water(cell) - before;
}

void WaterGrid::note(Cell cell, StepPlan const& plan) noexcept {
    auto const i = index(cell);
    float const depth = m_depth[m_now ^ 1][i];
    if (depth > plan.arrived) m_arrival[i] = std::min(m_arrival[i], plan.seconds);
    m_deepest[i] = std::max(m_deepest[i], depth);
}

void WaterGrid::pass_walls(Cell cell) noexcept {
    auto const i = index(cell);
    auto const pass = [&](std::vector<float>& faces, std::size_t stride) {
        bool const before = m_bed[i - stride] == wall;
        bool const behind = m_bed[i + stride] == wall;
        if (before == behind) return;
        faces[before ? i : i + stride] = faces[before ? i + stride : i];
    };
    pass(m_east[m_now ^ 1], 1);
    pass(m_south[m_now ^ 1], m_stride);
}

double WaterGrid::friction(Cell cell) const noexcept {
    return std::sqrt(double(m_drag[m_one_drag ? 0 : index(cell)]) / double(gravity));
}

double WaterGrid::stored() const {
    double sum = 0;
    for (std::int32_t row = 0; row < m_frame.shape.rows; ++row) {
        double of_row = 0;
        for (std::int32_t column = 0; column < m_frame.shape.columns; ++column) {
            auto const i = index(column, row);
            of_row += double(m_depth[m_now][i]) + double(m_rest[i]);
        }
        sum += of_row;
    }
    return sum;
}

raster::Grid<float> WaterGrid::plain(std::vector<float> const& framed) const {
    raster::Grid<float> grid{m_frame};
    for (std::int32_t row = 0; row < m_frame.shape.rows; ++row)
        std::copy_n(framed.begin() + std::ptrdiff_t(index(0, row)), m_frame.shape.columns,
                    grid.row(row).begin());
    return grid;
}

raster::Grid<float> WaterGrid::depth() const {
    return plain(m_depth[m_now]);
}

raster::Grid<float> WaterGrid::speed() const {
    raster::Grid<float> grid{m_frame};
    auto const& depth = m_depth[m_now];
    auto const& east = m_east[m_now];
    auto const& south = m_south[m_now];
    for (std::int32_t row = 0; row < m_frame.shape.rows; ++row)
        for (std::int32_t column = 0; column < m_frame.shape.columns; ++column) {
            auto const i = index(column, row);
            float const x = 0.5F * (east[i] + east[i + 1]);
            float const y = 0.5F * (south[i] + south[i + m_stride]);
            if (depth[i] > still_depth) grid.at(column, row) = std::hypot(x, y) / depth[i];
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
            float const h = m_depth[m_now][index(column, row)];
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
