#include "geo/ops/edge_boxes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace diaban::geo::ops {

namespace {

constexpr std::size_t few_edges = 64; // a pass over so many is faster than boxes
constexpr std::uint32_t edges_a_box = 16;
constexpr std::uint32_t boxes_a_box = 8;

double squared_distance(Position p, Position a, Position b) noexcept {
    double dx = b.x - a.x;
    double dy = b.y - a.y;
    Position nearest = a;
    if (dx != 0 || dy != 0) {
        double const t = ((p.x - a.x) * dx + (p.y - a.y) * dy) / (dx * dx + dy * dy);
        if (t > 1) {
            nearest = b;
        } else if (t > 0) {
            nearest = {a.x + dx * t, a.y + dy * t};
        }
    }
    dx = p.x - nearest.x;
    dy = p.y - nearest.y;
    return dx * dx + dy * dy;
}

double squared_distance(Position p, Box const& box) noexcept {
    double const dx = std::max({box.min_x - p.x, 0.0, p.x - box.max_x});
    double const dy = std::max({box.min_y - p.y, 0.0, p.y - box.max_y});
    return dx * dx + dy * dy;
}

/// Whether a ray from p eastwards crosses the edge; ends on the ray count for one of two edges.
bool crosses(Position p, Position a, Position b) noexcept {
    return (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x;
}

} // namespace

double nearest_edge(Geometry const& polygon, Position p) noexcept {
    double nearest = std::numeric_limits<double>::infinity();
    bool inside = false;
    for (std::size_t i = 0; i < polygon.path_ends.size(); ++i) {
        auto const ring = polygon.path(i);
        for (std::size_t k = 1; k < ring.size(); ++k) {
            inside ^= crosses(p, ring[k], ring[k - 1]);
            nearest = std::min(nearest, squared_distance(p, ring[k], ring[k - 1]));
        }
    }
    return (inside ? 1 : -1) * std::sqrt(nearest);
}

struct EdgeBoxes::Question {
    Position p;
    double nearest = std::numeric_limits<double>::infinity(); // squared
    bool inside = false;
};

EdgeBoxes::EdgeBoxes(Geometry const& polygon) : m_polygon{&polygon} {
    if (polygon.positions.size() <= few_edges) return;
    std::vector<Node> level;
    std::uint32_t begin = 0;
    for (std::uint32_t const end : polygon.path_ends) {
        for (std::uint32_t at = begin; at + 1 < end; at += edges_a_box) {
            Node node{{}, at, std::min(at + edges_a_box, end - 1)};
            for (std::uint32_t i = node.begin; i <= node.end; ++i)
                node.box.extend(polygon.positions[i]);
            level.push_back(node);
        }
        begin = end;
    }
    m_levels.push_back(std::move(level));
    while (m_levels.back().size() > 1) {
        auto const& below = m_levels.back();
        std::vector<Node> above;
        auto const size = static_cast<std::uint32_t>(below.size());
        for (std::uint32_t at = 0; at < size; at += boxes_a_box) {
            Node node{{}, at, std::min(at + boxes_a_box, size)};
            for (std::uint32_t i = node.begin; i < node.end; ++i) node.box.extend(below[i].box);
            above.push_back(node);
        }
        m_levels.push_back(std::move(above));
    }
}

void EdgeBoxes::ask(Question& question, std::size_t level, std::size_t index) const noexcept {
    Node const& node = m_levels[level][index];
    Position const p = question.p;
    bool const on_ray = p.x <= node.box.max_x && p.y >= node.box.min_y && p.y <= node.box.max_y;
    if (!on_ray && squared_distance(p, node.box) >= question.nearest) return;
    for (std::uint32_t i = node.begin; i < node.end; ++i) {
        if (level > 0) {
            ask(question, level - 1, i);
            continue;
        }
        Position const a = m_polygon->positions[i];
        Position const b = m_polygon->positions[i + 1];
        question.inside ^= crosses(p, b, a);
        question.nearest = std::min(question.nearest, squared_distance(p, b, a));
    }
}

double EdgeBoxes::signed_distance(Position p) const noexcept {
    if (m_levels.empty()) return nearest_edge(*m_polygon, p);
    Question question{p};
    ask(question, m_levels.size() - 1, 0);
    return (question.inside ? 1 : -1) * std::sqrt(question.nearest);
}

} // namespace diaban::geo::ops
