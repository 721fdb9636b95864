// Roads under water: which are closed, what hangs together without them, which one road would help
// most, and who finds room in which shelter.

#include "geo/crs.hpp"
#include "geo/ops/measure.hpp"
#include "geo/route/components.hpp"
#include "geo/route/flooded_roads.hpp"
#include "geo/route/shelters.hpp"
#include "tests/geo/road_nets.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <tuple>
#include <vector>

namespace {

using namespace diaban;
using namespace diaban::geo::route;
using namespace diaban::tests;
using geo::Position;

constexpr int utm48 = 32648;

/// Which vertices hang together, by search over a table of who is joined to whom.
std::vector<std::uint32_t> searched(RoadGraph const& graph, OpenEdges open) {
    std::size_t const n = graph.vertices();
    std::vector joined(n, std::vector<bool>(n, false));
    for (std::size_t e = 0; e < graph.edges(); ++e)
        if (open[e] != 0) {
            joined[graph.from[e]][graph.to[e]] = true;
            joined[graph.to[e]][graph.from[e]] = true;
        }
    std::vector<std::uint32_t> of(n, none);
    std::uint32_t count = 0;
    for (std::size_t start = 0; start < n; ++start) {
        if (of[start] != none) continue;
        std::vector<std::size_t> queue{start};
        of[start] = count;
        for (std::size_t i = 0; i < queue.size(); ++i)
            for (std::size_t to = 0; to < n; ++to)
                if (joined[queue[i]][to] && of[to] == none) {
                    of[to] = count;
                    queue.push_back(to);
                }
        ++count;
    }
    return of;
}

/// Places of a grid of 10 m in metres east and south of its corner, as degrees.
Position degrees(double east, double south) {
    std::vector<Position> one{{500'000 + east, 2'030'000 - south}};
    geo::Transform::between(utm48, 4326).apply(one);
    return one.front();
}

geo::raster::Frame frame() {
    return {{100, 100}, 500'000, 2'030'000, 10, 10, utm48};
}

/// A road east, a hamlet at the end of a road that crosses a stream (columns 50–52), and another
/// hamlet on this side.
struct Valley {
    RoadLines lines = roads_of({{degrees(105, 105), degrees(305, 105), degrees(405, 105)},
                                {degrees(405, 105), degrees(605, 105)}, // over the stream
                                {degrees(605, 105), degrees(905, 105), degrees(905, 305)},
                                {degrees(305, 105), degrees(305, 405)}});
    RoadFootings footings{std::vector(4, Footing::ground), std::vector(4, RoadFootings::no_deck)};
    RoadGraph graph = road_graph(lines, Joins::shared);
    std::vector<float> depth = std::vector<float>(10'000, 0.0F);

    void flood(float metres) {
        for (int row = 0; row < 100; ++row)
            for (int column = 50; column < 53; ++column)
                depth[std::size_t(row * 100 + column)] = metres;
    }
    std::vector<std::uint8_t> open(std::span<float const> ground = {}) const {
        FloodedRoads const roads{graph, lines, frame(), footings};
        std::vector<float> over(graph.edges());
        roads.depth_over(depth, ground, over);
        std::vector<std::uint8_t> open(graph.edges());
        open_edges(graph, footings, over, {}, open);
        return open;
    }
    std::size_t parts(std::span<float const> ground = {}) const {
        return components(graph, open(ground)).count;
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(cut_off)

BOOST_AUTO_TEST_CASE(deep_water_over_the_only_crossing_cuts_off_exactly_that_hamlet) {
    Valley valley;
    BOOST_TEST(valley.parts() == 1U);
    valley.flood(1.2F);
    auto const open = valley.open();
    BOOST_TEST(std::ranges::count(open, 0) == 1);
    auto const apart = components(valley.graph, open);
    BOOST_REQUIRE(apart.count == 2U);
    for (std::uint32_t v = 0; v < valley.graph.vertices(); ++v)
        BOOST_TEST(apart.of[v] == (valley.graph.places[v].x > degrees(500, 105).x ? 1U : 0U));
    // The road over the stream is the one that joins it again.
    std::vector<std::uint32_t> const roads{0, 1, 2, 3};
    std::vector<std::int64_t> const people{300, 120};
    auto const best = reconnections(valley.graph, apart, open, roads, people, most_peopled(people));
    BOOST_REQUIRE(best.size() == 1U);
    BOOST_TEST(best[0].road == 1U);
    BOOST_TEST(best[0].people == 120);
    BOOST_TEST(best[0].metres == 200, boost::test_tools::tolerance(1e-3));
}

BOOST_AUTO_TEST_CASE(a_road_closes_beyond_its_limit_and_not_at_it) {
    Valley valley;
    valley.flood(0.3F);
    BOOST_TEST(valley.parts() == 1U);
    valley.flood(0.31F);
    BOOST_TEST(valley.parts() == 2U);
    valley.flood(std::numeric_limits<float>::quiet_NaN()); // not known
    BOOST_TEST(valley.parts() == 1U);
}

BOOST_AUTO_TEST_CASE(a_ford_closes_first_and_a_bridge_never_unless_its_deck_is_known) {
    Valley valley;
    valley.flood(0.2F);
    valley.footings.kinds[1] = Footing::ford;
    BOOST_TEST(valley.parts() == 2U);
    valley.flood(9);
    valley.footings.kinds[1] = Footing::bridge;
    BOOST_TEST(valley.parts() == 1U);
    std::vector<float> const ground(10'000, 2.0F);
    valley.footings.decks[1] = 10.8F;
    BOOST_TEST(valley.parts() == 1U);       // nobody says how high the ground is
    BOOST_TEST(valley.parts(ground) == 1U); // 0.2 m over it
    valley.footings.decks[1] = 10.5F;
    BOOST_TEST(valley.parts(ground) == 2U);
    valley.flood(0);
    BOOST_TEST(valley.parts(ground) == 1U);
}

BOOST_AUTO_TEST_CASE(roads_outside_the_grid_are_counted_and_stay_open) {
    auto const lines =
        roads_of({{degrees(5000, 5), degrees(6000, 5)}, {degrees(5, 5), degrees(55, 5)}});
    auto const graph = road_graph(lines, Joins::shared);
    RoadFootings const footings{std::vector(2, Footing::ground),
                                std::vector(2, RoadFootings::no_deck)};
    FloodedRoads const roads{graph, lines, frame(), footings};
    BOOST_TEST(roads.outside() == 1U);
    std::vector<float> over(2);
    roads.depth_over(std::vector<float>(10'000, 1.0F), {}, over);
    BOOST_TEST(over[0] == 0);
    BOOST_TEST(over[1] == 1);
}

BOOST_AUTO_TEST_CASE(components_are_those_of_a_search) {
    std::mt19937_64 random{seed()};
    for (int round = 0; round < 1000; ++round) {
        auto const graph = random_net(random);
        auto const open = random_open(random, graph);
        auto const found = components(graph, open);
        auto const wanted = searched(graph, open);
        BOOST_REQUIRE(found.of == wanted);
        BOOST_REQUIRE_EQUAL(found.count, *std::ranges::max_element(wanted) + 1U);
    }
    BOOST_TEST(components(RoadGraph{}).count == 0U);
    BOOST_TEST(most_peopled({}) == none);
}

BOOST_AUTO_TEST_CASE(the_best_road_is_the_one_that_trying_each_finds) {
    std::mt19937_64 random{seed()};
    int helped = 0;
    for (int round = 0; round < 2000; ++round) {
        auto const graph = random_net(random);
        auto open = random_open(random, graph);
        for (auto& one : open) one = one != 0 && random() % 2 == 0 ? 1 : 0;
        // Some lines are one road.
        std::uint32_t lines = 0;
        for (auto const line : graph.line) lines = std::max(lines, line + 1);
        std::vector<std::uint32_t> roads(lines);
        for (auto& road : roads) road = std::uint32_t(random() % (1 + lines * 2 / 3));
        std::vector<std::int64_t> of_vertex(graph.vertices());
        for (auto& people : of_vertex) people = std::int64_t(random() % 4);
        auto const apart = components(graph, open);
        std::vector<std::int64_t> people(apart.count, 0);
        for (std::size_t v = 0; v < of_vertex.size(); ++v) people[apart.of[v]] += of_vertex[v];
        auto const main = most_peopled(people);

        std::vector<std::tuple<std::int64_t, double, std::uint32_t>> tried;
        for (std::uint32_t road = 0; road < lines; ++road) {
            auto kept = open;
            double metres = 0;
            for (std::size_t e = 0; e < kept.size(); ++e)
                if (open[e] == 0 && roads[graph.line[e]] == road) {
                    kept[e] = 1;
                    metres += graph.metres[e];
                }
            auto const of = searched(graph, kept);
            auto const before = searched(graph, open);
            auto const at = std::size_t(std::ranges::find(apart.of, main) - apart.of.begin());
            std::int64_t joined = 0;
            for (std::size_t v = 0; v < of.size(); ++v)
                if (of[v] == of[at] && before[v] != before[at]) joined += of_vertex[v];
            if (joined > 0) tried.emplace_back(-joined, metres, road);
        }
        std::ranges::sort(tried);
        auto const found = reconnections(graph, apart, open, roads, people, main);
        BOOST_REQUIRE_EQUAL(found.size(), tried.size());
        for (std::size_t i = 0; i < found.size(); ++i) {
            BOOST_REQUIRE_EQUAL(found[i].people, -std::get<0>(tried[i]));
            BOOST_REQUIRE_CLOSE(found[i].metres, std::get<1>(tried[i]), 1e-9);
        }
        if (!found.empty()) ++helped;
    }
    BOOST_TEST(helped > 200);
}

BOOST_AUTO_TEST_CASE(of_roads_that_help_alike_the_shorter_one_is_told_first) {
    // Two ways over one stream, the second straight.
    auto const lines = roads_of({{degrees(405, 105), degrees(505, 55), degrees(605, 105)},
                                 {degrees(405, 105), degrees(605, 105)}});
    auto const graph = road_graph(lines, Joins::shared);
    std::vector<std::uint8_t> const open(2, 0);
    auto const apart = components(graph, open);
    auto const found = reconnections(graph, apart, open, std::vector<std::uint32_t>{0, 1},
                                     std::vector<std::int64_t>{10, 5}, 0);
    BOOST_REQUIRE(found.size() == 2U);
    BOOST_TEST(found[0].road == 1U);
    BOOST_TEST(found[1].people == 5);
}

BOOST_AUTO_TEST_CASE(people_find_room_as_if_all_pairs_had_been_sorted) {
    std::mt19937_64 random{seed()};
    int parted = 0;
    for (int round = 0; round < 2000; ++round) {
        auto const graph = random_net(random);
        auto const open = random_open(random, graph);
        auto const table = all_costs(graph, open);
        auto const any = [&] {
            return random() % 8 == 0 ? none : std::uint32_t(random() % graph.vertices());
        };
        std::vector<std::uint32_t> starts;
        std::vector<std::int64_t> people;
        std::vector<std::uint32_t> shelters;
        std::vector<std::int64_t> room;
        for (int i = 0; i < 6; ++i) {
            starts.push_back(any());
            people.push_back(std::int64_t(random() % 10));
            shelters.push_back(any());
            room.push_back(random() % 9 == 0 ? boundless : std::int64_t(random() % 10));
        }
        std::vector<std::tuple<std::uint64_t, std::uint32_t, std::uint32_t>> pairs;
        for (std::uint32_t s = 0; s < shelters.size(); ++s)
            for (std::uint32_t g = 0; g < starts.size(); ++g)
                if (shelters[s] != none && starts[g] != none &&
                    table[starts[g]][shelters[s]] != unreachable)
                    pairs.emplace_back(table[starts[g]][shelters[s]], s, g);
        std::ranges::sort(pairs);
        auto left = room;
        auto remain = people;
        std::vector<std::tuple<std::uint64_t, std::uint32_t, std::uint32_t, std::int64_t>> wanted;
        for (auto const& [cost, s, g] : pairs) {
            auto const taken = std::min(left[s], remain[g]);
            if (taken <= 0) continue;
            wanted.emplace_back(cost, s, g, taken);
            remain[g] -= taken;
            if (left[s] != boundless) left[s] -= taken;
        }
        auto const found = shelter_people(graph, open, starts, people, shelters, room);
        BOOST_REQUIRE(found.remain == remain);
        BOOST_REQUIRE_EQUAL(found.places.size(), wanted.size());
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            auto const& one = found.places[i];
            BOOST_REQUIRE((std::tuple{one.cost, one.shelter, one.group, one.people} == wanted[i]));
            std::uint64_t cost = 0;
            for (auto const e : one.edges) cost += graph.cost[e];
            BOOST_REQUIRE_EQUAL(cost, one.cost);
        }
        std::map<std::uint32_t, int> times;
        for (auto const& one : found.places)
            if (++times[one.group] == 2) ++parted;
    }
    BOOST_TEST(parted > 100);
}

BOOST_AUTO_TEST_SUITE_END()
