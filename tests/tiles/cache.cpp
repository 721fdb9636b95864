#include "tiles/cache.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <latch>
#include <stdexcept>
#include <thread>

using namespace diaban;

namespace {

tiles::CacheKey key_of(std::string collections, std::uint32_t x = 0, std::string variant = "") {
    return {*tiles::TileId::make(10, x, 0), std::move(collections), std::move(variant)};
}

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
    auto const first = cache.get(key_of("a"), make);
    auto const second = cache.get(key_of("a"), make);
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
            cache.get(key_of("slow"), [&] {
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
        cache.get(key_of("kept"), [] { return tile_of(1'000); });
        cache.get(key_of("tile " + std::to_string(i)), [] { return tile_of(1'000); });
        BOOST_REQUIRE(cache.counters().bytes <= capacity);
    }
    BOOST_TEST(cache.counters().evictions > 500U);
    int made = 0;
    cache.get(key_of("kept"), [&] {
        ++made;
        return tile_of(1'000);
    });
    BOOST_TEST(made == 0);
}

BOOST_AUTO_TEST_CASE(a_failed_making_reaches_every_caller_and_leaves_nothing) {
    tiles::Cache cache{1 << 20};
    auto const fail = []() -> tiles::Tile { throw std::runtime_error{"no"}; };
    BOOST_CHECK_THROW(cache.get(key_of("a"), fail), std::runtime_error);
    int made = 0;
    cache.get(key_of("a"), [&] {
        ++made;
        return tile_of(1);
    });
    BOOST_TEST(made == 1);
}

namespace {

/// Which of some keys the cache still holds; asking for them fills it again.
template <typename... Keys>
std::vector<bool> held(tiles::Cache& cache, Keys const&... keys) {
    std::vector<bool> found;
    auto const ask = [&](tiles::CacheKey const& key) {
        bool made = false;
        cache.get(key, [&] {
            made = true;
            return tile_of(1);
        });
        found.push_back(!made);
    };
    (ask(keys), ...);
    return found;
}

} // namespace

BOOST_AUTO_TEST_CASE(
    erasing_a_cover_forgets_its_tiles_in_every_variant_and_composition_and_no_others) {
    tiles::Cache cache{1 << 20};
    auto const below = tiles::CacheKey{*tiles::TileId::make(12, 4 * 7 + 3, 2), "roads", ""};
    auto const beside = tiles::CacheKey{*tiles::TileId::make(12, 4 * 8, 2), "roads", ""};
    auto const above = tiles::CacheKey{*tiles::TileId::make(9, 3, 0), "roads", ""};
    auto const ask = [&] {
        return held(cache, key_of("roads", 1), key_of("roads", 1, "gzip"),
                    key_of("rivers,roads,places", 1), key_of("rivers", 1), key_of("roads_old", 1),
                    key_of("roads", 2), below, beside, above);
    };
    ask();
    BOOST_TEST(ask() == std::vector<bool>(9, true), boost::test_tools::per_element());
    tiles::Cover cover;
    cover.add(*tiles::TileId::make(10, 1, 0), false);
    cover.add(*tiles::TileId::make(10, 7, 0), true);
    cover.finish();
    cache.erase("roads", cover);
    BOOST_TEST(ask() ==
                   (std::vector<bool>{false, false, false, true, true, true, false, true, true}),
               boost::test_tools::per_element());
    BOOST_TEST(cache.counters().erased == 4U);
    cache.erase("roads");
    BOOST_TEST(ask() ==
                   (std::vector<bool>{false, false, false, true, true, false, false, false, false}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(who_asks_after_an_erasure_never_gets_a_tile_begun_before_it) {
    tiles::Cache cache{1 << 20};
    std::latch making{1};
    std::latch erased{1};
    std::jthread slow{[&] {
        auto const old = cache.get(key_of("roads"), [&] {
            making.count_down();
            erased.wait();
            return tile_of(1);
        });
        BOOST_TEST(old->body.size() == 1U);
    }};
    making.wait();
    cache.erase("roads");
    BOOST_TEST(cache.get(key_of("roads"), [] { return tile_of(2); })->body.size() == 2U);
    erased.count_down();
    slow.join();
    BOOST_TEST(cache.get(key_of("roads"), [] { return tile_of(3); })->body.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_cache_without_room_still_gives_tiles) {
    tiles::Cache cache{0};
    BOOST_TEST(cache.get(key_of("a"), [] { return tile_of(5); })->body.size() == 5U);
    BOOST_TEST(cache.counters().tiles == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
