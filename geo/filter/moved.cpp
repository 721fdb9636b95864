#include "geo/filter/filter.hpp"

#include <utility>

namespace diaban::geo::filter {

namespace {

constexpr int positions_a_side = 16;

/// The four sides of a box, from the south-west corner around, closed.
Geometry outline(Bbox const& box) {
    auto const& n = box.numbers;
    std::size_t const far = n.size() == 6 ? 3 : 2;
    Position const corners[] = {
        {n[0], n[1]}, {n[far], n[1]}, {n[far], n[far + 1]}, {n[0], n[far + 1]}, {n[0], n[1]}};
    Geometry g;
    g.kind = GeometryKind::polygon;
    g.srid = 4326;
    for (int side = 0; side < 4; ++side) {
        auto const a = corners[side];
        auto const b = corners[side + 1];
        for (int i = 0; i < positions_a_side; ++i) {
            double const t = double(i) / positions_a_side;
            g.positions.push_back({a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t});
        }
    }
    g.positions.push_back(corners[0]);
    g.path_ends = {std::uint32_t(g.positions.size())};
    g.part_ends = {1};
    return g;
}

void move_in(Expression& expression, std::function<void(std::span<Position>)> const& move) {
    auto const each = [&](std::vector<Expression>& parts) {
        for (auto& part : parts) move_in(part, move);
    };
    if (auto const* const box = std::get_if<Bbox>(&expression.node))
        expression.node = Shape{{outline(*box)}, false};
    if (auto* const shape = std::get_if<Shape>(&expression.node)) {
        for (auto& member : shape->members) move(member.positions);
    } else if (auto* const call = std::get_if<Call>(&expression.node)) {
        each(call->arguments);
    } else if (auto* const array = std::get_if<Array>(&expression.node)) {
        each(array->elements);
    }
}

void swap_in(Expression& expression) {
    auto const each = [](std::vector<Expression>& parts) {
        for (auto& part : parts) swap_in(part);
    };
    if (auto* const box = std::get_if<Bbox>(&expression.node)) {
        auto& n = box->numbers;
        std::size_t const far = n.size() == 6 ? 3 : 2;
        std::swap(n[0], n[1]);
        std::swap(n[far], n[far + 1]);
    } else if (auto* const shape = std::get_if<Shape>(&expression.node)) {
        for (auto& member : shape->members)
            for (auto& p : member.positions) std::swap(p.x, p.y);
    } else if (auto* const call = std::get_if<Call>(&expression.node)) {
        each(call->arguments);
    } else if (auto* const array = std::get_if<Array>(&expression.node)) {
        each(array->elements);
    }
}

} // namespace

Expression with_axes_swapped(Expression expression) {
    swap_in(expression);
    return expression;
}

Expression moved(Expression expression, std::function<void(std::span<Position>)> const& move) {
    move_in(expression, move);
    return expression;
}

} // namespace diaban::geo::filter
