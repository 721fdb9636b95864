#include "geo/route/shortest_ways.hpp"

#include <algorithm>

namespace diaban::geo::route {

ShortestWays::ShortestWays(RoadGraph const& graph)
    : m_graph{graph}, m_cost(graph.vertices(), unreachable), m_source(graph.vertices(), none),
      m_edge(graph.vertices(), none) {}

void ShortestWays::begin(OpenEdges open) {
    m_open = open;
    std::ranges::fill(m_cost, unreachable);
    std::ranges::fill(m_source, none);
    std::ranges::fill(m_edge, none);
    m_heap.clear();
}

void ShortestWays::reach(std::uint32_t vertex, std::uint64_t cost, std::uint32_t source,
                         std::uint32_t edge) {
    if (cost > m_cost[vertex] || (cost == m_cost[vertex] && source >= m_source[vertex])) return;
    m_cost[vertex] = cost;
    m_source[vertex] = source;
    m_edge[vertex] = edge;
    m_heap.push({cost, source, vertex});
}

void ShortestWays::run(std::uint8_t ways, std::uint32_t until) {
    while (!m_heap.empty()) {
        auto const [cost, source, vertex] = m_heap.pop();
        if (cost != m_cost[vertex] || source != m_source[vertex]) continue;
        if (vertex == until) break;
        for (auto arc = m_graph.arcs_begin[vertex]; arc < m_graph.arcs_begin[vertex + 1]; ++arc)
            if (passable(arc, ways))
                reach(m_graph.arc_vertex[arc], cost + m_graph.arc_cost[arc], source,
                      m_graph.arc_edge[arc]);
    }
}

void ShortestWays::from(std::uint32_t start, OpenEdges open, std::uint32_t until) {
    begin(open);
    m_outwards = true;
    reach(start, 0, 0, none);
    run(RoadGraph::leaves, until);
}

void ShortestWays::to_nearest(std::span<std::uint32_t const> sources, OpenEdges open) {
    begin(open);
    m_outwards = false;
    m_sources.assign(sources.begin(), sources.end());
    for (std::uint32_t i = 0; i < m_sources.size(); ++i)
        if (m_sources[i] != none) reach(m_sources[i], 0, i, none);
    run(RoadGraph::comes, none);
}

void ShortestWays::drop(std::uint32_t source) {
    m_sources[source] = none;
    std::vector<std::uint32_t> bereft;
    for (std::uint32_t v = 0; v < m_source.size(); ++v) {
        if (m_source[v] != source) continue;
        bereft.push_back(v);
        m_cost[v] = unreachable;
        m_source[v] = none;
        m_edge[v] = none;
    }
    for (std::uint32_t i = 0; i < m_sources.size(); ++i)
        if (m_sources[i] != none) reach(m_sources[i], 0, i, none);
    m_heap.clear();
    for (auto const v : bereft) {
        for (auto arc = m_graph.arcs_begin[v]; arc < m_graph.arcs_begin[v + 1]; ++arc) {
            auto const other = m_graph.arc_vertex[arc];
            if (m_cost[other] == unreachable || !passable(arc, RoadGraph::leaves)) continue;
            reach(v, m_cost[other] + m_graph.arc_cost[arc], m_source[other], m_graph.arc_edge[arc]);
        }
        if (m_cost[v] != unreachable) m_heap.push({m_cost[v], m_source[v], v});
    }
    run(RoadGraph::comes, none);
}

std::vector<std::uint32_t> ShortestWays::way(std::uint32_t vertex) const {
    std::vector<std::uint32_t> edges;
    for (auto at = vertex; m_edge[at] != none;) {
        auto const edge = m_edge[at];
        edges.push_back(edge);
        at = m_graph.from[edge] == at ? m_graph.to[edge] : m_graph.from[edge];
    }
    if (m_outwards) std::ranges::reverse(edges);
    return edges;
}

} // namespace diaban::geo::route
