#include "data/postgis/pool.hpp"

#include "data/postgis/feature_store.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "data/postgis/wire.hpp"
#include "tests/data/rows.hpp"
#include "tests/support/database.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <thread>

using namespace diaban;
using namespace std::chrono_literals;
using data::postgis::Pool;
using data::postgis::reading;
using data::postgis::Role;
using data::postgis::Session;
using data::postgis::writing;
using tests::Database;
using tests::throws;

BOOST_AUTO_TEST_SUITE(pool)

BOOST_AUTO_TEST_CASE(no_more_than_its_size_are_in_sql_and_the_next_waits_no_longer_than_told) {
    Database const database;
    auto options = database.options(Role::serve);
    options.size = 2;
    options.wait = 100ms;
    Pool pool{options};
    Session const one{pool};
    {
        Session const two{pool};
        auto const start = std::chrono::steady_clock::now();
        BOOST_TEST(throws("database-busy", [&] { Session const three{pool}; }));
        auto const waited = std::chrono::steady_clock::now() - start;
        BOOST_TEST((waited >= 100ms && waited < 1s));
        BOOST_TEST(pool.counters().busy == 2U);
        BOOST_TEST(pool.counters().refusals == 1U);
    }
    Session const again{pool};
    BOOST_TEST(pool.counters().connects == 2U);
}

BOOST_AUTO_TEST_CASE(one_that_waits_goes_on_as_soon_as_another_is_done) {
    Database const database;
    auto options = database.options(Role::serve);
    options.size = 1;
    options.wait = 5s;
    Pool pool{options};
    auto held = std::make_unique<Session>(pool);
    auto const start = std::chrono::steady_clock::now();
    std::thread release{[&] {
        std::this_thread::sleep_for(50ms);
        held.reset();
    }};
    Session const next{pool};
    release.join();
    BOOST_TEST((std::chrono::steady_clock::now() - start < 2s));
}

BOOST_AUTO_TEST_CASE(a_slow_statement_ends_at_the_timeout_and_the_connection_lives_on) {
    Database const database;
    auto options = database.options(Role::serve);
    options.statement_timeout = 50ms;
    Pool pool{options};
    BOOST_TEST(throws("database-timeout", [&] {
        reading(pool, [](auto& sql) { return sql.exec("SELECT pg_sleep(5)").size(); });
    }));
    BOOST_TEST(pool.alive());
    BOOST_TEST(pool.counters().connects == 1U);
}

BOOST_AUTO_TEST_CASE(a_killed_backend_is_replaced_and_the_read_succeeds) {
    Database const database;
    auto const collection = tests::make_trials(database);
    tests::put(database, collection, tests::trials(3));
    auto options = database.options(Role::serve);
    options.size = 3;
    Pool pool{options};
    {
        Session const one{pool};
        Session const two{pool};
    }
    data::postgis::FeatureStore const store{pool};
    BOOST_TEST(store.count(collection, geo::Policy::everything()).rows == 3U);
    database.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                 "WHERE datname = current_database() AND pid <> pg_backend_pid()");
    BOOST_TEST(store.count(collection, geo::Policy::everything()).rows == 3U);
    BOOST_TEST(pool.counters().losses >= 1U);
    BOOST_TEST(pool.counters().busy == 0U);
}

BOOST_AUTO_TEST_CASE(a_transaction_that_is_left_lying_keeps_its_rows_from_nobody_for_long) {
    Database const database;
    auto options = database.options(Role::edit);
    options.statement_timeout = std::chrono::seconds{5};
    Pool pool{options};
    BOOST_TEST(reading(pool, [](auto& sql) {
                   return sql.exec1("SHOW idle_in_transaction_session_timeout")[0]
                       .template as<std::string>();
               }) == "10s");
}

BOOST_AUTO_TEST_CASE(a_connection_that_waits_notices_a_cut_within_a_quarter_of_a_minute) {
    auto const text = data::postgis::connection_string("postgresql://a@b/c?keepalives_count=9");
    BOOST_TEST(text.find("keepalives_idle='5'") != std::string::npos);
    BOOST_TEST(text.find("keepalives_interval='2'") != std::string::npos);
    BOOST_TEST(text.find("keepalives_count='9'") != std::string::npos); // who says it has it
}

BOOST_AUTO_TEST_CASE(a_backend_killed_in_the_middle_of_a_read_is_replaced_too) {
    Database const database;
    Pool pool{database.options(Role::serve)};
    int tries = 0;
    auto const answer = reading(pool, [&](auto& sql) {
        if (++tries == 1)
            database.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                         "WHERE datname = current_database() AND pid <> pg_backend_pid()");
        return sql.exec1("SELECT 42")[0].template as<int>();
    });
    BOOST_TEST(answer == 42);
    BOOST_TEST(tries == 2);
}

BOOST_AUTO_TEST_CASE(a_write_that_loses_its_connection_is_not_tried_again) {
    Database const database;
    Pool pool{database.options(Role::owner)};
    int tries = 0;
    BOOST_TEST(throws("database-down", [&] {
        writing(pool, [&](auto& sql) {
            ++tries;
            database.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                         "WHERE datname = current_database() AND pid <> pg_backend_pid()");
            sql.exec("SELECT 1");
        });
    }));
    BOOST_TEST(tries == 1);
    BOOST_TEST(pool.alive());
}

BOOST_AUTO_TEST_CASE(a_connection_to_what_is_a_standby_now_is_replaced_as_a_lost_one) {
    Database const database;
    Pool pool{database.options(Role::owner)};
    writing(pool, [](auto& sql) { sql.exec("SET default_transaction_read_only = on"); });
    auto const write = [&] {
        writing(pool, [](auto& sql) { sql.exec("SELECT diaban.new_generation()"); });
    };
    BOOST_TEST(throws("database-down", write));
    BOOST_TEST(pool.counters().losses == 1U);
    write();
    BOOST_TEST(pool.counters().connects == 2U);
}

BOOST_AUTO_TEST_CASE(a_database_that_is_not_there_is_down) {
    data::postgis::PoolOptions options;
    options.uri = "postgresql://nobody@/nothing?host=/nonexistent";
    Pool pool{options};
    BOOST_TEST(!pool.alive());
    BOOST_TEST(throws("database-down", [&] { Session const session{pool}; }));
    BOOST_TEST(pool.counters().busy == 0U);
    options.uri = "not a uri";
    Pool bad{options};
    BOOST_TEST(throws("bad-database-uri", [&] { Session const session{bad}; }));
}

BOOST_AUTO_TEST_CASE(what_the_server_says_is_mapped_once_with_its_state_for_the_log) {
    Database const database;
    Pool pool{database.options(Role::owner)};
    auto const type_of = [&](std::string const& statement) {
        try {
            writing(pool, [&](auto& sql) { sql.exec(statement); });
        } catch (geo::Error const& error) {
            BOOST_TEST(error.detail().find("SQLSTATE") != std::string::npos);
            return error.type();
        }
        return std::string{};
    };
    database.sql(
        "CREATE TABLE once (id int PRIMARY KEY CHECK (id > 0)); INSERT INTO once VALUES (1);"
        "GRANT ALL ON once TO diaban_owner");
    BOOST_TEST(type_of("INSERT INTO once VALUES (1)") == "duplicate-key");
    BOOST_TEST(type_of("INSERT INTO once VALUES (0)") == "bad-value");
    BOOST_TEST(type_of("SELECT 'x'::int") == "bad-value");
    BOOST_TEST(type_of("SELECT broken") == "database");
    BOOST_TEST(pool.counters().losses == 0U);
}

BOOST_AUTO_TEST_CASE(names_are_quoted_by_one_function) {
    using data::postgis::quoted;
    BOOST_TEST(quoted("parcels") == "\"parcels\"");
    BOOST_TEST(quoted("a\"; DROP TABLE x; --") == "\"a\"\"; DROP TABLE x; --\"");
}

BOOST_AUTO_TEST_SUITE_END()
