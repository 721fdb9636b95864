#include "geo/route/shelters.hpp"

#include <algorithm>
#include <compare>

namespace diaban::geo::route {

namespace {

struct Pair {
    std::uint64_t cost;
    std::uint32_t shelter;
    std::uint32_t group;
    friend auto operator<=>(Pair const&, Pair const&) = default;
};

} // namespace

Sheltering shelter_people(RoadGraph const& graph, OpenEdges open,
                          std::span<std::uint32_t const> starts,
                          std::span<std::int64_t const> people,
                          std::span<std::uint32_t const> shelters,
                          std::span<std::int64_t const> room) {
    Sheltering done;
    done.remain.assign(people.begin(), people.end());
    std::vector<std::int64_t> left(room.begin(), room.end());
    std::vector<std::uint32_t> with_room(shelters.begin(), shelters.end());
    for (std::size_t i = 0; i < with_room.size(); ++i)
        if (left[i] <= 0) with_room[i] = none;
    ShortestWays ways{graph};
    ways.to_nearest(with_room, open);
    LeastHeap<Pair> next;
    auto const wait = [&](std::uint32_t group) {
        auto const start = starts[group];
        if (start == none || done.remain[group] <= 0 || ways.source(start) == none) return;
        next.push({ways.cost(start), ways.source(start), group});
    };
    for (std::uint32_t group = 0; group < starts.size(); ++group) wait(group);
    while (!next.empty()) {
        auto const [cost, shelter, group] = next.pop();
        auto const start = starts[group];
        if (ways.source(start) != shelter) { // it has become full since
            wait(group);
            continue;
        }
        auto const taken = std::min(done.remain[group], left[shelter]);
        done.places.push_back({group, shelter, taken, cost, ways.way(start)});
        done.remain[group] -= taken;
        if (left[shelter] != boundless) left[shelter] -= taken;
        if (left[shelter] > 0) continue;
        ways.drop(shelter);
        wait(group);
    }
    return done;
}

} // namespace diaban::geo::route
