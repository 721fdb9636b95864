#include "data/postgis/change_feed.hpp"
#include "tests/data/rows.hpp"
#include "tests/support/database.hpp"

#include <boost/test/unit_test.hpp>
#include <pqxx/pqxx>

#include <random>
#include <thread>

using namespace diaban;
using data::postgis::Change;
using data::postgis::ChangeFeed;
using data::postgis::Cursor;
using data::postgis::Operation;
using data::postgis::Pool;
using data::postgis::Role;
using tests::Database;

namespace {

constexpr std::uint32_t all = 1'000'000;

std::vector<Change> changes(Database const& database, std::int64_t after_seq = 0) {
    Pool pool{database.options(Role::feed)};
    ChangeFeed const feed{pool};
    return feed.after({feed.head().generation, after_seq}, all).value();
}

} // namespace

BOOST_AUTO_TEST_SUITE(change_feed)

BOOST_AUTO_TEST_CASE(an_edit_says_what_was_and_what_is) {
    Database const database;
    tests::make_trials(database);
    database.sql("INSERT INTO record.trials (geom, scope, sensitivity) "
                 "VALUES (public.st_makeenvelope(105, 18, 106, 19, 4326), '42', 2)");
    database.sql("UPDATE record.trials SET scope = '40', "
                 "geom = public.st_makeenvelope(104, 17, 105, 18, 4326)");
    database.sql("UPDATE record.trials SET geom = NULL");
    database.sql("DELETE FROM record.trials");
    auto const fed = changes(database);
    BOOST_REQUIRE(fed.size() == 4U);
    BOOST_TEST((fed[0].operation == Operation::insert));
    BOOST_TEST(!fed[0].before);
    BOOST_TEST(fed[0].after->version == 1);
    BOOST_TEST((fed[0].after->box == geo::Box{105, 18, 106, 19}));
    BOOST_TEST(fed[0].after->scope == "42");
    BOOST_TEST(fed[0].after->sensitivity == 2);
    BOOST_TEST((fed[1].operation == Operation::update));
    BOOST_TEST(fed[1].before->scope == "42");
    BOOST_TEST(fed[1].after->scope == "40");
    BOOST_TEST((fed[1].before->box == geo::Box{105, 18, 106, 19}));
    BOOST_TEST((fed[1].after->box == geo::Box{104, 17, 105, 18}));
    BOOST_TEST(fed[2].after->box.empty());
    BOOST_TEST((fed[3].operation == Operation::remove));
    BOOST_TEST(!fed[3].after);
    BOOST_TEST(fed[3].before->version == 3);
    BOOST_TEST(fed[3].collection == "trials");
    for (auto const& change : fed) BOOST_TEST(change.fid == fed[0].fid);
}

BOOST_AUTO_TEST_CASE(what_is_rolled_back_was_never_in_the_feed) {
    Database const database;
    tests::make_trials(database);
    database.sql("BEGIN; INSERT INTO record.trials (name) VALUES ('a'); ROLLBACK");
    database.sql("BEGIN; INSERT INTO record.trials (name) VALUES ('b'); SAVEPOINT s; "
                 "INSERT INTO record.trials (name) VALUES ('c'); ROLLBACK TO s; COMMIT");
    BOOST_TEST(changes(database).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_transaction_that_commits_later_comes_later_however_early_it_wrote) {
    Database const database;
    tests::make_trials(database);
    pqxx::connection early{database.uri()};
    pqxx::work held{early};
    held.exec("INSERT INTO record.trials (name) VALUES ('early')");
    // A long transaction stalls nobody: this one commits, and is read, while it is open.
    database.sql("INSERT INTO record.trials (name) VALUES ('late')");
    auto const before = changes(database);
    BOOST_REQUIRE(before.size() == 1U);
    held.commit();
    auto const after = changes(database, before[0].seq);
    BOOST_REQUIRE(after.size() == 1U);
    BOOST_TEST(after[0].fid < before[0].fid);
}

BOOST_AUTO_TEST_CASE(sequence_is_commit_order_under_concurrent_writers_and_a_reader_misses_none) {
    Database const database;
    tests::make_trials(database);
    constexpr int rows = 20;
    constexpr int writers = 8;
    constexpr int edits = 60;
    database.sql("INSERT INTO record.trials (name, amount) "
                 "SELECT 't' || i, 0 FROM generate_series(1, 20) AS i");

    std::atomic<int> running{writers};
    std::vector<std::thread> threads;
    for (int writer = 0; writer < writers; ++writer)
        threads.emplace_back([&, writer] {
            std::mt19937 random{static_cast<unsigned>(writer)};
            pqxx::connection connection{database.uri()};
            for (int i = 0; i < edits; ++i) {
                try {
                    pqxx::work work{connection};
                    for (unsigned j = 0; j <= random() % 2; ++j)
                        work.exec("UPDATE record.trials SET amount = amount + 1 WHERE name = 't" +
                                  std::to_string(1 + random() % rows) + "'");
                    if (random() % 8 == 0) work.exec("SELECT pg_sleep(0.005)");
                    if (random() % 5 == 0)
                        work.abort();
                    else
                        work.commit();
                } catch (pqxx::deadlock_detected const&) {
                    continue; // rolled back: as if it had not been tried
                }
            }
            --running;
        });

    // A reader follows with a cursor alone, as a mirror does, and replays what it reads.
    Pool pool{database.options(Role::feed)};
    ChangeFeed const feed{pool};
    Cursor cursor{feed.head().generation, 0};
    std::map<std::int64_t, std::int64_t> versions;
    bool in_order = true;
    for (bool last = false;;) {
        auto const found = feed.after(cursor, 37).value();
        for (auto const& change : found) {
            auto& version = versions[change.fid];
            in_order = in_order && change.after && change.after->version == version + 1 &&
                       change.seq > cursor.seq;
            version = change.after ? change.after->version : -1;
            cursor.seq = change.seq;
        }
        if (found.empty() && last) break;
        last = running == 0;
    }
    for (auto& thread : threads) thread.join();

    BOOST_TEST(in_order);
    std::map<std::int64_t, std::int64_t> truth;
    for (auto const& row : database.sql("SELECT fid, version FROM record.trials"))
        truth[std::stoll(row[0])] = std::stoll(row[1]);
    BOOST_TEST((versions == truth));
    BOOST_TEST((feed.head() == cursor));
    BOOST_TEST(database.value("SELECT sum(version - 1 - amount) FROM record.trials") == "0");
}

BOOST_AUTO_TEST_CASE(an_import_is_one_row_that_names_it) {
    Database const database;
    auto const collection = tests::make_trials(database);
    auto const result = tests::put(database, collection, tests::trials(1000));
    auto const fed = changes(database);
    BOOST_REQUIRE(fed.size() == 1U);
    BOOST_TEST((fed[0].operation == Operation::import));
    BOOST_TEST(fed[0].import_id == result.id);
    BOOST_TEST(fed[0].collection == "trials");
    // The suppression ends with the import.
    database.sql("UPDATE record.trials SET amount = -1 WHERE name = 't7'");
    BOOST_TEST(changes(database).size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_cursor_of_another_generation_must_load_anew) {
    Database const database;
    Pool pool{database.options(Role::feed)};
    ChangeFeed const feed{pool};
    auto const before = feed.head();
    BOOST_TEST(feed.after(before, all).has_value());
    database.sql("SELECT diaban.new_generation()");
    BOOST_TEST(!feed.after(before, all).has_value());
    BOOST_TEST(feed.head().generation > before.generation);
}

BOOST_AUTO_TEST_SUITE_END()
