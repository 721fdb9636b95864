#include "data/postgis/change_feed.hpp"
#include "data/postgis/collections.hpp"
#include "data/postgis/copy.hpp"
#include "tests/data/rows.hpp"
#include "tests/support/database.hpp"

#include <boost/test/unit_test.hpp>
#include <pqxx/pqxx>

using namespace diaban;
using data::postgis::Change;
using data::postgis::ChangeFeed;
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

BOOST_AUTO_TEST_CASE(an_import_and_a_truncate_leave_the_native_zoom_to_be_measured_anew) {
    Database const database;
    auto const collection = tests::make_trials(database);
    Pool pool{database.options(Role::feed)};
    data::postgis::Collections collections{pool};
    collections.set_native_zoom("trials", 13);
    collections.set_native_zoom("parcels", 12);
    {
        data::postgis::Import unfinished{database.uri(), collection, {}};
        // The follower may store what it measured while an import runs.
        collections.set_native_zoom("trials", 14);
    }
    BOOST_TEST(database.collection("trials").native_zoom == 14); // rolled back
    tests::put(database, collection, tests::trials(3));
    BOOST_TEST(database.collection("trials").native_zoom == -1);
    BOOST_TEST(database.collection("parcels").native_zoom == 12);
    collections.set_native_zoom("trials", 13);
    database.sql("UPDATE record.trials SET amount = 1");
    BOOST_TEST(database.collection("trials").native_zoom == 13);
    database.sql("TRUNCATE record.trials");
    BOOST_TEST(database.collection("trials").native_zoom == -1);
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

BOOST_AUTO_TEST_CASE(a_cursor_beyond_the_feed_must_load_anew) {
    Database const database;
    Pool pool{database.options(Role::feed)};
    ChangeFeed const feed{pool};
    auto const head = feed.head();
    BOOST_TEST(!feed.after({head.generation, head.seq + 1}, all).has_value());
}

BOOST_AUTO_TEST_CASE(changes_beyond_the_number_kept_are_trimmed_oldest_first_a_batch_at_a_time) {
    Database const database;
    tests::make_trials(database);
    database.sql("INSERT INTO record.trials (name) SELECT i::text FROM generate_series(1, 100) i; "
                 "UPDATE diaban.instance SET feed_keep_rows = 30");
    Pool pool{database.options(Role::feed)};
    ChangeFeed const feed{pool};
    auto const head = feed.head();
    BOOST_TEST(feed.trim(50) == 50U);
    BOOST_TEST(feed.trim(50) == 20U);
    BOOST_TEST(feed.trim(50) == 0U);
    BOOST_TEST((feed.head() == head));
    // Exactly: whoever has read all that was trimmed reads on, whoever lacks one of it does not.
    auto const kept = feed.after({head.generation, head.seq - 30}, all);
    BOOST_REQUIRE(kept.has_value());
    BOOST_TEST(kept->size() == 30U);
    BOOST_TEST(!feed.after({head.generation, head.seq - 31}, all).has_value());
    BOOST_TEST(!feed.after({head.generation, 0}, all).has_value());
}

BOOST_AUTO_TEST_CASE(changes_older_than_the_feed_is_kept_are_trimmed_and_its_end_stays) {
    Database const database;
    auto const collection = tests::make_trials(database);
    database.sql("INSERT INTO record.trials (name) SELECT i::text FROM generate_series(1, 10) i");
    database.sql("UPDATE diaban.change SET at = now() - interval '8 days' WHERE seq <= "
                 "(SELECT min(seq) + 3 FROM diaban.change)");
    Pool pool{database.options(Role::feed)};
    ChangeFeed const feed{pool};
    auto const head = feed.head();
    BOOST_TEST(feed.trim() == 4U);
    BOOST_TEST(feed.trim() == 0U);
    database.sql("UPDATE diaban.instance SET feed_keep_age = interval '0'");
    BOOST_TEST(feed.trim() == 6U);
    // An empty feed still ends where it ended: its followers need not load anew.
    BOOST_TEST((feed.head() == head));
    BOOST_TEST(feed.after(head, all).value().empty());
    data::postgis::CopyOut const copy{database.uri(), collection};
    BOOST_TEST(copy.cursor_seq() == head.seq);
    database.sql("INSERT INTO record.trials (name) VALUES ('next')");
    BOOST_TEST(feed.after(head, all).value().size() == 1U);
}

BOOST_AUTO_TEST_CASE(trimming_waits_for_no_writer_and_of_two_one_trims) {
    Database const database;
    tests::make_trials(database);
    database.sql("INSERT INTO record.trials (name) SELECT i::text FROM generate_series(1, 10) i; "
                 "UPDATE diaban.instance SET feed_keep_rows = 5");
    pqxx::connection writer{database.uri()};
    pqxx::work held{writer};
    held.exec("INSERT INTO record.trials (name) VALUES ('held'); SET CONSTRAINTS ALL IMMEDIATE");
    Pool pool{database.options(Role::feed)};
    ChangeFeed const feed{pool};
    {
        pqxx::connection other{database.uri()};
        pqxx::work trimming{other};
        BOOST_TEST(trimming.exec1("SELECT diaban.trim_changes(2)")[0].as<int>() == 2);
        BOOST_TEST(feed.trim() == 0U);
        trimming.commit();
    }
    BOOST_TEST(feed.trim() == 3U); // while the writer holds the feed's lock
    held.commit();
    BOOST_TEST(feed.after(feed.head(), all).value().empty());
}

BOOST_AUTO_TEST_SUITE_END()
