#include "tiles/pyramid/line_choice.hpp"

#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <map>
#include <random>
#include <set>

using namespace diaban;
using namespace tiles::pyramid;
using tiles::GridPoint;

namespace {

struct Network {
    std::vector<GridPoint> points;
    std::vector<std::uint32_t> path_begin{0};
    std::vector<std::uint32_t> row_begin{0};
    std::vector<std::uint32_t> ranks;

    [[nodiscard]] Lines lines() const { return {points, path_begin, row_begin, ranks, {}}; }
    void add(std::vector<GridPoint> const& line, std::uint32_t rank) {
        points.insert(points.end(), line.begin(), line.end());
        path_begin.push_back(std::uint32_t(points.size()));
        row_begin.push_back(std::uint32_t(path_begin.size() - 1));
        ranks.push_back(rank);
    }
};

/// A crowded town and a wide country: short streets and long roads of three ranks.
Network town_and_country(std::mt19937_64& random, std::size_t streets) {
    Network network;
    auto const centre = tiles::to_grid({105.9, 18.34});
    std::normal_distribution<double> town{0, 2e5};
    std::uniform_real_distribution<double> country{-6e6, 6e6};
    for (std::size_t i = 0; i < streets; ++i) {
        bool const road = i % 20 == 0;
        auto const place = [&](auto& where) {
            return GridPoint{centre.x + std::int32_t(where(random)),
                             centre.y + std::int32_t(where(random))};
        };
        auto at = road ? place(country) : place(town);
        std::vector<GridPoint> line{at};
        for (int k = 0; k < 6; ++k) {
            auto const step = [&] { return std::int32_t(random() % (road ? 400'000 : 8'000)); };
            at = {at.x + step(), at.y + step()};
            line.push_back(at);
        }
        network.add(line, road ? 0 : 1 + std::uint32_t(random() % 2));
    }
    return network;
}

/// The tiles that a row's segments meet, by close steps along them.
std::set<std::pair<std::int32_t, std::int32_t>> tiles_of(Network const& network, std::size_t row,
                                                         std::uint32_t zoom) {
    std::set<std::pair<std::int32_t, std::int32_t>> tiles;
    auto const first = network.path_begin[row];
    for (auto i = first; i + 1 < network.path_begin[row + 1]; ++i)
        for (int s = 0; s <= 64; ++s) {
            auto const at = [&](std::int32_t a, std::int32_t b) {
                return std::int32_t(a + (double(b) - a) * s / 64) >> (31 - zoom);
            };
            tiles.emplace(at(network.points[i].x, network.points[i + 1].x),
                          at(network.points[i].y, network.points[i + 1].y));
        }
    return tiles;
}

} // namespace

BOOST_AUTO_TEST_SUITE(line_choice)

BOOST_AUTO_TEST_CASE(no_tile_is_filled_beyond_its_budget_and_what_was_left_out_had_no_room) {
    std::mt19937_64 random{tests::seed()};
    auto const network = town_and_country(random, 4000);
    LineBudget budget;
    budget.tile_bytes = 20'000;
    auto const zooms = choose_lines(network.lines(), 5, 13, budget);
    for (std::uint32_t zoom = 5; zoom < 13; ++zoom) {
        std::map<std::pair<std::int32_t, std::int32_t>, std::size_t> rows;
        for (std::size_t row = 0; row < zooms.size(); ++row)
            if (zooms[row] <= zoom)
                for (auto const& tile : tiles_of(network, row, zoom)) ++rows[tile];
        for (auto const& [tile, count] : rows)
            BOOST_TEST(count * budget.row_bytes <= budget.tile_bytes);
        for (std::size_t row = 0; row < zooms.size(); ++row) {
            if (zooms[row] <= zoom) continue;
            auto const first = network.points[network.path_begin[row]];
            auto const last = network.points[network.path_begin[row + 1] - 1];
            auto const wide = std::max(last.x - first.x, last.y - first.y);
            if (wide < (shortest_line << (19 - zoom))) continue;
            auto const met = tiles_of(network, row, zoom);
            // A row of seven points and a few crossings takes less than 200 bytes of a tile.
            BOOST_TEST(std::any_of(met.begin(), met.end(), [&](auto const& tile) {
                return rows[tile] * (budget.row_bytes + 7 * budget.point_bytes + 80) + 200 >
                       budget.tile_bytes;
            }));
        }
    }
}

BOOST_AUTO_TEST_CASE(rank_goes_before_length_and_the_longest_before_the_shorter) {
    auto const at = tiles::to_grid({105.9, 18.34});
    Network network;
    auto const add = [&](std::int32_t length, std::uint32_t rank) {
        network.add({at, {at.x + length, at.y}}, rank);
    };
    add(900'000, 1);
    add(800'000, 0);
    add(850'000, 0);
    add(100, 0); // less than half a pixel at every zoom below 15
    LineBudget budget;
    budget.tile_bytes = 80; // room for one
    auto const zooms = choose_lines(network.lines(), 8, 10, budget);
    BOOST_TEST(zooms[0] == 10);
    BOOST_TEST(zooms[1] == 10);
    BOOST_TEST(zooms[2] == 8);
    BOOST_TEST(zooms[3] == 10);
    auto const roomy = choose_lines(network.lines(), 8, 10, {});
    BOOST_TEST(roomy[0] == 8);
    BOOST_TEST(roomy[3] == 10);
}

BOOST_AUTO_TEST_CASE(a_crowded_town_hides_no_road_of_the_country) {
    std::mt19937_64 random{tests::seed()};
    auto const network = town_and_country(random, 20'000);
    LineBudget budget;
    budget.tile_bytes = 100'000;
    auto const zooms = choose_lines(network.lines(), 7, 14, budget);
    std::size_t streets = 0;
    for (std::size_t row = 0; row < zooms.size(); ++row) {
        if (network.ranks[row] == 0) BOOST_TEST(zooms[row] == 7);
        streets += network.ranks[row] > 0 && zooms[row] > 7 ? 1 : 0;
    }
    BOOST_TEST(streets > 0U);
}

BOOST_AUTO_TEST_SUITE_END()
