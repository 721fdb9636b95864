#include "tiles/cache.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <latch>
#include <stdexcept>
#include <thread>

using namespace diaban;

namespace {

tiles::Tile tile_of(std::size_t bytes) {
    return {std::string(bytes, 'x'), "\"e\"", 1, 1};
}

} // namespace

BOOST_AUTO_TEST_SUITE(cache)

BOOST_AUTO_TEST_CASE(a_tile_is_made_once_and_then_found) {
    tiles::Cache cache{1 << 20};
    int made = 0;
    auto const make = [&] {
        ++made;
        return tile_of(10);
    };
    auto const first = cache.get("a", make);
    auto const second = cache.get("a", make);
    BOOST_TEST(made == 1);
    BOOST_TEST(first == second);
    BOOST_TEST(cache.counters().hits == 1U);
}

BOOST_AUTO_TEST_CASE(callers_that_ask_at_once_share_one_making) {
    tiles::Cache cache{1 << 20};
    std::atomic<int> made = 0;
    std::latch start{8};
    std::vector<std::jthread> callers;
    for (int i = 0; i < 8; ++i)
        callers.emplace_back([&] {
            start.arrive_and_wait();
            cache.get("slow", [&] {
                ++made;
                std::this_thread::sleep_for(std::chrono::milliseconds{100});
                return tile_of(10);
            });
        });
    callers.clear();
    BOOST_TEST(made == 1);
}

BOOST_AUTO_TEST_CASE(the_cache_stays_within_its_bytes_and_drops_what_was_used_longest_ago) {
    constexpr std::size_t capacity = 16 * 10'000;
    tiles::Cache cache{capacity};
    for (int i = 0; i < 1'000; ++i) {
        cache.get("kept", [] { return tile_of(1'000); });
        cache.get("tile " + std::to_string(i), [] { return tile_of(1'000); });
        BOOST_REQUIRE(cache.counters().bytes <= capacity);
    }
    BOOST_TEST(cache.counters().evictions > 500U);
    int made = 0;
    cache.get("kept", [&] {
        ++made;
        return tile_of(1'000);
    });
    BOOST_TEST(made == 0);
}

BOOST_AUTO_TEST_CASE(a_failed_making_reaches_every_caller_and_leaves_nothing) {
    tiles::Cache cache{1 << 20};
    auto const fail = []() -> tiles::Tile { throw std::runtime_error{"no"}; };
    BOOST_CHECK_THROW(cache.get("a", fail), std::runtime_error);
    int made = 0;
    cache.get("a", [&] {
        ++made;
        return tile_of(1);
    });
    BOOST_TEST(made == 1);
}

BOOST_AUTO_TEST_CASE(erasing_a_prefix_forgets_its_tiles_also_those_under_way_and_no_others) {
    tiles::Cache cache{1 << 20};
    cache.get("roads/1", [] { return tile_of(1); });
    cache.get("rivers/1", [] { return tile_of(1); });
    std::latch making{1};
    std::latch erased{1};
    std::jthread slow{[&] {
        cache.get("roads/2", [&] {
            making.count_down();
            erased.wait();
            return tile_of(1);
        });
    }};
    making.wait();
    cache.erase_prefix("roads/");
    erased.count_down();
    slow.join();
    int made = 0;
    auto const count = [&] {
        ++made;
        return tile_of(1);
    };
    cache.get("roads/1", count);
    cache.get("roads/2", count);
    BOOST_TEST(made == 2);
    cache.get("rivers/1", count);
    BOOST_TEST(made == 2);
}

BOOST_AUTO_TEST_CASE(a_cache_without_room_still_gives_tiles) {
    tiles::Cache cache{0};
    BOOST_TEST(cache.get("a", [] { return tile_of(5); })->body.size() == 5U);
    BOOST_TEST(cache.counters().tiles == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
