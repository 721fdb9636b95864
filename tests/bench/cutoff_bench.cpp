// Who is cut off, frame by frame of a flood, on the roads of a province: beside pgRouting's
// components and ways on the same net.

#include "data/gdal/vector_source.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/crs.hpp"
#include "geo/route/components.hpp"
#include "geo/route/flooded_roads.hpp"
#include "geo/route/shelters.hpp"
#include "geo/synthetic/relief.hpp"
#include "tests/bench/table.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace diaban;
using namespace diaban::geo::route;
using geo::Position;
using geo::raster::Frame;

constexpr int utm48 = 32648;
constexpr std::int32_t cells = 2700; // of 30 m a side: 81 km
constexpr int crossings = 226;       // along each side: some 100,000 edges
constexpr int bends = 8;             // positions of an edge
constexpr std::size_t many_places = 1000;
constexpr std::size_t many_shelters = 300;
constexpr int frames = 20;

/// A net of roads with water over them, as it rises.
struct Land {
    std::string name;
    RoadLines lines;
    RoadFootings footings;
    Frame frame;
    std::vector<float> ground;

    [[nodiscard]] std::vector<float> depth(float level) const {
        std::vector<float> water(ground.size());
        for (std::size_t i = 0; i < water.size(); ++i) water[i] = std::max(0.0F, level - ground[i]);
        return water;
    }
};

void finish(Land& land) {
    land.footings.kinds.assign(land.lines.size(), Footing::ground);
    for (std::size_t i = 0; i < land.lines.size(); i += 12)
        land.footings.kinds[i] = Footing::bridge;
    land.footings.decks.assign(land.lines.size(), RoadFootings::no_deck);
    land.ground.assign(land.frame.shape.cells(), 0);
    geo::synthetic::make_relief(land.frame, {}, 7, land.ground, 2);
}

/// Bent roads between crossings that are scattered about a lattice; one in nine is not there.
Land province() {
    Land land;
    land.name = "a province";
    land.frame = {{cells, cells}, 500'000, 2'050'000, 30, 30, utm48};
    std::mt19937_64 random{7};
    double const side = 30.0 * cells / (crossings + 1);
    std::uniform_real_distribution<double> about{-0.3 * side, 0.3 * side};
    std::uniform_real_distribution<double> bend{-0.04 * side, 0.04 * side};
    std::vector<Position> places;
    for (int i = 0; i < crossings * crossings; ++i)
        places.push_back({500'000 + side * (1 + i % crossings) + about(random),
                          2'050'000 - side * (1 + i / crossings) + about(random)});
    auto const road = [&](Position a, Position b) {
        if (random() % 9 == 0) return;
        std::vector<Position> line{a};
        for (int i = 1; i <= bends; ++i) {
            double const share = double(i) / (bends + 1);
            line.push_back({std::lerp(a.x, b.x, share) + bend(random),
                            std::lerp(a.y, b.y, share) + bend(random)});
        }
        line.push_back(b);
        land.lines.add(line, float(20 + 10 * (random() % 5)));
    };
    for (int row = 0; row < crossings; ++row)
        for (int column = 0; column < crossings; ++column) {
            auto const at = std::size_t(row * crossings + column);
            if (column + 1 < crossings) road(places[at], places[at + 1]);
            if (row + 1 < crossings) road(places[at], places[at + crossings]);
        }
    geo::Transform::between(utm48, 4326).apply(land.lines.positions);
    finish(land);
    return land;
}

/// Lines of a file, under made-up ground of 30 m.
Land real(std::string const& file) {
    Land land;
    land.name = "real roads";
    auto source = data::gdal::VectorSource::open(file);
    auto const change = geo::Transform::between(source.layer().srid, 4326);
    data::gdal::RowBatch batch;
    geo::Geometry shape;
    geo::Box box;
    while (source.read(batch))
        for (std::size_t i = 0; i < batch.size(); ++i) {
            if (batch.row(i).wkb.empty()) continue;
            geo::codec::read_wkb(batch.row(i).wkb, shape);
            change.apply(shape.positions);
            box.extend(shape.box());
            for (std::size_t path = 0; path < shape.path_ends.size(); ++path)
                land.lines.add(shape.path(path), 30);
        }
    auto const metres = geo::box_after(geo::Transform::between(4326, 3857), box, 10);
    land.frame = {{std::int32_t((metres.max_x - metres.min_x) / 30) + 1,
                   std::int32_t((metres.max_y - metres.min_y) / 30) + 1},
                  metres.min_x,
                  metres.max_y,
                  30,
                  30,
                  3857};
    finish(land);
    return land;
}

/// A net with people and shelters on it.
struct Scene {
    explicit Scene(Land const& land)
        : graph{road_graph(land.lines, Joins::shared)}, laid{graph, land.lines, land.frame,
                                                             land.footings} {
        std::mt19937_64 random{11};
        for (std::uint32_t i = 0; i < land.lines.size(); ++i) roads.push_back(i);
        for (std::size_t i = 0; i < many_places; ++i) {
            places.push_back(std::uint32_t(random() % graph.vertices()));
            people.push_back(std::int64_t(100 + random() % 2000));
        }
        for (std::size_t i = 0; i < many_shelters; ++i) {
            shelters.push_back(std::uint32_t(random() % graph.vertices()));
            room.push_back(std::int64_t(200 + random() % 2000));
        }
    }
    RoadGraph graph;
    FloodedRoads laid;
    std::vector<std::uint32_t> roads;
    std::vector<std::uint32_t> places;
    std::vector<std::int64_t> people;
    std::vector<std::uint32_t> shelters;
    std::vector<std::int64_t> room;
};

struct Answer {
    std::vector<std::uint8_t> open;
    std::size_t components = 0;
    std::int64_t cut_off = 0;
    std::int64_t best = 0;
    std::vector<std::uint64_t> nearest; ///< by place
    std::int64_t without_room = 0;
};

/// All that is told of one frame.
Answer one_frame(Land const& land, Scene const& scene, std::vector<float> const& depth) {
    Answer answer;
    std::vector<float> over(scene.graph.edges());
    answer.open.assign(scene.graph.edges(), 1);
    scene.laid.depth_over(depth, {}, over);
    open_edges(scene.graph, land.footings, over, {}, answer.open);
    auto const apart = components(scene.graph, answer.open);
    answer.components = apart.count;
    std::vector<std::int64_t> people(apart.count, 0);
    std::int64_t all = 0;
    for (std::size_t i = 0; i < scene.places.size(); ++i) {
        people[apart.of[scene.places[i]]] += scene.people[i];
        all += scene.people[i];
    }
    auto const main = most_peopled(people);
    answer.cut_off = all - people[main];
    auto const roads = reconnections(scene.graph, apart, answer.open, scene.roads, people, main);
    if (!roads.empty()) answer.best = roads.front().people;
    ShortestWays ways{scene.graph};
    ways.to_nearest(scene.shelters, answer.open);
    auto going = scene.people;
    for (std::size_t i = 0; i < scene.places.size(); ++i) {
        answer.nearest.push_back(ways.cost(scene.places[i]));
        if (apart.of[scene.places[i]] == main) going[i] = 0;
    }
    auto const found =
        shelter_people(scene.graph, answer.open, scene.places, going, scene.shelters, scene.room);
    for (auto const left : found.remain) answer.without_room += left;
    return answer;
}

/// The same net as pgRouting reads it, and its components and ways: a place more, from which
/// nothing leads but to every shelter, asked for the ways to all places at once.
class Peer {
public:
    Peer(std::string const& uri, Scene const& scene) : m_sql{uri}, m_scene{scene} {
        pqxx::nontransaction work{m_sql};
        work.exec("create extension if not exists pgrouting cascade");
        work.exec("create schema if not exists bench");
        work.exec("drop table if exists bench.edge, bench.shelter, bench.place");
        work.exec("create table bench.edge (id bigint primary key, source bigint, target bigint, "
                  "cost float8, open boolean)");
        work.exec("create table bench.shelter (vertex bigint)");
        work.exec("create table bench.place (vertex bigint)");
        auto const& graph = scene.graph;
        std::string rows;
        auto const send = [&](std::string const& table) {
            if (!rows.empty()) work.exec("insert into bench." + table + " values " + rows);
            rows.clear();
        };
        for (std::size_t e = 0; e < graph.edges(); ++e) {
            rows += fmt::format("{}({},{},{},{},true)", rows.empty() ? "" : ",", e, graph.from[e],
                                graph.to[e], graph.cost[e]);
            if (rows.size() > 1'000'000) send("edge");
        }
        send("edge");
        for (auto const v : scene.shelters)
            rows += fmt::format("{}({})", rows.empty() ? "" : ",", v);
        send("shelter");
        for (auto const v : scene.places) rows += fmt::format("{}({})", rows.empty() ? "" : ",", v);
        send("place");
        work.exec("analyze bench.edge");
    }

    void close(std::vector<std::uint8_t> const& open) {
        pqxx::nontransaction work{m_sql};
        std::string closed;
        for (std::size_t e = 0; e < open.size(); ++e)
            if (open[e] == 0) closed += fmt::format("{}{}", closed.empty() ? "" : ",", e);
        work.exec("update bench.edge set open = not (id = any ('{" + closed + "}'::bigint[]))");
        work.exec("vacuum analyze bench.edge");
    }

    /// Answers how many components have an edge, and by place what the nearest shelter costs.
    std::vector<std::uint64_t> ask() {
        pqxx::nontransaction work{m_sql};
        auto const count = work.exec(
            "select count(distinct component) from pgr_connectedComponents('select id, source, "
            "target, cost, cost as reverse_cost from bench.edge where open')");
        components = count[0][0].as<std::size_t>();
        auto const rows = work.exec(
            "select end_vid, agg_cost::bigint from pgr_dijkstra('select id, source, target, cost, "
            "cost as reverse_cost from bench.edge where open union all select 10000000 + "
            "row_number() over (), 10000000, vertex, 0, -1 from bench.shelter', 10000000, "
            "array(select distinct vertex from bench.place), true) where edge = -1");
        std::vector<std::uint64_t> by_vertex(m_scene.graph.vertices(), unreachable);
        for (auto const& row : rows)
            by_vertex[row[0].as<std::size_t>()] = row[1].as<std::uint64_t>();
        std::vector<std::uint64_t> costs;
        for (auto const v : m_scene.places) costs.push_back(by_vertex[v]);
        return costs;
    }

    std::size_t components = 0;

private:
    pqxx::connection m_sql;
    Scene const& m_scene;
};

int measure(Land const& land, std::string const& uri, bench::Table& table) {
    std::unique_ptr<Scene> scene;
    auto const built =
        bench::measured(bench::thread_time, [&] { scene = std::make_unique<Scene>(land); });
    auto const size = fmt::format("{}: {} edges, {} k cells", land.name, scene->graph.edges(),
                                  land.ground.size() / 1000);
    table.line("net made and laid on a grid, " + size, built.wall, 0, "", "");
    std::vector<float> sorted = land.ground;
    std::vector<double> times;
    Answer answer;
    for (int frame = 1; frame <= frames; ++frame) {
        auto const rank = std::ptrdiff_t(sorted.size() / 4 * std::size_t(frame) / frames);
        std::ranges::nth_element(sorted, sorted.begin() + rank);
        auto const depth = land.depth(sorted[std::size_t(rank)]);
        auto const time =
            bench::measured(bench::thread_time, [&] { answer = one_frame(land, *scene, depth); });
        times.push_back(time.wall);
    }
    fmt::print(
        stderr,
        "{}: {} components, {} people cut off, {} joined by the best road, {} without room\n",
        land.name, answer.components, answer.cut_off, answer.best, answer.without_room);
    double theirs = 0;
    if (!uri.empty()) {
        Peer peer{uri, *scene};
        peer.close(answer.open);
        std::vector<double> rounds;
        for (int round = 0; round < 3; ++round) {
            std::vector<std::uint64_t> costs;
            auto const time = bench::measured(bench::thread_time, [&] { costs = peer.ask(); });
            rounds.push_back(time.wall);
            if (costs != answer.nearest) {
                fmt::print(stderr, "pgRouting has other ways\n");
                return 1;
            }
        }
        theirs = bench::quantile(rounds, 0.5);
    }
    table.line("who is cut off in a frame, slowest of 20, " + land.name, bench::quantile(times, 1),
               theirs, "pgRouting, components and ways alone", "<= 1000 ms");
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Who is cut off, frame by frame"};
    std::string lines;
    std::string uri;
    std::string roads;
    app.add_option("--lines", lines, "File that the table's lines are added to");
    app.add_option("--database", uri, "Where pgRouting is asked; else it is not");
    app.add_option("--roads", roads, "Lines of a file besides");
    CLI11_PARSE(app, argc, argv);
    bench::Table table{lines};
    if (int const failed = measure(province(), uri, table)) return failed;
    return roads.empty() ? 0 : measure(real(roads), uri, table);
}
