#pragma once

#include "geo/route/shortest_ways.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace diaban::geo::route {

/// Room without a bound.
inline constexpr std::int64_t boundless = std::numeric_limits<std::int64_t>::max();

/// People of one place in one shelter.
struct Sheltered {
    std::uint32_t group = 0;
    std::uint32_t shelter = 0;
    std::int64_t people = 0;
    std::uint64_t cost = 0;           ///< ms
    std::vector<std::uint32_t> edges; ///< of the way, as it is driven
};

/// Who finds room where.
struct Sheltering {
    std::vector<Sheltered> places;    ///< in the order in which room was taken
    std::vector<std::int64_t> remain; ///< by group: who find none
};

/// Brings people to shelters, the shortest ways first: of all pairs of a group and a shelter with a
/// way between them, by cost, then by shelter, then by group, each takes what room is left. A group
/// may be parted.
///
/// Exact    equal to sorting all pairs; but only the nearest shelter with room is known of each
///          place, and when one is full, the ways that led to it are found anew.
/// Shape    `starts`, `people` by group; `shelters`, `room` by shelter; a vertex may be `none`.
[[nodiscard]] Sheltering shelter_people(RoadGraph const& graph, OpenEdges open,
                                        std::span<std::uint32_t const> starts,
                                        std::span<std::int64_t const> people,
                                        std::span<std::uint32_t const> shelters,
                                        std::span<std::int64_t const> room);

} // namespace diaban::geo::route
