#include "geo/ops/label.hpp"

#include "geo/ops/edge_boxes.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <queue>
#include <span>
#include <vector>

namespace diaban::geo::ops {

namespace {

constexpr std::size_t max_cells = 20'000;
constexpr double max_seeds = 512; // of one part: long thin boxes get larger cells

/// A square of the search.
struct Cell {
    Position centre;
    double half = 0;
    double distance = 0; ///< from the centre to the boundary, positive inside
    double best = 0;     ///< no position of the cell is farther inside
};

struct LessPromising {
    bool operator()(Cell const& a, Cell const& b) const noexcept { return a.best < b.best; }
};

class Search {
public:
    Search(Geometry const& polygon, double precision)
        : m_edges{polygon}, m_precision{std::max(precision, 0.0)} {}

    /// Starts a part: its box covered with cells, its centroid and the middle of its box guessed.
    void seed(std::span<Position const> exterior) {
        Box box;
        for (auto const& p : exterior) box.extend(p);
        double const width = box.max_x - box.min_x;
        double const height = box.max_y - box.min_y;
        if (m_any && std::min(width, height) / 2 <= m_found.distance) return; // cannot hold more
        double const size = std::max(std::min(width, height), std::max(width, height) / max_seeds);
        guess(centroid(exterior));
        guess({box.min_x + width / 2, box.min_y + height / 2});
        if (!(size > 0)) return;
        double const half = size / 2;
        for (double x = box.min_x; x < box.max_x; x += size)
            for (double y = box.min_y; y < box.max_y; y += size) push({x + half, y + half}, half);
    }

    Position run() {
        while (!m_queue.empty() && m_cells < max_cells) {
            Cell const cell = m_queue.top();
            m_queue.pop();
            if (cell.best - m_found.distance <= m_precision) break; // the queue holds none better
            double const half = cell.half / 2;
            push({cell.centre.x - half, cell.centre.y - half}, half);
            push({cell.centre.x + half, cell.centre.y - half}, half);
            push({cell.centre.x - half, cell.centre.y + half}, half);
            push({cell.centre.x + half, cell.centre.y + half}, half);
        }
        return m_found.centre;
    }

private:
    Cell measured(Position centre, double half) const noexcept {
        double const distance = m_edges.signed_distance(centre);
        return {centre, half, distance, distance + half * std::numbers::sqrt2};
    }

    void guess(Position p) {
        Cell const cell = measured(p, 0);
        if (!m_any || cell.distance > m_found.distance) m_found = cell;
        m_any = true;
    }

    void push(Position centre, double half) {
        ++m_cells;
        Cell const cell = measured(centre, half);
        if (cell.distance > m_found.distance) m_found = cell;
        if (cell.best - m_found.distance > m_precision) m_queue.push(cell);
    }

    /// Of the ring's area; its first position where it has none.
    static Position centroid(std::span<Position const> ring) noexcept {
        Position const origin = ring.front();
        double twice_area = 0;
        Position sum;
        for (std::size_t i = 1; i < ring.size(); ++i) {
            Position const a{ring[i - 1].x - origin.x, ring[i - 1].y - origin.y};
            Position const b{ring[i].x - origin.x, ring[i].y - origin.y};
            double const cross = a.x * b.y - b.x * a.y;
            sum.x += (a.x + b.x) * cross;
            sum.y += (a.y + b.y) * cross;
            twice_area += cross;
        }
        if (twice_area == 0) return origin;
        return {origin.x + sum.x / (3 * twice_area), origin.y + sum.y / (3 * twice_area)};
    }

    EdgeBoxes m_edges;
    double m_precision;
    std::priority_queue<Cell, std::vector<Cell>, LessPromising> m_queue;
    Cell m_found;
    bool m_any = false;
    std::size_t m_cells = 0;
};

Position middle_of_longest_path(Geometry const& lines) {
    auto const length = [](std::span<Position const> path) {
        double sum = 0;
        for (std::size_t i = 1; i < path.size(); ++i)
            sum += std::hypot(path[i].x - path[i - 1].x, path[i].y - path[i - 1].y);
        return sum;
    };
    std::span<Position const> longest = lines.path(0);
    double most = length(longest);
    for (std::size_t i = 1; i < lines.path_ends.size(); ++i) {
        double const here = length(lines.path(i));
        if (here > most) {
            most = here;
            longest = lines.path(i);
        }
    }
    double left = most / 2;
    for (std::size_t i = 1; i < longest.size(); ++i) {
        Position const a = longest[i - 1];
        Position const b = longest[i];
        double const step = std::hypot(b.x - a.x, b.y - a.y);
        if (step >= left && step > 0)
            return {a.x + (b.x - a.x) * left / step, a.y + (b.y - a.y) * left / step};
        left -= step;
    }
    return longest.front();
}

} // namespace

Position pole_of_inaccessibility(Geometry const& geometry, double precision) {
    if (geometry.empty()) return {};
    switch (geometry.kind) {
    case GeometryKind::none:
    case GeometryKind::point: return geometry.positions.front();
    case GeometryKind::line: return middle_of_longest_path(geometry);
    case GeometryKind::polygon: break;
    }
    Search search{geometry, precision};
    std::size_t first_ring = 0;
    for (std::size_t const end : geometry.part_ends) {
        search.seed(geometry.path(first_ring));
        first_ring = end;
    }
    return search.run();
}

double signed_distance(Geometry const& polygon, Position p) noexcept {
    return nearest_edge(polygon, p);
}

} // namespace diaban::geo::ops
