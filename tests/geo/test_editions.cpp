#include "geo/cadastre/editions.hpp"
#include "geo/ops/overlay.hpp"
#include "tests/geo/support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>

namespace {

using namespace diaban;
using namespace diaban::geo::cadastre;
using geo::Position;

constexpr int side = 40; // lots along each axis, 20 m by 25 m

std::vector<Position> rectangle(double x0, double y0, double x1, double y1) {
    return {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}};
}

Lot lot(std::vector<Position> ring, std::string id, std::string use) {
    return {test::polygon({std::move(ring)}), std::move(id), std::move(use)};
}

/// A drawing on a grid of its own: every corner is rounded to it.
void round_to_grid(std::vector<Lot>& lots, double step_x, double step_y, Position origin) {
    for (auto& one : lots)
        for (auto& p : one.shape.positions)
            p = {origin.x + std::round((p.x - origin.x) / step_x) * step_x,
                 origin.y + std::round((p.y - origin.y) / step_y) * step_y};
}

/// Two drawings of a town, and what was planted between them, by kind and ids before and after.
struct Town {
    using Names = std::set<std::string>;
    std::vector<Lot> before, after;
    std::map<LotChange, std::set<std::pair<Names, Names>>> planted;
    std::set<std::string> purposes;
};

Town make_town(std::mt19937_64& random) {
    Town town;
    auto const at = [](int i, int j) {
        return rectangle(i * 20, j * 25, i * 20 + 20, j * 25 + 25);
    };
    auto const name = [](int i, int j) { return std::to_string(i) + "-" + std::to_string(j); };
    for (int j = 0; j < side; ++j)
        for (int i = 0; i < side; i += 2) { // two lots at a time
            auto const a = name(i, j);
            auto const b = name(i + 1, j);
            int const what = int(random() % 12);
            if (what != 7) town.before.push_back(lot(at(i, j), a, "101"));
            if (what != 5) town.before.push_back(lot(at(i + 1, j), b, "102"));
            double const x = i * 20;
            double const y = j * 25;
            auto const add = [&](std::vector<Position> ring, std::string const& id,
                                 std::string const& use) {
                town.after.push_back(lot(std::move(ring), id, use));
            };
            auto const plant = [&](LotChange kind, Town::Names was, Town::Names is) {
                town.planted[kind].insert({std::move(was), std::move(is)});
            };
            if (what == 0) { // a in two, the first keeps its id
                add(rectangle(x, y, x + 8, y + 25), a, "101");
                add(rectangle(x + 8, y, x + 20, y + 25), a + "/1", "101");
                plant(LotChange::split, {a}, {a, a + "/1"});
            } else if (what == 1) {
                add(rectangle(x, y, x + 40, y + 25), a, "101");
                plant(LotChange::merge, {a, b}, {a});
                continue;
            } else if (what == 2) { // the border between them moves by 3 m
                add(rectangle(x, y, x + 23, y + 25), a, "101");
                add(rectangle(x + 23, y, x + 40, y + 25), b, "102");
                plant(LotChange::boundary, {a}, {a});
                plant(LotChange::boundary, {b}, {b});
                continue;
            } else if (what == 3) { // crosswise
                add(rectangle(x, y, x + 40, y + 12), a + "n", "101");
                add(rectangle(x, y + 12, x + 40, y + 25), b + "n", "101");
                plant(LotChange::rearranged, {a, b}, {a + "n", b + "n"});
                continue;
            } else if (what == 4) {
                add(at(i, j), a + "x", "101");
                plant(LotChange::renumbered, {a}, {a + "x"});
            } else if (what == 5) { // b was no lot before
                add(at(i, j), a, "101");
                plant(LotChange::appeared, {}, {b});
            } else if (what == 6) {
                add(at(i, j), a, "101");
                plant(LotChange::ended, {b}, {});
                continue;
            } else if (what == 7) {
                plant(LotChange::appeared, {}, {a});
                add(at(i, j), a, "101");
            } else if (what == 8) {
                add(at(i, j), a, "130");
                town.purposes.insert(a);
            } else {
                add(at(i, j), a, "101");
            }
            add(at(i + 1, j), b, "102");
        }
    std::ranges::shuffle(town.after, random);
    return town;
}

Town::Names names(std::vector<std::uint32_t> const& which, std::vector<Lot> const& lots) {
    Town::Names found;
    for (auto const i : which) found.insert(lots[i].id);
    return found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(editions)

BOOST_AUTO_TEST_CASE(
    planted_changes_are_found_among_lots_drawn_anew_on_another_grid_and_no_others) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 5; ++round) {
        auto town = make_town(random);
        round_to_grid(town.before, 0.78, 0.56, {0.1, 0.2});
        round_to_grid(town.after, 0.78, 0.57, {0.4, 0.3});
        double const noise = std::hypot(0.78 + 0.78, 0.56 + 0.57) / 2;
        auto const found = compare_editions(town.before, town.after, noise, 2);
        std::map<LotChange, std::set<std::pair<Town::Names, Town::Names>>> told;
        std::size_t before = 0;
        std::size_t after = 0;
        for (auto const& event : found.events) {
            before += event.before.size();
            after += event.after.size();
            if (event.kind != LotChange::same_ground)
                told[event.kind].insert(
                    {names(event.before, town.before), names(event.after, town.after)});
        }
        BOOST_TEST(before == town.before.size()); // each in one event
        BOOST_TEST(after == town.after.size());
        for (auto const& [kind, planted] : town.planted)
            BOOST_TEST((told[kind] == planted),
                       name_of(kind) << ": " << told[kind].size() << " told, " << planted.size());
        BOOST_TEST(told.size() == town.planted.size());
        std::set<std::string> purposes;
        for (auto const& change : found.purposes) purposes.insert(town.before[change.before].id);
        BOOST_TEST((purposes == town.purposes));
        BOOST_TEST(found.farthest_same <= noise);
        BOOST_TEST(found.farthest_same > 0.3); // there was noise to be told from
        BOOST_TEST(found.nearest_change.value() > noise);
    }
}

BOOST_AUTO_TEST_CASE(shares_and_distances_are_those_of_the_drawing) {
    std::vector<Lot> const before{lot(rectangle(0, 0, 20, 25), "1", "101")};
    std::vector<Lot> const after{lot(rectangle(0, 0, 5, 25), "1", "101"),
                                 lot(rectangle(5, 0, 20, 25), "2", "101")};
    auto const found = compare_editions(before, after, 0.5, 1);
    BOOST_REQUIRE(found.events.size() == 1);
    auto const& event = found.events[0];
    BOOST_TEST((event.kind == LotChange::split));
    BOOST_REQUIRE(event.links.size() == 2);
    BOOST_TEST(event.links[0].of_before == 0.25, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(event.links[0].of_after == 1.0, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(event.links[0].same_id);
    BOOST_TEST(!event.links[1].same_id);
    BOOST_TEST(event.covered_before == 1.0, boost::test_tools::tolerance(1e-12));
    std::vector<Lot> const wider{lot(rectangle(0, 0, 22.5, 25), "1", "102")};
    auto const moved = compare_editions(before, wider, 0.5, 1);
    BOOST_TEST((moved.events.at(0).kind == LotChange::boundary));
    BOOST_TEST(moved.nearest_change.value() == 2.5, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(moved.purposes.size() == 1U);
    auto const noise = compare_editions(before, wider, 2.5, 1);
    BOOST_TEST((noise.events.at(0).kind == LotChange::same_ground));
}

BOOST_AUTO_TEST_CASE(the_grid_of_a_drawing_is_found_and_none_where_there_is_none) {
    std::mt19937_64 random{tests::seed()};
    std::uniform_real_distribution<double> place{-71.2, -71.1};
    std::vector<double> rounded, free;
    double const step = 9.47e-6;
    for (int i = 0; i < 60000; ++i) {
        free.push_back(place(random));
        rounded.push_back(-71.2 + std::round((free.back() + 71.2) / step) * step);
    }
    for (int i = 0; i < 20; ++i) rounded.push_back(place(random)); // corners that repair made
    BOOST_TEST(grid_step(rounded).value() == step, boost::test_tools::tolerance(1e-6));
    BOOST_TEST(!grid_step(free));
    BOOST_TEST(!grid_step({1, 2, 3}));
}

BOOST_AUTO_TEST_SUITE_END()
