// Streams, catchments and breaches, against slow definitions on small random grids.

#include "geo/terrain/breach.hpp"
#include "geo/terrain/catchment.hpp"
#include "geo/terrain/drainage.hpp"
#include "geo/terrain/fill.hpp"
#include "geo/terrain/streams.hpp"
#include "tests/geo/terrain_oracle.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <set>
#include <vector>

namespace {

using namespace diaban;
using geo::raster::Cell;
using geo::raster::Shape;
namespace terrain = geo::terrain;

/// Filled random ground and its directions.
struct Slope {
    Shape shape;
    std::vector<float> ground;
    std::vector<terrain::Direction> ways;

    explicit Slope(std::mt19937_64& random) {
        auto const upto = [&](int most) {
            return std::uniform_int_distribution<>{1, most}(random);
        };
        shape = {upto(30), upto(30)};
        ground = test::drained(shape, test::rough_ground(random, shape, upto(30), 0.04));
        ways = test::steepest_ways(shape, ground);
    }
    [[nodiscard]] Cell cell(std::size_t i) const noexcept {
        return {std::int32_t(i % std::size_t(shape.columns)),
                std::int32_t(i / std::size_t(shape.columns))};
    }
};

/// The pits of some ground: for each cell, whether the lowest level reached from it without going
/// up is neither lower than it nor at a border.
std::size_t pits(Shape shape, std::vector<float> const& ground) {
    std::size_t count = 0;
    std::vector<char> seen(ground.size(), 0);
    for (std::size_t start = 0; start < ground.size(); ++start) {
        if (std::isnan(ground[start]) || seen[start] != 0) continue;
        std::vector<std::size_t> level{start};
        bool drains = false;
        seen[start] = 1;
        for (std::size_t i = 0; i < level.size(); ++i) {
            drains = drains || test::at_border(shape, ground, level[i]);
            for (auto const& step : terrain::steps)
                if (auto const n = test::neighbour(shape, ground, level[i], step)) {
                    drains = drains || ground[*n] < ground[start];
                    if (ground[*n] == ground[start] && seen[*n] == 0) {
                        seen[*n] = 1;
                        level.push_back(*n);
                    }
                }
        }
        count += drains ? 0 : 1;
    }
    return count;
}

} // namespace

BOOST_AUTO_TEST_SUITE(streams)

BOOST_AUTO_TEST_CASE(links_hold_each_stream_cell_once_and_orders_rise_where_equals_meet) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 300; ++round) {
        Slope const slope{random};
        std::vector<std::uint32_t> cells(slope.shape.cells());
        terrain::accumulate(slope.shape, slope.ways, cells, 1);
        std::vector<std::uint8_t> streams(cells.size());
        terrain::mark_streams(cells, 4, streams);
        auto const links = terrain::stream_links(slope.shape, slope.ways, streams);

        // Strahler's order of a cell by its definition, recursively.
        std::function<int(std::size_t)> const order = [&](std::size_t cell) {
            std::vector<int> above;
            for (std::size_t i = 0; i < cells.size(); ++i) {
                auto const way = test::way_down(slope.shape, slope.ways, i);
                if (streams[i] != 0 && way.size() > 1 && way[1] == cell) above.push_back(order(i));
            }
            if (above.empty()) return 1;
            int const highest = *std::ranges::max_element(above);
            return highest + (std::ranges::count(above, highest) > 1 ? 1 : 0);
        };
        std::vector<int> times(cells.size(), 0);
        for (auto const& link : links) {
            for (auto const cell : link.cells) ++times[cell];
            for (std::size_t i = 0; i + 1 < link.cells.size(); ++i)
                BOOST_REQUIRE_EQUAL(test::way_down(slope.shape, slope.ways, link.cells[i])[1],
                                    link.cells[i + 1]);
            if (link.downstream)
                BOOST_REQUIRE_EQUAL(test::way_down(slope.shape, slope.ways, link.cells.back())[1],
                                    links[*link.downstream].cells.front());
            if (round < 60) BOOST_REQUIRE_EQUAL(link.order, order(link.cells.back()));
        }
        for (std::size_t i = 0; i < cells.size(); ++i)
            BOOST_REQUIRE_EQUAL(times[i], int(cells[i] >= 4));
    }
}

BOOST_AUTO_TEST_CASE(a_catchment_is_every_cell_whose_way_passes_the_point) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 100; ++round) {
        Slope const slope{random};
        terrain::CatchmentIndex const index{slope.shape, slope.ways, 2};
        std::vector<std::set<std::uint32_t>> wanted(slope.shape.cells());
        for (std::uint32_t i = 0; i < slope.shape.cells(); ++i)
            for (auto const passed : test::way_down(slope.shape, slope.ways, i))
                wanted[passed].insert(i);
        for (std::size_t i = 0; i < slope.shape.cells(); ++i) {
            auto const cells = index.cells(slope.cell(i));
            BOOST_REQUIRE(std::set<std::uint32_t>(cells.begin(), cells.end()) == wanted[i]);
            BOOST_REQUIRE_EQUAL(cells.size(), wanted[i].size());
            if (!cells.empty()) BOOST_REQUIRE_EQUAL(cells.front(), i);
        }
        for (int k = 0; k < 50; ++k) {
            auto const above = random() % slope.shape.cells();
            auto const below = random() % slope.shape.cells();
            BOOST_REQUIRE_EQUAL(index.drains_through(slope.cell(above), slope.cell(below)),
                                wanted[below].contains(std::uint32_t(above)));
        }
    }
}

BOOST_AUTO_TEST_CASE(breaching_leaves_no_pit_and_only_lowers) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 300; ++round) {
        auto const upto = [&](int most) {
            return std::uniform_int_distribution<>{1, most}(random);
        };
        Shape const shape{upto(25), upto(25)};
        auto const ground = test::rough_ground(random, shape, upto(20), 0.03);
        auto cut = ground;
        auto const done = terrain::breach(shape, 1, 1, cut);
        BOOST_REQUIRE_EQUAL(done.pits, pits(shape, ground));
        BOOST_REQUIRE_EQUAL(done.breached, done.pits);
        BOOST_REQUIRE_EQUAL(pits(shape, cut), 0u);
        std::size_t lowered = 0;
        for (std::size_t i = 0; i < cut.size(); ++i) {
            BOOST_REQUIRE(cut[i] <= ground[i] || std::isnan(ground[i]));
            lowered += cut[i] < ground[i];
        }
        BOOST_REQUIRE(done.cut >= lowered); // a cell may be cut by more than one
        auto const level = test::drained(shape, cut);
        for (std::size_t i = 0; i < cut.size(); ++i)
            BOOST_REQUIRE(level[i] == cut[i] || std::isnan(cut[i]));
    }
}

BOOST_AUTO_TEST_CASE(a_single_pit_is_breached_at_the_least_cost_of_any_way) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 300; ++round) {
        Shape const shape{9, 8};
        std::vector<float> ground(shape.cells());
        for (auto& z : ground) z = 10 + float(random() % 1000) / 64;
        auto const pit = shape.index(4, 4);
        ground = test::drained(shape, ground); // no other pit than the one
        ground[pit] = 5;
        // Costs by relaxing every cell until nothing changes.
        std::vector<double> cost(ground.size(), std::numeric_limits<double>::infinity());
        cost.at(pit) = 0;
        for (bool changed = true; changed;) {
            changed = false;
            for (std::size_t i = 0; i < cost.size(); ++i)
                for (auto const& step : terrain::steps)
                    if (auto const n = test::neighbour(shape, ground, i, step)) {
                        double const depth = std::max(0.0, double(ground[i]) - 5);
                        double const through =
                            cost[*n] + depth * (step.diagonal ? std::sqrt(2.0) : 1);
                        if (through >= cost[i]) continue;
                        cost[i] = through;
                        changed = true;
                    }
        }
        double least = std::numeric_limits<double>::infinity();
        for (std::size_t i = 0; i < cost.size(); ++i)
            if (test::at_border(shape, ground, i)) least = std::min(least, cost[i]);
        auto cut = ground;
        auto const done = terrain::breach(shape, 1, 1, cut);
        BOOST_REQUIRE_EQUAL(done.breached, 1u);
        // The cells that were cut, from the pit outwards, each beside the one before.
        double spent = 0;
        std::size_t here = pit;
        std::set<std::size_t> left;
        for (std::size_t i = 0; i < cut.size(); ++i)
            if (cut[i] < ground[i]) left.insert(i);
        std::size_t const cells = left.size();
        for (std::size_t k = 0; k < cells; ++k)
            for (auto const& step : terrain::steps) {
                auto const n = test::neighbour(shape, ground, here, step);
                if (!n || !left.contains(*n)) continue;
                left.erase(*n);
                spent += (double(ground[*n]) - 5) * (step.diagonal ? std::sqrt(2.0) : 1);
                here = *n;
                break;
            }
        BOOST_REQUIRE(left.empty());
        BOOST_REQUIRE_CLOSE(spent, least, 1e-9);
    }
}

BOOST_AUTO_TEST_CASE(a_breach_keeps_to_its_limits) {
    Shape const shape{21, 21};
    std::vector<float> ground(shape.cells(), 10);
    ground[shape.index(10, 10)] = 4;
    auto cut = ground;
    BOOST_TEST(terrain::breach(shape, 1, 1, cut, {.reach = 5, .depth = 100}).breached == 0u);
    BOOST_TEST(terrain::breach(shape, 1, 1, cut, {.reach = 50, .depth = 5}).breached == 0u);
    BOOST_TEST(cut == ground, boost::test_tools::per_element());
    auto const done = terrain::breach(shape, 1, 1, cut, {.reach = 50, .depth = 6});
    BOOST_TEST(done.breached == 1u);
    BOOST_TEST(done.cut == 10u);
    BOOST_TEST(done.deepest == 6);
}

BOOST_AUTO_TEST_SUITE_END()
