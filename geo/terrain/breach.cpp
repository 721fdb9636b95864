#include "geo/terrain/breach.hpp"

#include "geo/terrain/d8.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <queue>
#include <utility>
#include <vector>

namespace diaban::geo::terrain {

namespace {

using raster::Cell;
using raster::Shape;

class Breaching {
public:
    Breaching(Shape shape, double width, double height, std::span<float> ground,
              BreachLimits const& limits)
        : m_shape{shape}, m_ground{ground}, m_limits{limits}, m_side{2 * limits.reach + 1},
          m_costs(std::size_t(m_side) * std::size_t(m_side),
                  std::numeric_limits<double>::infinity()),
          m_from(m_costs.size()) {
        for (std::size_t k = 0; k < steps.size(); ++k)
            m_lengths[k] = std::hypot(steps[k].column * width, steps[k].row * height);
    }

    Breached run() {
        auto pits = find_pits();
        std::ranges::sort(pits, {}, [&](std::size_t cell) {
            return std::pair{m_ground[cell], cell};
        });
        m_done.pits = pits.size();
        for (auto const pit : pits)
            if (auto const end = seek(pit); end != none) {
                cut(pit, end);
                ++m_done.breached;
            }
        return m_done;
    }

private:
    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

    [[nodiscard]] Cell cell_of(std::size_t index) const noexcept {
        auto const columns = std::size_t(m_shape.columns);
        return {std::int32_t(index % columns), std::int32_t(index / columns)};
    }
    /// Calls `visit(index, step)` for each neighbour with data; returns whether there are eight.
    template <typename Visit>
    bool neighbours(std::size_t at, Visit&& visit) const {
        auto const cell = cell_of(at);
        bool all = true;
        for (std::size_t k = 0; k < steps.size(); ++k) {
            auto const x = cell.column + steps[k].column;
            auto const y = cell.row + steps[k].row;
            bool const known = m_shape.holds(x, y) && !std::isnan(m_ground[m_shape.index(x, y)]);
            all = all && known;
            if (known) visit(m_shape.index(x, y), k);
        }
        return all;
    }
    [[nodiscard]] bool at_border(std::size_t cell) const {
        return !neighbours(cell, [](std::size_t, std::size_t) {});
    }

    /// The first cell of each pit.
    std::vector<std::size_t> find_pits() {
        std::vector<std::size_t> pits;
        std::vector<char> seen(m_shape.cells(), 0);
        std::vector<std::size_t> level;
        for (std::size_t start = 0; start < m_shape.cells(); ++start) {
            if (seen[start] != 0 || std::isnan(m_ground[start])) continue;
            bool drains = false;
            level.assign(1, start);
            seen[start] = 1;
            for (std::size_t i = 0; i < level.size(); ++i)
                drains |= !neighbours(level[i], [&](std::size_t there, std::size_t) {
                    drains = drains || m_ground[there] < m_ground[start];
                    if (m_ground[there] != m_ground[start] || seen[there] != 0) return;
                    seen[there] = 1;
                    level.push_back(there);
                });
            if (!drains) pits.push_back(start);
        }
        return pits;
    }

    /// A cell's place in the window around a pit; none outside.
    [[nodiscard]] std::size_t place(Cell middle, std::size_t at) const noexcept {
        auto const cell = cell_of(at);
        auto const x = cell.column - middle.column + m_limits.reach;
        auto const y = cell.row - middle.row + m_limits.reach;
        if (x < 0 || y < 0 || x >= m_side || y >= m_side) return none;
        return std::size_t(y) * std::size_t(m_side) + std::size_t(x);
    }

    /// Where the cheapest way out of a pit ends; `none` if there is none within the limits.
    std::size_t seek(std::size_t pit) {
        auto const middle = cell_of(pit);
        float const level = m_ground[pit];
        for (auto const at : m_touched) m_costs[at] = std::numeric_limits<double>::infinity();
        m_touched.clear();
        using Reached = std::pair<double, std::size_t>;
        std::priority_queue<Reached, std::vector<Reached>, std::greater<>> heap;
        m_costs[place(middle, pit)] = 0;
        m_touched.push_back(place(middle, pit));
        heap.emplace(0.0, pit);
        while (!heap.empty()) {
            auto const [cost, here] = heap.top();
            heap.pop();
            if (cost > m_costs[place(middle, here)]) continue;
            if (m_ground[here] < level || at_border(here)) return here;
            neighbours(here, [&](std::size_t there, std::size_t k) {
                auto const at = place(middle, there);
                double const depth = std::max(0.0, double(m_ground[there]) - double(level));
                if (at == none || depth > m_limits.depth) return;
                double const through = cost + depth * m_lengths[k];
                if (through >= m_costs[at]) return;
                m_costs[at] = through;
                m_touched.push_back(at);
                m_from[at] = here;
                heap.emplace(through, there);
            });
        }
        return none;
    }

    void cut(std::size_t pit, std::size_t end) {
        auto const middle = cell_of(pit);
        float const level = m_ground[pit];
        for (auto at = end; at != pit; at = m_from[place(middle, at)]) {
            if (m_ground[at] <= level) continue;
            m_done.deepest = std::max(m_done.deepest, double(m_ground[at]) - double(level));
            m_ground[at] = level;
            ++m_done.cut;
        }
    }

    Shape m_shape;
    std::span<float> m_ground;
    BreachLimits m_limits;
    std::int32_t m_side;
    std::array<double, 8> m_lengths{};
    std::vector<double> m_costs;
    std::vector<std::size_t> m_from;
    std::vector<std::size_t> m_touched; ///< places in the window that the last search reached
    Breached m_done;
};

} // namespace

Breached breach(Shape shape, double width, double height, std::span<float> ground,
                BreachLimits const& limits) {
    return Breaching{shape, width, height, ground, limits}.run();
}

} // namespace diaban::geo::terrain
