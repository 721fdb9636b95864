// The inundation solver's promises: no water from nowhere, the same bits again, whatever comes in,
// goes out or moves the ground.

#include "geo/hazard/inundation.hpp"
#include "tests/support/fault.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace {

using namespace diaban;
using geo::raster::Cell;
using geo::raster::Grid;
namespace hazard = geo::hazard;

/// Rough ground of some tiles with walls, and everything that a scenario can hold.
hazard::Scenario eventful(std::mt19937_64& random) {
    std::uniform_real_distribution<double> share{0, 1};
    hazard::Scenario scenario;
    std::int32_t const columns = 300;
    std::int32_t const rows = 140;
    scenario.frame = {{columns, rows}, 0, rows * 10.0, 10, 10, 3405};
    for (std::int32_t row = 0; row < rows; ++row)
        for (std::int32_t column = 0; column < columns; ++column) {
            bool const dyke = column == 150;
            double const z = dyke ? 8 : 2 + (columns - column) * 0.004 + 0.5 * share(random);
            bool const missing = share(random) < 0.01;
            scenario.bed.push_back(missing ? geo::raster::no_data : float(z));
            scenario.frictions.push_back(float(0.03 + 0.05 * share(random)));
            scenario.rain_zones.push_back(std::uint8_t(3 * share(random)));
        }
    auto const ground = [&](Cell cell) {
        auto& z = scenario.bed[scenario.frame.shape.index(cell.column, cell.row)];
        if (std::isnan(z)) z = 3;
        return cell;
    };
    scenario.infiltration = 20 * share(random);
    scenario.rains = {{{{{0, 0}, {600, 120}, {1200, 0}}}}, {{{{0, 30}}}}};
    scenario.inflows = {{{ground({3, 70}), ground({4, 70}), ground({5, 71})},
                         {{{0, 0}, {300, 60}, {1500, 60}, {1600, 0}}}}};
    scenario.levels = {{{ground({299, 5}), ground({299, 6})}, {{{0, 3}, {900, 4.5}, {1800, 2}}}}};
    // Beside the level, where water comes whatever the ground takes up.
    scenario.outfalls = {{{ground({299, 7}), ground({299, 8})}, 0.002}};
    scenario.changes = {
        {hazard::BedChange::Kind::breach,
         {ground({150, 60}), ground({150, 61}), ground({150, 62})},
         {{{600, 8}, {900, 2.5}}}},
        {hazard::BedChange::Kind::gate, {ground({150, 100})}, {{{0, 8}, {700, 3}, {1300, 8}}}}};
    return scenario;
}

std::size_t others(Grid<float> const& a, Grid<float> const& b) {
    std::size_t other = 0;
    for (std::size_t i = 0; i < a.cells().size(); ++i) other += a.cells()[i] != b.cells()[i];
    return other;
}

} // namespace

BOOST_AUTO_TEST_SUITE(moving_water)

BOOST_AUTO_TEST_CASE(no_water_comes_from_nowhere_and_a_rerun_gives_the_same_bits) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 3; ++round) {
        auto const scenario = eventful(random);
        hazard::Inundation one{scenario};
        hazard::Inundation three{scenario};
        for (double const seconds : {500.0, 1000.0, 2000.0}) {
            one.run_to(seconds, 1);
            three.run_to(seconds, 3);
            BOOST_TEST(others(one.depth(), three.depth()) == 0u);
            BOOST_TEST(others(one.speed(), three.speed()) == 0u);
            auto const balance = one.balance();
            BOOST_TEST(balance.relative_error() <= 1e-9);
            auto const depth = one.depth();
            BOOST_TEST(*std::ranges::min_element(depth.cells()) >= 0);
            BOOST_TEST(balance.error() == three.balance().error());
            BOOST_TEST(balance.rain > 0);
            BOOST_TEST(balance.inflow > 0);
        }
        BOOST_TEST(others(one.arrival(), three.arrival()) == 0u);
        BOOST_TEST(others(one.deepest(), three.deepest()) == 0u);
        BOOST_TEST(others(one.hazard(), three.hazard()) == 0u);
        BOOST_TEST(one.balance().infiltrated > 0);
        BOOST_TEST(one.balance().outfall > 0);
    }
}

BOOST_AUTO_TEST_CASE(a_run_goes_on_with_another_scenario_from_where_it_is) {
    std::mt19937_64 random{tests::seed()};
    auto const scenario = eventful(random);
    hazard::Inundation whole{scenario};
    hazard::Inundation same{scenario};
    hazard::Inundation other{scenario};
    for (auto* const one : {&whole, &same, &other}) one->run_to(700, 2);
    same.go_on_with(scenario);
    auto changed = scenario;
    changed.changes.clear(); // the dyke has begun to sink by now, and stays as it is
    changed.rains.clear();
    changed.rain_zones.clear();
    other.go_on_with(changed);
    for (auto* const one : {&whole, &same, &other}) one->run_to(1500, 2);
    BOOST_TEST(others(whole.depth(), same.depth()) == 0u);
    BOOST_TEST(others(whole.arrival(), same.arrival()) == 0u);
    BOOST_TEST(whole.balance().error() == same.balance().error());
    BOOST_TEST(others(whole.depth(), other.depth()) > 0u);
    BOOST_TEST(other.balance().rain < whole.balance().rain);
    BOOST_TEST(other.balance().relative_error() <= 1e-9);
    changed.friction = 0.05;
    changed.frictions.clear();
    BOOST_TEST(tests::fault([&] { other.go_on_with(changed); }) == "bad-scenario");
    changed = scenario;
    changed.bed[77] += 1;
    BOOST_TEST(tests::fault([&] { other.go_on_with(changed); }) == "bad-scenario");
}

BOOST_AUTO_TEST_CASE(a_thin_front_down_a_stair_is_cut_at_its_faces_and_never_below_zero) {
    hazard::Scenario scenario;
    scenario.frame = {{64, 20}, 0, 100, 5, 5, 3405};
    for (std::int32_t row = 0; row < 20; ++row)
        for (std::int32_t column = 0; column < 64; ++column)
            scenario.bed.push_back(float(20 - 2 * (column / 8)) + float((row * 7) % 5) * 0.1F);
    scenario.friction = 0.02;
    scenario.inflows = {{{{0, 10}}, {{{0, 0.05}}}}};
    scenario.longest_step = 5;
    hazard::Inundation water{scenario};
    for (int minute = 1; minute <= 20; ++minute) {
        water.run_to(60 * minute, 2);
        auto const depth = water.depth();
        BOOST_REQUIRE(*std::ranges::min_element(depth.cells()) >= 0);
        BOOST_REQUIRE(water.balance().relative_error() <= 1e-9);
    }
}

BOOST_AUTO_TEST_CASE(ground_far_from_water_costs_nothing) {
    hazard::Scenario scenario;
    scenario.frame = {{2000, 2000}, 0, 20'000, 10, 10, 3405};
    scenario.bed.assign(scenario.frame.shape.cells(), 0);
    scenario.inflows = {{{{1000, 1000}}, {{{0, 5}}}}};
    hazard::Inundation water{scenario};
    water.run_to(600, 1);
    double const share =
        double(water.updates()) / double(water.steps()) / double(scenario.bed.size());
    BOOST_TEST(share < 0.1);
}

BOOST_AUTO_TEST_CASE(water_arrives_behind_a_dyke_only_when_it_is_breached) {
    hazard::Scenario scenario;
    scenario.frame = {{120, 60}, 0, 600, 10, 10, 3405};
    scenario.bed.assign(scenario.frame.shape.cells(), 0);
    for (std::int32_t row = 0; row < 60; ++row)
        scenario.bed[scenario.frame.shape.index(40, row)] = 5;
    scenario.inflows = {{{{0, 30}}, {{{0, 200}}}}};
    scenario.changes = {
        {hazard::BedChange::Kind::breach, {{40, 29}, {40, 30}}, {{{1800, 5}, {2400, 0}}}}};
    hazard::Inundation water{scenario};
    water.run_to(3600, 2);
    auto const arrival = water.arrival();
    for (std::int32_t row = 0; row < 60; ++row)
        for (std::int32_t column = 0; column < 120; ++column) {
            if (column < 40) BOOST_REQUIRE(arrival.at(column, row) < 1800);
            if (column > 40) BOOST_REQUIRE(arrival.at(column, row) > 1800);
        }
    BOOST_TEST(arrival.at(60, 30) < 3000);
    BOOST_TEST(water.balance().relative_error() <= 1e-9);
}

BOOST_AUTO_TEST_SUITE_END()
