#include "geo/route/road_graph.hpp"

#include "geo/ops/measure.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace diaban::geo::route {

namespace {

constexpr double steps_a_degree = 1e7;
constexpr double most_cost = 4'294'967'294.0;

bool driven(RoadLines const& lines, std::size_t i) noexcept {
    return lines.ends[i] - lines.begin(i) >= 2 && lines.speeds[i] > 0;
}

/// Which positions are vertices, and which of them are one.
class Vertices {
public:
    Vertices(RoadLines const& lines, Joins joins, std::span<std::uint32_t const> stops)
        : m_lines{lines}, m_place(lines.positions.size()), m_is(lines.positions.size(), 0) {
        find_places();
        mark_ends();
        for (auto const stop : stops) m_is[stop] = 1;
        if (joins == Joins::shared)
            mark_shared();
        else
            part_inner_stops(stops);
    }

    [[nodiscard]] bool is(std::uint32_t position) const noexcept { return m_is[position] != 0; }
    /// A number for its place, the same for all that are one vertex.
    [[nodiscard]] std::uint32_t place(std::uint32_t position) const noexcept {
        return m_place[position];
    }
    [[nodiscard]] std::size_t places() const noexcept { return m_places; }

private:
    void find_places() {
        std::vector<std::pair<std::uint64_t, std::uint32_t>> keyed(m_lines.positions.size());
        for (std::uint32_t i = 0; i < keyed.size(); ++i)
            keyed[i] = {place_key(m_lines.positions[i]), i};
        std::ranges::sort(keyed);
        for (std::size_t i = 0; i < keyed.size(); ++i) {
            if (i == 0 || keyed[i].first != keyed[i - 1].first) ++m_places;
            m_place[keyed[i].second] = std::uint32_t(m_places - 1);
        }
    }

    void mark_ends() {
        for (std::size_t i = 0; i < m_lines.size(); ++i) {
            if (!driven(m_lines, i)) continue;
            m_is[m_lines.begin(i)] = 1;
            m_is[m_lines.ends[i] - 1] = 1;
        }
    }

    /// A place that is come to twice, or that is a vertex anywhere, is one everywhere.
    void mark_shared() {
        std::vector<std::uint8_t> visits(m_places, 0);
        for (std::size_t i = 0; i < m_lines.size(); ++i) {
            if (!driven(m_lines, i)) continue;
            for (auto p = m_lines.begin(i); p < m_lines.ends[i]; ++p) {
                bool const stays = p > m_lines.begin(i) && m_place[p] == m_place[p - 1];
                auto& seen = visits[m_place[p]];
                if (m_is[p] != 0) seen = 2;
                if (!stays && seen < 2) ++seen;
            }
        }
        for (std::uint32_t p = 0; p < m_is.size(); ++p) m_is[p] = visits[m_place[p]] > 1 ? 1 : 0;
    }

    void part_inner_stops(std::span<std::uint32_t const> stops) {
        std::vector<std::uint8_t> end(m_is.size(), 0);
        for (std::size_t i = 0; i < m_lines.size(); ++i)
            if (m_lines.ends[i] > m_lines.begin(i)) {
                end[m_lines.begin(i)] = 1;
                end[m_lines.ends[i] - 1] = 1;
            }
        for (auto const stop : stops)
            if (end[stop] == 0) {
                end[stop] = 1; // its own place from now on, once
                m_place[stop] = std::uint32_t(m_places++);
            }
    }

    RoadLines const& m_lines;
    std::vector<std::uint32_t> m_place; ///< by position
    std::vector<std::uint8_t> m_is;
    std::size_t m_places = 0;
};

class GraphMaker {
public:
    GraphMaker(RoadLines const& lines, Joins joins, std::span<std::uint32_t const> stops)
        : m_lines{lines}, m_vertices{lines, joins, stops},
          m_number(m_vertices.places(), none), m_stops{stops} {}

    RoadGraph make() {
        for (std::size_t i = 0; i < m_lines.size(); ++i)
            if (driven(m_lines, i)) cut(std::uint32_t(i));
        link();
        for (auto const stop : m_stops) m_graph.stops.push_back(m_number[m_vertices.place(stop)]);
        return std::move(m_graph);
    }

private:
    std::uint32_t vertex(std::uint32_t position) {
        auto& number = m_number[m_vertices.place(position)];
        if (number == none) {
            number = std::uint32_t(m_graph.places.size());
            m_graph.places.push_back(m_lines.positions[position]);
        }
        return number;
    }

    void cut(std::uint32_t line) {
        auto first = m_lines.begin(line);
        auto from = vertex(first);
        double metres = 0;
        for (auto p = first + 1; p < m_lines.ends[line]; ++p) {
            metres += ops::geodesic_distance(m_lines.positions[p - 1], m_lines.positions[p]);
            if (!m_vertices.is(p)) continue;
            auto const to = vertex(p);
            if (to != from || p > first + 1) add(line, from, to, first, p, metres);
            first = p;
            from = to;
            metres = 0;
        }
    }

    void add(std::uint32_t line, std::uint32_t from, std::uint32_t to, std::uint32_t first,
             std::uint32_t last, double metres) {
        double const cost = std::round(metres * 3600 / double(m_lines.speeds[line]));
        m_graph.from.push_back(from);
        m_graph.to.push_back(to);
        m_graph.line.push_back(line);
        m_graph.first.push_back(first);
        m_graph.last.push_back(last);
        m_graph.metres.push_back(metres);
        m_graph.cost.push_back(std::uint32_t(std::min(cost, most_cost)));
    }

    void link() {
        auto& g = m_graph;
        g.arcs_begin.assign(g.vertices() + 1, 0);
        for (std::size_t e = 0; e < g.edges(); ++e) {
            ++g.arcs_begin[g.from[e] + 1];
            ++g.arcs_begin[g.to[e] + 1];
        }
        for (std::size_t v = 0; v < g.vertices(); ++v) g.arcs_begin[v + 1] += g.arcs_begin[v];
        std::size_t const arcs = 2 * g.edges();
        g.arc_vertex.resize(arcs);
        g.arc_edge.resize(arcs);
        g.arc_cost.resize(arcs);
        g.arc_ways.resize(arcs);
        auto next = g.arcs_begin;
        for (std::uint32_t e = 0; e < g.edges(); ++e) {
            auto const passage = m_lines.passages[g.line[e]];
            std::uint8_t const forward = passage == Passage::backward ? 0 : 1;
            std::uint8_t const backward = passage == Passage::forward ? 0 : 1;
            put(next[g.from[e]]++, e, g.to[e], forward, backward);
            put(next[g.to[e]]++, e, g.from[e], backward, forward);
        }
    }

    void put(std::uint32_t arc, std::uint32_t edge, std::uint32_t other, std::uint8_t leaves,
             std::uint8_t comes) {
        m_graph.arc_vertex[arc] = other;
        m_graph.arc_edge[arc] = edge;
        m_graph.arc_cost[arc] = m_graph.cost[edge];
        m_graph.arc_ways[arc] = std::uint8_t(leaves * RoadGraph::leaves + comes * RoadGraph::comes);
    }

    RoadLines const& m_lines;
    Vertices m_vertices;
    std::vector<std::uint32_t> m_number; ///< of the vertex at a place
    std::span<std::uint32_t const> m_stops;
    RoadGraph m_graph;
};

} // namespace

std::uint64_t place_key(Position p) noexcept {
    auto const step = [](double degrees) {
        return std::uint32_t(std::int32_t(std::llround(degrees * steps_a_degree)));
    };
    return (std::uint64_t{step(p.x)} << 32U) | step(p.y);
}

void RoadLines::add(std::span<Position const> line, float speed, Passage passage) {
    positions.insert(positions.end(), line.begin(), line.end());
    ends.push_back(std::uint32_t(positions.size()));
    speeds.push_back(speed);
    passages.push_back(passage);
}

std::vector<Position> in_steps(std::span<Position const> line, double metres) {
    std::vector<Position> dense;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (i > 0) {
            auto const& a = line[i - 1];
            auto const& b = line[i];
            auto const pieces = int(std::ceil(ops::geodesic_distance(a, b) / metres));
            for (int piece = 1; piece < pieces; ++piece) {
                double const share = double(piece) / pieces;
                dense.push_back({std::lerp(a.x, b.x, share), std::lerp(a.y, b.y, share)});
            }
        }
        dense.push_back(line[i]);
    }
    return dense;
}

RoadGraph road_graph(RoadLines const& lines, Joins joins, std::span<std::uint32_t const> stops) {
    return GraphMaker{lines, joins, stops}.make();
}

Geometry line_of(RoadGraph const& graph, RoadLines const& lines,
                 std::span<std::uint32_t const> edges, std::uint32_t start) {
    Geometry line;
    line.kind = GeometryKind::line;
    line.srid = 4326;
    auto at = start;
    for (auto const e : edges) {
        bool const forward = graph.from[e] == at;
        auto const count = graph.last[e] - graph.first[e];
        for (std::uint32_t i = line.empty() ? 0 : 1; i <= count; ++i)
            line.positions.push_back(
                lines.positions[forward ? graph.first[e] + i : graph.last[e] - i]);
        at = forward ? graph.to[e] : graph.from[e];
    }
    if (!line.empty()) line.path_ends = {std::uint32_t(line.positions.size())};
    return line;
}

} // namespace diaban::geo::route
