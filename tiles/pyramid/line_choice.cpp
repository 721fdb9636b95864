#include "tiles/pyramid/line_choice.hpp"

#include "tiles/shape.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

namespace diaban::tiles::pyramid {
namespace {

/// What a row takes of one tile.
struct Load {
    std::uint64_t tile; // x << 32 | y
    std::uint32_t bytes;
};

class LineChooser {
public:
    LineChooser(Lines const& lines, LineBudget const& budget, std::uint8_t none)
        : m_lines{lines}, m_budget{budget}, m_zooms(lines.size(), none), m_order(lines.size()) {
        std::vector<double> lengths;
        for (std::size_t row = 0; row < lines.size(); ++row) {
            lengths.push_back(length_of(row));
            m_boxes.push_back(box_of(points_of(row)));
        }
        std::iota(m_order.begin(), m_order.end(), 0U);
        std::stable_sort(m_order.begin(), m_order.end(), [&](auto a, auto b) {
            if (lines.ranks[a] != lines.ranks[b]) return lines.ranks[a] < lines.ranks[b];
            return lengths[a] > lengths[b];
        });
    }

    std::vector<std::uint8_t> run(std::uint32_t lowest, std::uint32_t native) {
        for (auto zoom = lowest; zoom < native; ++zoom) {
            m_taken.clear();
            for (auto const row : m_order)
                if (m_zooms[row] < zoom) take(row, zoom);
            for (auto const row : m_order)
                if (m_zooms[row] > zoom && is_seen(row, zoom) && has_room(row, zoom)) {
                    take(row, zoom);
                    m_zooms[row] = std::uint8_t(zoom);
                }
        }
        return std::move(m_zooms);
    }

private:
    [[nodiscard]] std::span<GridPoint const> path(std::size_t p) const noexcept {
        return m_lines.points.subspan(m_lines.path_begin[p],
                                      m_lines.path_begin[p + 1] - m_lines.path_begin[p]);
    }
    [[nodiscard]] std::span<GridPoint const> points_of(std::size_t row) const noexcept {
        auto const first = m_lines.path_begin[m_lines.row_begin[row]];
        return m_lines.points.subspan(first,
                                      m_lines.path_begin[m_lines.row_begin[row + 1]] - first);
    }
    [[nodiscard]] double length_of(std::size_t row) const noexcept {
        double length = 0;
        for (auto p = m_lines.row_begin[row]; p < m_lines.row_begin[row + 1]; ++p) {
            auto const line = path(p);
            for (std::size_t i = 1; i < line.size(); ++i)
                length += std::hypot(double(line[i].x) - line[i - 1].x,
                                     double(line[i].y) - line[i - 1].y);
        }
        return length;
    }
    [[nodiscard]] bool is_seen(std::size_t row, std::uint32_t zoom) const noexcept {
        auto const& box = m_boxes[row];
        auto const shift = TileId::max_zoom - zoom;
        auto const wide =
            std::max(std::int64_t{box.max_x} - box.min_x, std::int64_t{box.max_y} - box.min_y);
        return wide >= std::int64_t{shortest_line} << shift;
    }

    /// The tiles that the row meets at a zoom, as one walks along it half a tile at a time.
    std::vector<Load> const& loads_of(std::size_t row, std::uint32_t zoom) {
        m_loads.clear();
        auto const shift = 31 - zoom;
        auto const add = [&](double x, double y) {
            auto const tile = std::uint64_t(x) >> shift << 32U | std::uint64_t(y) >> shift;
            if (m_loads.empty() || m_loads.back().tile != tile)
                m_loads.push_back({tile, m_budget.row_bytes});
            m_loads.back().bytes += m_budget.point_bytes;
        };
        for (auto p = m_lines.row_begin[row]; p < m_lines.row_begin[row + 1]; ++p) {
            GridPoint last{-1, -1};
            for (auto i = m_lines.path_begin[p]; i < m_lines.path_begin[p + 1]; ++i) {
                if (!m_lines.first_zooms.empty() && m_lines.first_zooms[i] > zoom) continue;
                auto const at = m_lines.points[i];
                if (last.x >= 0) {
                    double const dx = double(at.x) - last.x;
                    double const dy = double(at.y) - last.y;
                    auto const steps = int(2 * std::max(std::abs(dx), std::abs(dy)) /
                                           double(std::uint64_t{1} << shift));
                    for (int s = 1; s <= steps; ++s)
                        add(last.x + dx * s / (steps + 1), last.y + dy * s / (steps + 1));
                }
                add(at.x, at.y);
                last = at;
            }
        }
        // A tile that the row comes back to is one feature there.
        std::sort(m_loads.begin(), m_loads.end(),
                  [](Load const& a, Load const& b) { return a.tile < b.tile; });
        std::size_t kept = 0;
        for (auto const& load : m_loads) {
            if (kept > 0 && m_loads[kept - 1].tile == load.tile)
                m_loads[kept - 1].bytes += load.bytes - m_budget.row_bytes;
            else
                m_loads[kept++] = load;
        }
        m_loads.resize(kept);
        return m_loads;
    }

    [[nodiscard]] bool has_room(std::size_t row, std::uint32_t zoom) {
        auto const& loads = loads_of(row, zoom);
        return std::all_of(loads.begin(), loads.end(), [&](Load const& load) {
            auto const taken = m_taken.find(load.tile);
            return (taken == m_taken.end() ? 0 : taken->second) + load.bytes <= m_budget.tile_bytes;
        });
    }
    void take(std::size_t row, std::uint32_t zoom) {
        for (auto const& load : loads_of(row, zoom)) m_taken[load.tile] += load.bytes;
    }

    Lines const& m_lines;
    LineBudget m_budget;
    std::vector<std::uint8_t> m_zooms;
    std::vector<std::uint32_t> m_order; // rows as they are asked
    std::vector<GridBox> m_boxes;
    std::unordered_map<std::uint64_t, std::uint32_t> m_taken; // bytes by tile of the zoom under way
    std::vector<Load> m_loads;
};

} // namespace

std::vector<std::uint8_t> choose_lines(Lines const& lines, std::uint32_t lowest,
                                       std::uint32_t native, LineBudget const& budget) {
    return LineChooser{lines, budget, std::uint8_t(native)}.run(lowest, native);
}

} // namespace diaban::tiles::pyramid
