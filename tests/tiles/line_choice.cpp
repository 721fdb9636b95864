#include "tiles/pyramid/line_choice.hpp"

#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <random>

using namespace diaban::tiles::pyramid;
namespace tests = diaban::tests;

BOOST_AUTO_TEST_SUITE(line_choice)

BOOST_AUTO_TEST_CASE(no_tile_is_filled_beyond_its_budget_and_one_more_standing_would_fill_one) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 50; ++round) {
        std::vector<LineStanding> lines;
        std::vector<LineLoad> loads;
        for (std::uint32_t line = 0; line < 2'000; ++line) {
            lines.push_back({std::uint32_t(random() % 4), std::int64_t(random() % 500)});
            for (auto tiles = 1 + random() % 3; tiles > 0; --tiles) // a town in the first
                loads.push_back({line, random() % (line % 2 == 0 ? 1 : 40),
                                 std::uint32_t(20 + random() % 200)});
        }
        auto const budget = std::uint32_t(1'000 + random() % 100'000);
        auto const cut = choose_lines(lines, loads, budget);
        auto const fullest = [&](LineCut const& with) {
            std::map<std::uint64_t, std::uint64_t> taken;
            std::uint64_t most = 0;
            for (auto const& load : loads)
                if (with.shows(lines[load.line]))
                    most = std::max(most, taken[load.tile] += load.bytes);
            return most;
        };
        BOOST_TEST(fullest(cut) <= budget);
        if (cut == LineCut{}) continue;
        LineStanding next{cut.rank, -1};
        for (auto const& line : lines)
            if (line.rank == cut.rank && line.length < cut.length)
                next.length = std::max(next.length, line.length);
        BOOST_REQUIRE(next.length >= 0);
        BOOST_TEST(fullest({next.rank, next.length}) > budget);
    }
}

BOOST_AUTO_TEST_CASE(rank_goes_before_length_and_the_longest_before_the_shorter) {
    std::vector<LineStanding> const lines{{1, 900}, {0, 800}, {0, 850}, {1, 950}};
    std::vector<LineLoad> loads;
    for (std::uint32_t line = 0; line < lines.size(); ++line) loads.push_back({line, 7, 100});
    auto const shown = [&](std::uint32_t budget) {
        std::vector<bool> answer;
        auto const cut = choose_lines(lines, loads, budget);
        for (auto const& line : lines) answer.push_back(cut.shows(line));
        return answer;
    };
    BOOST_TEST((shown(99) == std::vector{false, false, false, false}));
    BOOST_TEST((shown(100) == std::vector{false, false, true, false}));
    BOOST_TEST((shown(200) == std::vector{false, true, true, false}));
    BOOST_TEST((shown(300) == std::vector{false, true, true, true}));
    BOOST_TEST((shown(400) == std::vector{true, true, true, true}));
}

BOOST_AUTO_TEST_CASE(of_two_cuts_the_stricter_shows_what_both_show) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 2'000; ++round) {
        auto const any = [&] { return std::int64_t(random() % 4); };
        LineCut const a{std::uint32_t(any()), any()};
        LineCut const b{std::uint32_t(any()), any()};
        LineStanding const line{std::uint32_t(any()), any()};
        BOOST_TEST(stricter(a, b).shows(line) == (a.shows(line) && b.shows(line)));
    }
}

BOOST_AUTO_TEST_SUITE_END()
