#pragma once

#include "geo/route/shortest_ways.hpp"

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace diaban::tests {

inline geo::route::RoadLines roads_of(std::vector<std::vector<geo::Position>> const& lines,
                                      float speed = 36) {
    geo::route::RoadLines roads;
    for (auto const& line : lines) roads.add(line, speed);
    return roads;
}

/// Lines between a few places, some of them one-way, some doubled, some loops, some very short.
inline geo::route::RoadGraph random_net(std::mt19937_64& random) {
    using geo::route::Passage;
    std::vector<geo::Position> places;
    std::size_t const count = 2 + random() % 12;
    for (std::size_t i = 0; i < count; ++i)
        places.push_back(
            {105 + 1e-6 * double(random() % 2000), 18 + 1e-6 * double(random() % 2000)});
    geo::route::RoadLines roads;
    std::size_t const lines = 1 + random() % (2 * count);
    for (std::size_t i = 0; i < lines; ++i) {
        std::vector<geo::Position> line{places[random() % count], places[random() % count]};
        if (random() % 3 == 0) line.push_back(places[random() % count]);
        roads.add(line, float(5 + 10 * (random() % 3)),
                  random() % 4 == 0 ? Passage(1 + random() % 2) : Passage::both);
        if (random() % 5 == 0) roads.add(line, 10);
    }
    auto graph = geo::route::road_graph(roads, geo::route::Joins::shared);
    return graph.vertices() == 0 ? random_net(random) : graph;
}

inline std::vector<std::uint8_t> random_open(std::mt19937_64& random,
                                             geo::route::RoadGraph const& graph) {
    std::vector<std::uint8_t> open(graph.edges());
    for (auto& one : open) one = random() % 4 == 0 ? 0 : 1;
    return open;
}

/// The least costs between all vertices, by Floyd (1962) and Warshall.
inline std::vector<std::vector<std::uint64_t>> all_costs(geo::route::RoadGraph const& graph,
                                                         geo::route::OpenEdges open) {
    using geo::route::RoadGraph;
    using geo::route::unreachable;
    std::size_t const n = graph.vertices();
    std::vector table(n, std::vector<std::uint64_t>(n, unreachable));
    for (std::size_t v = 0; v < n; ++v) {
        table[v][v] = 0;
        for (auto arc = graph.arcs_begin[v]; arc < graph.arcs_begin[v + 1]; ++arc)
            if (open[graph.arc_edge[arc]] != 0 && (graph.arc_ways[arc] & RoadGraph::leaves) != 0) {
                auto& cost = table[v][graph.arc_vertex[arc]];
                cost = std::min(cost, std::uint64_t{graph.arc_cost[arc]});
            }
    }
    for (std::size_t over = 0; over < n; ++over)
        for (std::size_t from = 0; from < n; ++from)
            for (std::size_t to = 0; to < n; ++to)
                if (table[from][over] != unreachable && table[over][to] != unreachable)
                    table[from][to] =
                        std::min(table[from][to], table[from][over] + table[over][to]);
    return table;
}

} // namespace diaban::tests
