// Ways over real streets, and what hangs together of them, as pgRouting has them.

#include "data/gdal/vector_source.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/route/components.hpp"
#include "geo/synthetic/blocks.hpp"
#include "geo/synthetic/parcel_map.hpp"
#include "geo/synthetic/streets.hpp"
#include "tests/support/database.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace diaban;
using namespace diaban::geo::route;

constexpr std::size_t pairs_a_net = 3'400; // three nets: 10,200 in all

/// A database with pgRouting; nothing, and says so, where it is not installed.
std::unique_ptr<tests::Database> with_routing(std::string const& test) {
    auto made = std::make_unique<tests::Database>(tests::Database::Kind::empty);
    if (made->value("SELECT count(*) FROM pg_available_extensions WHERE name = 'pgrouting'") ==
        "0") {
        std::cout << "SKIPPED (pgRouting is not installed): " << test << std::endl;
        return nullptr;
    }
    made->sql("CREATE EXTENSION pgrouting CASCADE");
    return made;
}

/// Adds a line, one in ten for one way only, at one of three speeds.
void add(RoadLines& roads, std::span<geo::Position const> line, std::mt19937_64& random) {
    constexpr float speeds[] = {20, 30, 50};
    auto const passage = random() % 10 == 0 ? Passage(1 + random() % 2) : Passage::both;
    roads.add(line, speeds[random() % 3], passage);
}

RoadLines read(std::filesystem::path const& file, std::mt19937_64& random) {
    RoadLines roads;
    auto source = data::gdal::VectorSource::open(file);
    data::gdal::RowBatch batch;
    geo::Geometry shape;
    while (source.read(batch))
        for (std::size_t i = 0; i < batch.size(); ++i) {
            if (batch.row(i).wkb.empty()) continue;
            geo::codec::read_wkb(batch.row(i).wkb, shape);
            for (std::size_t path = 0; path < shape.path_ends.size(); ++path)
                add(roads, shape.path(path), random);
        }
    return roads;
}

/// Streets of an invented town of some 200,000 parcels.
RoadLines generated(std::mt19937_64& random) {
    namespace synthetic = geo::synthetic;
    auto const seed = random();
    geo::Geometry outline;
    outline.kind = geo::GeometryKind::polygon;
    outline.srid = 4326;
    outline.positions = {{105.8, 18.3}, {105.9, 18.3}, {105.9, 18.4}, {105.8, 18.4}, {105.8, 18.3}};
    outline.path_ends = {5};
    outline.part_ends = {1};
    geo::Geometry water;
    water.kind = geo::GeometryKind::line;
    water.srid = 4326;
    water.positions = {{105.79, 18.33}, {105.9, 18.36}};
    water.path_ends = {2};
    synthetic::Landscape const land{{{{"00001", "Tây", "Xã Tây", "xa", outline}}, water, water},
                                    seed};
    synthetic::ParcelMap const map{land, synthetic::plan_blocks(land, 200'000, seed), seed};
    RoadLines roads;
    for (auto const& street : synthetic::make_streets(map, seed))
        for (std::size_t path = 0; path < street.line.path_ends.size(); ++path)
            add(roads, street.line.path(path), random);
    return roads;
}

/// Edges as pgRouting reads them: what is closed, or against a one-way road, costs -1.
void store(tests::Database const& database, RoadGraph const& graph, RoadLines const& roads,
           OpenEdges open) {
    database.sql("DROP TABLE IF EXISTS edge; CREATE TABLE edge (id bigint, source bigint, target "
                 "bigint, cost float8, reverse_cost float8)");
    std::string rows;
    for (std::size_t e = 0; e < graph.edges(); ++e) {
        auto const passage = roads.passages[graph.line[e]];
        auto const cost = std::to_string(graph.cost[e]);
        bool const forward = open[e] != 0 && passage != Passage::backward;
        bool const backward = open[e] != 0 && passage != Passage::forward;
        rows += (rows.empty() ? "(" : ",(") + std::to_string(e) + "," +
                std::to_string(graph.from[e]) + "," + std::to_string(graph.to[e]) + "," +
                (forward ? cost : "-1") + "," + (backward ? cost : "-1") + ")";
    }
    database.sql("INSERT INTO edge VALUES " + rows);
}

using Pair = std::pair<std::uint32_t, std::uint32_t>;

std::map<Pair, std::uint64_t> their_costs(tests::Database const& database,
                                          std::vector<Pair> const& pairs) {
    database.sql("DROP TABLE IF EXISTS pair; CREATE TABLE pair (source bigint, target bigint)");
    std::string rows;
    for (auto const& [from, to] : pairs)
        rows += (rows.empty() ? "(" : ",(") + std::to_string(from) + "," + std::to_string(to) + ")";
    database.sql("INSERT INTO pair VALUES " + rows);
    std::map<Pair, std::uint64_t> costs;
    for (auto const& row : database.sql(
             "SELECT start_vid, end_vid, agg_cost::bigint FROM pgr_dijkstra('SELECT * FROM edge', "
             "'SELECT DISTINCT source, target FROM pair', true) WHERE edge = -1"))
        costs[{std::uint32_t(std::stoul(row[0])), std::uint32_t(std::stoul(row[1]))}] =
            std::stoull(row[2]);
    return costs;
}

void hold_components(tests::Database const& database, RoadGraph const& graph, OpenEdges open) {
    auto const ours = components(graph, open);
    std::vector<std::uint32_t> first(ours.count, none);
    for (std::uint32_t v = 0; v < graph.vertices(); ++v)
        if (first[ours.of[v]] == none) first[ours.of[v]] = v;
    // Theirs are called by their lowest vertex; vertices without an open edge have none.
    auto const rows = database.sql("SELECT node, component FROM pgr_connectedComponents('SELECT * "
                                   "FROM edge WHERE cost >= 0 OR reverse_cost >= 0')");
    BOOST_TEST(rows.size() > graph.vertices() / 2);
    for (auto const& row : rows)
        BOOST_REQUIRE_EQUAL(first[ours.of[std::stoul(row[0])]], std::stoul(row[1]));
}

/// Every vertex's least cost from one, by looking at all edges until none helps any more (Bellman
/// 1958).
std::vector<std::uint64_t> looked_through(RoadGraph const& graph, RoadLines const& roads,
                                          OpenEdges open, std::uint32_t start) {
    std::vector<std::uint64_t> cost(graph.vertices(), unreachable);
    cost[start] = 0;
    bool helped = true;
    auto const look = [&](std::uint32_t from, std::uint32_t to, std::uint64_t edge) {
        if (cost[from] == unreachable || cost[from] + edge >= cost[to]) return;
        cost[to] = cost[from] + edge;
        helped = true;
    };
    while (std::exchange(helped, false))
        for (std::size_t e = 0; e < graph.edges(); ++e) {
            if (open[e] == 0) continue;
            auto const passage = roads.passages[graph.line[e]];
            if (passage != Passage::backward) look(graph.from[e], graph.to[e], graph.cost[e]);
            if (passage != Passage::forward) look(graph.to[e], graph.from[e], graph.cost[e]);
        }
    return cost;
}

/// People who hang together with `at` over open edges, whichever way they are driven: by spreading
/// from it until nothing is added.
std::int64_t joined_to(RoadGraph const& graph, OpenEdges open, std::uint32_t at,
                       std::vector<std::int64_t> const& people) {
    std::vector<std::uint8_t> in(graph.vertices(), 0);
    in[at] = 1;
    bool grew = true;
    while (std::exchange(grew, false))
        for (std::size_t e = 0; e < graph.edges(); ++e)
            if (open[e] != 0 && in[graph.from[e]] != in[graph.to[e]]) {
                in[graph.from[e]] = in[graph.to[e]] = 1;
                grew = true;
            }
    std::int64_t sum = 0;
    for (std::size_t v = 0; v < in.size(); ++v) sum += in[v] != 0 ? people[v] : 0;
    return sum;
}

/// Ways, who is cut off, and what the best road would join, held to plain search.
void hold_to_search(std::string const& name, RoadLines const& roads, std::mt19937_64& random) {
    auto const graph = road_graph(roads, Joins::shared);
    std::vector<std::uint8_t> open(graph.edges());
    for (auto& one : open) one = random() % 4 == 0 ? 0 : 1;
    ShortestWays ways{graph};
    for (int i = 0; i < 20; ++i) {
        auto const start = std::uint32_t(random() % graph.vertices());
        auto const wanted = looked_through(graph, roads, open, start);
        ways.from(start, open);
        for (std::uint32_t v = 0; v < graph.vertices(); ++v)
            BOOST_REQUIRE_EQUAL(ways.cost(v), wanted[v]);
    }
    std::vector<std::int64_t> people(graph.vertices());
    for (auto& one : people) one = std::int64_t(random() % 50);
    auto const apart = components(graph, open);
    std::vector<std::int64_t> of_component(apart.count, 0);
    for (std::size_t v = 0; v < people.size(); ++v) of_component[apart.of[v]] += people[v];
    auto const main = most_peopled(of_component);
    auto const at = std::uint32_t(std::ranges::find(apart.of, main) - apart.of.begin());
    auto const together = joined_to(graph, open, at, people);
    BOOST_REQUIRE_EQUAL(of_component[main], together);
    std::vector<std::uint32_t> alone(roads.size());
    std::iota(alone.begin(), alone.end(), 0U);
    auto const best = reconnections(graph, apart, open, alone, of_component, main);
    std::int64_t most = 0;
    for (std::uint32_t road = 0; road < roads.size(); ++road) {
        auto kept = open;
        bool closed = false;
        for (std::size_t e = 0; e < kept.size(); ++e)
            if (graph.line[e] == road && kept[e] == 0) {
                kept[e] = 1;
                closed = true;
            }
        if (closed) most = std::max(most, joined_to(graph, kept, at, people) - together);
    }
    BOOST_REQUIRE(!best.empty());
    BOOST_REQUIRE_EQUAL(best.front().people, most);
    std::cout << name << ": " << apart.count << " components, " << together << " people together, "
              << most << " more over one road kept open" << std::endl;
}

void hold_to_pgrouting(tests::Database const& database, std::string const& name,
                       RoadLines const& roads, std::mt19937_64& random) {
    auto const graph = road_graph(roads, Joins::shared);
    BOOST_REQUIRE_GT(graph.edges(), 500U);
    std::vector<std::uint8_t> open(graph.edges());
    for (auto& one : open) one = random() % 20 == 0 ? 0 : 1;
    store(database, graph, roads, open);
    std::vector<Pair> pairs;
    while (pairs.size() < pairs_a_net) {
        Pair const pair{std::uint32_t(random() % graph.vertices()),
                        std::uint32_t(random() % graph.vertices())};
        if (pair.first != pair.second) pairs.push_back(pair);
    }
    auto const theirs = their_costs(database, pairs);
    ShortestWays ways{graph};
    std::size_t reached = 0;
    for (auto const& pair : pairs) {
        ways.from(pair.first, open, pair.second);
        auto const found = theirs.find(pair);
        auto const wanted = found == theirs.end() ? unreachable : found->second;
        BOOST_REQUIRE_EQUAL(ways.cost(pair.second), wanted);
        reached += wanted == unreachable ? 0 : 1;
    }
    std::cout << name << ": " << graph.vertices() << " vertices, " << graph.edges() << " edges, "
              << reached << " of " << pairs.size() << " pairs with a way" << std::endl;
    BOOST_TEST(reached > 0U);
    hold_components(database, graph, open);
}

} // namespace

BOOST_AUTO_TEST_SUITE(other_routes)

BOOST_AUTO_TEST_CASE(ways_over_real_streets_cost_what_pgr_dijkstra_says) {
    std::string const test = "ways_over_real_streets_cost_what_pgr_dijkstra_says";
    auto const data = tests::real_data(test, "");
    if (!data) return;
    auto const database = with_routing(test);
    if (!database) return;
    std::mt19937_64 random{tests::seed()};
    for (auto const* const file : {"cambridge/streets.fgb", "hanoi/phucxa_roads.fgb"})
        hold_to_pgrouting(*database, file, read(*data / file, random), random);
}

BOOST_AUTO_TEST_CASE(
    ways_and_who_is_cut_off_are_those_of_plain_search_on_real_and_generated_streets) {
    std::mt19937_64 random{tests::seed()};
    hold_to_search("generated", generated(random), random);
    auto const data = tests::real_data("ways_and_who_is_cut_off_are_those_of_plain_search", "");
    if (!data) return;
    for (auto const* const file : {"cambridge/streets.fgb", "hanoi/phucxa_roads.fgb"})
        hold_to_search(file, read(*data / file, random), random);
}

BOOST_AUTO_TEST_CASE(ways_over_generated_streets_cost_what_pgr_dijkstra_says) {
    auto const database = with_routing("ways_over_generated_streets_cost_what_pgr_dijkstra_says");
    if (!database) return;
    std::mt19937_64 random{tests::seed()};
    hold_to_pgrouting(*database, "generated", generated(random), random);
}

BOOST_AUTO_TEST_SUITE_END()
