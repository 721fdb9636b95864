// Kernel density against its own definition, published values, and the sum of all cells.

#include "geo/error.hpp"
#include "geo/hotspot/density.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <random>
#include <vector>

namespace {

using namespace diaban;
using geo::hotspot::Bins;
using geo::hotspot::Reach;
using geo::hotspot::WeightedPoint;
using geo::raster::Frame;
using geo::raster::Window;

/// By the definition: every point against one place.
double slow_density(std::vector<WeightedPoint> const& points, geo::Position at, double radius) {
    double sum = 0;
    for (auto const& p : points)
        sum += p.weight * geo::hotspot::quartic(std::hypot(p.x - at.x, p.y - at.y), radius);
    return sum;
}

std::vector<WeightedPoint> scattered(std::mt19937_64& random, Frame const& frame,
                                     std::size_t count) {
    std::vector<WeightedPoint> points;
    auto const box = frame.box();
    std::uniform_real_distribution<double> x{box.min_x - 20, box.max_x + 20};
    std::uniform_real_distribution<double> y{box.min_y - 20, box.max_y + 20};
    while (points.size() < count) {
        points.push_back({x(random), y(random), double(1 + random() % 3)});
        if (random() % 4 == 0) points.push_back(points.back()); // the same place again
    }
    return points;
}

} // namespace

BOOST_AUTO_TEST_SUITE(density)

// GRASS v.kernel gives the same values of its quartic kernel.
BOOST_AUTO_TEST_CASE(the_quartic_kernel_has_its_published_values_and_integrates_to_one) {
    BOOST_TEST(geo::hotspot::quartic(0, 1000) == 9.54929658551372e-7,
               boost::test_tools::tolerance(1e-14));
    BOOST_TEST(geo::hotspot::quartic(500, 1000) == 5.371479329351467e-7,
               boost::test_tools::tolerance(1e-14));
    BOOST_TEST(geo::hotspot::quartic(1000, 1000) == 0);
    double integral = 0;
    for (int i = 0; i < 100'000; ++i) {
        double const d = (i + 0.5) / 100;
        integral += geo::hotspot::quartic(d, 1000) * 2 * std::numbers::pi * d / 100;
    }
    BOOST_TEST(integral == 1, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(the_exact_density_is_the_sum_over_all_points_at_each_centre) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 60; ++round) {
        Frame const frame{{1 + int(random() % 60), 1 + int(random() % 60)},
                          1000,
                          5000,
                          0.5 + double(random() % 8) / 2,
                          0.5 + double(random() % 8) / 2,
                          3405};
        auto const points = scattered(random, frame, random() % 400);
        double const radius = 0.3 + double(random() % 1000) / 20;
        auto const density = geo::hotspot::exact_density(points, frame, radius);
        double const peak = geo::hotspot::quartic(0, radius);
        double worst = 0;
        for (int row = 0; row < frame.shape.rows; ++row)
            for (int column = 0; column < frame.shape.columns; ++column)
                worst = std::max(
                    worst, std::abs(density.at(column, row) -
                                    slow_density(points, frame.centre({column, row}), radius)));
        BOOST_TEST(worst <= 1e-9 * peak * double(points.size() + 1));
    }
}

BOOST_AUTO_TEST_CASE(spread_bins_sum_to_the_weights_that_were_put_in) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 60; ++round) {
        geo::raster::Shape const shape{40 + int(random() % 60), 40 + int(random() % 60)};
        Bins bins{shape};
        // Reach differs by row, and so does its shape; all of it stays inside.
        std::vector<Reach> reaches;
        for (int r = 0; r < shape.rows; ++r)
            reaches.push_back(
                {0.2 + double(random() % 100) / 10, 0.2 + double(random() % 100) / 10});
        double total = 0;
        for (int i = 0; i < 300; ++i) {
            double const weight = double(1 + random() % 5);
            bins.add(12 + double(random() % 1000) / 1000 * (shape.columns - 26),
                     12 + double(random() % 1000) / 1000 * (shape.rows - 26), weight);
            total += weight;
        }
        auto const cells = geo::hotspot::spread(bins, reaches, {0, 0, shape.columns, shape.rows});
        BOOST_TEST(std::accumulate(cells.begin(), cells.end(), 0.0) == total,
                   boost::test_tools::tolerance(1e-9));
    }
}

BOOST_AUTO_TEST_CASE(a_window_of_spread_bins_is_that_part_of_the_whole) {
    std::mt19937_64 random{tests::seed()};
    geo::raster::Shape const shape{90, 70};
    Bins bins{shape};
    for (int i = 0; i < 500; ++i)
        bins.add(double(random() % 8800) / 100, double(random() % 6800) / 100, 1);
    std::vector<Reach> const reaches(70, Reach{9.3, 8.7});
    auto const whole = geo::hotspot::spread(bins, reaches, {0, 0, 90, 70});
    Window const window{13, 9, 31, 22};
    auto const part = geo::hotspot::spread(bins, reaches, window);
    for (int row = 0; row < window.rows; ++row)
        for (int column = 0; column < window.columns; ++column)
            BOOST_TEST(
                std::abs(part[std::size_t(row * window.columns + column)] -
                         whole[std::size_t((row + window.row) * 90 + column + window.column)]) <
                1e-11);
}

BOOST_AUTO_TEST_CASE(spread_bins_keep_to_their_stated_error_against_the_exact_density) {
    std::mt19937_64 random{tests::seed()};
    for (double const radius : {2.0, 4.0, 7.5, 12.0, 20.0, 31.0}) {
        Frame const frame{{120, 120}, 0, 120, 1, 1, 3405};
        std::vector<WeightedPoint> points;
        Bins bins{frame.shape};
        for (int i = 0; i < 2000; ++i) {
            WeightedPoint const p{1 + double(random() % 118'000) / 1000,
                                  1 + double(random() % 118'000) / 1000, 1};
            points.push_back(p);
            bins.add(p.x - 0.5, 120 - p.y - 0.5, p.weight);
        }
        std::vector<Reach> const reaches(120, Reach{radius, radius});
        auto const exact = geo::hotspot::exact_density(points, frame, radius);
        auto const binned = geo::hotspot::spread(bins, reaches, {0, 0, 120, 120});
        double const bound = geo::hotspot::binning_error({radius, radius});
        double const peak = geo::hotspot::quartic(0, radius);
        double worst = 0;
        for (int row = 0; row < 120; ++row)
            for (int column = 0; column < 120; ++column) {
                double near = 0;
                auto const at = frame.centre({column, row});
                for (auto const& p : points)
                    near += std::hypot(p.x - at.x, p.y - at.y) <= radius + 2 ? 1 : 0;
                double const error =
                    std::abs(exact.at(column, row) - binned[std::size_t(row * 120 + column)]);
                worst = std::max(worst, error / std::max(peak * near * bound, 1e-300));
            }
        BOOST_TEST(worst <= 1);
        BOOST_TEST_MESSAGE("radius " << radius << ": bound " << bound << " of the peak, at most "
                                     << worst << " of it used");
    }
}

BOOST_AUTO_TEST_CASE(a_radius_that_is_none_or_too_many_cells_is_refused) {
    Frame const frame{{4, 4}, 0, 4, 1, 1, 3405};
    for (double const radius : {0.0, -1.0, std::nan(""), 5000.0})
        BOOST_CHECK_THROW(static_cast<void>(geo::hotspot::exact_density({}, frame, radius)),
                          geo::Error);
}

BOOST_AUTO_TEST_SUITE_END()
