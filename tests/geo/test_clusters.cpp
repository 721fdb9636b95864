// Clusters in space and time against the definition, by closure over all pairs.

#include "geo/error.hpp"
#include "geo/hotspot/clusters.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <random>
#include <vector>

namespace {

using namespace diaban;
using geo::Position;
using geo::hotspot::Closeness;
using geo::hotspot::Clusters;

} // namespace

BOOST_AUTO_TEST_SUITE(clusters)

BOOST_AUTO_TEST_CASE(clusters_are_those_of_the_definition) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 200; ++round) {
        std::size_t const count = random() % 120;
        std::vector<Position> points;
        std::vector<double> times;
        for (std::size_t i = 0; i < count; ++i) {
            points.push_back({double(random() % 60) - 30, double(random() % 60) - 30});
            times.push_back(double(random() % 50));
        }
        Closeness const close{1.0 + double(random() % 8),
                              round % 3 == 0 ? std::numeric_limits<double>::infinity()
                                             : double(random() % 20),
                              1 + random() % 6};
        auto const found = geo::hotspot::find_clusters(points, times, close);
        auto const near = [&](std::size_t i, std::size_t j) {
            return std::hypot(points[i].x - points[j].x, points[i].y - points[j].y) <=
                       close.metres + 1e-12 &&
                   std::abs(times[i] - times[j]) <= close.seconds;
        };
        std::vector<std::size_t> label(count);
        std::vector<bool> core(count);
        for (std::size_t i = 0; i < count; ++i) {
            std::size_t met = 0;
            for (std::size_t j = 0; j < count; ++j) met += near(i, j) ? 1 : 0;
            core[i] = met >= close.least;
            label[i] = i;
            BOOST_TEST(found.core[i] == core[i]);
        }
        for (bool changed = true; changed;) { // the least label spreads among cores
            changed = false;
            for (std::size_t i = 0; i < count; ++i)
                for (std::size_t j = 0; j < count; ++j)
                    if (core[i] && core[j] && near(i, j) && label[j] < label[i]) {
                        label[i] = label[j];
                        changed = true;
                    }
        }
        std::map<std::size_t, std::int32_t> names;
        for (std::size_t i = 0; i < count; ++i) {
            if (core[i]) {
                auto const [at, fresh] = names.emplace(label[i], found.of[i]);
                BOOST_TEST(at->second == found.of[i]);
                BOOST_TEST(found.of[i] != Clusters::noise);
                continue;
            }
            std::size_t nearest = count;
            for (std::size_t j = 0; j < count; ++j)
                if (core[j] && near(i, j) &&
                    (nearest == count ||
                     std::hypot(points[i].x - points[j].x, points[i].y - points[j].y) <
                         std::hypot(points[i].x - points[nearest].x,
                                    points[i].y - points[nearest].y)))
                    nearest = j;
            BOOST_TEST(found.of[i] == (nearest == count ? Clusters::noise : found.of[nearest]));
        }
        BOOST_TEST(found.count == std::int32_t(names.size()));
    }
}

BOOST_AUTO_TEST_CASE(what_is_far_in_time_is_no_cluster) {
    std::vector<Position> const points(6, Position{0, 0});
    std::vector<double> const times{0, 1, 2, 1000, 1001, 1002};
    auto const found = geo::hotspot::find_clusters(points, times, {10, 5, 3});
    BOOST_TEST(found.count == 2);
    BOOST_TEST(found.of[0] == found.of[2]);
    BOOST_TEST(found.of[0] != found.of[3]);
}

BOOST_AUTO_TEST_CASE(closeness_that_is_none_is_refused) {
    BOOST_CHECK_THROW(static_cast<void>(geo::hotspot::find_clusters({}, {}, {0, 1, 3})),
                      geo::Error);
    BOOST_CHECK_THROW(static_cast<void>(geo::hotspot::find_clusters({}, {}, {1, -1, 3})),
                      geo::Error);
    BOOST_CHECK_THROW(static_cast<void>(geo::hotspot::find_clusters({}, {}, {1, 1, 0})),
                      geo::Error);
}

BOOST_AUTO_TEST_SUITE_END()
