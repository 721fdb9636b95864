#include "geo/raster/outline.hpp"

#include <array>
#include <cstddef>
#include <map>
#include <utility>
#include <vector>

namespace diaban::geo::raster {

namespace {

/// A corner of cells; rows grow southwards.
using Corner = Cell;

/// Ways along the sides of cells, each a left turn from the one before.
constexpr std::array<Cell, 4> ways = {{{1, 0}, {0, -1}, {-1, 0}, {0, 1}}};

class Outliner {
public:
    Outliner(Frame const& frame, std::span<std::uint8_t const> marked)
        : m_frame{frame}, m_marked{marked}, m_corners{frame.shape.columns + 1,
                                                      frame.shape.rows + 1},
          m_sides(m_corners.cells(), 0), m_parts(frame.shape.cells(), 0) {}

    Geometry run() {
        number_parts();
        find_sides();
        for (std::int32_t row = 0; row < m_corners.rows; ++row)
            for (std::int32_t column = 0; column < m_corners.columns; ++column)
                for (unsigned way = 0; way < 4; ++way)
                    if ((m_sides[m_corners.index(column, row)] >> way & 1U) != 0)
                        split(follow({column, row}, way));
        return assemble();
    }

private:
    using Ring = std::vector<Corner>;
    struct Part {
        Ring exterior;
        std::vector<Ring> holes;
    };

    [[nodiscard]] bool marked(std::int32_t column, std::int32_t row) const noexcept {
        return m_frame.shape.holds(column, row) && m_marked[m_frame.shape.index(column, row)] != 0;
    }

    /// Numbers the parts from 1, by cells joined over sides.
    void number_parts() {
        auto const& shape = m_frame.shape;
        std::vector<Cell> open;
        for (std::int32_t row = 0; row < shape.rows; ++row)
            for (std::int32_t column = 0; column < shape.columns; ++column) {
                if (!marked(column, row) || m_parts[shape.index(column, row)] != 0) continue;
                m_found.emplace_back();
                m_parts[shape.index(column, row)] = std::uint32_t(m_found.size());
                open.assign(1, {column, row});
                while (!open.empty()) {
                    auto const cell = open.back();
                    open.pop_back();
                    for (auto const& way : ways) {
                        Cell const next{cell.column + way.column, cell.row + way.row};
                        if (!marked(next.column, next.row)) continue;
                        auto& part = m_parts[shape.index(next.column, next.row)];
                        if (part != 0) continue;
                        part = std::uint32_t(m_found.size());
                        open.push_back(next);
                    }
                }
            }
    }

    /// Notes by corner which ways a border begins there, what is marked on its left.
    void find_sides() {
        auto const note = [&](std::int32_t column, std::int32_t row, unsigned way) {
            m_sides[m_corners.index(column, row)] |= std::uint8_t(1U << way);
        };
        for (std::int32_t row = 0; row < m_frame.shape.rows; ++row)
            for (std::int32_t column = 0; column < m_frame.shape.columns; ++column) {
                if (!marked(column, row)) continue;
                if (!marked(column, row + 1)) note(column, row + 1, 0);
                if (!marked(column + 1, row)) note(column + 1, row + 1, 1);
                if (!marked(column, row - 1)) note(column + 1, row, 2);
                if (!marked(column - 1, row)) note(column, row, 3);
            }
    }

    /// Follows a border around, always as far left as it goes: so it keeps to one part. Returns the
    /// corners where it turns.
    Ring follow(Corner const start, unsigned const first_way) {
        Ring turns;
        auto at = start;
        auto way = first_way;
        do {
            m_sides[m_corners.index(at.column, at.row)] &= std::uint8_t(~(1U << way));
            at = {at.column + ways[way].column, at.row + ways[way].row};
            // The first side is gone already, and yet the way that closes the ring.
            unsigned const ahead =
                m_sides[m_corners.index(at.column, at.row)] | (at == start ? 1U << first_way : 0U);
            auto const before = way;
            for (unsigned const turn : {1U, 0U, 3U}) {
                way = (before + turn) % 4;
                if ((ahead >> way & 1U) != 0) break;
            }
            if (way != before) turns.push_back(at);
        } while (at != start || way != first_way);
        return turns;
    }

    /// Takes a closed way apart where it meets itself, and gives each ring to its part.
    void split(Ring const& turns) {
        Ring open;
        std::map<std::size_t, std::size_t> places;
        for (auto const& corner : turns) {
            auto const key = m_corners.index(corner.column, corner.row);
            auto const met = places.find(key);
            if (met == places.end()) {
                places.emplace(key, open.size());
                open.push_back(corner);
                continue;
            }
            Ring ring;
            for (auto i = met->second; i < open.size(); ++i) {
                ring.push_back(open[i]);
                if (i > met->second) places.erase(m_corners.index(open[i].column, open[i].row));
            }
            open.resize(open.size() - ring.size() + 1);
            keep(std::move(ring));
        }
        keep(std::move(open));
    }

    void keep(Ring ring) {
        if (ring.empty()) return;
        std::int64_t twice = 0; // the area, counter-clockwise positive as seen with north up
        for (std::size_t i = 0; i < ring.size(); ++i) {
            auto const& a = ring[i];
            auto const& b = ring[(i + 1) % ring.size()];
            twice += std::int64_t{b.column} * a.row - std::int64_t{a.column} * b.row;
        }
        auto& part = m_found[part_beside(ring.front(), ring[1]) - 1];
        if (twice > 0)
            part.exterior = std::move(ring);
        else
            part.holes.push_back(std::move(ring));
    }

    /// The part to the left of a side from `a` towards `b`.
    [[nodiscard]] std::uint32_t part_beside(Corner a, Corner b) const noexcept {
        Cell cell = a;                                         // southwards
        if (b.column > a.column) cell = {a.column, a.row - 1}; // eastwards
        if (b.row < a.row) cell = {a.column - 1, a.row - 1};   // northwards
        if (b.column < a.column) cell = {a.column - 1, a.row}; // westwards
        return m_parts[m_frame.shape.index(cell.column, cell.row)];
    }

    [[nodiscard]] Geometry assemble() const {
        Geometry made;
        made.kind = GeometryKind::polygon;
        made.multi = true;
        made.srid = m_frame.srid;
        auto const add = [&](Ring const& ring) {
            auto const put = [&](Corner corner) {
                made.positions.push_back({m_frame.west + corner.column * m_frame.width,
                                          m_frame.north - corner.row * m_frame.height});
            };
            for (auto const& corner : ring) put(corner);
            put(ring.front());
            made.path_ends.push_back(std::uint32_t(made.positions.size()));
        };
        for (auto const& part : m_found) {
            add(part.exterior);
            for (auto const& hole : part.holes) add(hole);
            made.part_ends.push_back(std::uint32_t(made.path_ends.size()));
        }
        return made;
    }

    Frame m_frame;
    std::span<std::uint8_t const> m_marked;
    Shape m_corners;
    std::vector<std::uint8_t> m_sides;
    std::vector<std::uint32_t> m_parts;
    std::vector<Part> m_found;
};

} // namespace

Geometry outline(Frame const& frame, std::span<std::uint8_t const> marked) {
    return Outliner{frame, marked}.run();
}

} // namespace diaban::geo::raster
