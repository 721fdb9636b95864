#include "geo/cadastre/subdivide.hpp"
#include "geo/cadastre/tolerance.hpp"
#include "geo/error.hpp"
#include "geo/ops/overlay.hpp"
#include "tests/geo/support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>

namespace {

using namespace diaban;
using namespace diaban::geo::cadastre;
using geo::Geometry;

/// 21.8 m by 28.5 m in VN-2000: 621.3 m².
Geometry lot() {
    return test::polygon({{{542600, 2028900},
                           {542621.8, 2028900},
                           {542621.8, 2028928.5},
                           {542600, 2028928.5},
                           {542600, 2028900}}});
}

} // namespace

BOOST_AUTO_TEST_SUITE(subdivide)

BOOST_AUTO_TEST_CASE(a_lot_of_621_3_is_split_into_400_0_and_221_3_that_tile_it) {
    auto const line = line_cutting_off(lot(), 400.0, 0);
    auto const parts = cut(lot(), line);
    BOOST_REQUIRE(parts.size() == 2);
    BOOST_TEST(geo::ops::planar_area(parts[0]) == 400.0, boost::test_tools::tolerance(1e-9));
    BOOST_TEST(geo::ops::planar_area(parts[1]) == 221.3, boost::test_tools::tolerance(1e-9));
    BOOST_TEST(geo::ops::planar_area(geo::ops::intersection(parts[0], parts[1])) < 1e-9);
    auto const whole = merged(parts);
    BOOST_TEST(geo::ops::planar_area(geo::ops::difference(whole, lot())) < 1e-6);
    BOOST_TEST(geo::ops::planar_area(geo::ops::difference(lot(), whole)) < 1e-6);
}

BOOST_AUTO_TEST_CASE(random_lots_are_cut_into_parts_that_make_them_up) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 300; ++round) {
        auto shape = test::polygon({test::star(random, 5 + random() % 20)});
        for (auto& p : shape.positions) p = {542600 + p.x * 30, 2028900 + p.y * 30};
        double const area = geo::ops::planar_area(shape);
        double const wanted = area * (0.1 + 0.8 * double(random() % 1000) / 1000);
        auto const parts = cut(shape, line_cutting_off(shape, wanted, double(random() % 360)));
        BOOST_REQUIRE(parts.size() >= 2);
        double sum = 0;
        for (auto const& part : parts) sum += geo::ops::planar_area(part);
        BOOST_TEST(std::abs(sum - area) < 1e-6);
        for (auto const& corner : shape.positions) // as they were, double for double
            BOOST_TEST(std::ranges::any_of(parts, [&](Geometry const& part) {
                return std::ranges::find(part.positions, corner) != part.positions.end();
            }));
    }
}

BOOST_AUTO_TEST_CASE(more_than_there_is_cannot_be_cut_off) {
    BOOST_CHECK_THROW((void)line_cutting_off(lot(), 700, 0), geo::Error);
}

BOOST_AUTO_TEST_CASE(parcels_apart_are_not_one) {
    auto far = lot();
    for (auto& p : far.positions) p.x += 100;
    std::vector<Geometry> const both{lot(), far};
    BOOST_TEST(merged(both).empty());
}

BOOST_AUTO_TEST_CASE(a_common_border_is_measured_though_corners_differ) {
    auto beside = lot();
    for (auto& p : beside.positions) p = {p.x + 21.8, p.y + 10};
    BOOST_TEST(common_border(lot(), beside) == 18.5, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(two_hundred_parcels_either_side_of_the_area_tolerance_are_judged_right) {
    std::mt19937_64 random{tests::seed()};
    for (int i = 0; i < 200; ++i) {
        double const area = 50 + double(random() % 100'000) / 10;
        double const allowed = allowed_area_difference(0.0004, 1000, area);
        double const sign = i % 2 == 0 ? 1 : -1;
        BOOST_TEST(area_agrees(area + sign * (allowed - 1e-6), area, allowed));
        BOOST_TEST(!area_agrees(area + sign * (allowed + 1e-6), area, allowed));
    }
}

BOOST_AUTO_TEST_SUITE_END()
