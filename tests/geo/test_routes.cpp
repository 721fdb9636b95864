// Nets of roads: how lines become one, and the least ways over it, held to plain algorithms on
// small random nets.

#include "geo/ops/measure.hpp"
#include "geo/route/loose_ends.hpp"
#include "geo/route/nearest_place.hpp"
#include "geo/route/shortest_ways.hpp"
#include "tests/geo/road_nets.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <vector>

namespace {

using namespace diaban;
using namespace diaban::geo::route;
using namespace diaban::tests;
using geo::Position;

RoadGraph net(std::vector<std::vector<Position>> const& lines, Joins joins = Joins::shared) {
    return road_graph(roads_of(lines), joins);
}

/// What a way costs, edge by edge; that each begins where the one before ended.
std::uint64_t driven(RoadGraph const& graph, std::vector<std::uint32_t> const& edges,
                     std::uint32_t from, std::uint32_t to) {
    std::uint64_t cost = 0;
    auto at = from;
    for (auto const e : edges) {
        BOOST_REQUIRE((graph.from[e] == at || graph.to[e] == at));
        at = graph.from[e] == at ? graph.to[e] : graph.from[e];
        cost += graph.cost[e];
    }
    BOOST_REQUIRE_EQUAL(at, to);
    return cost;
}

} // namespace

BOOST_AUTO_TEST_SUITE(routes)

BOOST_AUTO_TEST_CASE(nothing_makes_an_empty_net) {
    auto const graph = net({});
    BOOST_TEST(graph.vertices() == 0U);
    BOOST_TEST(graph.edges() == 0U);
    ShortestWays ways{graph};
    ways.to_nearest({});
    auto const undriven = net({{{105, 18}}, {}});
    BOOST_TEST(undriven.vertices() == 0U);
}

BOOST_AUTO_TEST_CASE(lines_meet_where_they_share_a_position_and_a_bridge_shares_none) {
    std::vector<std::vector<Position>> const cross{{{105, 18}, {105.1, 18}, {105.2, 18}},
                                                   {{105.1, 17.9}, {105.1, 18}, {105.1, 18.1}}};
    auto const joined = net(cross);
    BOOST_TEST(joined.vertices() == 5U);
    BOOST_TEST(joined.edges() == 4U);
    BOOST_TEST(net(cross, Joins::ends).edges() == 2U);
    auto bridge = cross;
    bridge[1].erase(bridge[1].begin() + 1);
    BOOST_TEST(net(bridge).edges() == 2U);
    BOOST_TEST(net(bridge).vertices() == 4U);
}

BOOST_AUTO_TEST_CASE(positions_within_a_hundredth_of_a_metre_are_one_vertex) {
    BOOST_TEST(net({{{105, 18}, {105.1, 18}}, {{105.1 + 3e-8, 18}, {105.2, 18}}}).vertices() == 3U);
    BOOST_TEST(net({{{105, 18}, {105.1, 18}}, {{105.1 + 3e-7, 18}, {105.2, 18}}}).vertices() == 4U);
}

BOOST_AUTO_TEST_CASE(an_edge_is_as_long_as_its_line_and_costs_what_its_speed_says) {
    std::vector<Position> const line{{105, 18}, {105.01, 18.02}, {105.05, 18.01}};
    auto const graph = road_graph(roads_of({line}, 72), Joins::shared);
    BOOST_REQUIRE(graph.edges() == 1U);
    double const metres = geo::ops::geodesic_distance(line[0], line[1]) +
                          geo::ops::geodesic_distance(line[1], line[2]);
    BOOST_TEST(graph.metres[0] == metres, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(graph.cost[0] == std::uint32_t(std::llround(metres / 20 * 1000)));
    BOOST_TEST(graph.first[0] == 0U);
    BOOST_TEST(graph.last[0] == 2U);
}

BOOST_AUTO_TEST_CASE(loops_doubles_and_segments_of_no_length_do_no_harm) {
    auto const graph = net({{{105, 18}, {105.1, 18}},
                            {{105, 18}, {105.1, 18}},                // the same again
                            {{105.1, 18}, {105.1, 18}, {105.2, 18}}, // a stutter
                            {{105.2, 18}, {105.3, 18.1}, {105.3, 17.9}, {105.2, 18}}, // a loop
                            {{105, 18}, {105, 18}}});                                 // a point
    BOOST_TEST(graph.vertices() == 3U);
    BOOST_TEST(graph.edges() == 4U);
    ShortestWays ways{graph};
    ways.from(0);
    BOOST_TEST(ways.cost(2) == std::uint64_t(graph.cost[0]) + graph.cost[2]);
    BOOST_TEST(ways.way(2).size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_stop_within_a_line_is_a_vertex_of_it) {
    auto const lines = roads_of({{{105, 18}, {105.1, 18}, {105.2, 18}, {105.3, 18}},
                                 {{105.1, 17.9}, {105.1, 18}, {105.1, 18.1}}});
    std::vector<std::uint32_t> const stops{2, 1, 2, 0};
    auto const graph = road_graph(lines, Joins::ends, stops);
    BOOST_TEST(graph.edges() == 4U); // the first in three, the second whole: it is no stop of it
    BOOST_TEST(graph.stops[0] == graph.stops[2]);
    BOOST_TEST(graph.places[graph.stops[0]].x == 105.2);
    BOOST_TEST(graph.stops[3] == 0U);
    auto const shared = road_graph(lines, Joins::shared, stops);
    BOOST_TEST(shared.edges() == 5U);
}

BOOST_AUTO_TEST_CASE(roads_without_a_speed_are_left_out_with_their_stops) {
    auto lines = roads_of({{{105, 18}, {105.1, 18}}});
    lines.add(std::vector<Position>{{105.1, 18}, {105.2, 18}}, 0);
    std::vector<std::uint32_t> const stops{3, 1};
    auto const graph = road_graph(lines, Joins::shared, stops);
    BOOST_TEST(graph.edges() == 1U);
    BOOST_TEST(graph.stops[0] == none);
    BOOST_TEST(graph.stops[1] == 1U);
}

BOOST_AUTO_TEST_CASE(
    ways_cost_what_floyd_and_warshall_say_closed_edges_and_one_way_roads_among_them) {
    std::mt19937_64 random{seed()};
    for (int round = 0; round < 300; ++round) {
        auto const graph = random_net(random);
        auto const open = random_open(random, graph);
        auto const table = all_costs(graph, open);
        ShortestWays ways{graph};
        for (std::uint32_t from = 0; from < graph.vertices(); ++from) {
            ways.from(from, open);
            for (std::uint32_t to = 0; to < graph.vertices(); ++to) {
                BOOST_REQUIRE_EQUAL(ways.cost(to), table[from][to]);
                if (table[from][to] == unreachable) continue;
                BOOST_REQUIRE_EQUAL(driven(graph, ways.way(to), from, to), table[from][to]);
            }
            auto const until = std::uint32_t(random() % graph.vertices());
            ways.from(from, open, until);
            BOOST_REQUIRE_EQUAL(ways.cost(until), table[from][until]);
        }
    }
}

BOOST_AUTO_TEST_CASE(of_sources_the_nearest_is_found_and_of_equals_the_first) {
    std::mt19937_64 random{seed()};
    for (int round = 0; round < 300; ++round) {
        auto const graph = random_net(random);
        auto const open = random_open(random, graph);
        auto const table = all_costs(graph, open);
        std::vector<std::uint32_t> sources;
        for (int i = 0; i < 5; ++i) sources.push_back(std::uint32_t(random() % graph.vertices()));
        ShortestWays ways{graph};
        ways.to_nearest(sources, open);
        for (std::uint32_t dropped = 0;; ++dropped) { // one after another is taken away
            for (std::uint32_t v = 0; v < graph.vertices(); ++v) {
                std::uint64_t least = unreachable;
                std::uint32_t source = none;
                for (std::uint32_t s = dropped; s < sources.size(); ++s)
                    if (table[v][sources[s]] < least) {
                        least = table[v][sources[s]];
                        source = s;
                    }
                BOOST_REQUIRE_EQUAL(ways.cost(v), least);
                BOOST_REQUIRE_EQUAL(ways.source(v), source);
                if (source != none)
                    BOOST_REQUIRE_EQUAL(driven(graph, ways.way(v), v, sources[source]), least);
            }
            if (dropped == sources.size()) break;
            ways.drop(dropped);
        }
    }
}

BOOST_AUTO_TEST_CASE(ways_of_one_cost_are_told_alike_in_every_run) {
    // A lattice of equal steps: very many ways are least.
    std::vector<std::vector<Position>> lines;
    for (int i = 0; i < 8; ++i) {
        std::vector<Position> east;
        std::vector<Position> north;
        for (int j = 0; j < 8; ++j) {
            east.push_back({105 + 1e-3 * j, 0.0 + 1e-3 * i});
            north.push_back({105 + 1e-3 * i, 0.0 + 1e-3 * j});
        }
        lines.push_back(east);
        lines.push_back(north);
    }
    auto const graph = net(lines);
    BOOST_TEST(graph.vertices() == 64U);
    ShortestWays one{graph};
    ShortestWays other{graph};
    one.from(0);
    other.from(5);
    other.from(0);
    for (std::uint32_t v = 0; v < graph.vertices(); ++v)
        BOOST_TEST(one.way(v) == other.way(v), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_line_of_a_way_runs_from_its_start_to_its_end) {
    auto const lines = roads_of(
        {{{105, 18}, {105.1, 18.1}, {105.2, 18}}, {{105.4, 18}, {105.3, 18.1}, {105.2, 18}}});
    auto const graph = road_graph(lines, Joins::shared);
    ShortestWays ways{graph};
    ways.from(0);
    auto const line = line_of(graph, lines, ways.way(2), 0);
    std::vector<Position> const wanted{
        {105, 18}, {105.1, 18.1}, {105.2, 18}, {105.3, 18.1}, {105.4, 18}};
    BOOST_TEST((line.positions == wanted));
    BOOST_TEST(line.path_ends.size() == 1U);
    BOOST_TEST(line_of(graph, lines, {}, 0).empty());
}

BOOST_AUTO_TEST_CASE(ends_that_fall_short_of_a_road_are_led_to_it_and_no_others) {
    double const metre = 1 / 110'600.0; // of latitude there
    std::vector<std::vector<Position>> const drawn{
        {{105, 18}, {105.01, 18}, {105.02, 18}},
        {{105.0123, 18 + 4 * metre}, {105.0123, 18.01}}, // 4 m short
        {{105.02, 18}, {105.02, 18.01}},                 // meets its neighbour
        {{105.005, 18 + 30 * metre}, {105.005, 18.005}}};
    auto lines = roads_of(drawn);
    auto const links = join_loose_ends(lines, 5);
    BOOST_TEST(links == std::vector<std::uint32_t>{1}, boost::test_tools::per_element());
    BOOST_REQUIRE(lines.size() == 5U);
    BOOST_TEST((lines.positions.back() == Position{105.0123, 18}));
    auto const graph = road_graph(lines, Joins::shared);
    ShortestWays ways{graph};
    ways.from(0);
    std::size_t reached = 0;
    for (std::uint32_t v = 0; v < graph.vertices(); ++v)
        reached += ways.cost(v) == unreachable ? 0 : 1;
    BOOST_TEST(graph.vertices() - reached == 2U); // the last road is its own
    auto whole = roads_of({{{105, 18}, {105.01, 18}}, {{105.01, 18}, {105.02, 18}}});
    BOOST_TEST(join_loose_ends(whole, 5).empty());
    RoadLines none_at_all;
    BOOST_TEST(join_loose_ends(none_at_all, 5).empty());
}

BOOST_AUTO_TEST_CASE(long_segments_get_positions_in_between) {
    std::vector<Position> const line{{105, 18}, {105, 18.005}, {105.0005, 18.005}};
    auto const dense = in_steps(line, 200); // 553 m and 53 m
    BOOST_REQUIRE(dense.size() == 5U);
    BOOST_TEST((dense[0] == line[0] && dense[3] == line[1] && dense[4] == line[2]));
    for (std::size_t i = 1; i < dense.size(); ++i)
        BOOST_TEST(geo::ops::geodesic_distance(dense[i - 1], dense[i]) <= 200);
    BOOST_TEST(in_steps({}, 1).empty());
}

BOOST_AUTO_TEST_CASE(the_nearest_place_is_the_one_that_a_look_at_all_finds) {
    std::mt19937_64 random{seed()};
    for (int round = 0; round < 200; ++round) {
        std::vector<Position> places;
        double const spread = round % 2 == 0 ? 0.02 : 0.5;
        std::uniform_real_distribution<double> step{-spread, spread};
        for (std::size_t i = random() % 50; i > 0; --i)
            places.push_back({105 + step(random), 18 + step(random)});
        NearestPlace const nearest{places};
        for (int i = 0; i < 20; ++i) {
            Position const from{105 + step(random), 18 + step(random)};
            double const reach = 20'000 * double(1 + random() % 5) / 5;
            double least = reach;
            for (auto const& place : places)
                least = std::min(least, geo::ops::geodesic_distance(from, place));
            auto const found = nearest.find(from, reach);
            if (found == none)
                BOOST_REQUIRE_GE(least, reach * (1 - 1e-3));
            else
                BOOST_REQUIRE_CLOSE(geo::ops::geodesic_distance(from, places[found]), least, 0.1);
        }
    }
    BOOST_TEST(NearestPlace{std::span<Position const>{}}.find({105, 18}, 1000) == none);
}

BOOST_AUTO_TEST_SUITE_END()
