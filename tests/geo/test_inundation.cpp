// The inundation solver, beside closed-form solutions, the Environment Agency's Test 4, and itself.

#include "geo/error.hpp"
#include "geo/hazard/inundation.hpp"
#include "tests/support/fault.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace diaban;
using geo::raster::Cell;
using geo::raster::Frame;
using geo::raster::Grid;
using tests::fault;
namespace hazard = geo::hazard;

hazard::Scenario flat(std::int32_t columns, std::int32_t rows, double side, double friction) {
    hazard::Scenario scenario;
    scenario.frame = {{columns, rows}, 0, rows * side, side, side, 3405};
    scenario.bed.assign(scenario.frame.shape.cells(), 0);
    scenario.friction = friction;
    return scenario;
}

double at(Grid<float> const& grid, double x, double y) {
    auto const cell = grid.frame().cell({x, y}).value();
    return double(grid.at(cell.column, cell.row));
}

} // namespace

BOOST_AUTO_TEST_SUITE(inundation)

// UK Environment Agency, Benchmarking the latest generation of 2D hydraulic modelling packages
// (2013), test 4: depths at six points, and the first whole minutes at which they are wet, as an
// independent implementation of the same scheme has them on fine grids.
BOOST_AUTO_TEST_CASE(a_plain_is_flooded_as_in_test_4_of_the_environment_agency) {
    auto scenario = flat(200, 400, 5, 0.05);
    hazard::Inflow inflow;
    for (std::int32_t row = 198; row < 202; ++row) inflow.cells.push_back({0, row});
    inflow.discharge.points = {{300, 0}, {3600, 20}, {14400, 20}, {18000, 0}};
    scenario.inflows = {inflow};
    hazard::Inundation water{scenario};
    constexpr std::size_t count = 6;
    geo::Position const points[count] = {{50, 1000},  {100, 1000}, {200, 1000},
                                         {300, 1000}, {400, 1000}, {300, 1300}};
    std::map<double, std::array<double, count>> const published{
        {3600, {.3132, .2487, .1753, .1146, 0, 0}},
        {7200, {.3263, .2715, .2180, .1839, .1554, .1486}},
        {14400, {.3293, .2771, .2287, .2008, .1800, .1755}}};
    std::array<double, count> const published_arrivals{660, 1020, 1860, 2760, 3720, 4020};
    std::array<double, count> arrivals{};
    for (double seconds = 60; seconds <= 14'400; seconds += 60) {
        water.run_to(seconds, 2);
        auto const depth = water.depth();
        for (std::size_t i = 0; i < count; ++i) {
            double const ours = at(depth, points[i].x, points[i].y);
            if (arrivals[i] == 0 && ours > 0.02) arrivals[i] = seconds;
            if (!published.contains(seconds)) continue;
            double const theirs = published.at(seconds)[i];
            BOOST_TEST(std::abs(ours - theirs) <= 0.006, "at " << seconds << " s, point " << i + 1
                                                               << ": " << ours << " m for "
                                                               << theirs);
        }
    }
    for (std::size_t i = 0; i < count; ++i)
        BOOST_TEST(std::abs(arrivals[i] - published_arrivals[i]) <= 60,
                   "point " << i + 1 << " wet at " << arrivals[i] << " s for "
                            << published_arrivals[i]);
    water.run_to(20'000, 2);
    auto const balance = water.balance();
    BOOST_TEST(std::abs(balance.inflow - 285'000) <= 0.285);
    BOOST_TEST(balance.relative_error() <= 1e-6);
    BOOST_TEST(balance.greatest_froude < 1);
}

// h = [−7/3·n²u²(x − ut)]^(3/7) (Hunter et al. 2005): a front that keeps its speed u over a flat
// bed, by the full equations. The scheme leaves out the advection of momentum, u²/gh of the
// surface's slope: 1 % of the depth in the middle, more towards the front, on any grid. The test
// after this one holds the scheme to its own equations.
BOOST_AUTO_TEST_CASE(a_wave_over_a_flat_bed_is_as_its_closed_form) {
    constexpr double n = 0.03;
    constexpr double u = 1;
    auto const published = [](double behind) {
        return behind <= 0 ? 0 : std::pow(7.0 / 3 * n * n * u * u * behind, 3.0 / 7);
    };
    BOOST_REQUIRE_SMALL(published(3600) - 2.37963, 1e-5);
    BOOST_REQUIRE_SMALL(published(1600) - 1.68102, 1e-5);
    auto const computed = [&](int side) {
        auto scenario = flat(4000 / side, 1, side, n);
        hazard::StandingLevel level{{{0, 0}}, {}};
        for (double t = 0; t <= 3600; t += 5)
            level.level.points.push_back({t, published(t - side / 2.0)});
        scenario.levels = {level};
        hazard::Inundation water{scenario};
        water.run_to(3600, 1);
        BOOST_TEST(water.balance().relative_error() <= 1e-6);
        return water.depth();
    };
    auto const depth = computed(2);
    auto const mean = [](Grid<float> const& of, int x) { // at the border of two cells
        auto const behind = std::int32_t(x / int(of.frame().width));
        return (double(of.at(behind - 1, 0)) + double(of.at(behind, 0))) / 2;
    };
    double const first = (3 * double(depth.at(0, 0)) - double(depth.at(1, 0))) / 2;
    BOOST_TEST_MESSAGE("flat wave: " << first << " m for 2.37963, " << mean(depth, 2000)
                                     << " m for 1.68102");
    BOOST_TEST(std::abs(first / 2.37963 - 1) <= 1e-4);
    for (int x = 200; x <= 2000; x += 200)
        BOOST_TEST(std::abs(mean(depth, x) / published(3600 - x) - 1) <= 0.01,
                   mean(depth, x) << " m for " << published(3600 - x) << " at " << x);
    BOOST_TEST(std::abs(mean(depth, 2600) / published(1000) - 1) <= 0.025);
    // What is missing is the equations', not the grid's.
    BOOST_TEST(std::abs(mean(depth, 2000) / mean(computed(4), 2000) - 1) <= 1e-4);
}

// The same wave without the advection of momentum: a profile that moves at speed u over a flat bed
// with q = uh has (gh − u²) dh/dx = −g n²u² h^(−1/3), so that
// 3/7·h^(7/3) − 3/4·u²/g·h^(4/3) = n²u²(ut − x) + constant. Away from the front it is what the
// scheme computes.
BOOST_AUTO_TEST_CASE(a_wave_is_as_the_closed_form_of_the_equations_that_are_solved) {
    constexpr double n = 0.03;
    constexpr double u = 1;
    constexpr double g = 9.80665;
    auto const depth_at = [](double behind) { // by bisection: the left side grows above u²/g
        double low = 0.3;
        double high = 10;
        for (int i = 0; i < 60; ++i) {
            double const h = (low + high) / 2;
            double const left =
                3.0 / 7 * std::pow(h, 7.0 / 3) - 0.75 * u * u / g * std::pow(h, 4.0 / 3);
            (left < n * n * u * u * behind ? low : high) = h;
        }
        return low;
    };
    int const side = 4;
    int const cells = 500;
    double const end = 5400;
    double const ahead = 2500; // of the front, at the beginning
    auto scenario = flat(cells, 1, side, n);
    scenario.levels.resize(2);
    for (int const last : {0, 1}) {
        auto& level = scenario.levels[std::size_t(last)];
        level.cells = {{last == 0 ? 0 : cells - 1, 0}};
        double const x = (last == 0 ? 0.5 : cells - 0.5) * side;
        for (double t = 0; t <= end; t += 5)
            level.level.points.push_back({t, depth_at(ahead + u * t - x)});
    }
    for (int i = 0; i < cells; ++i)
        scenario.depth.push_back(float(depth_at(ahead - (i + 0.5) * side)));
    hazard::Inundation water{scenario};
    water.run_to(end, 1); // what the wave lacked at the beginning, its motion, is forgotten by now
    auto const depth = water.depth();
    double worst = 0;
    for (int i = 0; i < cells; ++i) {
        double const exact = depth_at(ahead + u * end - (i + 0.5) * side);
        worst = std::max(worst, std::abs(double(depth.at(i, 0)) / exact - 1));
    }
    BOOST_TEST_MESSAGE("wave of the solved equations: at most " << worst << " off");
    BOOST_TEST(worst <= 1e-3);
}

BOOST_AUTO_TEST_CASE(short_waves_on_a_deep_lake_die_away) {
    std::mt19937_64 random{tests::seed()};
    auto scenario = flat(120, 90, 10, 0.02);
    for (std::size_t i = 0; i < scenario.bed.size(); ++i)
        scenario.depth.push_back(5 + 0.02F * float(random() % 1000) / 1000);
    hazard::Inundation water{scenario};
    auto const range = [&] {
        auto const depth = water.depth();
        auto const [least, most] = std::ranges::minmax_element(depth.cells());
        return double(*most - *least);
    };
    double const before = range();
    water.run_to(1800, 2);
    BOOST_TEST(range() < before / 2);
    BOOST_TEST(water.balance().relative_error() <= 1e-9);
}

// The kinematic wave (Henderson and Wooding 1964): at equilibrium all rain that falls flows off;
// before, the outlet's discharge is that of the depth that has fallen.
BOOST_AUTO_TEST_CASE(rain_on_a_plane_flows_off_as_a_kinematic_wave) {
    double const side = 10;
    double const slope = 0.005;
    auto scenario = flat(100, 1, side, 0.05);
    for (std::int32_t column = 0; column < 100; ++column)
        scenario.bed[std::size_t(column)] = float((100 - column) * side * slope);
    scenario.rains = {{{{{0, 36}}}}};
    scenario.outfalls = {{{{99, 0}}, slope}};
    scenario.longest_step = 1;
    hazard::Inundation water{scenario};
    auto const discharge = [&](double seconds) { // m²/s, over ten seconds
        water.run_to(seconds - 5, 1);
        double const before = water.balance().outfall;
        water.run_to(seconds + 5, 1);
        return (water.balance().outfall - before) / 10 / side;
    };
    double const half = discharge(5124.97 / 2);
    BOOST_TEST_MESSAGE("rain on a plane: " << half << " m2/s for 3.149803e-3");
    BOOST_TEST(std::abs(half / 3.149803e-3 - 1) <= 0.01);
    double const full = discharge(2 * 5124.97);
    BOOST_TEST_MESSAGE("at equilibrium: " << full << " m2/s for 0.01");
    BOOST_TEST(std::abs(full / 0.01 - 1) <= 0.001);
    BOOST_TEST(water.balance().relative_error() <= 1e-6);
}

BOOST_AUTO_TEST_CASE(a_lake_at_rest_over_an_emerged_bump_stays_at_rest_to_the_last_bit) {
    std::mt19937_64 random{tests::seed()};
    auto scenario = flat(300, 150, 7, 0.03);
    scenario.depth.resize(scenario.bed.size());
    double const level = hazard::counted_height(203.3);
    for (std::size_t i = 0; i < scenario.bed.size(); ++i) {
        scenario.bed[i] = float(hazard::counted_height(198 + 8 * double(random() % 1000) / 1000));
        scenario.depth[i] = float(std::max(0.0, level - double(scenario.bed[i])));
    }
    auto const before = scenario.depth;
    hazard::Inundation water{scenario};
    water.run_to(3600, 2);
    auto const depth = water.depth();
    auto const speed = water.speed();
    BOOST_TEST(std::ranges::equal(depth.cells(), before));
    BOOST_TEST(*std::ranges::max_element(speed.cells()) == 0);
    BOOST_TEST(water.balance().error() == 0);
}

BOOST_AUTO_TEST_CASE(a_dam_break_is_refused_with_the_step) {
    auto scenario = flat(100, 1, 10, 0.03); // Stoker's, 6 m beside 2 m
    scenario.depth.assign(100, 2);
    std::fill_n(scenario.depth.begin(), 50, 6.0F);
    BOOST_TEST(fault([&] { hazard::Inundation{scenario}; }) == "dam-break");
    std::fill_n(scenario.depth.begin() + 50, 50, 0.0F); // and onto dry ground
    BOOST_TEST(fault([&] { hazard::Inundation{scenario}; }) == "dam-break");
    scenario.depth.assign(100, 2);
    BOOST_TEST(fault([&] { hazard::Inundation{scenario}; }).empty());
    hazard::BedChange wall{hazard::BedChange::Kind::breach, {{50, 0}}, {{{0, 5}, {10, 0}}}};
    scenario.changes = {wall};
    BOOST_TEST(fault([&] { hazard::Inundation{scenario}; }) == "dam-break");
    scenario.changes.front().level.points.back().seconds = 60;
    BOOST_TEST(fault([&] { hazard::Inundation{scenario}; }).empty());
}

BOOST_AUTO_TEST_CASE(an_answer_of_shooting_water_is_refused) {
    auto scenario = flat(200, 1, 10, 0.01);
    for (std::size_t i = 0; i < 200; ++i) scenario.bed[i] = float(200 - i); // one in ten
    scenario.inflows = {{{{0, 0}}, {{{0, 0}, {60, 20}}}}};
    scenario.outfalls = {{{{199, 0}}, 0.1}};
    hazard::Inundation water{scenario};
    BOOST_TEST(fault([&] { water.run_to(1200, 1); }) == "supercritical");
}

BOOST_AUTO_TEST_CASE(a_scenario_that_is_none_is_refused_by_its_part) {
    auto const refused = [](auto&& change) {
        auto scenario = flat(10, 10, 10, 0.03);
        change(scenario);
        return fault([&] { hazard::check(scenario); }) == "bad-scenario";
    };
    BOOST_TEST(refused([](auto& s) { s.bed.pop_back(); }));
    BOOST_TEST(refused([](auto& s) { s.frame.height = 11; }));
    BOOST_TEST(refused([](auto& s) { s.bed.assign(100, geo::raster::no_data); }));
    BOOST_TEST(refused([](auto& s) { s.bed[5] = 1e6F; }));
    BOOST_TEST(refused([](auto& s) { s.friction = 0; }));
    BOOST_TEST(refused([](auto& s) { s.depth.assign(100, -1); }));
    BOOST_TEST(refused([](auto& s) { s.depth.assign(100, geo::raster::no_data); }));
    BOOST_TEST(refused([](auto& s) { s.courant = NAN; }));
    BOOST_TEST(refused([](auto& s) { s.own_weight = 0.9; })); // short waves would grow
    BOOST_TEST(refused([](auto& s) { s.rain_zones.assign(100, 1); }));
    BOOST_TEST(refused([](auto& s) { s.inflows = {{{{10, 0}}, {{{0, 1}}}}}; }));
    BOOST_TEST(refused([](auto& s) { s.inflows = {{{{0, 0}}, {{{0, 1}, {0, 2}}}}}; }));
    BOOST_TEST(refused([](auto& s) { s.inflows = {{{{0, 0}}, {{{0, -1}}}}}; }));
    BOOST_TEST(refused([](auto& s) { s.outfalls = {{{{0, 0}}, 0}}; }));
}

BOOST_AUTO_TEST_SUITE_END()
