// How long a queue at a gate takes.

#include "geo/watch/waiting.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <random>

using namespace diaban;
using geo::watch::waiting;

BOOST_AUTO_TEST_SUITE(waiting_times)

BOOST_AUTO_TEST_CASE(bounds_are_those_of_printed_tables_of_poisson_means) {
    // Garwood (1936), 95 %: 10 counted is a mean of 4.795 to 18.39, 50 of 37.11 to 65.92, none of
    // at most 3.689.
    auto const ten = waiting(10, 10, 60).value();
    BOOST_TEST(ten.minutes.value() == 60, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(ten.low == 600 / 18.390356, boost::test_tools::tolerance(1e-6));
    BOOST_TEST(ten.high.value() == 600 / 4.795389, boost::test_tools::tolerance(1e-6));
    auto const fifty = waiting(20, 50, 30).value();
    BOOST_TEST(fifty.minutes.value() == 12, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(fifty.low == 600 / 65.918, boost::test_tools::tolerance(1e-4));
    BOOST_TEST(fifty.high.value() == 600 / 37.111, boost::test_tools::tolerance(1e-4));
    auto const none = waiting(7, 0, 60).value();
    BOOST_TEST(!none.minutes.has_value());
    BOOST_TEST(!none.high.has_value());
    BOOST_TEST(none.low == 420 / 3.688879, boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(nobody_waits_where_there_is_no_queue_and_nothing_is_said_of_what_is_none) {
    BOOST_TEST(waiting(0, 0, 60).value().high.value() == 0);
    BOOST_TEST(waiting(0, 12, 60).value().minutes.value() == 0);
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double endless = std::numeric_limits<double>::infinity();
    BOOST_TEST(!waiting(-1, 5, 60));
    BOOST_TEST(!waiting(nan, 5, 60));
    BOOST_TEST(!waiting(endless, 5, 60));
    BOOST_TEST(!waiting(5, 5, 0));
    BOOST_TEST(!waiting(5, 5, -1));
    BOOST_TEST(!waiting(5, 5, nan));
}

BOOST_AUTO_TEST_CASE(bounds_hold_the_true_wait_at_least_as_often_as_they_say) {
    std::mt19937_64 random{tests::seed()};
    for (double const mean : {2.0, 15.0, 80.0}) {
        std::poisson_distribution<std::uint64_t> passes{mean};
        constexpr int rounds = 4000;
        int held = 0;
        for (int i = 0; i < rounds; ++i) {
            auto const told = waiting(30, passes(random), 60).value();
            double const truth = 30 * 60 / mean;
            held += told.low <= truth && truth <= told.high.value_or(truth);
        }
        double const five_sigma = 5 * std::sqrt(0.95 * 0.05 / rounds);
        BOOST_TEST(double(held) / rounds > 0.95 - five_sigma);
    }
}

BOOST_AUTO_TEST_SUITE_END()
