#include "geo/ops/border_cells.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace diaban::geo::ops {

namespace {

constexpr double relative_slack = 1e-9;

/// 256 x 256 cells show a province's border at a few hundred metres in 64 KB. Borders that fill
/// their box, such as combs, get larger cells, so that their pieces take no more than some MB.
constexpr int most_side = 256;
constexpr int least_side = 8;
constexpr std::size_t most_pieces = std::size_t{1} << 21;

/// Whether the ray from `p` to the west crosses a–b, and where; by half-open intervals of y, so
/// that a position where two segments meet counts once.
bool crosses(Position a, Position b, Position p, double& x) noexcept {
    if ((a.y > p.y) == (b.y > p.y)) return false;
    x = a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x);
    return x < p.x;
}

double square_to_segment(Position p, Position a, Position b) noexcept {
    double const dx = b.x - a.x;
    double const dy = b.y - a.y;
    double const length = dx * dx + dy * dy;
    double const along = length > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / length : 0;
    double const t = std::clamp(along, 0.0, 1.0);
    double const x = p.x - (a.x + t * dx);
    double const y = p.y - (a.y + t * dy);
    return x * x + y * y;
}

double side_of(Position p, Position a, Position b) noexcept {
    return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
}

/// Whether the segments cross in their middles. Where they nearly touch at an end, the distance of
/// that end says enough.
bool cross(Position a, Position b, Position c, Position d) noexcept {
    return side_of(a, c, d) * side_of(b, c, d) < 0 && side_of(c, a, b) * side_of(d, a, b) < 0;
}

/// Calls `visit(a, b)` for each piece of the border; a point is a piece without length.
template <typename Visit>
void each_piece(Geometry const& shape, Visit const& visit) {
    if (shape.kind == GeometryKind::point)
        for (auto const p : shape.positions) visit(p, p);
    for (std::size_t i = 0; i < shape.path_ends.size(); ++i) {
        auto const path = shape.path(i);
        for (std::size_t k = 0; k + 1 < path.size(); ++k) visit(path[k], path[k + 1]);
    }
}

} // namespace

BorderCells::BorderCells(Geometry const& shape) : m_box{shape.box()} {
    if (m_box.empty()) return;
    each_piece(shape, [&](Position a, Position b) { m_segments.push_back({a, b}); });
    for (int side = most_side;; side /= 2) {
        size_cells(side);
        m_begin.assign(std::size_t(side) * std::size_t(side) + 1, 0);
        std::size_t pieces = 0;
        each_in_cells([&](std::size_t cell, std::uint32_t) {
            ++m_begin[cell + 1];
            ++pieces;
        });
        if (pieces <= most_pieces || side <= least_side) break;
    }
    for (std::size_t cell = 1; cell < m_begin.size(); ++cell) m_begin[cell] += m_begin[cell - 1];
    m_pieces.resize(m_begin.back());
    auto next = m_begin;
    each_in_cells([&](std::size_t cell, std::uint32_t s) { m_pieces[next[cell]++] = s; });
    fill(shape);
}

void BorderCells::size_cells(int side) {
    double const least = 1e-12; // of a cell, where the box has no width or height
    m_side = side;
    m_width = std::max((m_box.max_x - m_box.min_x) / side, least);
    m_height = std::max((m_box.max_y - m_box.min_y) / side, least);
}

template <typename Use>
void BorderCells::each_in_cells(Use const& use) const {
    double const far_x = m_width * m_side * relative_slack;
    double const far_y = m_height * m_side * relative_slack;
    for (std::uint32_t s = 0; s < m_segments.size(); ++s)
        along(m_segments[s].a, m_segments[s].b, far_x, far_y, [&](std::size_t cell) {
            use(cell, s);
            return false;
        });
}

int BorderCells::column(double x) const noexcept {
    return int(std::clamp((x - m_box.min_x) / m_width, 0.0, double(m_side - 1)));
}

int BorderCells::row(double y) const noexcept {
    return int(std::clamp((y - m_box.min_y) / m_height, 0.0, double(m_side - 1)));
}

std::span<std::uint32_t const> BorderCells::pieces(std::size_t cell) const noexcept {
    return std::span{m_pieces}.subspan(m_begin[cell], m_begin[cell + 1] - m_begin[cell]);
}

template <typename Visit>
bool BorderCells::along(Position a, Position b, double far_x, double far_y,
                        Visit const& visit) const {
    if (a.y > b.y) std::swap(a, b);
    int const low = row(a.y - far_y);
    int const high = row(b.y + far_y);
    for (int j = low; j <= high; ++j) {
        // The part of the segment within this row of cells. The outer rows take what lies beyond.
        double from = a.x;
        double to = b.x;
        if (b.y > a.y) {
            double const bottom = m_box.min_y + j * m_height - far_y;
            double const top = m_box.min_y + (j + 1) * m_height + far_y;
            double const slope = (b.x - a.x) / (b.y - a.y);
            if (a.y < bottom && j > low) from = a.x + (bottom - a.y) * slope;
            if (b.y > top && j < high) to = a.x + (top - a.y) * slope;
        }
        int const left = column(std::min(from, to) - far_x);
        int const right = column(std::max(from, to) + far_x);
        for (int i = left; i <= right; ++i)
            if (visit(std::size_t(j) * std::size_t(m_side) + std::size_t(i))) return true;
    }
    return false;
}

void BorderCells::fill(Geometry const& shape) {
    m_cells.assign(std::size_t(m_side) * std::size_t(m_side), Place::outside);
    for (std::size_t cell = 0; cell < m_cells.size(); ++cell)
        if (m_begin[cell + 1] > m_begin[cell]) m_cells[cell] = Place::border;
    if (shape.kind != GeometryKind::polygon) return;
    for (int j = 0; j < m_side; ++j) {
        for (int i = 0; i < m_side; ++i) {
            auto& cell = m_cells[std::size_t(j) * std::size_t(m_side) + std::size_t(i)];
            if (cell == Place::border) continue;
            // Between two cells that share an edge and hold no border nothing changes.
            auto const left = i > 0 ? *(&cell - 1) : Place::border;
            auto const below = j > 0 ? *(&cell - m_side) : Place::border;
            if (left != Place::border) {
                cell = left;
            } else if (below != Place::border) {
                cell = below;
            } else {
                Position const middle{m_box.min_x + (i + 0.5) * m_width,
                                      m_box.min_y + (j + 0.5) * m_height};
                bool odd = false;
                double x = 0;
                for (auto const& [a, b] : m_segments) odd = odd != crosses(a, b, middle, x);
                if (odd) cell = Place::inside;
            }
        }
    }
}

BorderCells::Place BorderCells::place(Box const& box) const noexcept {
    if (!box.intersects(m_box)) return Place::outside;
    bool const over = box.min_x < m_box.min_x || box.min_y < m_box.min_y ||
                      box.max_x > m_box.max_x || box.max_y > m_box.max_y;
    int const left = column(box.min_x);
    int const right = column(box.max_x);
    int const low = row(box.min_y);
    int const high = row(box.max_y);
    auto const first = m_cells[std::size_t(low) * std::size_t(m_side) + std::size_t(left)];
    if (first == Place::border || (over && first == Place::inside)) return Place::border;
    for (int j = low; j <= high; ++j)
        for (int i = left; i <= right; ++i)
            if (m_cells[std::size_t(j) * std::size_t(m_side) + std::size_t(i)] != first)
                return Place::border;
    return first;
}

bool BorderCells::near(Segment const& other, double distance) const {
    Box box;
    box.extend(other.a);
    box.extend(other.b);
    if (!Box{box.min_x - distance, box.min_y - distance, box.max_x + distance, box.max_y + distance}
             .intersects(m_box))
        return false;
    double const square = distance * distance;
    return along(other.a, other.b, distance, distance, [&](std::size_t cell) {
        for (auto const s : pieces(cell)) {
            auto const& [a, b] = m_segments[s];
            if (cross(a, b, other.a, other.b) || square_to_segment(a, other.a, other.b) <= square ||
                square_to_segment(b, other.a, other.b) <= square ||
                square_to_segment(other.a, a, b) <= square ||
                square_to_segment(other.b, a, b) <= square)
                return true;
        }
        return false;
    });
}

bool BorderCells::near(Position p, double distance) const {
    return near(Segment{p, p}, distance);
}

bool BorderCells::near(Geometry const& other, double distance) const {
    bool found = false;
    each_piece(other, [&](Position a, Position b) {
        found = found || near(Segment{a, b}, distance);
    });
    return found;
}

bool BorderCells::inside(Position p) const {
    Box at;
    at.extend(p);
    if (m_cells.empty() || !at.intersects(m_box)) return false;
    // West from p to a cell that knows, or out of the box; each segment crossed on the way counts.
    auto const cell = std::size_t(row(p.y)) * std::size_t(m_side);
    std::vector<std::uint32_t> met;
    bool odd = false;
    double from = m_box.min_x - 1;
    for (int i = column(p.x); i >= 0; --i) {
        auto const place = m_cells[cell + std::size_t(i)];
        if (place != Place::border) {
            odd = place == Place::inside;
            from = m_box.min_x + (i + 0.5) * m_width;
            break;
        }
        auto const here = pieces(cell + std::size_t(i));
        met.insert(met.end(), here.begin(), here.end());
    }
    std::sort(met.begin(), met.end());
    met.erase(std::unique(met.begin(), met.end()), met.end());
    for (auto const s : met) {
        double x = 0;
        if (crosses(m_segments[s].a, m_segments[s].b, p, x) && x > from) odd = !odd;
    }
    return odd;
}

} // namespace diaban::geo::ops
