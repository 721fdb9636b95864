// Filling, directions, accumulation and heights above drainage, against slow definitions on small
// random grids, cut into blocks of every size.

#include "geo/error.hpp"
#include "geo/terrain/drainage.hpp"
#include "geo/terrain/fill.hpp"
#include "tests/geo/terrain_oracle.hpp"
#include "tests/support/fault.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace {

using namespace diaban;
using geo::raster::Shape;
using tests::fault;
namespace terrain = geo::terrain;

/// A random task: a grid, and how it is cut.
struct Task {
    Shape shape;
    std::vector<float> ground;
    std::int32_t side = 0;
    unsigned threads = 1;

    explicit Task(std::mt19937_64& random) {
        auto const upto = [&](int most) {
            return std::uniform_int_distribution<>{1, most}(random);
        };
        shape = {upto(25), upto(25)};
        ground = test::rough_ground(random, shape, upto(12), upto(3) == 1 ? 0.0 : 0.08);
        side = upto(12);
        threads = unsigned(upto(3));
    }
    [[nodiscard]] std::vector<float> filled() const {
        std::vector<float> level(shape.cells());
        std::vector<std::uint32_t> scratch(shape.cells());
        terrain::fill(shape, ground, level, scratch, threads, side);
        return level;
    }
    [[nodiscard]] std::vector<terrain::Direction> ways(std::vector<float> const& level) const {
        std::vector<terrain::Direction> found(shape.cells());
        std::vector<std::uint32_t> scratch(shape.cells());
        terrain::flow_directions(shape, level, 1, 1, found, scratch, threads, side);
        return found;
    }
};

bool same(std::vector<float> const& a, std::vector<float> const& b) {
    return std::ranges::equal(
        a, b, [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

} // namespace

BOOST_AUTO_TEST_SUITE(drainage)

BOOST_AUTO_TEST_CASE(filling_is_what_draining_a_flooded_ground_leaves) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 600; ++round) {
        Task const task{random};
        BOOST_REQUIRE(same(task.filled(), test::drained(task.shape, task.ground)));
    }
}

BOOST_AUTO_TEST_CASE(directions_are_the_steepest_and_flats_drain_by_the_shortest_way) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 600; ++round) {
        Task const task{random};
        auto const level = task.filled();
        BOOST_REQUIRE(task.ways(level) == test::steepest_ways(task.shape, level));
    }
}

BOOST_AUTO_TEST_CASE(a_cell_counts_the_cells_whose_way_passes_it_and_adds_their_weights) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 300; ++round) {
        Task const task{random};
        auto const ways = task.ways(task.filled());
        std::vector<float> weights(task.shape.cells());
        for (auto& w : weights) w = float(random() % 8);
        std::vector<std::uint32_t> wanted(task.shape.cells(), 0);
        std::vector<double> wanted_sums(task.shape.cells(), 0);
        for (std::size_t i = 0; i < ways.size(); ++i)
            for (auto const passed : test::way_down(task.shape, ways, i)) {
                ++wanted[passed];
                wanted_sums[passed] += double(weights[i]);
            }
        std::vector<std::uint32_t> cells(task.shape.cells());
        terrain::accumulate(task.shape, ways, cells, task.threads, task.side);
        BOOST_REQUIRE(cells == wanted);
        std::vector<double> sums(task.shape.cells());
        terrain::accumulate(task.shape, ways, weights, sums, task.threads, task.side);
        BOOST_REQUIRE(sums == wanted_sums);
    }
}

BOOST_AUTO_TEST_CASE(height_is_above_the_first_stream_on_the_way_and_basins_are_numbered_by_it) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 300; ++round) {
        Task const task{random};
        auto const level = task.filled();
        auto const ways = task.ways(level);
        std::vector<std::uint8_t> streams(task.shape.cells());
        for (auto& s : streams) s = random() % 6 == 0;
        std::vector<std::uint32_t> numbers(task.shape.cells(), 0);
        for (std::size_t i = 0; i < streams.size(); ++i)
            if (streams[i] != 0) numbers[i] = std::uint32_t(1 + random() % 5);
        std::vector<float> wanted(task.shape.cells(), geo::raster::no_data);
        std::vector<std::uint32_t> wanted_numbers(numbers);
        for (std::size_t i = 0; i < ways.size(); ++i) {
            auto const way = test::way_down(task.shape, ways, i);
            auto const met =
                std::ranges::find_if(way, [&](auto cell) { return streams[cell] != 0; });
            if (met == way.end()) continue;
            wanted[i] = level[i] - level[*met];
            wanted_numbers[i] = numbers[*met];
        }
        for (std::size_t i = 0; i < ways.size(); ++i)
            if (streams[i] != 0 && ways[i] == terrain::unknown) numbers[i] = wanted_numbers[i] = 0;
        std::vector<float> height(task.shape.cells());
        terrain::height_above_drainage(task.shape, level, ways, streams, height, task.threads,
                                       task.side);
        BOOST_REQUIRE(same(height, wanted));
        terrain::carry_upstream(task.shape, ways, numbers, task.threads, task.side);
        BOOST_REQUIRE(numbers == wanted_numbers);
    }
}

BOOST_AUTO_TEST_CASE(a_straight_valley_is_as_high_above_its_stream_as_its_sides) {
    // z = a|x| + b·y with b far below (√2 − 1)·a: water runs straight to the stream (closed form).
    Shape const shape{401, 300};
    float const a = 0.5F;
    float const b = 0.0009765625F;
    std::vector<float> ground(shape.cells());
    std::vector<std::uint8_t> streams(shape.cells(), 0);
    for (std::int32_t y = 0; y < shape.rows; ++y)
        for (std::int32_t x = 0; x < shape.columns; ++x) {
            ground[shape.index(x, y)] = a * float(std::abs(x - 200)) + b * float(shape.rows - y);
            streams[shape.index(x, y)] = x == 200;
        }
    std::vector<terrain::Direction> ways(shape.cells());
    std::vector<std::uint32_t> scratch(shape.cells());
    terrain::flow_directions(shape, ground, 30, 30, ways, scratch, 2, 64);
    std::vector<float> height(shape.cells());
    terrain::height_above_drainage(shape, ground, ways, streams, height, 2, 64);
    for (std::int32_t y = 0; y < shape.rows; ++y)
        for (std::int32_t x = 0; x < shape.columns; ++x)
            BOOST_REQUIRE_EQUAL(height[shape.index(x, y)], a * float(std::abs(x - 200)));
}

BOOST_AUTO_TEST_CASE(a_lake_of_many_blocks_drains_to_its_only_gap) {
    Shape const shape{90, 70};
    std::vector<float> ground(shape.cells(), 1);
    for (std::int32_t x = 0; x < shape.columns; ++x)
        ground[shape.index(x, 0)] = ground[shape.index(x, shape.rows - 1)] = 2;
    for (std::int32_t y = 0; y < shape.rows; ++y)
        ground[shape.index(0, y)] = ground[shape.index(shape.columns - 1, y)] = 2;
    ground[shape.index(0, 5)] = 1;
    std::vector<terrain::Direction> ways(shape.cells());
    std::vector<std::uint32_t> scratch(shape.cells());
    terrain::flow_directions(shape, ground, 1, 1, ways, scratch, 2, 8);
    BOOST_TEST(ways == test::steepest_ways(shape, ground), boost::test_tools::per_element());
    std::vector<std::uint32_t> cells(shape.cells());
    terrain::accumulate(shape, ways, cells, 2, 8);
    BOOST_TEST(cells[shape.index(0, 5)] >= 88u * 68u + 1);
}

BOOST_AUTO_TEST_CASE(flow_that_is_none_is_refused_with_the_cell) {
    Shape const shape{20, 20};
    std::vector<std::uint32_t> cells(shape.cells());
    for (std::int32_t const side : {64, 4}) {
        std::vector<terrain::Direction> ways(shape.cells(), terrain::outlet);
        ways[shape.index(3, 7)] = 1;
        ways[shape.index(4, 7)] = 16; // each to the other, and over a border of blocks
        BOOST_TEST(fault([&] { terrain::accumulate(shape, ways, cells, 2, side); }) ==
                   "circular-flow");
        cells.assign(shape.cells(), 0);
        BOOST_TEST(fault([&] { terrain::carry_upstream(shape, ways, cells, 2, side); }) ==
                   "circular-flow");
        ways[shape.index(3, 7)] = 3;
        BOOST_TEST(fault([&] { terrain::accumulate(shape, ways, cells, 2, side); }) ==
                   "bad-direction");
    }
    std::vector<float> pit(shape.cells(), 5);
    pit[shape.index(9, 9)] = 4;
    std::vector<terrain::Direction> ways(shape.cells());
    BOOST_TEST(fault([&] { terrain::flow_directions(shape, pit, 1, 1, ways, cells, 2, 8); }) ==
               "depression");
}

BOOST_AUTO_TEST_SUITE_END()
