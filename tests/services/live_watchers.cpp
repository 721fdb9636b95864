// Who watches a place.

#include "services/live/channel.hpp"
#include "services/live/watchers.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <set>

using diaban::geo::Box;
using diaban::services::live::Client;
using diaban::services::live::Watchers;
namespace live = diaban::services::live;

namespace {

class Watcher : public Client {
public:
    explicit Watcher(std::vector<Box> watched) : boxes{std::move(watched)} {}
    void send(std::vector<live::Message>) override {}
    void drop() override {}
    std::vector<Box> boxes;
};

/// Boxes of every size, from a point to the world, some on round degrees.
Box random_box(std::mt19937_64& random) {
    std::uniform_real_distribution<double> share{0, 1};
    auto const size = std::pow(10.0, -6 * share(random));
    Box box;
    box.min_x = -180 + 360 * share(random);
    box.min_y = -90 + 180 * share(random);
    if (random() % 4 == 0) {
        box.min_x = std::round(box.min_x);
        box.min_y = std::round(box.min_y);
    }
    box.max_x = std::min(180.0, box.min_x + 360 * size * share(random));
    box.max_y = std::min(90.0, box.min_y + 180 * size * share(random));
    if (random() % 8 == 0) box.max_x = box.min_x;
    return box;
}

std::vector<Box> random_boxes(std::mt19937_64& random) {
    std::vector<Box> boxes(random() % 3); // none: everywhere; two where a view crosses 180°
    for (auto& box : boxes) box = random_box(random);
    return boxes;
}

bool watches(Watcher const& watcher, Box const& box) {
    return watcher.boxes.empty() || std::ranges::any_of(watcher.boxes, [&](auto const& watched) {
               return watched.intersects(box);
           });
}

} // namespace

BOOST_AUTO_TEST_SUITE(live_watchers)

BOOST_AUTO_TEST_CASE(all_who_watch_a_place_are_found_while_others_come_and_go) {
    std::mt19937_64 random{diaban::tests::seed()};
    Watchers watchers;
    std::vector<std::unique_ptr<Watcher>> all;
    for (int turn = 0; turn < 3000; ++turn) {
        if (all.empty() || random() % 3 != 0) {
            all.push_back(std::make_unique<Watcher>(random_boxes(random)));
            watchers.add(*all.back(), all.back()->boxes);
        } else {
            std::swap(all[random() % all.size()], all.back());
            watchers.remove(*all.back(), all.back()->boxes);
            all.pop_back();
        }
        auto const box = random_box(random);
        std::vector<Client*> found;
        watchers.find(box, found);
        std::set<Client const*> const here{found.begin(), found.end()};
        std::size_t living = 0;
        for (auto const& watcher : all) {
            bool const is_found = here.contains(watcher.get());
            living += is_found ? 1 : 0;
            if (!is_found && watches(*watcher, box))
                BOOST_FAIL("one who watches is not found, turn " << turn);
        }
        BOOST_REQUIRE(living == here.size());
    }
    for (auto const& watcher : all) watchers.remove(*watcher, watcher->boxes);
    std::vector<Client*> left;
    watchers.find({.min_x = -180, .min_y = -90, .max_x = 180, .max_y = 90}, left);
    BOOST_TEST(left.empty());
}

BOOST_AUTO_TEST_CASE(of_many_who_watch_elsewhere_none_is_looked_at) {
    Watchers watchers;
    std::vector<std::unique_ptr<Watcher>> all;
    for (int i = 0; i < 1000; ++i) {
        Box const far{.min_x = 0.001 * i, .min_y = 0, .max_x = 1 + 0.001 * i, .max_y = 1};
        all.push_back(std::make_unique<Watcher>(std::vector{far}));
        watchers.add(*all.back(), all.back()->boxes);
    }
    Box const here{.min_x = 105, .min_y = 18, .max_x = 106, .max_y = 19};
    Watcher near{{here}};
    watchers.add(near, near.boxes);
    std::vector<Client*> found;
    watchers.find({.min_x = 105.5, .min_y = 18.5, .max_x = 105.5, .max_y = 18.5}, found);
    BOOST_TEST(found.size() == 1U);
    BOOST_TEST(found.front() == &near);
}

BOOST_AUTO_TEST_CASE(a_row_without_geometry_concerns_those_of_everywhere_alone) {
    Watchers watchers;
    Watcher everywhere{{}};
    Watcher world{{{.min_x = -180, .min_y = -90, .max_x = 180, .max_y = 90}}};
    watchers.add(everywhere, everywhere.boxes);
    watchers.add(world, world.boxes);
    std::vector<Client*> found;
    watchers.find({}, found);
    BOOST_TEST(found.size() == 1U);
    BOOST_TEST(found.front() == &everywhere);
}

BOOST_AUTO_TEST_SUITE_END()
