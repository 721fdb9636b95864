#include "geo/error.hpp"
#include "geo/statistics/breaks.hpp"
#include "geo/statistics/carry.hpp"
#include "geo/statistics/controlled_rounding.hpp"
#include "geo/statistics/forecast.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

using namespace diaban::geo::statistics;
using diaban::geo::Error;

namespace {

/// People by province, census of 1 April 2019, in the order of the provinces' codes.
std::vector<double> const people{
    8053663, 854679,  530341,  313905,  784811,  730420,  598856,  460196,  1248415,
    821030,  854131,  1286751, 781655,  1320324, 1803950, 1463726, 1151154, 1368840,
    1892254, 2028514, 1252731, 1860447, 852800,  1780393, 982487,  3640128, 3327791,
    1288866, 895430,  632375,  1128620, 1134310, 1495812, 1231697, 1486918, 872964,
    1231107, 590467,  1230808, 540438,  1513847, 1869322, 622168,  1296906, 994679,
    1169165, 2426561, 3097107, 1148313, 8993082, 1688547, 1764185, 1288463, 1009168,
    1022791, 1599504, 1908352, 1723067, 1235171, 733017,  1199653, 907236,  1194476};

double spread(std::vector<double> const& sorted, std::size_t first, std::size_t end) {
    double mean = 0;
    for (auto i = first; i < end; ++i) mean += sorted[i];
    mean /= static_cast<double>(end - first);
    double sum = 0;
    for (auto i = first; i < end; ++i) sum += (sorted[i] - mean) * (sorted[i] - mean);
    return sum;
}

/// The least cost over all ways to cut sorted[first…] into `classes` runs.
double least_cost(std::vector<double> const& sorted, std::size_t first, std::size_t classes) {
    if (classes == 1) return spread(sorted, first, sorted.size());
    double best = std::numeric_limits<double>::infinity();
    for (auto end = first + 1; end + classes - 1 <= sorted.size(); ++end)
        best = std::min(best, spread(sorted, first, end) + least_cost(sorted, end, classes - 1));
    return best;
}

double cost_of(std::vector<double> const& sorted, std::vector<double> const& bounds) {
    double cost = 0;
    std::size_t first = 0;
    for (std::size_t k = 0; k <= bounds.size(); ++k) {
        auto const end = k == bounds.size()
                             ? sorted.size()
                             : static_cast<std::size_t>(
                                   std::ranges::lower_bound(sorted, bounds[k]) - sorted.begin());
        if (end > first) cost += spread(sorted, first, end);
        first = end;
    }
    return cost;
}

using Bounds = std::vector<double>;

} // namespace

BOOST_AUTO_TEST_SUITE(statistics)

/// Reference: npm simple-statistics 7, `ckmeans(people, k).slice(1).map(c => c[0])`.
BOOST_AUTO_TEST_CASE(natural_breaks_are_those_of_ckmeans) {
    auto const natural = [](std::size_t k) { return breaks(people, k, BreakMethod::natural); };
    BOOST_TEST(natural(2) == (Bounds{8053663}));
    BOOST_TEST(natural(3) == (Bounds{1688547, 8053663}));
    BOOST_TEST(natural(5) == (Bounds{982487, 1599504, 3097107, 8053663}));
    BOOST_TEST(natural(7) == (Bounds{730420, 1128620, 1599504, 3097107, 8053663, 8993082}));
}

BOOST_AUTO_TEST_CASE(natural_breaks_cost_no_more_than_any_other_cut) {
    std::mt19937_64 random{diaban::tests::seed()};
    for (int trial = 0; trial < 200; ++trial) {
        std::vector<double> values(2 + random() % 11);
        for (auto& value : values) value = static_cast<double>(random() % 40) / 4;
        std::ranges::sort(values);
        for (std::size_t k = 2; k <= 4; ++k) {
            auto const bounds = breaks(values, k, BreakMethod::natural);
            auto const classes = bounds.size() + 1;
            BOOST_TEST(cost_of(values, bounds) <= least_cost(values, 0, classes) + 1e-9);
            auto const counts = class_counts(values, bounds);
            BOOST_TEST(std::accumulate(counts.begin(), counts.end(), std::size_t{0}) ==
                       values.size());
        }
    }
}

BOOST_AUTO_TEST_CASE(quantiles_are_of_type_7_and_deviations_lie_about_the_mean) {
    Bounds const values{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    // R: quantile(1:10, c(.25, .5, .75))
    BOOST_TEST(breaks(values, 4, BreakMethod::quantile) == (Bounds{3.25, 5.5, 7.75}));
    // Mean 5.5, population deviation sqrt(8.25).
    auto const bounds = breaks(values, 4, BreakMethod::deviation);
    BOOST_REQUIRE(bounds.size() == 3U);
    BOOST_TEST(bounds[0] == 5.5 - std::sqrt(8.25), boost::test_tools::tolerance(1e-12));
    BOOST_TEST(bounds[1] == 5.5, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(breaks(Bounds{3, 3, 3}, 5, BreakMethod::natural).empty());
    BOOST_TEST(breaks(Bounds{}, 5, BreakMethod::quantile).empty());
    BOOST_CHECK_THROW((void)breaks(values, 1, BreakMethod::natural), Error);
    BOOST_CHECK_THROW((void)breaks(values, 13, BreakMethod::natural), Error);
}

/// By hand: a straight series steps by 2; Theta goes on by 1 a period, and every earlier forecast
/// was off by as much: the straight line is the interval's edge.
BOOST_AUTO_TEST_CASE(a_straight_series_goes_on_by_half_and_stays_within_its_interval) {
    auto const ahead = forecast(Bounds{-10, -8, -6, -4, -2, 0}, 3, 0.8);
    BOOST_REQUIRE(ahead.size() == 3U);
    auto const near = boost::test_tools::tolerance(1e-12);
    for (std::size_t h = 1; h <= 3; ++h) {
        BOOST_TEST(ahead[h - 1].value == double(h), near);
        BOOST_TEST(ahead[h - 1].high == 2 * double(h), near);
        BOOST_TEST(ahead[h - 1].low == 0.0, near);
    }
    auto const doubling = forecast(Bounds{1, 2, 4, 8, 16}, 2, 0.8); // by rate
    BOOST_TEST(doubling[1].value == 32, near);
    BOOST_TEST(doubling[1].high == 64, near);
    BOOST_CHECK_THROW((void)forecast(Bounds{1, 2, 3, 4}, 1, 0.8), Error);
    BOOST_CHECK_THROW((void)forecast(people, 25, 0.8), Error);
    BOOST_CHECK_THROW((void)forecast(people, 1, 1), Error);
}

BOOST_AUTO_TEST_CASE(an_interval_is_the_quantile_of_earlier_errors_and_grows_beyond_them) {
    Bounds const series{0, 0, 3, -3, 0};
    // From (0, 0) the next was 3: off by 3. From (0, 0, 3), 3.75 were foretold: off by 6.75. From
    // (0, 0, 3, -3), -3.5 were: off by 3.5.
    auto const ahead = forecast(series, 4, 0.5);
    auto const near = boost::test_tools::tolerance(1e-12);
    BOOST_TEST(ahead[0].high == 3.5, near); // the second of three
    // Two ahead: -3 where 0 was foretold, 0 where 4.5 was. Three ahead: 0 where 0 was, no narrower.
    BOOST_TEST(ahead[1].high == 4.5, near);
    BOOST_TEST(ahead[2].high == 4.5, near);
    BOOST_TEST(ahead[3].high == 4.5 * 4 / 3, near);
}

/// A random walk, of which Theta's level is the best forecast.
BOOST_AUTO_TEST_CASE(intervals_hold_a_random_walk_as_often_as_they_say) {
    std::mt19937_64 random{diaban::tests::seed()};
    std::normal_distribution<double> error{0, 2};
    std::size_t within = 0;
    constexpr std::size_t trials = 4000;
    for (std::size_t trial = 0; trial < trials; ++trial) {
        Bounds series{-1000}; // below zero: not by rates
        for (int i = 0; i < 25; ++i) series.push_back(series.back() + error(random));
        double const truth = series.back();
        series.pop_back();
        auto const made = forecast(series, 1, 0.8)[0];
        within += made.low <= truth && truth <= made.high;
    }
    double const share = static_cast<double>(within) / static_cast<double>(trials);
    BOOST_TEST(share > 0.78);
    BOOST_TEST(share < 0.88);
}

BOOST_AUTO_TEST_CASE(what_is_carried_sums_to_what_was_given_and_lies_in_its_range) {
    std::mt19937_64 random{diaban::tests::seed()};
    for (int trial = 0; trial < 300; ++trial) {
        std::size_t const sources = 1 + random() % 30;
        std::size_t const targets = 1 + random() % 8;
        std::vector<double> values(sources);
        for (auto& value : values) value = static_cast<double>(random() % 100'000);
        std::vector<UnitLink> links;
        for (std::uint32_t from = 0; from < sources; ++from)
            for (std::uint32_t to = 0; to < targets; ++to)
                if (random() % targets == 0) links.push_back({from, to});
        std::vector<double> weights(targets);
        for (auto& weight : weights) weight = static_cast<double>(random() % 5);
        auto const all = carry_sum(values, links, targets, weights);
        double const given = std::accumulate(values.begin(), values.end(), 0.0);
        double placed = 0;
        for (auto const& unit : all.units) {
            placed += unit.value();
            BOOST_TEST(unit.value() == std::trunc(unit.value())); // people are whole
            BOOST_TEST(unit.low <= unit.value());
            BOOST_TEST(unit.value() <= unit.high);
        }
        BOOST_TEST(placed == all.exact + all.estimated);
        BOOST_TEST(all.exact + all.estimated + all.waiting_sum == given);
    }
}

BOOST_AUTO_TEST_CASE(a_split_unit_is_a_range_until_a_share_is_published) {
    Bounds const values{100, 7, 40};
    Bounds const weights{3, 1};
    std::vector<UnitLink> links{{0, 0}, {1, 0}, {1, 1}};
    auto const unknown = carry_sum(values, links, 2, weights);
    BOOST_TEST(unknown.units[0].exact == 100);
    BOOST_TEST(unknown.units[0].estimated == 5); // 5.25 and 1.75: the larger remainder is raised
    BOOST_TEST(unknown.units[1].estimated == 2);
    BOOST_TEST(unknown.units[1].low == 0);
    BOOST_TEST(unknown.units[1].high == 7);
    BOOST_TEST(unknown.waiting == std::vector<std::uint32_t>{2});
    BOOST_TEST(unknown.waiting_sum == 40);
    links = {{1, 0, 0.25}, {1, 1, 0.75}};
    auto const published = carry_sum(Bounds{0, 8, 0}, links, 2, {});
    BOOST_TEST(published.units[1].low == 6);
    BOOST_TEST(published.units[1].high == 6);
}

BOOST_AUTO_TEST_CASE(a_mean_needs_the_weights_of_all_its_parts) {
    std::vector<UnitLink> const links{{0, 0}, {1, 0}, {2, 1}};
    Bounds const values{60, 70, 55};
    auto const weighted = carry_mean(values, links, 2, Bounds{1, 3, 2});
    BOOST_TEST(weighted[0].value.value() == 67.5);
    BOOST_TEST(!weighted[0].exact);
    BOOST_TEST(weighted[1].value.value() == 55);
    BOOST_TEST(weighted[1].exact);
    auto const unweighted = carry_mean(values, links, 2, {});
    BOOST_TEST(!unweighted[0].value.has_value());
    BOOST_TEST(unweighted[0].low == 60);
    BOOST_TEST(unweighted[0].high == 70);
}

/// Of random tables, empty cells and whole lines among them: by definition, apart from the method.
BOOST_AUTO_TEST_CASE(a_rounded_table_adds_up_and_nothing_in_it_is_off_by_a_unit) {
    std::mt19937_64 random{diaban::tests::seed()};
    std::uniform_int_distribution<std::size_t> lines{1, 14};
    std::uniform_real_distribution<double> some{0, 3000};
    for (int round = 0; round < 400; ++round) {
        auto const rows = lines(random);
        auto const columns = lines(random);
        std::vector<double> amounts(rows * columns);
        for (auto& amount : amounts)
            amount = random() % 3 == 0 ? 0.0 : random() % 5 == 0 ? 100.0 : some(random);
        auto const table = round_table(amounts, columns, 100);
        BOOST_TEST_REQUIRE(table.cells.size() == amounts.size());
        std::vector<std::int64_t> across(rows), down(columns);
        std::vector<double> true_across(rows), true_down(columns);
        double all = 0;
        double furthest = 0;
        auto const near = [&](std::int64_t printed, double amount) {
            auto const off = std::abs(double(printed) - amount / 100);
            BOOST_TEST(off < 1.00001); // amounts are taken to a millionth
            furthest = std::max(furthest, off);
        };
        for (std::size_t i = 0; i < amounts.size(); ++i) {
            near(table.cells[i], amounts[i]);
            if (amounts[i] == 0 || amounts[i] == 100)
                BOOST_TEST(double(table.cells[i]) == amounts[i] / 100);
            across[i / columns] += table.cells[i];
            down[i % columns] += table.cells[i];
            true_across[i / columns] += amounts[i];
            true_down[i % columns] += amounts[i];
            all += amounts[i];
        }
        BOOST_TEST(table.row_totals == across);
        BOOST_TEST(table.column_totals == down);
        for (std::size_t i = 0; i < rows; ++i) near(across[i], true_across[i]);
        for (std::size_t i = 0; i < columns; ++i) near(down[i], true_down[i]);
        BOOST_TEST(table.total == std::accumulate(down.begin(), down.end(), std::int64_t{}));
        near(table.total, all);
        BOOST_TEST(std::abs(table.greatest_difference - furthest) < 1e-4);
    }
}

BOOST_AUTO_TEST_CASE(a_table_of_halves_keeps_every_total_that_plain_rounding_would_lose) {
    std::vector<double> const halves(16, 0.5); // each line is 2: rounded by itself it would be 4
    auto const table = round_table(halves, 4, 1);
    BOOST_TEST(table.row_totals == std::vector<std::int64_t>(4, 2));
    BOOST_TEST(table.column_totals == std::vector<std::int64_t>(4, 2));
    BOOST_TEST(table.total == 8);
    BOOST_TEST(table.greatest_difference == 0.5);
    BOOST_TEST(round_table(halves, 4, 1).cells == table.cells);
    BOOST_TEST(round_table({}, 3, 1).total == 0);
    for (auto const& bad : {std::vector<double>{1, 2, 3}, {1, -1}, {1, NAN}})
        BOOST_CHECK_THROW(static_cast<void>(round_table(bad, 2, 1)), Error);
    BOOST_CHECK_THROW(static_cast<void>(round_table(std::vector<double>{1e15}, 1, 1)), Error);
}

BOOST_AUTO_TEST_SUITE_END()
