// Gi*, false discoveries, trends and emerging hot spots against published answers and slow ways.

#include "geo/error.hpp"
#include "geo/hotspot/emerging.hpp"
#include "geo/hotspot/significance.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace {

using namespace diaban;
using geo::Position;
using geo::hotspot::Pattern;
namespace tt = boost::test_tools;

} // namespace

BOOST_AUTO_TEST_SUITE(significance)

// The example of PySAL's esda (G_Local, star, binary weights in a band of 15).
BOOST_AUTO_TEST_CASE(gi_star_of_six_points_is_as_pysal_has_it) {
    std::vector<Position> const points{{10, 10}, {20, 10}, {40, 10}, {15, 20}, {30, 20}, {30, 30}};
    std::vector<double> const values{2, 3, 3.2, 5, 8, 7};
    std::array const expected{-1.39727626, -0.28917762, 0.65064964,
                              -0.28917762, 1.23452088,  2.02424331};
    auto const scores = geo::hotspot::gi_star(points, values, 15);
    std::vector<double> p;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        BOOST_TEST(scores[i].z == expected[i], tt::tolerance(1e-7));
        p.push_back(geo::hotspot::two_sided(scores[i].z));
    }
    auto const adjusted = geo::hotspot::adjust_for_false_discovery(p);
    BOOST_TEST(*std::ranges::min_element(p) == 0.0429, tt::tolerance(2e-3));
    for (double const a : adjusted) BOOST_TEST(a > 0.05); // none is significant
}

BOOST_AUTO_TEST_CASE(gi_star_of_a_grid_is_that_of_its_centres) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 100; ++round) {
        geo::raster::Shape const shape{1 + int(random() % 14), 1 + int(random() % 14)};
        std::vector<double> cells(shape.cells());
        std::vector<Position> points;
        std::vector<double> values;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            cells[i] = random() % 6 == 0 ? std::nan("") : double(random() % 9);
            if (std::isnan(cells[i])) continue;
            points.push_back(
                {double(i % std::size_t(shape.columns)), double(i / std::size_t(shape.columns))});
            values.push_back(cells[i]);
        }
        double const band = 0.5 + double(random() % 60) / 10;
        auto const by_cell = geo::hotspot::gi_star(shape, cells, band);
        auto const by_point = geo::hotspot::gi_star(points, values, band);
        for (std::size_t i = 0, at = 0; i < cells.size(); ++i) {
            BOOST_TEST(std::isnan(by_cell[i].z) == std::isnan(cells[i]));
            if (std::isnan(cells[i])) continue;
            BOOST_TEST(by_cell[i].neighbours == by_point[at].neighbours);
            BOOST_TEST(std::abs(by_cell[i].z - by_point[at].z) < 1e-9);
            ++at;
        }
    }
}

BOOST_AUTO_TEST_CASE(false_discoveries_are_adjusted_by_the_definition) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 50; ++round) {
        std::vector<double> p(1 + random() % 40);
        for (auto& one : p) one = double(random() % 1000) / 1000;
        auto const adjusted = geo::hotspot::adjust_for_false_discovery(p);
        auto sorted = p;
        std::ranges::sort(sorted);
        for (std::size_t i = 0; i < p.size(); ++i) {
            double least = 1; // over all ranks whose p is at least this one
            for (std::size_t k = 0; k < sorted.size(); ++k)
                if (sorted[k] >= p[i])
                    least = std::min(least, sorted[k] * double(p.size()) / double(k + 1));
            BOOST_TEST(adjusted[i] == least, tt::tolerance(1e-12));
        }
    }
}

BOOST_AUTO_TEST_CASE(mann_kendall_has_its_reference_answers) {
    auto const rising =
        geo::hotspot::mann_kendall(std::array{1., 2., 3., 4., 5., 6., 7., 8., 9., 10.});
    BOOST_TEST(rising.s == 45);
    BOOST_TEST(rising.variance == 125, tt::tolerance(1e-12));
    BOOST_TEST(rising.z == 3.93547964, tt::tolerance(1e-8));
    BOOST_TEST(rising.slope == 1, tt::tolerance(1e-12));
    auto const tied =
        geo::hotspot::mann_kendall(std::array{1., 2., 2., 3., 3., 3., 4., 5., 5., 6.});
    BOOST_TEST(tied.s == 40);
    BOOST_TEST(tied.variance == 119.3333, tt::tolerance(1e-5));
    BOOST_TEST(tied.z == 3.57012745, tt::tolerance(1e-8));
    auto const still = geo::hotspot::mann_kendall(std::array{4., 4., 4., 4.});
    BOOST_TEST(still.z == 0);
    BOOST_TEST(still.p == 1);
    BOOST_TEST(geo::hotspot::mann_kendall({}).p == 1);
}

BOOST_AUTO_TEST_CASE(gi_star_through_time_counts_the_times_before) {
    std::mt19937_64 random{tests::seed()};
    geo::raster::Shape const shape{7, 6};
    constexpr std::size_t times = 5;
    std::vector<double> values(shape.cells() * times);
    for (auto& v : values) v = double(random() % 7);
    double mean = 0;
    double squares = 0;
    for (double const v : values) mean += v / double(values.size());
    for (double const v : values) squares += (v - mean) * (v - mean) / double(values.size());
    auto const scores = geo::hotspot::gi_star(shape, times, values, 1.5, 1);
    for (std::size_t t = 0; t < times; ++t)
        for (int row = 0; row < shape.rows; ++row)
            for (int column = 0; column < shape.columns; ++column) {
                double sum = 0;
                double w = 0;
                for (std::size_t u = t == 0 ? 0 : t - 1; u <= t; ++u)
                    for (int r = 0; r < shape.rows; ++r)
                        for (int c = 0; c < shape.columns; ++c)
                            if (std::hypot(r - row, c - column) <= 1.5) {
                                sum += values[u * shape.cells() + shape.index(c, r)];
                                ++w;
                            }
                auto const n = double(values.size());
                double const z =
                    (sum - mean * w) / (std::sqrt(squares) * std::sqrt(w * (n - w) / (n - 1)));
                auto const& score = scores[t * shape.cells() + shape.index(column, row)];
                BOOST_TEST(score.z == z, tt::tolerance(1e-9));
                BOOST_TEST(score.neighbours == w);
            }
}

BOOST_AUTO_TEST_CASE(places_that_behave_in_a_known_way_are_named_so) {
    geo::hotspot::Cube const cube{{40, 40}, 20};
    std::vector<double> values(cube.shape.cells() * cube.times, 0.0);
    // Each group of 3 × 3 cells is alone within the band of its middle.
    auto const put = [&](int column, int row, auto const& at) {
        for (std::size_t t = 0; t < cube.times; ++t)
            for (int r = -1; r <= 1; ++r)
                for (int c = -1; c <= 1; ++c)
                    values[t * cube.shape.cells() + cube.shape.index(column + c, row + r)] = at(t);
    };
    put(5, 5, [](std::size_t t) { return t == 19 ? 90.0 : 0.0; });
    put(15, 5, [](std::size_t t) { return t >= 15 ? 90.0 : 0.0; });
    put(25, 5, [](std::size_t t) { return 60.0 + 3 * double(t); });
    put(35, 5, [](std::size_t t) { return t % 2 == 0 ? 80.0 : 81.0; });
    put(5, 15, [](std::size_t t) { return 120.0 - 3 * double(t); });
    put(15, 15, [](std::size_t t) { return t % 3 == 1 ? 90.0 : 0.0; });
    put(25, 15, [](std::size_t t) { return t < 18 ? 90.0 : 0.0; });
    auto const places = geo::hotspot::find_emerging(cube, values, 1.5, 0, 0.05);
    auto const at = [&](int column, int row) { return places[cube.shape.index(column, row)]; };
    BOOST_TEST(to_string(at(5, 5).pattern) == "new");
    BOOST_TEST(to_string(at(15, 5).pattern) == "consecutive");
    BOOST_TEST(to_string(at(25, 5).pattern) == "intensifying");
    BOOST_TEST(to_string(at(35, 5).pattern) == "persistent");
    BOOST_TEST(to_string(at(5, 15).pattern) == "diminishing");
    BOOST_TEST(to_string(at(15, 15).pattern) == "sporadic");
    BOOST_TEST(to_string(at(25, 15).pattern) == "historical");
    BOOST_TEST(to_string(at(30, 30).pattern) == "none");
    BOOST_TEST(at(5, 5).hot);
    BOOST_TEST(at(5, 5).hot_times == 1U);
}

BOOST_AUTO_TEST_CASE(bands_that_are_none_are_refused) {
    BOOST_CHECK_THROW(static_cast<void>(geo::hotspot::gi_star({1, 1}, std::vector{1.0}, 0)),
                      geo::Error);
    BOOST_CHECK_THROW(static_cast<void>(geo::hotspot::gi_star({1, 1}, std::vector{1.0}, 2000)),
                      geo::Error);
}

BOOST_AUTO_TEST_SUITE_END()
