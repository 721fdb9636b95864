// Reservoirs and rules about rain, against published figures.

#include "geo/hazard/rain_rules.hpp"
#include "geo/hazard/reservoir.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

namespace {

using namespace diaban;
using namespace diaban::geo::hazard;

/// Kẻ Gỗ's published points, m and Mm³.
StorageCurve ke_go() {
    return StorageCurve::make({{27.43, 213.3e6}, {31.15, 303.75e6}, {32.5, 345e6}}).value();
}

} // namespace

BOOST_AUTO_TEST_CASE(ke_go_is_full_in_22_9_hours_at_500_cubic_metres_a_second) {
    // (345 − 303.75) Mm³ / 500 m³/s = 82,500 s.
    auto const seconds = seconds_to_level(ke_go(), 31.15, 32.5, 500).value();
    BOOST_TEST(std::abs(seconds / 3600 - 22.9) < 0.05);
    BOOST_TEST(std::abs(seconds - 82'500) < 1e-6);
}

BOOST_AUTO_TEST_CASE(volumes_lie_straight_between_the_points_and_nowhere_else) {
    auto const curve = ke_go();
    BOOST_TEST(curve.volume_at(27.43).value() == 213.3e6);
    BOOST_TEST(curve.volume_at(32.5).value() == 345e6);
    BOOST_TEST(std::abs(curve.volume_at((27.43 + 31.15) / 2).value() - (213.3e6 + 303.75e6) / 2) <
               1e-3);
    BOOST_TEST(!curve.volume_at(27.42));
    BOOST_TEST(!curve.volume_at(32.51));
    BOOST_TEST(!curve.volume_at(std::nan("")));
    for (double level = 27.43; level < 32.5; level += 0.37)
        BOOST_TEST(std::abs(curve.level_at(curve.volume_at(level).value()).value() - level) < 1e-9);
}

BOOST_AUTO_TEST_CASE(inflow_is_what_was_stored_and_what_left) {
    // 41.25 Mm³ in a day beside a release of 100 m³/s.
    auto const inflow = inflow_by_balance(ke_go(), 31.15, 32.5, 86'400, 100).value();
    BOOST_TEST(std::abs(inflow - (41.25e6 / 86'400 + 100)) < 1e-6);
    BOOST_TEST(inflow_by_balance(ke_go(), 32.5, 31.15, 86'400, 0).value() < 0);
    BOOST_TEST(!inflow_by_balance(ke_go(), 31, 40, 86'400, 0));
    BOOST_TEST(!inflow_by_balance(ke_go(), 31, 32, 0, 0));
}

BOOST_AUTO_TEST_CASE(water_that_sinks_never_fills_a_reservoir) {
    BOOST_TEST(!seconds_to_level(ke_go(), 31.15, 32.5, -10));
    BOOST_TEST(!seconds_to_level(ke_go(), 31.15, 32.5, 0));
    BOOST_TEST(seconds_to_level(ke_go(), 31.15, 31.15, 0).value() == 0);
    BOOST_TEST(seconds_to_level(ke_go(), 31.15, 27.43, -500).value() == (303.75e6 - 213.3e6) / 500);
}

BOOST_AUTO_TEST_CASE(a_curve_ascends_or_is_none) {
    BOOST_TEST(!StorageCurve::make({{1, 5}}));
    BOOST_TEST(!StorageCurve::make({{1, 5}, {2, 5}}));
    BOOST_TEST(!StorageCurve::make({{1, 5}, {1, 6}}));
    BOOST_TEST(!StorageCurve::make({{1, 5}, {2, std::nan("")}}));
    BOOST_TEST(StorageCurve::make({{2, 6}, {1, 5}}).has_value()); // in any order
}

BOOST_AUTO_TEST_CASE(rain_of_150_mm_is_level_1_in_old_bac_kan_and_none_in_old_thai_nguyen) {
    // Decision 18/2021, Article 46: regions 2 (Bắc Kạn) and 3 (Thái Nguyên), a medium zone, one or
    // two days of rain before.
    std::vector<RainRisk> const rows{{"2", "medium", 100, 200, 1, 2, 1, {}},
                                     {"2", "medium", 200, 400, 3, 99, 2, {}},
                                     {"3", "medium", 100, 200, 1, 2, 0, {}},
                                     {"3", "high", 100, 200, 1, 2, 1, {}}};
    BOOST_TEST(rain_risk(rows, "2", "medium", 150, 1)->risk == 1);
    BOOST_TEST(rain_risk(rows, "2", "medium", 150, 2)->risk == 1);
    BOOST_TEST(rain_risk(rows, "3", "medium", 150, 1)->risk == 0);
    BOOST_TEST(rain_risk(rows, "3", "high", 150, 1)->risk == 1);
    // Where rows meet, the lower counts; what no row names is not known.
    BOOST_TEST(rain_risk(rows, "2", "medium", 200, 2)->risk == 1);
    BOOST_TEST(rain_risk(rows, "2", "medium", 250, 1) == nullptr);
    BOOST_TEST(rain_risk(rows, "4", "medium", 150, 1) == nullptr);
}
