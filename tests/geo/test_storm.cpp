// Wind of storms, against published numbers, the equation of balance, and circles.

#include "geo/hazard/storm_area.hpp"
#include "geo/hazard/storm_rules.hpp"
#include "geo/hazard/wind_profile.hpp"
#include "geo/ops/measure.hpp"
#include "geo/ops/validate.hpp"
#include "tests/geo/support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <random>

namespace {

using namespace diaban;
using namespace diaban::geo::hazard;
using geo::Position;

constexpr double km = 1000;
constexpr std::int64_t hour = 3'600'000'000;
constexpr double metres_a_degree = 110'574.3; // of the meridian at the equator, WGS 84

// Parameters and answers of CLIMADA's tests of the Holland 2010 model.
Holland2010 const published{35, 75 * km, 1.75, 17, 300 * km};

MovingStorm standing() {
    return {{108, 17}, published, 0, 0, 0.55};
}

} // namespace

BOOST_AUTO_TEST_CASE(holland_2010_has_the_winds_that_climada_publishes) {
    BOOST_TEST(surface_wind(published, 0) == 0);
    BOOST_TEST(std::abs(surface_wind(published, 75 * km) - 35) < 1e-6);
    BOOST_TEST(std::abs(surface_wind(published, 220 * km) - 21.181497) < 1e-6);
    BOOST_TEST(std::abs(surface_wind(published, 300 * km) - 17) < 1e-6);
    BOOST_TEST(std::abs(surface_wind(published, 490 * km) - 12.103461) < 1e-6);
}

BOOST_AUTO_TEST_CASE(without_an_outer_wind_the_exponent_is_a_half_everywhere) {
    auto storm = published;
    storm.outer_radius = 0;
    double const q = std::pow(75.0 / 220, 1.75);
    BOOST_TEST(std::abs(surface_wind(storm, 220 * km) - 35 * std::sqrt(q * std::exp(1 - q))) <
               1e-9);
}

BOOST_AUTO_TEST_CASE(holland_1980_balances_pressure_rotation_and_the_turning_earth) {
    // The pressure of the same paper (eq. 1) is p = pc + Δp·exp(−(R/r)^B).
    Holland1980 const storm{6000, 40 * km, 1.6, 18, 1.15};
    double const turn = 2 * 7.292115e-5 * std::sin(18 * std::numbers::pi / 180);
    auto const pressure = [&](double r) { return 6000 * std::exp(-std::pow(40 * km / r, 1.6)); };
    for (double const r : {10 * km, 25 * km, 40 * km, 90 * km, 400 * km}) {
        double const v = gradient_wind(storm, r);
        double const slope = (pressure(r + 1) - pressure(r - 1)) / 2;
        BOOST_TEST(std::abs(v * v / r + turn * v - slope / 1.15) < 1e-6 * slope);
    }
    // At its radius on the equator: √(B·Δp / (ρ·e)).
    auto still = storm;
    still.latitude = 0;
    BOOST_TEST(std::abs(gradient_wind(still, 40 * km) -
                        std::sqrt(1.6 * 6000 / (1.15 * std::numbers::e))) < 1e-9);
}

BOOST_AUTO_TEST_CASE(movement_is_added_right_of_the_track_and_taken_left_of_it) {
    auto storm = standing();
    storm.speed = 8;
    storm.heading = 300;
    BOOST_TEST(std::abs(wind_at(storm, 30, 75 * km) - 35) < 1e-9);
    BOOST_TEST(std::abs(wind_at(storm, 210, 75 * km) - (35 - 2 * 0.55 * 8)) < 1e-9);
    for (int bearing = 0; bearing < 360; bearing += 10)
        BOOST_TEST(wind_at(storm, bearing, 75 * km) <= 35 + 1e-9);
    storm.centre.y = -17; // in the south storms turn the other way
    BOOST_TEST(std::abs(wind_at(storm, 210, 75 * km) - 35) < 1e-9);
}

BOOST_AUTO_TEST_CASE(a_storm_slower_than_its_own_movement_blows_with_it) {
    auto storm = standing();
    storm.shape.highest = 3;
    storm.speed = 10;
    BOOST_TEST(wind_at(storm, 0, 75 * km) == 5.5);
}

BOOST_AUTO_TEST_CASE(a_wind_reaches_as_far_as_the_profile_says) {
    BOOST_TEST(std::abs(wind_radius(standing(), 123, 17) - 300 * km) < 1.01);
    BOOST_TEST(wind_radius(standing(), 123, 36) == 0);
    BOOST_TEST(std::abs(wind_radius(standing(), 0, 35) - 75 * km) < 1.01);
}

BOOST_AUTO_TEST_CASE(the_area_of_a_wind_of_a_storm_at_rest_is_a_circle) {
    auto const area = wind_area(standing(), 17);
    BOOST_TEST(geo::ops::validate(area).valid);
    // Of a regular polygon of 72 corners, in the plane; the ellipsoid bends 300 km by 4e-4.
    double const planar = 36 * std::sin(2 * std::numbers::pi / 72) * 300 * km * 300 * km;
    BOOST_TEST(std::abs(geo::ops::geodesic_area(area) / planar - 1) < 5e-4);
    BOOST_TEST(wind_area(standing(), 36).empty());
}

BOOST_AUTO_TEST_CASE(a_wind_that_only_one_side_has_lies_on_that_side) {
    auto storm = standing();
    storm.speed = 10;
    storm.heading = 0;
    auto const area = wind_area(storm, 33);
    BOOST_TEST(geo::ops::validate(area).valid);
    BOOST_TEST(area.box().max_x > 108.6);
    BOOST_TEST(area.box().min_x >= 108 - 1e-9);
}

BOOST_AUTO_TEST_CASE(winds_over_other_times_follow_the_factors_that_are_given) {
    // 0.93 at sea: Harper, Kepert and Ginger 2010 for the WMO.
    BOOST_TEST(averaged(100, {1, 0.93}, {10, 1}) == 93);
    BOOST_TEST(std::abs(averaged(93, {10, 1}, {1, 0.93}) - 100) < 1e-12);
}

BOOST_AUTO_TEST_CASE(levels_and_risk_are_those_of_the_rows_in_force) {
    geo::Date const old{10};
    geo::Date const now{100};
    std::vector<WindLevel> const levels{
        {12, 32.7, "very strong", now}, {13, 37, "very strong", now}, {6, 10.8, "depression", now},
        {9, 20.8, "storm", now},        {8, 17.2, "storm", now},      {1, 0.3, "", old}};
    auto const today = in_force<WindLevel>(levels, {100});
    BOOST_TEST(today.size() == 5U);
    BOOST_TEST(in_force<WindLevel>(levels, {99}).size() == 1U);
    BOOST_TEST(in_force<WindLevel>(levels, {9}).empty());
    BOOST_TEST(wind_level(today, 36.99)->level == 12);
    BOOST_TEST(wind_level(today, 37)->level == 13);
    BOOST_TEST(wind_level(today, 17.19)->level == 6);
    BOOST_TEST(wind_level(today, 10.7) == nullptr);
    std::vector<StormRisk> const risks{{"sea", 12, 13, 3, now}, {"coast", 12, 13, 4, now}};
    // Bualoi, level 12, was given risk 4 on the coast and 3 at sea.
    BOOST_TEST(storm_risk(risks, "coast", 12).value() == 4);
    BOOST_TEST(storm_risk(risks, "sea", 12).value() == 3);
    BOOST_TEST(!storm_risk(risks, "coast", 14));
    BOOST_TEST(!storm_risk(risks, "highlands", 12));
}

BOOST_AUTO_TEST_CASE(a_wind_arrives_and_leaves_when_geometry_says) {
    // Along the equator at 10 m/s; beyond 75 km an x of a half; a place 100 km beside the track.
    std::vector<Fix> const fixes{{{0}, {100, 0}, 40.0}, {{48 * hour}, {115.5, 0}, 40.0}};
    StormShape shape;
    shape.radius = 75 * km;
    shape.share = 0;
    double const length = geo::ops::geodesic_distance({100, 0}, {115.5, 0});
    double const speed = length / (48 * 3600);
    double const north = 100 * km / metres_a_degree;
    Holland2010 const profile{40, 75 * km, shape.b, 17, 0};
    double reach = 75 * km;
    while (surface_wind(profile, reach) >= 20) reach += 1;
    double const half = std::sqrt(reach * reach - 1e10);
    double const middle = length / 2;
    std::vector const places{Position{107.75, north}};
    auto const arrival = wind_arrival(fixes, shape, places, 20);
    auto const seconds = [](std::optional<geo::Instant> at) {
        return double(at->microseconds) / 1e6;
    };
    BOOST_REQUIRE(arrival.begins);
    // The plane stands in for the ellipsoid: within 0.3 % of some 200 km.
    BOOST_TEST(std::abs(seconds(arrival.begins) - (middle - half) / speed) < 90);
    BOOST_TEST(std::abs(seconds(arrival.ends) - (middle + half) / speed) < 90);
    BOOST_TEST(std::abs(arrival.most - surface_wind(profile, 100 * km)) < 0.01);
    BOOST_TEST(std::abs(double(arrival.most_at.microseconds) / 1e6 - middle / speed) < 600);
    BOOST_TEST(!wind_arrival(fixes, shape, places, 41).begins);
}

BOOST_AUTO_TEST_CASE(winds_arrive_as_a_look_at_every_place_every_ten_minutes_says) {
    std::mt19937_64 random{tests::seed()};
    std::uniform_real_distribution<double> about{-4, 4};
    std::uniform_real_distribution<double> wide{0, 0.4};
    std::vector<Fix> const fixes{{{0}, {110.2, 16.2}, 34.8},
                                 {{12 * hour}, {107.6, 17.5}, 37.0},
                                 {{24 * hour}, {105.2, 18.9}, 24.5}};
    int reached = 0;
    for (int round = 0; round < 300; ++round) {
        StormShape shape;
        if (round % 3 == 0) shape.outer_radius = 300 * km;
        Position const middle{107.5 + about(random), 17.5 + about(random)};
        std::vector<Position> places{middle};
        for (int i = 0; i < 5; ++i)
            places.push_back({middle.x + wide(random), middle.y + wide(random)});
        double const wind = 14 + double(random() % 20);
        double most = 0;
        std::optional<std::int64_t> first;
        std::int64_t last = 0;
        for (std::int64_t at = 0; at <= 24 * hour; at += hour / 6) {
            double here = 0;
            for (auto const p : places)
                here = std::max(here, wind_at(*storm_at(fixes, shape, {at}), p));
            most = std::max(most, here);
            if (here >= wind && !first) first = at;
            if (here >= wind) last = at;
        }
        auto const found = wind_arrival(fixes, shape, places, wind);
        BOOST_REQUIRE_EQUAL(found.begins.has_value(), first.has_value());
        if (!first) continue;
        ++reached;
        BOOST_TEST(found.most == most);
        BOOST_TEST((found.begins->microseconds <= *first &&
                    found.begins->microseconds > *first - hour / 6));
        BOOST_TEST(
            (found.ends->microseconds >= last && found.ends->microseconds < last + hour / 6));
    }
    BOOST_TEST(reached > 50);
}

BOOST_AUTO_TEST_CASE(a_wind_that_blows_at_both_ends_of_a_track_has_no_edge_there) {
    std::vector<Fix> const fixes{{{0}, {100, 10}, 40.0}, {{hour}, {100.01, 10}, 40.0}};
    StormShape shape;
    shape.radius = 75 * km;
    std::vector const places{Position{100.7, 10}};
    auto const arrival = wind_arrival(fixes, shape, places, 20);
    BOOST_TEST(arrival.begins->microseconds == 0);
    BOOST_TEST(arrival.ends->microseconds == hour);
}
