#include "tiles/mirror/published.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>
#include <vector>

using diaban::tiles::mirror::Published;

namespace {

/// A value that knows how many of its kind live, and whose halves agree as long as it lives.
struct Counted {
    explicit Counted(std::uint64_t number) : first{number}, second{number} { ++living; }
    Counted(Counted const&) = delete;
    Counted& operator=(Counted const&) = delete;
    ~Counted() {
        first = ~second;
        --living;
    }
    std::uint64_t first;
    std::uint64_t second;
    static inline std::atomic<int> living = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(published)

BOOST_AUTO_TEST_CASE(readers_see_whole_values_in_the_order_they_were_put) {
    {
        Published<Counted> published{std::make_shared<Counted const>(0)};
        std::atomic<bool> done = false;
        std::atomic<int> faults = 0;
        std::atomic<std::uint64_t> taken = 0;
        std::vector<std::jthread> readers;
        for (int i = 0; i < 4; ++i)
            readers.emplace_back([&] {
                std::uint64_t last = 0;
                while (!done) {
                    auto const value = published.take();
                    if (value->first != value->second || value->first < last) ++faults;
                    last = value->first;
                    ++taken;
                }
            });
        for (std::uint64_t i = 1; i <= 100'000; ++i)
            published.put(std::make_shared<Counted const>(i));
        while (taken < 1000) std::this_thread::yield();
        done = true;
        readers.clear();
        BOOST_TEST(faults == 0);
        BOOST_TEST(published.take()->first == 100'000U);
        published.put(std::make_shared<Counted const>(0));
        BOOST_TEST(Counted::living == 1);
    }
    BOOST_TEST(Counted::living == 0);
}

BOOST_AUTO_TEST_CASE(a_value_that_a_reader_keeps_outlives_its_replacement) {
    Published<Counted> published{std::make_shared<Counted const>(1)};
    auto const kept = published.take();
    published.put(std::make_shared<Counted const>(2));
    published.put(std::make_shared<Counted const>(3));
    BOOST_TEST(kept->first == 1U);
    BOOST_TEST(Counted::living == 2);
}

BOOST_AUTO_TEST_SUITE_END()
