#include "data/postgis/announcement.hpp"

#include "tests/data/rows.hpp"
#include "tests/support/database.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

using namespace diaban;
using namespace std::chrono_literals;
using data::postgis::Announcer;
using data::postgis::Listener;
using data::postgis::Wake;
using tests::Database;
using Clock = std::chrono::steady_clock;

namespace {

/// A listener that is connected: its first wait says so.
void connect(Listener& listener) {
    BOOST_REQUIRE((listener.wait(0ms) == Wake::announced));
}

} // namespace

BOOST_AUTO_TEST_SUITE(announcements)

BOOST_AUTO_TEST_CASE(a_wait_ends_within_20_ms_of_an_announcement) {
    Database const database;
    Listener listener{database.uri()};
    connect(listener);
    Announcer announcer{database.uri()};
    std::vector<double> delays; // ms
    for (int round = 0; round < 21; ++round) {
        Clock::time_point woken;
        Wake wake{};
        std::thread follower{[&] {
            wake = listener.wait(10s);
            woken = Clock::now();
        }};
        auto const told = Clock::now();
        announcer.announce();
        follower.join();
        BOOST_TEST((wake == Wake::announced));
        delays.push_back(std::chrono::duration<double, std::milli>(woken - told).count());
    }
    // The middle one: other work on the machine may delay a single thread at any time.
    std::nth_element(delays.begin(), delays.begin() + 10, delays.end());
    BOOST_TEST_MESSAGE("announcement to wake, median of 21: " << delays[10] << " ms");
    BOOST_TEST(delays[10] <= 20);
}

BOOST_AUTO_TEST_CASE(a_burst_of_announcements_is_a_few_notices) {
    Database const database;
    Listener listener{database.uri()};
    connect(listener);
    auto const begin = Clock::now();
    Announcer announcer{database.uri()};
    for (int i = 0; i < 1000; ++i) announcer.announce();
    BOOST_TEST((listener.wait(10s) == Wake::announced));
    auto const most = 2 + (Clock::now() - begin) / 5ms;
    BOOST_TEST(announcer.sent() <= static_cast<std::uint64_t>(most));
}

BOOST_AUTO_TEST_CASE(what_was_announced_last_goes_out_before_the_announcer_ends) {
    Database const database;
    Listener listener{database.uri()};
    connect(listener);
    { Announcer{database.uri()}.announce(); }
    BOOST_TEST((listener.wait(10s) == Wake::announced));
}

BOOST_AUTO_TEST_CASE(an_import_announces_itself) {
    Database const database;
    auto const collection = tests::make_trials(database);
    Listener listener{database.uri()};
    connect(listener);
    tests::put(database, collection, tests::trials(1));
    BOOST_TEST((listener.wait(10s) == Wake::announced));
}

BOOST_AUTO_TEST_CASE(without_announcement_a_wait_lasts_its_time) {
    Database const database;
    Listener listener{database.uri()};
    connect(listener);
    auto const begin = Clock::now();
    BOOST_TEST((listener.wait(50ms) == Wake::timed_out));
    BOOST_TEST((Clock::now() - begin >= 50ms));
}

BOOST_AUTO_TEST_CASE(a_wait_is_ended_from_another_thread_or_before_it_begins) {
    Database const database;
    Listener listener{database.uri()};
    connect(listener);
    std::thread follower{[&] { BOOST_TEST((listener.wait(60s) == Wake::ended)); }};
    listener.end_wait();
    follower.join();
    listener.end_wait();
    listener.end_wait();
    BOOST_TEST((listener.wait(60s) == Wake::ended));
    BOOST_TEST((listener.wait(0ms) == Wake::timed_out));
}

BOOST_AUTO_TEST_CASE(a_lost_connection_is_opened_anew) {
    Database const database;
    Listener listener{database.uri()};
    connect(listener);
    Announcer announcer{database.uri()};
    announcer.announce();
    BOOST_TEST((listener.wait(10s) == Wake::announced));
    database.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                 "WHERE pid <> pg_backend_pid() AND datname = current_database()");
    auto const end = Clock::now() + 10s;
    Wake wake = Wake::timed_out;
    while (wake != Wake::announced && Clock::now() < end) wake = listener.wait(20ms);
    BOOST_TEST((wake == Wake::announced)); // connected: something may have been missed
    announcer.announce();
    BOOST_TEST((listener.wait(10s) == Wake::announced));
}

BOOST_AUTO_TEST_CASE(with_the_database_gone_waiting_and_announcing_go_on) {
    std::string const nowhere = "postgresql:///none?host=/nonexistent";
    Listener listener{nowhere};
    Announcer announcer{nowhere};
    announcer.announce();
    auto const begin = Clock::now();
    BOOST_TEST((listener.wait(30ms) == Wake::timed_out));
    BOOST_TEST((Clock::now() - begin >= 30ms));
    listener.end_wait();
    BOOST_TEST((listener.wait(60s) == Wake::ended));
}

BOOST_AUTO_TEST_SUITE_END()
