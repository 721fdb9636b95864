#pragma once

#include "geo/route/least_heap.hpp"
#include "geo/route/road_graph.hpp"

#include <compare>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace diaban::geo::route {

/// What no way leads to.
inline constexpr std::uint64_t unreachable = std::numeric_limits<std::uint64_t>::max();

/// Which edges may be passed: 0 is closed. Empty: all may.
using OpenEdges = std::span<std::uint8_t const>;

/// Least ways over a net of roads, asked many times with the same memory.
///
/// Method   Dijkstra (1959) over whole milliseconds; a heap of four children, stale entries
/// skipped. Ties     among sources at one cost the one with the lower number. Which of several ways
/// of one
///          cost is told is the same in every run.
/// Borrows  the graph, and from one question to the next what is open.
/// Threads  one at a time.
class ShortestWays {
public:
    explicit ShortestWays(RoadGraph const& graph);

    /// From one vertex to all, or until `until` is reached: what lies farther is not known then.
    void from(std::uint32_t start, OpenEdges open = {}, std::uint32_t until = none);
    /// From every vertex to that source which is nearest to it. Sources may stand at one vertex;
    /// those at `none` are passed over.
    void to_nearest(std::span<std::uint32_t const> sources, OpenEdges open = {});
    /// As if a source had not been among them. Only after `to_nearest`.
    /// Cost     a look at every vertex; ways anew for those that had led to it.
    void drop(std::uint32_t source);

    [[nodiscard]] std::uint64_t cost(std::uint32_t vertex) const noexcept { return m_cost[vertex]; }
    /// The number of the source; `none` where no way leads.
    [[nodiscard]] std::uint32_t source(std::uint32_t vertex) const noexcept {
        return m_source[vertex];
    }
    /// The edges of the way, in the order in which it is driven; empty where there is none.
    [[nodiscard]] std::vector<std::uint32_t> way(std::uint32_t vertex) const;

private:
    struct Entry {
        std::uint64_t cost;
        std::uint32_t source;
        std::uint32_t vertex;
        friend auto operator<=>(Entry const&, Entry const&) = default;
    };

    void begin(OpenEdges open);
    void reach(std::uint32_t vertex, std::uint64_t cost, std::uint32_t source, std::uint32_t edge);
    void run(std::uint8_t ways, std::uint32_t until);
    [[nodiscard]] bool passable(std::uint32_t arc, std::uint8_t ways) const noexcept {
        return (m_graph.arc_ways[arc] & ways) != 0 &&
               (m_open.empty() || m_open[m_graph.arc_edge[arc]] != 0);
    }

    RoadGraph const& m_graph;
    OpenEdges m_open;
    bool m_outwards = true;
    std::vector<std::uint32_t> m_sources;
    std::vector<std::uint64_t> m_cost;   ///< by vertex
    std::vector<std::uint32_t> m_source; ///< by vertex
    std::vector<std::uint32_t> m_edge;   ///< by vertex: the last one of its way
    LeastHeap<Entry> m_heap;
};

} // namespace diaban::geo::route
