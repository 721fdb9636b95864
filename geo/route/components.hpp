#pragma once

#include "geo/route/road_graph.hpp"
#include "geo/route/shortest_ways.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diaban::geo::route {

/// Which vertices hang together, whatever the way roads may be driven: who rescues may drive
/// against a one-way road.
struct Components {
    std::vector<std::uint32_t> of; ///< by vertex: the number of its component
    std::size_t count = 0;         ///< numbered by their first vertices
};

[[nodiscard]] Components components(RoadGraph const& graph, OpenEdges open = {});

/// The component of most people; of those with as many the one with the lowest number. `none`
/// without any.
///
/// `people`   by component.
[[nodiscard]] std::uint32_t most_peopled(std::span<std::int64_t const> people) noexcept;

/// What one road does when all of it stays open while everything else that is closed stays closed.
struct Reconnection {
    std::uint32_t road = 0;
    std::int64_t people = 0; ///< who are joined to the main component
    double metres = 0;       ///< of the road that are closed
};

/// For each road with closed edges what it joins to component `main`; best first: more people, then
/// fewer closed metres, then the lower number. Roads that join nobody are left out.
///
/// Exact    components are contracted to one node each, the closed edges of a road are all that can
///          join them when it alone is kept open: whom they join to `main`, over however many
///          components, is counted by a union over those nodes. Every road is tried.
/// Cost     the closed edges, sorted by road.
/// `roads`  by line: the number of its road. `people` by component.
[[nodiscard]] std::vector<Reconnection> reconnections(RoadGraph const& graph,
                                                      Components const& apart, OpenEdges open,
                                                      std::span<std::uint32_t const> roads,
                                                      std::span<std::int64_t const> people,
                                                      std::uint32_t main);

} // namespace diaban::geo::route
