#include "tiles/pyramid/outline.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace diaban::tiles::pyramid {
namespace {

/// East, south, west, north: the ways in which the top, right, bottom and left side of a cell are
/// run, with the cell to the right.
constexpr std::array<GridPoint, 4> ways{{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}};
/// Where the side that is run that way ends, from the cell's north-west corner.
constexpr std::array<GridPoint, 4> ends{{{1, 0}, {1, 1}, {0, 1}, {0, 0}}};

constexpr std::uint32_t nowhere = UINT32_MAX;

struct Loop {
    std::uint32_t label = 0;
    std::uint32_t area = 0; // number of the connected area
    bool hole = false;
    std::uint32_t begin = 0; // into Tracer::m_corners
    std::uint32_t end = 0;
};

class Tracer {
public:
    Tracer(std::span<std::uint32_t const> cells, std::uint32_t width)
        : m_cells{cells}, m_width{std::int32_t(width)}, m_height{std::int32_t(cells.size() /
                                                                              width)},
          m_run(cells.size()), m_areas(cells.size(), nowhere),
          m_seen((std::size_t{width} + 1) * (cells.size() / width + 1), nowhere) {}

    void run(std::int32_t scale, GridPoint origin, Outlines& out) {
        for (std::int32_t row = 0; row < m_height; ++row)
            for (std::int32_t column = 0; column < m_width; ++column) {
                GridPoint const cell{column, row};
                if (label(cell) == 0) continue;
                if (m_areas[index(cell)] == nowhere) fill(cell);
                bool const top = label({column, row - 1}) != label(cell);
                if (top && (m_run[index(cell)] & 1U) == 0) follow(cell);
            }
        std::stable_sort(m_loops.begin(), m_loops.end(), [](Loop const& a, Loop const& b) {
            return std::tie(a.label, a.area, a.hole) < std::tie(b.label, b.area, b.hole);
        });
        out.shape.clear();
        out.labels.clear();
        for (auto const& loop : m_loops) {
            for (auto i = loop.begin; i < loop.end; ++i)
                out.shape.points.push_back(
                    {m_corners[i].x * scale + origin.x, m_corners[i].y * scale + origin.y});
            out.shape.close_path();
            out.labels.push_back(loop.label);
        }
    }

private:
    [[nodiscard]] std::size_t index(GridPoint cell) const noexcept {
        return std::size_t(cell.y) * std::size_t(m_width) + std::size_t(cell.x);
    }
    [[nodiscard]] std::uint32_t label(GridPoint cell) const noexcept {
        bool const inside = cell.x >= 0 && cell.y >= 0 && cell.x < m_width && cell.y < m_height;
        return inside ? m_cells[index(cell)] : 0;
    }
    std::uint32_t& seen(GridPoint corner) noexcept {
        return m_seen[std::size_t(corner.y) * (std::size_t(m_width) + 1) + std::size_t(corner.x)];
    }

    /// Numbers the cells that sides join to `start`.
    void fill(GridPoint start) {
        auto const wanted = label(start);
        m_areas[index(start)] = m_area_count;
        m_stack.assign(1, start);
        while (!m_stack.empty()) {
            auto const cell = m_stack.back();
            m_stack.pop_back();
            for (auto const way : ways) {
                GridPoint const next{cell.x + way.x, cell.y + way.y};
                if (label(next) != wanted || m_areas[index(next)] != nowhere) continue;
                m_areas[index(next)] = m_area_count;
                m_stack.push_back(next);
            }
        }
        ++m_area_count;
    }

    /// Follows a border from the top side of `start` until it comes back.
    void follow(GridPoint start) {
        auto const wanted = label(start);
        auto const area = m_areas[index(start)];
        auto cell = start;
        unsigned way = 0;
        m_path.clear();
        do {
            m_run[index(cell)] |= std::uint8_t(1U << way);
            auto const ahead = ways[way];
            auto const left = ways[(way + 3) % 4];
            GridPoint const next{cell.x + ahead.x, cell.y + ahead.y};
            GridPoint const beside{next.x + left.x, next.y + left.y};
            GridPoint const corner{cell.x + ends[way].x, cell.y + ends[way].y};
            if (label(next) != wanted) {
                way = (way + 1) % 4;
                add_corner(corner, wanted, area);
            } else if (label(beside) == wanted) {
                cell = beside;
                way = (way + 3) % 4;
                add_corner(corner, wanted, area);
            } else {
                cell = next;
            }
        } while (cell != start || way != 0);
        close(0, wanted, area);
    }

    /// A border that comes to one of its corners again is parted there.
    void add_corner(GridPoint corner, std::uint32_t wanted, std::uint32_t area) {
        auto const before = seen(corner);
        if (before == nowhere) {
            seen(corner) = std::uint32_t(m_path.size());
            m_path.push_back(corner);
            return;
        }
        close(before, wanted, area);
        seen(corner) = before;
        m_path.push_back(corner);
    }

    /// Makes a loop of the path from `begin` on, and takes it off the path.
    void close(std::size_t begin, std::uint32_t wanted, std::uint32_t area) {
        Loop loop{wanted, area, false, std::uint32_t(m_corners.size()), 0};
        m_corners.insert(m_corners.end(), m_path.begin() + std::ptrdiff_t(begin), m_path.end());
        loop.end = std::uint32_t(m_corners.size());
        loop.hole = twice_area(std::span{m_corners}.subspan(loop.begin)) < 0;
        m_loops.push_back(loop);
        for (auto i = begin; i < m_path.size(); ++i) seen(m_path[i]) = nowhere;
        m_path.resize(begin);
    }

    std::span<std::uint32_t const> m_cells;
    std::int32_t m_width;
    std::int32_t m_height;
    std::vector<std::uint8_t> m_run;    // by cell: a bit for each side that has been run
    std::vector<std::uint32_t> m_areas; // by cell
    std::uint32_t m_area_count = 0;
    std::vector<std::uint32_t> m_seen; // by corner: its place in the path
    std::vector<GridPoint> m_path;
    std::vector<GridPoint> m_stack;
    std::vector<GridPoint> m_corners;
    std::vector<Loop> m_loops;
};

} // namespace

void trace(std::span<std::uint32_t const> cells, std::uint32_t width, std::int32_t scale,
           GridPoint origin, Outlines& out) {
    Tracer{cells, width}.run(scale, origin, out);
}

} // namespace diaban::tiles::pyramid
