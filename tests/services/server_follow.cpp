// The mirror follows the record, whatever happens to either.

#include "tests/services/world.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <pqxx/pqxx>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

using namespace std::chrono_literals;
using diaban::services::Server;
using diaban::tests::World;
namespace tests = diaban::tests;

namespace {

/// A folder that goes with the test.
struct Folder {
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "segments-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;
    ~Folder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

/// Waits until a server shows everything that is committed now.
void await(World& world, Server& server) {
    auto const head = std::stoll(world.database().value("SELECT diaban.feed_head()"));
    auto const end = std::chrono::steady_clock::now() + 60s;
    while (server.atlas().follower_counters().seq < head) {
        BOOST_REQUIRE_MESSAGE(std::chrono::steady_clock::now() < end,
                              "not followed: " << server.atlas().readiness().fault);
        std::this_thread::sleep_for(2ms);
    }
}

std::string tile(Server& server, std::string const& collection, unsigned zoom, unsigned x,
                 unsigned y) {
    auto const answer =
        tests::get(server.port(), fmt::format("/tiles/{}/{}/{}/{}.mvt", collection, zoom, x, y));
    BOOST_REQUIRE(answer.status == 200 || answer.status == 204);
    return answer.body;
}

/// All tiles of the world's collections at one zoom, and some deeper ones.
void check_equal(Server& one, Server& other, std::mt19937_64& random) {
    for (auto const* const collection : {"blocks", "ways", "spots", "places"}) {
        for (unsigned x = 810; x <= 814; ++x)
            for (unsigned y = 458; y <= 461; ++y)
                BOOST_REQUIRE(tile(one, collection, 10, x, y) == tile(other, collection, 10, x, y));
        for (int i = 0; i < 30; ++i) {
            auto const x = unsigned(random() % 128 + 811 * 64);
            auto const y = unsigned(random() % 128 + 459 * 64);
            BOOST_REQUIRE(tile(one, collection, 16, x, y) == tile(other, collection, 16, x, y));
        }
        auto const count = [&](Server& server) {
            return tests::get(server.port(),
                              fmt::format("/collections/{}/items?limit=1&f=json", collection))
                .body;
        };
        auto const matched = [&](Server& server) {
            auto const body = count(server);
            return body.substr(0, body.find("numberReturned"));
        };
        BOOST_REQUIRE(matched(one) == matched(other));
    }
}

/// Statements that change rows of every kind at random.
std::string random_statement(std::mt19937_64& random) {
    auto const below = [&](unsigned n) { return unsigned(random() % n); };
    auto const lon = 105.0 + below(1000) / 1000.0;
    auto const lat = 18.0 + below(500) / 1000.0;
    auto const fid = 1 + below(5000);
    switch (below(7)) {
    case 0:
        return fmt::format("UPDATE record.blocks SET geom = ST_Translate(geom, {}, {}) "
                           "WHERE fid = {}",
                           below(20) / 2000.0 - 0.005, below(20) / 2000.0 - 0.005, fid);
    case 1:
        return fmt::format("UPDATE record.blocks SET kind = 'kind {}' WHERE fid = {}", below(5),
                           fid);
    case 2: return fmt::format("DELETE FROM record.blocks WHERE fid = {}", fid);
    case 3:
        return fmt::format("INSERT INTO record.blocks (name, geom, sensitivity) VALUES "
                           "('mới {}', ST_MakeEnvelope({}, {}, {}, {}, 4326), {})",
                           below(1000), lon, lat, lon + 0.01, lat + 0.01, below(2) * 9);
    case 4:
        return fmt::format("UPDATE record.ways SET geom = ST_Translate(geom, 0.01, 0) "
                           "WHERE fid = {}",
                           1 + below(1000));
    case 5:
        return fmt::format("UPDATE record.spots SET geom = CASE WHEN geom IS NULL THEN "
                           "ST_Point({}, {}, 4326) END WHERE fid = {}",
                           lon, lat, 1 + below(1000));
    default: return fmt::format("DELETE FROM record.spots WHERE fid = {}", 1 + below(1000));
    }
}

void edit_rows(World& world, std::mt19937_64& random, int edits) {
    for (int i = 0; i < edits; ++i) world.database().sql(random_statement(random));
}

} // namespace

BOOST_AUTO_TEST_SUITE(server_follow)

BOOST_AUTO_TEST_CASE(edits_from_anywhere_are_followed_row_by_row_to_what_a_fresh_load_shows) {
    World world;
    std::mt19937_64 random{tests::seed()};
    auto const before = world.server().atlas().follower_counters();
    edit_rows(world, random, 400);
    await(world, world.server());
    auto const after = world.server().atlas().follower_counters();
    BOOST_TEST(after.loads == before.loads);
    BOOST_TEST(after.changes > before.changes);
    auto const fresh = world.start_server("none");
    check_equal(world.server(), *fresh, random);
}

BOOST_AUTO_TEST_CASE(what_is_committed_is_drawn_while_an_earlier_commit_is_held) {
    World world;
    pqxx::connection slow{world.database().uri()};
    pqxx::work held{slow};
    held.exec("UPDATE record.blocks SET kind = 'kind 1' WHERE fid = 1");
    held.exec("SET CONSTRAINTS ALL IMMEDIATE"); // its place in the feed is taken
    auto const shown = [&] { return tile(world.server(), "spots", 10, 811, 459); };
    auto const before = shown();
    auto const seq = world.server().atlas().follower_counters().seq;
    world.database().sql("DELETE FROM record.spots WHERE geom IS NOT NULL");
    auto const end = std::chrono::steady_clock::now() + 30s;
    while (shown() == before && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(2ms);
    BOOST_TEST(shown().empty());
    BOOST_TEST(world.server().atlas().follower_counters().seq == seq); // it was not its turn
    held.commit();
    await(world, world.server());
    std::mt19937_64 random{tests::seed()};
    check_equal(world.server(), *world.start_server("none"), random);
}

BOOST_AUTO_TEST_CASE(writers_that_overlap_and_roll_back_are_followed_to_what_a_fresh_load_shows) {
    World world;
    auto const seed = tests::seed();
    {
        std::vector<std::jthread> writers;
        for (unsigned writer = 0; writer < 8; ++writer)
            writers.emplace_back([&world, seed, writer] {
                std::mt19937_64 random{seed + writer};
                pqxx::connection connection{world.database().uri()};
                pqxx::nontransaction sql{connection};
                for (int i = 0; i < 40; ++i) {
                    sql.exec("BEGIN");
                    sql.exec(random_statement(random));
                    sql.exec("SET CONSTRAINTS ALL IMMEDIATE");
                    if (random() % 3 == 0) sql.exec("SELECT pg_sleep(0.02)");
                    sql.exec(random() % 5 == 0 ? "ROLLBACK" : "COMMIT");
                }
            });
    }
    await(world, world.server());
    std::mt19937_64 random{seed};
    check_equal(world.server(), *world.start_server("none"), random);
}

BOOST_AUTO_TEST_CASE(an_edit_forgets_the_tiles_that_show_it_in_every_variant_and_no_other) {
    World world;
    auto& atlas = world.server().atlas();
    auto const ask = [&](unsigned x, char const* list, char const* coding) {
        return world
            .get(fmt::format("/tiles/{}/12/{}/1839.mvt", list, x),
                 fmt::format("Accept-Encoding: {}\r\n", coding))
            .body;
    };
    auto const misses_of = [&](auto const& work) {
        auto const before = atlas.cache_counters().misses;
        work();
        return atlas.cache_counters().misses - before;
    };
    auto const all = [&] {
        for (unsigned x = 3244; x <= 3252; ++x)
            for (auto const* const list : {"blocks", "ways,blocks", "ways"})
                for (auto const* const coding : {"identity", "gzip"}) ask(x, list, coding);
    };
    BOOST_TEST(misses_of(all) == 9U * 3 * 2);
    BOOST_TEST(misses_of(all) == 0U);
    // Well within tile 12/3250/1839.
    world.database().sql("INSERT INTO record.blocks (name, geom) VALUES "
                         "('mới', ST_MakeEnvelope(105.67, 18.03, 105.68, 18.04, 4326))");
    await(world, world.server());
    BOOST_TEST(misses_of(all) == 2U * 2);
}

BOOST_AUTO_TEST_CASE(low_zooms_follow_edits_to_what_is_merged_from_scratch) {
    World world;
    std::mt19937_64 random{tests::seed()};
    // Of so few rows every zoom is native: here they are merged below a zoom that is told.
    world.database().sql("UPDATE diaban.collection SET native_zoom = 12 WHERE id = 'blocks'");
    world.database().sql("UPDATE diaban.collection SET native_zoom = 11 WHERE id = 'spots'");
    auto const node = world.start_server("none");
    auto const settle = [&](Server& server) {
        await(world, server);
        while (!server.atlas().follower_counters().low_zooms) std::this_thread::sleep_for(2ms);
    };
    auto const merged = tests::get(node->port(), "/tiles/blocks/0/0/0.mvt");
    BOOST_TEST(merged.status == 200);
    BOOST_TEST(merged.field("diaban-merged") == "blocks");
    BOOST_TEST(merged.field("diaban-total") ==
               world.database().value("SELECT count(*) FROM record.blocks "
                                      "WHERE geom IS NOT NULL AND sensitivity = 0"));
    for (int round = 0; round < 4; ++round) {
        edit_rows(world, random, 60);
        settle(*node);
        auto const fresh = world.start_server("none");
        settle(*fresh);
        for (auto const* const collection : {"blocks", "spots"})
            for (unsigned zoom = 5; zoom <= 11; ++zoom) {
                unsigned const shift = 11 - zoom;
                for (unsigned x = 1620U >> shift; x <= 1628U >> shift; ++x)
                    for (unsigned y = 916U >> shift; y <= 922U >> shift; ++y)
                        BOOST_REQUIRE(tile(*node, collection, zoom, x, y) ==
                                      tile(*fresh, collection, zoom, x, y));
            }
    }
    BOOST_TEST(node->atlas().follower_counters().loads == node->atlas().picture()->views.size());
}

BOOST_AUTO_TEST_CASE(the_map_changes_in_one_step_when_an_import_commits) {
    World world;
    auto& database = world.database();
    auto const count = [&] { return world.json("/collections/blocks")["count"].get<int>(); };
    auto const before = count();
    auto const loads = world.server().atlas().follower_counters().loads;
    std::atomic<bool> done = false;
    std::atomic<int> odd = 0;
    std::jthread watcher{[&] {
        while (!done) {
            auto const now = count();
            if (now != before && now != 3) ++odd;
        }
    }};
    database.sql("BEGIN; SELECT diaban.begin_import('blocks', 'replace', 'made');"
                 "DELETE FROM record.blocks;"
                 "INSERT INTO record.blocks (name, geom) SELECT 'a', "
                 "ST_MakeEnvelope(105.3, 18.1, 105.4, 18.2, 4326) FROM generate_series(1, 3);"
                 "UPDATE diaban.import SET finished_at = clock_timestamp() "
                 "WHERE id = current_setting('diaban.import')::bigint; COMMIT");
    await(world, world.server());
    done = true;
    watcher.join();
    BOOST_TEST(odd == 0);
    BOOST_TEST(count() == 3);
    BOOST_TEST(world.server().atlas().follower_counters().loads == loads + 1);
}

BOOST_AUTO_TEST_CASE(a_registry_that_says_nothing_new_leaves_each_view_and_what_was_made_of_it) {
    World world;
    await(world, world.server());
    auto const& atlas = world.server().atlas();
    auto const read_again = [&] {
        auto const picture = atlas.picture();
        while (atlas.picture() == picture) std::this_thread::sleep_for(10ms);
        return atlas.picture();
    };
    auto const before = read_again();
    BOOST_TEST((read_again()->views == before->views));
    world.database().sql("UPDATE diaban.collection SET attribution = 'Sở mới' WHERE id = 'spots'");
    while (atlas.picture()->find("spots")->collection.attribution != "Sở mới")
        std::this_thread::sleep_for(10ms);
    BOOST_TEST((atlas.picture()->find("spots") != before->find("spots")));
    BOOST_TEST((atlas.picture()->find("ways") == before->find("ways")));
}

BOOST_AUTO_TEST_CASE(a_restart_takes_its_mirrors_from_segments_and_catches_up) {
    World world;
    Folder const folder;
    std::mt19937_64 random{tests::seed()};
    auto const segments = folder.path / "kept";
    auto node = world.start_server(segments);
    auto const registered = node->atlas().picture()->views.size();
    auto const saved = [&] {
        std::size_t files = 0;
        for (auto const& entry : std::filesystem::directory_iterator{segments})
            if (entry.path().extension() == ".segment") ++files;
        return files;
    };
    // Collections of which nothing could be measured have no native zoom and are loaded anew.
    std::size_t const measured =
        std::stoul(world.database().value("SELECT count(*) FROM diaban.collection "
                                          "WHERE native_zoom IS NOT NULL"));
    BOOST_REQUIRE(measured >= 4U);
    while (saved() < registered) std::this_thread::sleep_for(10ms);
    edit_rows(world, random, 100);
    await(world, *node);
    node.reset();
    edit_rows(world, random, 100);
    node = world.start_server(segments);
    await(world, *node);
    auto const counters = node->atlas().follower_counters();
    BOOST_TEST(counters.mapped == measured);
    BOOST_TEST(counters.loads == registered - measured);
    check_equal(*node, *world.start_server("none"), random);
}

BOOST_AUTO_TEST_CASE(segments_that_are_harmed_foreign_or_older_than_the_feed_are_loaded_anew) {
    World world;
    Folder const folder;
    std::mt19937_64 random{tests::seed()};
    auto const registered = world.server().atlas().picture()->views.size();
    auto const prepare = [&](std::filesystem::path const& segments) {
        auto const node = world.start_server(segments);
        while (!std::filesystem::exists(segments / "ways.segment") ||
               !std::filesystem::exists(segments / "spots.segment") ||
               !std::filesystem::exists(segments / "blocks.segment"))
            std::this_thread::sleep_for(10ms);
    };
    auto const mapped = [&](std::filesystem::path const& segments) {
        auto const node = world.start_server(segments);
        check_equal(*node, world.server(), random);
        return node->atlas().follower_counters().mapped;
    };
    prepare(folder.path / "kept");
    auto const all = mapped(folder.path / "kept");
    BOOST_TEST(all >= 4U);

    std::filesystem::resize_file(folder.path / "kept" / "ways.segment", 1000);
    {
        std::fstream harmed{folder.path / "kept" / "blocks.segment",
                            std::ios::in | std::ios::out | std::ios::binary};
        harmed.seekp(5000);
        harmed.put('\x7f').put('\x00').put('\x55');
    }
    BOOST_TEST(mapped(folder.path / "kept") == all - 2);

    World other; // another database on the same cluster
    {
        auto const node = other.start_server(folder.path / "kept");
        BOOST_TEST(node->atlas().follower_counters().mapped == 0U);
    }

    prepare(folder.path / "old");
    edit_rows(world, random, 20);
    world.database().sql("UPDATE diaban.instance SET feed_keep_rows = 0");
    world.database().sql("SELECT diaban.trim_changes(100000)");
    await(world, world.server());
    BOOST_TEST(mapped(folder.path / "old") == 0U);

    prepare(folder.path / "restored");
    world.database().sql("SELECT diaban.new_generation()");
    auto const loads = world.server().atlas().follower_counters().loads;
    BOOST_TEST(mapped(folder.path / "restored") == 0U);
    while (world.server().atlas().follower_counters().loads < loads + registered)
        std::this_thread::sleep_for(10ms); // the running one noticed as well
}

BOOST_AUTO_TEST_CASE(a_second_process_does_not_share_the_segments_of_the_first) {
    World world;
    Folder const folder;
    std::mt19937_64 random{tests::seed()};
    auto const first = world.start_server(folder.path);
    auto const second = world.start_server(folder.path);
    BOOST_TEST(second->atlas().follower_counters().mapped == 0U);
    check_equal(*first, *second, random);
}

BOOST_AUTO_TEST_CASE(nodes_on_one_database_show_the_same_after_edits) {
    World world;
    std::mt19937_64 random{tests::seed()};
    auto const second = world.start_server("none");
    auto const third = world.start_server("none");
    edit_rows(world, random, 200);
    for (auto* const node : {&world.server(), second.get(), third.get()}) await(world, *node);
    check_equal(world.server(), *second, random);
    check_equal(world.server(), *third, random);
}

BOOST_AUTO_TEST_CASE(a_mirror_that_changed_much_is_compacted_and_shows_the_same) {
    World world;
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 12; ++round) {
        world.database().sql("INSERT INTO record.ways (geom) SELECT ST_MakeLine("
                             "ST_Point(105 + random() / 2, 18 + random() / 2, 4326), "
                             "ST_Point(105 + random() / 2, 18 + random() / 2, 4326)) "
                             "FROM generate_series(1, 1000)");
        await(world, world.server());
    }
    while (world.server().atlas().follower_counters().compactions == 0)
        std::this_thread::sleep_for(10ms);
    edit_rows(world, random, 50);
    await(world, world.server());
    check_equal(world.server(), *world.start_server("none"), random);
}

BOOST_AUTO_TEST_CASE(a_statement_that_changes_most_rows_is_followed_by_one_load) {
    World world;
    std::mt19937_64 random{tests::seed()};
    auto const loads = world.server().atlas().follower_counters().loads;
    world.database().sql("INSERT INTO record.spots (geom) SELECT ST_Point(105 + random(), "
                         "18 + random() / 2, 4326) FROM generate_series(1, 30000)");
    await(world, world.server());
    BOOST_TEST(world.server().atlas().follower_counters().loads == loads + 1);
    check_equal(world.server(), *world.start_server("none"), random);
}

BOOST_AUTO_TEST_CASE(a_connection_that_is_cut_again_and_again_loses_no_change) {
    World world;
    std::mt19937_64 random{tests::seed()};
    auto const name = world.database().value("SELECT current_database()");
    tests::Database other{tests::Database::Kind::empty};
    for (int round = 0; round < 5; ++round) {
        edit_rows(world, random, 20);
        other.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" +
                  name + "' AND application_name LIKE 'diaban%'");
    }
    await(world, world.server());
    check_equal(world.server(), *world.start_server("none"), random);
}

BOOST_AUTO_TEST_CASE(a_base_that_the_disk_did_not_take_is_not_taken_for_the_one_before_it) {
    World world;
    Folder const folder;
    auto const file = folder.path / "spots.segment";
    auto const await_file = [&](bool there) {
        for (int i = 0; i < 500 && std::filesystem::exists(file) != there; ++i)
            std::this_thread::sleep_for(10ms);
        return std::filesystem::exists(file) == there;
    };
    {
        auto const node = world.start_server(folder.path);
        BOOST_REQUIRE(await_file(true));
        std::filesystem::create_directory(folder.path / "spots.segment.new"); // none can be made
        world.database().sql("INSERT INTO record.spots (geom) SELECT ST_Point(105 + random(), "
                             "18 + random() / 2, 4326) FROM generate_series(1, 30000)");
        await(world, *node);
        BOOST_TEST(await_file(false));
    } // it says at its end what its bases on disk are of
    auto const again = world.start_server(folder.path);
    await(world, *again);
    BOOST_TEST(
        nlohmann::json::parse(tests::get(again->port(), "/collections/spots/count").body)["count"]
            .get<int>() == std::stoi(world.database().value(
                               "SELECT count(*) FROM record.spots WHERE sensitivity = 0")));
}

BOOST_AUTO_TEST_SUITE_END()
