// The follower's long work runs out of memory: nothing that it was to do is lost. A program of its
// own, because it replaces the allocator.

#include "tests/services/event_source.hpp"
#include "tests/services/starving.hpp"
#include "tests/services/world.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <thread>

using namespace std::chrono_literals;
using diaban::services::Server;
using diaban::tests::EventSource;
using diaban::tests::starving;
using diaban::tests::World;
namespace tests = diaban::tests;

namespace {

void await(char const* what, auto const& holds) {
    auto const end = std::chrono::steady_clock::now() + 30s;
    while (!holds()) {
        BOOST_REQUIRE_MESSAGE(std::chrono::steady_clock::now() < end, what);
        std::this_thread::sleep_for(2ms);
    }
}

/// Waits until a node shows everything that is committed, at all zooms.
void await_drawn(World& world, Server& node) {
    auto const head = std::stoll(world.database().value("SELECT diaban.feed_head()"));
    await("everything is drawn", [&] {
        auto const now = node.atlas().follower_counters();
        return now.seq >= head && now.low_zooms;
    });
}

void await_failure(Server& node) {
    await("long work fails", [&] { return !node.atlas().readiness().fault.empty(); });
    BOOST_TEST(node.atlas().readiness().fault == "std::bad_alloc");
}

std::string tile(Server& node, unsigned zoom, unsigned x, unsigned y) {
    return tests::get(node.port(), fmt::format("/tiles/blocks/{}/{}/{}.mvt", zoom, x, y)).body;
}

} // namespace

BOOST_AUTO_TEST_SUITE(follow_faults)

BOOST_AUTO_TEST_CASE(low_zooms_are_merged_and_told_after_a_merging_that_ran_out_of_memory) {
    World world;
    world.database().sql("UPDATE diaban.collection SET native_zoom = 12 WHERE id = 'blocks'");
    auto const node = world.start_server("none");
    await_drawn(world, *node);
    EventSource source{node->live_port(), "collections=blocks&kinds=tiles"};
    BOOST_REQUIRE(source.next());
    auto const before = tile(*node, 9, 405, 229);

    starving = true;
    world.database().sql("DELETE FROM record.blocks WHERE fid <= 40");
    await_failure(*node);
    await("it is tried again", [&] { return node->atlas().readiness().fault.empty(); });
    await_failure(*node);
    starving = false;

    await_drawn(world, *node);
    auto const fresh = world.start_server("none");
    await_drawn(world, *fresh);
    BOOST_TEST(tile(*node, 9, 405, 229) != before);
    for (unsigned zoom = 5; zoom <= 11; ++zoom) {
        unsigned const shift = 11 - zoom;
        for (unsigned x = 1620U >> shift; x <= 1628U >> shift; ++x)
            for (unsigned y = 916U >> shift; y <= 922U >> shift; ++y)
                BOOST_REQUIRE(tile(*node, zoom, x, y) == tile(*fresh, zoom, x, y));
    }
    BOOST_TEST(source.news().has_value());
}

BOOST_AUTO_TEST_CASE(what_changed_is_loaded_after_a_load_that_ran_out_of_memory) {
    World world;
    auto const node = world.start_server("none");
    await_drawn(world, *node);
    starving = true;
    world.database().sql("INSERT INTO record.spots (geom) SELECT ST_Point(105 + random(), "
                         "18 + random() / 2, 4326) FROM generate_series(1, 30000)");
    await_failure(*node);
    starving = false;
    await_drawn(world, *node);
    auto const answer = tests::get(node->port(), "/collections/spots/count");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(std::to_string(nlohmann::json::parse(answer.body)["count"].get<int>()) ==
               world.database().value("SELECT count(*) FROM record.spots WHERE sensitivity = 0"));
}

BOOST_AUTO_TEST_SUITE_END()
