// The live channel: what is committed reaches those who asked for it, once and in order.

#include "tests/services/event_source.hpp"
#include "tests/services/world.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <thread>

using namespace std::chrono_literals;
using diaban::services::Server;
using diaban::services::Settings;
using diaban::tests::Event;
using diaban::tests::EventSource;
using diaban::tests::World;
namespace tests = diaban::tests;

namespace {

/// A row of the feed, or an event that tells of one: what both have in common.
using Told = std::tuple<std::string, std::string, std::int64_t, std::int64_t>;

/// Operation, collection, fid, version of each change after `seq`, in the feed's order.
std::vector<Told> feed_after(World& world, std::string const& seq) {
    std::vector<Told> told;
    for (auto const& row : world.database().sql(
             "SELECT CASE operation WHEN 'insert' THEN 'create' ELSE operation END, collection, "
             "fid, coalesce(new_version, old_version) FROM diaban.change WHERE seq > " +
             seq + " AND operation <> 'import' ORDER BY seq"))
        told.emplace_back(row[0], row[1], std::stoll(row[2]), std::stoll(row[3]));
    return told;
}

std::string head_of(World& world) {
    return world.database().value("SELECT diaban.feed_head()");
}

Told told_by(Event const& event) {
    return {event.name, event.data["collection"], event.data["fid"], event.data["version"]};
}

bool is_row(Event const& event) {
    return event.name == "create" || event.name == "update" || event.name == "delete";
}

/// Rows that are told until `wanted` of them came.
std::vector<Told> rows_of(EventSource& source, std::size_t wanted) {
    std::vector<Told> told;
    while (told.size() < wanted) {
        auto const event = source.news();
        BOOST_REQUIRE_MESSAGE(event, told.size() << " of " << wanted << " came");
        BOOST_REQUIRE(event->name != "resync");
        if (is_row(*event)) told.push_back(told_by(*event));
    }
    return told;
}

void start(EventSource& source) {
    BOOST_REQUIRE_EQUAL(source.status(), 200);
    auto const event = source.next();
    BOOST_REQUIRE(event);
    BOOST_REQUIRE_EQUAL(event->name, "start");
}

std::string random_edit(std::mt19937_64& random) {
    auto const below = [&](unsigned n) { return unsigned(random() % n); };
    auto const lon = 105.0 + below(1000) / 1000.0;
    auto const lat = 18.0 + below(500) / 1000.0;
    switch (below(5)) {
    case 0:
        return fmt::format("UPDATE record.blocks SET geom = ST_Translate(geom, {}, 0) "
                           "WHERE fid = {}",
                           below(20) / 2000.0, 1 + below(5000));
    case 1: return fmt::format("DELETE FROM record.ways WHERE fid = {}", 1 + below(1000));
    case 2:
        return fmt::format("INSERT INTO record.blocks (name, geom) VALUES ('mới', "
                           "ST_MakeEnvelope({}, {}, {}, {}, 4326))",
                           lon, lat, lon + 0.01, lat + 0.01);
    case 3:
        return fmt::format("UPDATE record.spots SET note = 'x', geom = ST_Point({}, {}, 4326) "
                           "WHERE fid = {}",
                           lon, lat, 1 + below(1000));
    default:
        return fmt::format("UPDATE record.ways SET number = {} WHERE fid IN ({}, {})", below(99),
                           1 + below(1000), 1 + below(1000));
    }
}

void edit(World& world, std::mt19937_64& random, int edits) {
    for (int i = 0; i < edits; ++i) world.database().sql(random_edit(random));
}

/// `z/x/y` and `z/x/y/*` of an event hold a tile.
bool names_tile(nlohmann::json const& tiles, unsigned zoom, unsigned x, unsigned y) {
    auto const named = [&](std::string const& cell) {
        return std::any_of(tiles.begin(), tiles.end(),
                           [&](auto const& tile) { return tile == cell; });
    };
    if (named(fmt::format("{}/{}/{}", zoom, x, y))) return true;
    for (unsigned up = 0; up <= zoom; ++up)
        if (named(fmt::format("{}/{}/{}/*", zoom - up, x >> up, y >> up))) return true;
    return false;
}

} // namespace

BOOST_AUTO_TEST_SUITE(server_live)

BOOST_AUTO_TEST_CASE(subscribers_are_told_exactly_the_feed_in_its_order) {
    World world;
    std::mt19937_64 random{tests::seed()};
    EventSource all{world.server().live_port(), ""};
    EventSource ways{world.server().live_port(), "collections=ways"};
    start(all);
    start(ways);
    std::size_t told = 0;
    auto seen = head_of(world);
    for (int part = 0; part < 10; ++part) { // who takes nothing for half a minute is dropped
        edit(world, random, 30);
        auto feed = feed_after(world, seen);
        seen = head_of(world);
        told += feed.size();
        BOOST_TEST((rows_of(all, feed.size()) == feed));
        std::erase_if(feed, [](auto const& change) { return std::get<1>(change) != "ways"; });
        BOOST_TEST((rows_of(ways, feed.size()) == feed));
    }
    BOOST_TEST(told > 100U);
    BOOST_TEST(!all.news(200ms));
}

BOOST_AUTO_TEST_CASE(the_tiles_of_an_event_are_exactly_those_whose_bytes_changed) {
    World world;
    EventSource source{world.server().live_port(), "collections=blocks"};
    start(source);
    auto const read = [&] {
        std::map<std::tuple<unsigned, unsigned, unsigned>, std::string> bodies;
        for (unsigned zoom = 9; zoom <= 14; ++zoom)
            for (unsigned x = 811U << (zoom - 10); x < 812U << (zoom - 10); ++x)
                for (unsigned y = 459U << (zoom - 10); zoom >= 10 && y < 460U << (zoom - 10); ++y)
                    bodies[{zoom, x, y}] =
                        world.get(fmt::format("/tiles/blocks/{}/{}/{}.mvt", zoom, x, y)).body;
        return bodies;
    };
    auto const before = read();
    world.database().sql("UPDATE record.blocks SET name = 'đổi' WHERE fid = "
                         "(SELECT fid FROM record.blocks ORDER BY geom <-> "
                         "ST_SetSRID(ST_MakePoint(105.3, 18.2), 4326) LIMIT 1)");
    auto const event = source.news();
    BOOST_REQUIRE(event);
    BOOST_TEST(event->name == "update");
    BOOST_TEST(!event->data.contains("exact"));
    BOOST_TEST(event->data["lag_ms"].get<double>() >= 0);
    std::size_t changed = 0;
    for (auto const& [tile, body] : read()) {
        auto const [zoom, x, y] = tile;
        bool const differs = body != before.at(tile);
        changed += differs ? 1 : 0;
        BOOST_TEST(names_tile(event->data["tiles"], zoom, x, y) == differs,
                   zoom << '/' << x << '/' << y);
    }
    BOOST_TEST(changed > 0U);
}

BOOST_AUTO_TEST_CASE(what_leaves_the_box_is_told_as_removed_and_what_enters_as_created) {
    World world;
    auto& database = world.database();
    EventSource west{world.server().live_port(), "collections=spots&bbox=105,18,105.5,18.5"};
    EventSource east{world.server().live_port(),
                     "collections=spots&bbox=105.6,18,106,18.5&kinds=create,delete"};
    start(west);
    start(east);
    auto const place = [&](double lon) {
        database.sql(
            fmt::format("UPDATE record.spots SET geom = ST_SetSRID(ST_MakePoint({}, 18.2), 4326) "
                        "WHERE fid = 7",
                        lon));
    };
    place(105.2);
    place(105.3);
    place(105.7);
    place(105.8); // an update to the east, which does not ask for those
    place(105.4);
    database.sql("DELETE FROM record.spots WHERE fid = 7");
    auto const names = [](EventSource& source, std::size_t count) {
        std::vector<std::string> told;
        for (std::size_t i = 0; i < count; ++i) {
            auto const event = source.news();
            BOOST_REQUIRE(event);
            BOOST_TEST(event->data["fid"] == 7);
            told.push_back(event->name);
        }
        return told;
    };
    auto first = names(west, 5);
    BOOST_TEST((first[0] == "create" || first[0] == "update")); // it may have begun inside
    first.erase(first.begin());
    BOOST_TEST(first == (std::vector<std::string>{"update", "delete", "create", "delete"}),
               boost::test_tools::per_element());
    auto second = names(east, 2);
    if (second.front() == "delete") second = {"create", names(east, 1).front()};
    BOOST_TEST(second == (std::vector<std::string>{"create", "delete"}),
               boost::test_tools::per_element());
    BOOST_TEST(!west.news(200ms));
    BOOST_TEST(!east.news(200ms));
}

BOOST_AUTO_TEST_CASE(what_leaves_ones_rights_is_told_as_removed_without_its_new_place) {
    World world;
    auto& database = world.database();
    EventSource source{world.server().live_port(), "collections=spots"};
    start(source);
    database.sql("UPDATE record.spots SET geom = ST_SetSRID(ST_MakePoint(105.2, 18.2), 4326) "
                 "WHERE fid = 9");
    BOOST_REQUIRE(source.news());
    database.sql("UPDATE record.spots SET sensitivity = 9, "
                 "geom = ST_SetSRID(ST_MakePoint(105.9, 18.4), 4326) WHERE fid = 9");
    auto const gone = source.news();
    BOOST_REQUIRE(gone);
    BOOST_TEST(gone->name == "delete");
    BOOST_TEST(gone->data["bbox"] == (nlohmann::json{105.2, 18.2, 105.2, 18.2}));
    BOOST_TEST(names_tile(gone->data["tiles"], 12, 3244, 1837)); // of the old place
    auto const shown_new = [&](Event const& event) {
        return names_tile(event.data["tiles"], 12, 3252, 1834);
    };
    BOOST_TEST(!shown_new(*gone));
    database.sql("UPDATE record.spots SET note = 'kín' WHERE fid = 9"); // seen by nobody here
    BOOST_TEST(!source.news(300ms));
    database.sql("UPDATE record.spots SET sensitivity = 0 WHERE fid = 9");
    auto const back = source.news();
    BOOST_REQUIRE(back);
    BOOST_TEST(back->name == "create");
    BOOST_TEST(shown_new(*back));
}

BOOST_AUTO_TEST_CASE(whoever_comes_back_goes_on_where_it_was) {
    World world;
    std::mt19937_64 random{tests::seed()};
    auto const begin = head_of(world);
    std::string id;
    std::vector<Told> told;
    {
        EventSource source{world.server().live_port(), ""};
        start(source);
        edit(world, random, 60);
        told = rows_of(source, feed_after(world, begin).size() / 2);
        id = source.last_id();
    }
    edit(world, random, 60);
    EventSource again{world.server().live_port(), "", id};
    start(again);
    edit(world, random, 60);
    auto const feed = feed_after(world, begin);
    for (auto const& row : rows_of(again, feed.size() - told.size())) told.push_back(row);
    BOOST_TEST((told == feed));
}

BOOST_AUTO_TEST_CASE(a_node_that_is_new_tells_what_was_missed_from_the_feed) {
    World world;
    std::mt19937_64 random{tests::seed()};
    auto const begin = head_of(world);
    std::string id;
    std::vector<Told> told;
    {
        auto const first = world.start_server("none");
        EventSource source{first->live_port(), ""};
        start(source);
        edit(world, random, 60);
        told = rows_of(source, feed_after(world, begin).size() / 2);
        id = source.last_id();
    }
    edit(world, random, 60);
    auto const second = world.start_server("none");
    EventSource one{second->live_port(), "", id};
    EventSource other{second->live_port(), "after=" + id}; // for who cannot set the field
    start(one);
    start(other);
    edit(world, random, 60);
    auto const feed = feed_after(world, begin);
    for (auto* const source : {&one, &other}) {
        auto whole = told;
        for (auto const& row : rows_of(*source, feed.size() - told.size())) whole.push_back(row);
        BOOST_TEST((whole == feed));
    }
}

BOOST_AUTO_TEST_CASE(where_nothing_goes_on_everything_is_to_be_fetched_again) {
    World world;
    std::mt19937_64 random{tests::seed()};
    auto& database = world.database();
    EventSource source{world.server().live_port(), ""};
    start(source);
    auto const reason = [&](Server& server, std::string const& id) {
        EventSource again{server.live_port(), "", id};
        auto const event = again.next();
        BOOST_REQUIRE(event);
        BOOST_REQUIRE_EQUAL(event->name, "resync");
        BOOST_TEST(again.last_id() != id);
        return event->data["reason"].get<std::string>();
    };
    BOOST_TEST(reason(world.server(), "bogus") == "unknown-id");
    auto const id = source.last_id();
    edit(world, random, 30);
    database.sql("UPDATE diaban.instance SET feed_keep_rows = 0");
    database.sql("SELECT diaban.trim_changes(100000)");
    BOOST_TEST(reason(*world.start_server("none"), id) == "retention");
    database.sql("SELECT diaban.new_generation()");
    for (;;) { // those who listen are told
        auto const event = source.news();
        BOOST_REQUIRE(event);
        if (event->name == "resync") break;
    }
    BOOST_TEST(reason(world.server(), id) == "generation");
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_read_is_told_to_resync_and_nobody_waits_for_it) {
    World world;
    auto const node =
        world.start_server("none", [](Settings& settings) { settings.live_log = 1500; });
    EventSource slow{node->live_port(), "collections=ways"};
    EventSource quick{node->live_port(), "collections=ways"};
    start(slow);
    start(quick);
    std::size_t told = 0;
    for (int round = 0; round < 2; ++round) { // some megabytes: more than a socket takes
        world.database().sql("UPDATE record.ways SET number = " + std::to_string(round));
        for (std::size_t i = 0; i < 1000; ++i) {
            auto const event = quick.news();
            BOOST_REQUIRE(event);
            BOOST_REQUIRE_EQUAL(event->name, "update");
            ++told;
        }
    }
    BOOST_TEST(told == 2000U);
    std::size_t before = 0;
    for (;;) {
        auto const event = slow.news();
        BOOST_REQUIRE(event);
        if (event->name == "resync") {
            BOOST_TEST(event->data["reason"] == "slow");
            break;
        }
        ++before;
    }
    BOOST_TEST(before < told);
    world.database().sql("UPDATE record.ways SET number = 1 WHERE fid = 5");
    for (;;) { // and goes on from there
        auto const event = slow.news();
        BOOST_REQUIRE(event);
        if (event->data.value("fid", 0) == 5 && !slow.news(300ms)) break;
    }
}

BOOST_AUTO_TEST_CASE(an_import_is_told_and_then_that_all_tiles_are_new) {
    World world;
    EventSource source{world.server().live_port(), "collections=ways&bbox=0,0,1,1"};
    start(source);
    world.database().sql("BEGIN; SELECT diaban.begin_import('ways', 'append', 'made');"
                         "INSERT INTO record.ways (geom) SELECT ST_MakeLine("
                         "ST_Point(105.1, 18.1, 4326), ST_Point(105.2, 18.2, 4326));"
                         "UPDATE diaban.import SET finished_at = clock_timestamp() "
                         "WHERE id = current_setting('diaban.import')::bigint; COMMIT");
    auto const import = source.news();
    BOOST_REQUIRE(import);
    BOOST_TEST(import->name == "import");
    BOOST_TEST(import->data["tiles_follow"] == true);
    auto const tiles = source.news();
    BOOST_REQUIRE(tiles);
    BOOST_TEST(tiles->name == "tiles");
    BOOST_TEST(tiles->data["all"] == true);
    BOOST_TEST(world.json("/collections/ways")["count"] == 1001);
}

BOOST_AUTO_TEST_CASE(low_zooms_are_told_after_they_are_merged_anew) {
    World world;
    world.database().sql("UPDATE diaban.collection SET native_zoom = 12 WHERE id = 'blocks'");
    auto const node = world.start_server("none");
    EventSource source{node->live_port(), "collections=blocks"};
    start(source);
    auto const low = [&] { return tests::get(node->port(), "/tiles/blocks/9/405/229.mvt").body; };
    auto const before = low();
    world.database().sql("DELETE FROM record.blocks WHERE fid <= 40");
    std::size_t rows = 0;
    for (;;) {
        auto const event = source.news();
        BOOST_REQUIRE(event);
        if (is_row(*event)) {
            ++rows;
            for (auto const& tile : event->data["tiles"])
                BOOST_TEST(std::stoi(tile.get<std::string>()) >= 12);
        }
        if (event->name != "tiles" || rows < 40) continue;
        BOOST_TEST(low() != before);
        BOOST_TEST(names_tile(event->data["tiles"], 9, 405, 229));
        break;
    }
}

BOOST_AUTO_TEST_CASE(the_door_refuses_what_it_cannot_read_and_says_what_it_takes) {
    auto& world = World::shared();
    auto const port = world.server().live_port();
    auto const ask = [&](std::string_view target, std::string_view fields = {}) {
        return tests::get(port, target, fields);
    };
    BOOST_TEST(ask("/live?kinds=moved").status == 400);
    BOOST_TEST(ask("/live?kinds=moved").body.find("create, update, delete") != std::string::npos);
    BOOST_TEST(ask("/live?bbox=1,2,3").status == 400);
    BOOST_TEST(ask("/live?colections=ways").status == 400);
    BOOST_TEST(ask("/live?collections=none").status == 404);
    BOOST_TEST(ask("/elsewhere").status == 404);
    {
        tests::RawClient client{port};
        client.send("POST /live HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
        auto const answer = client.read();
        BOOST_REQUIRE(answer);
        BOOST_TEST(answer->status == 405);
        BOOST_TEST(answer->field("content-type").starts_with("application/problem+json"));
        tests::RawClient broken{port};
        broken.send("nonsense\r\n\r\n");
        auto const refusal = broken.read();
        BOOST_REQUIRE(refusal);
        BOOST_TEST(refusal->status == 400);
    }
    auto const console = fmt::format("http://localhost:{}", world.port());
    EventSource ours{port, "", "", "Origin: " + console + "\r\n"};
    BOOST_TEST(ours.head().find("Access-Control-Allow-Origin: " + console) != std::string::npos);
    BOOST_TEST(ours.head().find("text/event-stream") != std::string::npos);
    EventSource foreign{port, "", "", "Origin: http://evil.example\r\n"};
    BOOST_TEST(foreign.head().find("Access-Control-Allow-Origin") == std::string::npos);
    auto const redirect = world.get("/live?collections=ways");
    BOOST_TEST(redirect.status == 307);
    BOOST_TEST(redirect.field("location") ==
               fmt::format("http://localhost:{}/live?collections=ways", port));
}

BOOST_AUTO_TEST_CASE(one_subscriber_too_many_is_turned_away) {
    World world;
    auto const node =
        world.start_server("none", [](Settings& settings) { settings.live_connections = 2; });
    EventSource one{node->live_port(), ""};
    auto two = std::make_unique<EventSource>(node->live_port(), "");
    BOOST_TEST(one.status() == 200);
    BOOST_TEST(two->status() == 200);
    BOOST_TEST(EventSource(node->live_port(), "").status() == 503);
    two.reset();
    auto const end = std::chrono::steady_clock::now() + 60s;
    while (EventSource(node->live_port(), "").status() != 200)
        BOOST_REQUIRE(std::chrono::steady_clock::now() < end);
}

BOOST_AUTO_TEST_CASE(a_server_that_stops_ends_its_streams_after_what_was_told) {
    World world;
    auto node = world.start_server("none");
    EventSource source{node->live_port(), ""};
    start(source);
    world.database().sql("UPDATE record.ways SET number = 3 WHERE fid = 3");
    BOOST_REQUIRE(source.news());
    node.reset();
    BOOST_TEST(source.wire().ends(60s));
}

BOOST_AUTO_TEST_SUITE_END()
