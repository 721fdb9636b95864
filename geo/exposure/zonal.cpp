#include "geo/exposure/zonal.hpp"

#include "geo/error.hpp"
#include "geo/ops/measure.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace diaban::geo::exposure {

namespace {

using raster::Frame;

/// A position in cells, from the grid's north-west corner, rows growing southwards.
struct Place {
    double u;
    double v;
};

/// What the edges do to a cell and to those behind it in its row.
struct Mark {
    std::int32_t row;
    std::int32_t column;
    double here;   ///< share of the cell
    double behind; ///< share of every cell east of it
};

/// Walks edges over the grid.
class Edges {
public:
    explicit Edges(raster::Shape shape) : m_shape{shape} {}

    void add(Place a, Place b) {
        if (a.v == b.v) return;
        // Above and below the grid there is nothing to mark.
        double const bottom = m_shape.rows;
        if (std::max(a.v, b.v) <= 0 || std::min(a.v, b.v) >= bottom) return;
        auto const cut = [&](Place p, Place q) {
            if (p.v < 0) return at_row(p, q, 0);
            return p.v > bottom ? at_row(p, q, bottom) : p;
        };
        auto const from = cut(a, b);
        rows(from, cut(b, a));
    }

    std::vector<Mark> take() { return std::move(m_marks); }

private:
    static Place at_row(Place a, Place b, double v) noexcept {
        return {a.u + (b.u - a.u) * ((v - a.v) / (b.v - a.v)), v};
    }
    static Place at_column(Place a, Place b, double u) noexcept {
        return {u, a.v + (b.v - a.v) * ((u - a.u) / (b.u - a.u))};
    }

    /// Cuts an edge at the borders of rows.
    void rows(Place a, Place b) {
        bool const down = b.v > a.v;
        double const top = std::min(a.v, b.v);
        double const low = std::max(a.v, b.v);
        auto const first = std::int32_t(std::floor(top));
        auto const last = std::min(std::int32_t(std::ceil(low)), m_shape.rows) - 1;
        for (auto row = first; row <= last; ++row) {
            auto upper = row == first ? (down ? a : b) : at_row(a, b, row);
            auto lower = row == last ? (down ? b : a) : at_row(a, b, row + 1);
            if (down)
                columns(row, upper, lower);
            else
                columns(row, lower, upper);
        }
    }

    /// Cuts the part of an edge within a row at the borders of columns.
    void columns(std::int32_t row, Place a, Place b) {
        double const right = m_shape.columns;
        if (std::min(a.u, b.u) >= right) return;
        if (std::max(a.u, b.u) <= 0) {
            m_marks.push_back({row, -1, 0, b.v - a.v});
            return;
        }
        if (std::min(a.u, b.u) < 0) { // one end lies west of the grid
            auto const border = at_column(a, b, 0);
            auto const inner = a.u < 0 ? b : a;
            m_marks.push_back({row, -1, 0, a.u < 0 ? border.v - a.v : b.v - border.v});
            if (a.u < 0)
                columns(row, border, inner);
            else
                columns(row, inner, border);
            return;
        }
        auto const first = std::int32_t(std::floor(std::min(a.u, b.u)));
        auto const last = std::int32_t(std::ceil(std::max(a.u, b.u))) - 1;
        if (last <= first) { // within one cell, or along its west side
            mark(row, first, a, b);
            return;
        }
        bool const east = b.u > a.u;
        for (auto column = first; column <= std::min(last, m_shape.columns - 1); ++column) {
            auto const west_end = column == first ? (east ? a : b) : at_column(a, b, column);
            auto const east_end = column == last ? (east ? b : a) : at_column(a, b, column + 1);
            if (east)
                mark(row, column, west_end, east_end);
            else
                mark(row, column, east_end, west_end);
        }
    }

    void mark(std::int32_t row, std::int32_t column, Place a, Place b) {
        if (column >= m_shape.columns) return;
        double const fall = b.v - a.v;
        m_marks.push_back({row, column, fall * (column + 1 - (a.u + b.u) / 2), fall});
    }

    raster::Shape m_shape;
    std::vector<Mark> m_marks;
};

/// Adds the marks up along rows.
Coverage shares(std::vector<Mark> marks, raster::Shape shape) {
    std::ranges::sort(marks, [](Mark const& a, Mark const& b) {
        return std::pair{a.row, a.column} < std::pair{b.row, b.column};
    });
    Coverage found;
    for (std::size_t i = 0; i < marks.size();) {
        auto const row = marks[i].row;
        double behind = 0;
        std::int32_t next = 0;
        auto const fill_to = [&](std::int32_t column) {
            // Between edges a cell is covered or is not.
            if (behind > 0.5 && column > next) found.runs.push_back({row, next, column});
        };
        while (i < marks.size() && marks[i].row == row) {
            auto const column = marks[i].column;
            double share = behind;
            if (column >= 0) fill_to(column);
            for (; i < marks.size() && marks[i].row == row && marks[i].column == column; ++i) {
                share += marks[i].here;
                behind += marks[i].behind;
            }
            if (column < 0) continue;
            if (share > 0) found.parts.push_back({row, column, share});
            next = column + 1;
        }
        fill_to(shape.columns);
    }
    return found;
}

} // namespace

double Coverage::cells() const noexcept {
    double sum = 0;
    for (auto const& part : parts) sum += part.share;
    for (auto const& run : runs) sum += run.end - run.begin;
    return sum;
}

Coverage cover(Frame const& frame, Geometry const& zone) {
    if (zone.empty()) return {};
    if (zone.kind != GeometryKind::polygon)
        throw Error{Code::bad_input, "not-a-polygon", {{"accepted", "Polygon, MultiPolygon"}}};
    if (zone.srid != 0 && frame.srid != 0 && zone.srid != frame.srid)
        throw Error{Code::bad_input,
                    "crs-mismatch",
                    {{"zone", "EPSG:" + std::to_string(zone.srid)},
                     {"raster", "EPSG:" + std::to_string(frame.srid)}}};
    Edges edges{frame.shape};
    std::size_t ring = 0;
    for (auto const part_end : zone.part_ends) {
        for (bool exterior = true; ring < part_end; ++ring, exterior = false) {
            auto const path = zone.path(ring);
            // Seen with rows southwards, an exterior must run so that what it encloses counts up.
            bool const forwards = (ops::planar_ring_area(path) > 0) == exterior;
            auto const place = [&](std::size_t i) {
                auto const& p = path[forwards ? i : path.size() - 1 - i];
                return Place{(p.x - frame.west) / frame.width, (frame.north - p.y) / frame.height};
            };
            for (std::size_t i = 1; i < path.size(); ++i) edges.add(place(i - 1), place(i));
        }
    }
    return shares(edges.take(), frame.shape);
}

Sums& Sums::operator+=(Sums const& other) noexcept {
    area += other.area;
    sum += other.sum;
    least = std::min(least, other.least);
    most = std::max(most, other.most);
    no_data_area += other.no_data_area;
    return *this;
}

namespace {

template <typename Chosen>
Sums sums_where(Coverage const& coverage, raster::Grid<float> const& amounts, Chosen&& chosen) {
    Sums found;
    double const cell = amounts.frame().width * amounts.frame().height;
    coverage.each([&](std::int32_t column, std::int32_t row, double share) {
        if (!chosen(amounts.shape().index(column, row))) return;
        double const value = double(amounts.at(column, row));
        if (std::isnan(value)) {
            found.no_data_area += share * cell;
            return;
        }
        found.area += share * cell;
        found.sum += value * share;
        found.least = std::min(found.least, value);
        found.most = std::max(found.most, value);
    });
    return found;
}

} // namespace

Sums sums(Coverage const& coverage, raster::Grid<float> const& amounts) {
    return sums_where(coverage, amounts, [](std::size_t) { return true; });
}

SumsByZone sums_by_zone(std::span<Coverage const> zones, raster::Grid<float> const& amounts,
                        std::span<std::uint8_t const> chosen) {
    SumsByZone found;
    for (auto const& zone : zones) {
        found.zones.push_back(
            sums_where(zone, amounts, [&](std::size_t cell) { return chosen[cell] != 0; }));
        found.total += found.zones.back();
    }
    return found;
}

} // namespace diaban::geo::exposure
