#include "geo/raster/trace.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>

namespace diaban::geo::raster {

namespace {

/// Walks segments from cell to cell over their common sides (Amanatides and Woo 1987).
class Tracer {
public:
    explicit Tracer(Frame const& frame) : m_frame{frame} {}

    void visit(double column, double row) {
        auto const& shape = m_frame.shape;
        if (!(column >= 0 && row >= 0 && column < shape.columns && row < shape.rows)) return;
        Cell const cell{std::int32_t(column), std::int32_t(row)};
        if (m_seen.insert(shape.index(cell.column, cell.row)).second) m_cells.push_back(cell);
    }

    void segment(Position a, Position b) {
        double u = (a.x - m_frame.west) / m_frame.width;
        double v = (m_frame.north - a.y) / m_frame.height;
        double end_u = (b.x - m_frame.west) / m_frame.width;
        double end_v = (m_frame.north - b.y) / m_frame.height;
        if (!clip(u, v, end_u, end_v)) return;
        walk(u, v, end_u, end_v);
    }

    std::vector<Cell> take() { return std::move(m_cells); }

private:
    /// Cuts a segment to the grid and a cell around it (Liang and Barsky 1984): however long it is,
    /// the walk is short.
    bool clip(double& u, double& v, double& end_u, double& end_v) const {
        double const du = end_u - u;
        double const dv = end_v - v;
        double enter = 0;
        double leave = 1;
        auto const side = [&](double towards, double room) {
            if (towards == 0) return room >= 0;
            double const at = room / towards;
            if (towards < 0)
                enter = std::max(enter, at);
            else
                leave = std::min(leave, at);
            return enter <= leave;
        };
        bool const inside = side(-du, u + 1) && side(du, m_frame.shape.columns + 1 - u) &&
                            side(-dv, v + 1) && side(dv, m_frame.shape.rows + 1 - v);
        if (!inside) return false;
        double const start_u = u;
        double const start_v = v;
        if (leave < 1) {
            end_u = start_u + leave * du;
            end_v = start_v + leave * dv;
        }
        if (enter > 0) {
            u = start_u + enter * du;
            v = start_v + enter * dv;
        }
        return true;
    }

    void walk(double u, double v, double end_u, double end_v) {
        double column = std::floor(u);
        double row = std::floor(v);
        double const last_column = std::floor(end_u);
        double const last_row = std::floor(end_v);
        double const du = end_u - u;
        double const dv = end_v - v;
        visit(column, row);
        auto sides = std::abs(last_column - column) + std::abs(last_row - row);
        for (; sides > 0; --sides) {
            double const across =
                column == last_column ? infinite : (column + (du > 0 ? 1 : 0) - u) / du;
            double const down = row == last_row ? infinite : (row + (dv > 0 ? 1 : 0) - v) / dv;
            if (across <= down)
                column += du > 0 ? 1 : -1;
            else
                row += dv > 0 ? 1 : -1;
            visit(column, row);
        }
    }

    static constexpr double infinite = std::numeric_limits<double>::infinity();

    Frame m_frame;
    std::vector<Cell> m_cells;
    std::unordered_set<std::size_t> m_seen;
};

} // namespace

std::vector<Cell> cells_along(Frame const& frame, Geometry const& lines) {
    if (lines.kind == GeometryKind::polygon)
        throw Error{Code::bad_input, "not-a-line", {{"accepted", "LineString, Point"}}};
    Tracer tracer{frame};
    if (lines.kind == GeometryKind::point)
        for (auto const& p : lines.positions) tracer.segment(p, p);
    for (std::size_t i = 0; i < lines.path_ends.size(); ++i) {
        auto const path = lines.path(i);
        for (std::size_t k = 1; k < path.size(); ++k) tracer.segment(path[k - 1], path[k]);
    }
    return tracer.take();
}

} // namespace diaban::geo::raster
