#include "services/domain/hazard.hpp"

#include "geo/exposure/zonal.hpp"
#include "geo/ops/measure.hpp"
#include "geo/ops/overlay.hpp"
#include "services/domain/coverage_shelf.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

namespace diaban::services::domain {

namespace {

using geo::Geometry;
using geo::Position;
using geo::ops::Relation;

using geo::exposure::MarkedCells;

/// The box of the rows that have marked cells, in degrees; empty where none is marked.
geo::Box box_of(MarkedCells const& marked) {
    auto const& shape = marked.frame().shape;
    auto const any = [&](std::int32_t row) {
        return marked.count(shape.index(0, row), shape.index(0, row + 1)) > 0;
    };
    std::int32_t top = 0;
    std::int32_t bottom = shape.rows;
    while (top < bottom && !any(top)) ++top;
    while (top < bottom && !any(bottom - 1)) --bottom;
    if (top == bottom) return {};
    return degrees_of(marked.frame().part({0, top, shape.columns, bottom - top}));
}

/// Calls `visit` with the places, 0 to 1, at which a segment crosses whole numbers.
void crossings(double a, double b, std::vector<double>& into) {
    if (a == b) return;
    auto const [low, high] = std::minmax(a, b);
    for (double line = std::ceil(low); line < high; ++line) into.push_back((line - a) / (b - a));
}

bool holds(MarkedCells const& marked, geo::raster::Cell cell) {
    return marked.holds(marked.frame().shape.index(cell.column, cell.row));
}

double length_in(MarkedCells const& marked, Position a, Position b) {
    auto const& frame = marked.frame();
    auto const cells = [&](Position p) {
        return Position{(p.x - frame.west) / frame.width, (frame.north - p.y) / frame.height};
    };
    auto const from = cells(a);
    auto const to = cells(b);
    std::vector<double> cuts{0, 1};
    crossings(from.x, to.x, cuts);
    crossings(from.y, to.y, cuts);
    std::ranges::sort(cuts);
    double share = 0;
    for (std::size_t i = 1; i < cuts.size(); ++i) {
        double const middle = (cuts[i - 1] + cuts[i]) / 2;
        auto const cell = frame.cell({a.x + middle * (b.x - a.x), a.y + middle * (b.y - a.y)});
        if (cell && holds(marked, *cell)) share += cuts[i] - cuts[i - 1];
    }
    return share * std::hypot(b.x - a.x, b.y - a.y);
}

} // namespace

GridHazard::GridHazard(MarkedCells marked)
    : m_marked{std::move(marked)},
      m_from_degrees{geo::Transform::between(4326, m_marked.frame().srid)}, m_box{
                                                                                box_of(m_marked)} {}

bool GridHazard::holds(Position p) const {
    std::array<Position, 1> place{p};
    m_from_degrees.apply(place);
    auto const cell = m_marked.frame().cell(place[0]);
    return cell && services::domain::holds(m_marked, *cell);
}

double GridHazard::area(Geometry polygon) const {
    m_from_degrees.apply(polygon.positions);
    polygon.srid = m_marked.frame().srid;
    auto const window = m_marked.frame().cover(polygon.box());
    if (window.empty()) return 0;
    auto const part = m_marked.frame().part(window);
    double cells = 0;
    geo::exposure::cover(part, polygon)
        .each([&](std::int32_t column, std::int32_t row, double share) {
            if (services::domain::holds(m_marked, {window.column + column, window.row + row}))
                cells += share;
        });
    return cells * part.width * part.height;
}

double GridHazard::whole(Geometry polygon) const {
    m_from_degrees.apply(polygon.positions);
    return geo::ops::planar_area(polygon);
}

double GridHazard::length(Geometry line) const {
    m_from_degrees.apply(line.positions);
    double metres = 0;
    for (std::size_t i = 0; i < line.path_ends.size(); ++i) {
        auto const path = line.path(i);
        for (std::size_t j = 1; j < path.size(); ++j)
            metres += length_in(m_marked, path[j - 1], path[j]);
    }
    return metres;
}

PolygonHazard::PolygonHazard(Geometry polygon) : m_reference{std::move(polygon)} {}

bool PolygonHazard::holds(Position p) const {
    Geometry point;
    point.kind = geo::GeometryKind::point;
    point.srid = 4326;
    point.positions = {p};
    return m_reference.holds(Relation::intersects, point);
}

double PolygonHazard::area(Geometry polygon) const {
    if (!m_reference.holds(Relation::intersects, polygon)) return 0;
    return geo::ops::straight_area(geo::ops::common(m_reference.shape(), polygon));
}

double PolygonHazard::whole(Geometry polygon) const {
    return geo::ops::straight_area(polygon);
}

double PolygonHazard::length(Geometry line) const {
    if (!m_reference.holds(Relation::intersects, line)) return 0;
    return geo::ops::geodesic_length(geo::ops::common(m_reference.shape(), line));
}

} // namespace diaban::services::domain
