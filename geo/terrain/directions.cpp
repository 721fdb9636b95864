#include "geo/error.hpp"
#include "geo/terrain/drainage.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

namespace diaban::geo::terrain {

namespace {

using raster::Blocks;
using raster::Cell;
using raster::Shape;
using raster::Window;

/// While flats are not resolved: a cell without a lower neighbour that is no outlet.
constexpr Direction flat = 254;
/// A flat of 2^29 steps would need a grid of more cells than that.
constexpr unsigned distance_bits = 29;
constexpr std::uint32_t far = (1U << distance_bits) - 1;

/// What all steps of one run share.
struct Terrain {
    Shape shape;
    std::span<float const> ground;
    std::array<float, 8> nearness{}; ///< of the neighbours: one over the distance
    std::span<Direction> directions;
    std::span<std::uint32_t> distances; ///< of flat cells to where their flat drains, in steps

    [[nodiscard]] bool beside_nothing(Cell cell) const noexcept {
        return std::ranges::any_of(steps, [&](Step const& step) {
            auto const x = cell.column + step.column;
            auto const y = cell.row + step.row;
            return !shape.holds(x, y) || std::isnan(ground[shape.index(x, y)]);
        });
    }
    /// Calls `visit(index, step)` for each neighbour of equal height.
    template <typename Visit>
    void level_neighbours(Cell cell, Visit&& visit) const {
        float const z = ground[shape.index(cell.column, cell.row)];
        for (auto const& step : steps) {
            auto const x = cell.column + step.column;
            auto const y = cell.row + step.row;
            if (!shape.holds(x, y)) continue;
            auto const there = shape.index(x, y);
            if (ground[there] == z) visit(there, step);
        }
    }
    /// Steps to where a flat drains: none where a direction is known.
    [[nodiscard]] std::uint32_t distance(std::size_t cell) const noexcept {
        return directions[cell] == flat ? distances[cell] & far : 0;
    }
};

/// The steepest descent from each cell of a part of a row, all of whose neighbours are in the grid.
/// Eight plain loops, which the compiler turns into vector instructions.
void steepest_in_row(Terrain const& terrain, std::int32_t row, std::int32_t begin,
                     std::int32_t count, std::span<float> best, std::span<std::int32_t> code) {
    auto const at = terrain.shape.index(begin, row);
    float const* const here = terrain.ground.data() + at;
    std::fill_n(best.begin(), count, 0.0F);
    std::fill_n(code.begin(), count, std::int32_t{flat});
    for (std::size_t k = 0; k < steps.size(); ++k) {
        auto const offset = std::ptrdiff_t(steps[k].row) * terrain.shape.columns + steps[k].column;
        float const* const there = here + offset;
        float const nearness = terrain.nearness[k];
        std::int32_t const step_code = steps[k].code;
        for (std::int32_t i = 0; i < count; ++i) {
            float const slope = (here[i] - there[i]) * nearness;
            bool const steeper = slope > best[std::size_t(i)]; // never of NaN
            best[std::size_t(i)] = steeper ? slope : best[std::size_t(i)];
            code[std::size_t(i)] = steeper ? step_code : code[std::size_t(i)];
        }
    }
}

Direction steepest(Terrain const& terrain, Cell cell) {
    float const z = terrain.ground[terrain.shape.index(cell.column, cell.row)];
    float best = 0;
    Direction code = flat;
    for (std::size_t k = 0; k < steps.size(); ++k) {
        auto const x = cell.column + steps[k].column;
        auto const y = cell.row + steps[k].row;
        if (!terrain.shape.holds(x, y)) continue;
        float const slope = (z - terrain.ground[terrain.shape.index(x, y)]) * terrain.nearness[k];
        if (!(slope > best)) continue;
        best = slope;
        code = steps[k].code;
    }
    return code;
}

/// Directions of a block except on flats. Returns whether it has such.
bool descend(Terrain const& terrain, Window const& w) {
    std::vector<float> best(std::size_t(w.columns));
    std::vector<std::int32_t> code(std::size_t(w.columns));
    bool flats = false;
    for (auto y = w.row; y < w.row + w.rows; ++y) {
        bool const inner_row = y > 0 && y < terrain.shape.rows - 1;
        auto const first = std::max(w.column, 1);
        auto const last = std::min(w.column + w.columns, terrain.shape.columns - 1);
        if (inner_row && last > first) steepest_in_row(terrain, y, first, last - first, best, code);
        for (auto x = w.column; x < w.column + w.columns; ++x) {
            auto const at = terrain.shape.index(x, y);
            bool const inner = inner_row && x >= first && x < last;
            Direction found =
                inner ? Direction(code[std::size_t(x - first)]) : steepest(terrain, {x, y});
            if (std::isnan(terrain.ground[at])) found = unknown;
            if (found == flat && terrain.beside_nothing({x, y})) found = outlet;
            if (found == flat) terrain.distances[at] = far;
            flats = flats || found == flat;
            terrain.directions[at] = found;
        }
    }
    return flats;
}

/// Brings the distances of a block's flat cells up to date with what its neighbours know: steps are
/// counted outwards from where flats drain. Returns whether a distance on its rim became less.
class Spread {
public:
    Spread(Terrain const& terrain, Window const& window) : m_terrain{terrain}, m_window{window} {}

    bool run() {
        find_starts();
        std::ranges::sort(m_starts);
        std::size_t next = 0;
        std::uint32_t distance = 0;
        while (next < m_starts.size() || !m_wave.empty()) {
            if (m_wave.empty()) distance = m_starts[next].first;
            for (; next < m_starts.size() && m_starts[next].first == distance; ++next)
                reach(m_starts[next].second, distance);
            m_following.clear();
            for (auto const cell : m_wave) pass_on(cell, distance + 1);
            ++distance;
            m_wave.swap(m_following);
        }
        return m_rim_changed;
    }

private:
    [[nodiscard]] Cell cell_of(std::size_t index) const noexcept {
        auto const columns = std::size_t(m_terrain.shape.columns);
        return {std::int32_t(index % columns), std::int32_t(index / columns)};
    }
    [[nodiscard]] bool inside(Cell c) const noexcept {
        return c.column >= m_window.column && c.row >= m_window.row &&
               c.column < m_window.column + m_window.columns &&
               c.row < m_window.row + m_window.rows;
    }
    void find_starts() {
        for (auto y = m_window.row; y < m_window.row + m_window.rows; ++y)
            for (auto x = m_window.column; x < m_window.column + m_window.columns; ++x) {
                auto const at = m_terrain.shape.index(x, y);
                if (m_terrain.directions[at] != flat) continue;
                std::uint32_t nearest = far;
                m_terrain.level_neighbours({x, y}, [&](std::size_t there, Step const&) {
                    nearest = std::min(nearest, m_terrain.distance(there));
                });
                if (nearest != far && nearest + 1 < m_terrain.distances[at])
                    m_starts.emplace_back(nearest + 1, at);
            }
    }
    void reach(std::size_t at, std::uint32_t distance) {
        if (m_terrain.distances[at] <= distance) return;
        m_terrain.distances[at] = distance;
        m_wave.push_back(at);
        note_rim(cell_of(at));
    }
    void pass_on(std::size_t at, std::uint32_t distance) {
        m_terrain.level_neighbours(cell_of(at), [&](std::size_t there, Step const&) {
            auto const cell = cell_of(there);
            if (!inside(cell) || m_terrain.directions[there] != flat) return;
            if (m_terrain.distances[there] <= distance) return;
            m_terrain.distances[there] = distance;
            m_following.push_back(there);
            note_rim(cell);
        });
    }
    void note_rim(Cell c) noexcept {
        m_rim_changed = m_rim_changed || c.column == m_window.column || c.row == m_window.row ||
                        c.column == m_window.column + m_window.columns - 1 ||
                        c.row == m_window.row + m_window.rows - 1;
    }

    Terrain const& m_terrain;
    Window m_window;
    std::vector<std::pair<std::uint32_t, std::size_t>> m_starts;
    std::vector<std::size_t> m_wave;
    std::vector<std::size_t> m_following;
    bool m_rim_changed = false;
};

/// Calls `work(block)` for those blocks that are due, one of four colours after the other: blocks
/// of a colour never touch, so each may read its neighbours' cells while it writes its own.
template <typename Work>
void by_colour(Blocks const& blocks, std::vector<char> const& due, unsigned threads, Work&& work) {
    for (std::size_t colour = 0; colour < 4; ++colour) {
        std::vector<std::size_t> chosen;
        for (std::size_t b = 0; b < blocks.size(); ++b) {
            auto const x = b % std::size_t(blocks.across());
            auto const y = b / std::size_t(blocks.across());
            if (due[b] != 0 && (x & 1U) + 2 * (y & 1U) == colour) chosen.push_back(b);
        }
        in_parallel(chosen.size(), threads, [&](std::size_t i) { work(chosen[i]); });
    }
}

/// Counts the steps on all flats: what changed on a block's rim is passed on until nothing changes.
void count_steps(Terrain const& terrain, Blocks const& blocks, std::vector<char> const& has_flats,
                 unsigned threads) {
    Shape const around{blocks.across(), blocks.down()};
    std::vector<char> due = has_flats;
    while (std::ranges::find(due, char{1}) != due.end()) {
        std::vector<char> changed(blocks.size(), 0);
        by_colour(blocks, due, threads, [&](std::size_t b) {
            changed[b] = char(Spread{terrain, blocks.at(b)}.run());
        });
        std::ranges::fill(due, char{0});
        for (std::size_t b = 0; b < blocks.size(); ++b) {
            auto const x = std::int32_t(b % std::size_t(blocks.across()));
            auto const y = std::int32_t(b / std::size_t(blocks.across()));
            for (auto const& step : steps)
                if (changed[b] != 0 && around.holds(x + step.column, y + step.row))
                    due[around.index(x + step.column, y + step.row)] |=
                        has_flats[around.index(x + step.column, y + step.row)];
        }
    }
}

/// Chooses the steps on a block's flats; they stand above the distances until all are chosen.
void choose_steps(Terrain const& terrain, Window const& w) {
    for (auto y = w.row; y < w.row + w.rows; ++y) {
        for (auto x = w.column; x < w.column + w.columns; ++x) {
            auto const at = terrain.shape.index(x, y);
            if (terrain.directions[at] != flat) continue;
            auto const distance = terrain.distances[at];
            if (distance == far)
                throw Error{Code::bad_input,
                            "depression",
                            {{"column", std::to_string(x)}, {"row", std::to_string(y)}}};
            auto chosen = std::uint32_t(steps.size());
            terrain.level_neighbours({x, y}, [&](std::size_t there, Step const& step) {
                if (chosen == steps.size() && terrain.distance(there) + 1 == distance)
                    chosen = std::uint32_t(&step - steps.data());
            });
            terrain.distances[at] = distance | chosen << distance_bits;
        }
    }
}

void take_steps(Terrain const& terrain, Window const& w) {
    for (auto y = w.row; y < w.row + w.rows; ++y) {
        auto const begin = terrain.shape.index(w.column, y);
        for (auto at = begin; at < begin + std::size_t(w.columns); ++at)
            if (terrain.directions[at] == flat)
                terrain.directions[at] = steps[terrain.distances[at] >> distance_bits].code;
    }
}

} // namespace

void flow_directions(Shape shape, std::span<float const> ground, double width, double height,
                     std::span<Direction> directions, std::span<std::uint32_t> scratch,
                     unsigned threads, std::int32_t block_side) {
    Terrain terrain{shape, ground, {}, directions, scratch};
    for (std::size_t k = 0; k < steps.size(); ++k)
        terrain.nearness[k] =
            float(1 / std::hypot(steps[k].column * width / height, double(steps[k].row)));
    Blocks const blocks{shape, block_side};
    std::vector<char> has_flats(blocks.size(), 0);
    in_parallel(blocks.size(), threads,
                [&](std::size_t b) { has_flats[b] = char(descend(terrain, blocks.at(b))); });
    count_steps(terrain, blocks, has_flats, threads);
    by_colour(blocks, has_flats, threads,
              [&](std::size_t b) { choose_steps(terrain, blocks.at(b)); });
    in_parallel(blocks.size(), threads, [&](std::size_t b) {
        if (has_flats[b] != 0) take_steps(terrain, blocks.at(b));
    });
}

} // namespace diaban::geo::terrain
