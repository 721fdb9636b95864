#include "data/postgis/announcement.hpp"
#include "data/postgis/change_feed.hpp"
#include "data/postgis/copy.hpp"
#include "data/postgis/feed_reader.hpp"
#include "tests/data/rows.hpp"
#include "tests/support/database.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <pqxx/pqxx>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <vector>

using namespace diaban;
using namespace std::chrono_literals;
using data::postgis::Change;
using data::postgis::ChangeFeed;
using data::postgis::Cursor;
using data::postgis::FeedReader;
using data::postgis::Pool;
using data::postgis::Role;
using tests::Database;
using Clock = std::chrono::steady_clock;

namespace {

constexpr unsigned writers = 16;
constexpr unsigned rows = 60; // few: the writers meet all the time

/// A commit as its client saw it: it happened after `begun` and before `ended`.
struct Commit {
    Clock::time_point begun, ended;
    std::vector<std::pair<std::int64_t, std::int64_t>>
        wrote; // fid and version, but of what it deleted
};

/// Sixteen clients that edit the same rows of `trials` in transactions of one to four statements,
/// some of them long, some rolled back, some ended by a deadlock. In every row `amount` is
/// version - 1.
class Storm {
public:
    Storm(Database const& database, std::uint64_t seed, Clock::duration length) {
        database.sql("INSERT INTO record.trials (name, amount, geom) SELECT 't' || i, 0, "
                     "public.st_makeenvelope(105, 18, 105.1, 18.1, 4326) FROM generate_series(1, " +
                     std::to_string(rows) + ") AS i");
        auto const end = Clock::now() + length;
        for (unsigned writer = 0; writer < writers; ++writer)
            m_threads.emplace_back(
                [this, &database, seed, writer, end] { write(database, seed + writer, end); });
    }
    ~Storm() {
        for (auto& thread : m_threads)
            if (thread.joinable()) thread.join();
    }
    Storm(Storm const&) = delete;
    Storm& operator=(Storm const&) = delete;

    [[nodiscard]] bool over() const { return m_ended == writers; }
    std::vector<Commit> const& commits() {
        for (auto& thread : m_threads)
            if (thread.joinable()) thread.join();
        return m_commits;
    }
    [[nodiscard]] int deadlocks() const { return m_deadlocks; }

private:
    void write(Database const& database, std::uint64_t seed, Clock::time_point end) {
        std::mt19937_64 random{seed};
        pqxx::connection connection{database.uri()};
        pqxx::nontransaction{connection}.exec("SET deadlock_timeout = '20ms'");
        while (Clock::now() < end) {
            try {
                pqxx::work work{connection};
                Commit commit;
                for (auto left = 1 + random() % 4; left > 0; --left) edit(work, random, commit);
                if (random() % 40 == 0) work.exec("SELECT pg_sleep(0.1)");
                if (random() % 6 == 0) {
                    work.abort();
                    continue;
                }
                commit.begun = Clock::now();
                work.commit();
                commit.ended = Clock::now();
                std::lock_guard const lock{m_mutex};
                m_commits.push_back(std::move(commit));
            } catch (pqxx::deadlock_detected const&) {
                ++m_deadlocks; // rolled back: as if it had not been tried
            }
        }
        ++m_ended;
    }

    static void edit(pqxx::work& work, std::mt19937_64& random, Commit& commit) {
        auto const name = "'t" + std::to_string(1 + random() % rows) + "'";
        std::string statement = "UPDATE record.trials SET amount = amount + 1 WHERE name = " + name;
        auto const kind = random() % 10;
        if (kind == 0) {
            work.exec("DELETE FROM record.trials WHERE name = " + name);
            return;
        }
        if (kind == 1)
            statement = "INSERT INTO record.trials (name, amount) VALUES (" + name + ", 0)";
        for (auto const row : work.exec(statement + " RETURNING fid, version"))
            commit.wrote.emplace_back(row[0].as<std::int64_t>(), row[1].as<std::int64_t>());
    }

    std::vector<std::thread> m_threads;
    std::atomic<unsigned> m_ended{0};
    std::atomic<int> m_deadlocks{0};
    std::mutex m_mutex;
    std::vector<Commit> m_commits;
};

using Versions = std::map<std::int64_t, std::int64_t>; // by fid

/// Applies a change; false if it does not continue what is known.
bool apply(Versions& versions, Change const& change) {
    auto const it = versions.find(change.fid);
    auto const known = it == versions.end() ? std::int64_t{0} : it->second;
    if (known != (change.before ? change.before->version : 0)) return false;
    if (change.after)
        versions[change.fid] = change.after->version;
    else
        versions.erase(change.fid);
    return true;
}

Versions truth(Database const& database) {
    Versions versions;
    for (auto const& row : database.sql("SELECT fid, version FROM record.trials"))
        versions[std::stoll(row[0])] = std::stoll(row[1]);
    return versions;
}

/// Commits whose changes came before those of a commit that had ended when they began.
std::size_t out_of_order(std::vector<Commit> commits, std::vector<Change> const& changes) {
    std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> seq_of;
    for (auto const& change : changes)
        if (change.after) seq_of[{change.fid, change.after->version}] = change.seq;
    struct Span {
        Clock::time_point begun, ended;
        std::int64_t first, last;
    };
    std::vector<Span> spans;
    for (auto const& commit : commits) {
        Span span{commit.begun, commit.ended, INT64_MAX, 0};
        for (auto const& written : commit.wrote) {
            auto const it = seq_of.find(written);
            if (it == seq_of.end()) continue; // deleted in the same transaction
            span.first = std::min(span.first, it->second);
            span.last = std::max(span.last, it->second);
        }
        if (span.last > 0) spans.push_back(span);
    }
    auto by_end = spans;
    std::ranges::sort(by_end, {}, &Span::ended);
    std::ranges::sort(spans, {}, &Span::begun);
    std::size_t wrong = 0;
    std::int64_t before = 0; // highest seq of what had ended
    auto ended = by_end.begin();
    for (auto const& span : spans) {
        for (; ended != by_end.end() && ended->ended < span.begun; ++ended)
            before = std::max(before, ended->last);
        if (span.first < before) ++wrong;
    }
    return wrong;
}

Clock::duration length() {
    return std::getenv("DIABAN_LONG") != nullptr ? Clock::duration{60s} : Clock::duration{4s};
}

} // namespace

BOOST_AUTO_TEST_SUITE(feed_storm)

BOOST_AUTO_TEST_CASE(sixteen_writers_replay_to_the_truth_and_seq_is_commit_order) {
    Database const database;
    tests::make_trials(database);
    Pool pool{database.options(Role::feed)};
    ChangeFeed const feed{pool};
    data::postgis::Listener listener{database.uri()};
    Cursor cursor = feed.head();
    Storm storm{database, tests::seed(), length()};

    // A reader follows with a cursor alone, as a mirror does.
    Versions versions;
    std::vector<Change> all;
    std::size_t breaks = 0;
    FeedReader reader{pool};
    std::set<std::int64_t> ahead; // seen before it was their turn
    std::size_t most_ahead = 0;
    for (bool last = false;;) {
        auto const found = reader.read(cursor, 97).value();
        for (auto const& change : found.settled) {
            if (!apply(versions, change) || change.seq <= cursor.seq) ++breaks;
            cursor.seq = change.seq;
            ahead.erase(change.seq);
            all.push_back(change);
        }
        for (auto const& change : found.ahead) {
            if (change.seq <= cursor.seq) ++breaks;
            ahead.insert(change.seq);
        }
        most_ahead = std::max(most_ahead, ahead.size());
        bool const idle = found.settled.empty() && found.ahead.empty();
        if (idle && last) break;
        last = storm.over();
        if (idle) static_cast<void>(listener.wait(last ? 0ms : 50ms));
    }
    BOOST_TEST(ahead.empty());
    BOOST_TEST_MESSAGE("at most " << most_ahead << " were seen before it was their turn");
    auto const commits = storm.commits();
    BOOST_TEST_MESSAGE(commits.size() << " commits, " << all.size() << " changes, "
                                      << storm.deadlocks() << " deadlocks");
    BOOST_TEST(breaks == 0U);
    BOOST_TEST((versions == truth(database)));
    BOOST_TEST((feed.head() == cursor));
    BOOST_TEST(out_of_order(commits, all) == 0U);
    BOOST_TEST(commits.size() > 100U);
}

BOOST_AUTO_TEST_CASE(a_copy_under_sixteen_writers_and_the_changes_after_its_cursor_are_the_truth) {
    Database const database;
    auto const collection = tests::make_trials(database);
    Pool pool{database.options(Role::feed)};
    ChangeFeed const feed{pool};

    struct Picture {
        Cursor cursor;
        Versions versions;
    };
    std::vector<Picture> pictures;
    while (pictures.size() <= 10) { // one storm, on a machine that is not slow
        Storm storm{database, tests::seed(), length()};
        while (!storm.over()) {
            data::postgis::CopyOut const copy{database.uri(), collection};
            auto& picture = pictures.emplace_back();
            picture.cursor = {copy.cursor_generation(), copy.cursor_seq()};
            copy.read(0, 1, [&](geo::RowView const& row) {
                picture.versions[row.fid] = std::get<std::int64_t>(row.values[1]) + 1;
            });
        }
        storm.commits();
    }

    auto const true_versions = truth(database);
    std::size_t wrong = 0;
    for (auto& picture : pictures) {
        auto const changes = feed.after(picture.cursor, 10'000'000).value();
        for (auto const& change : changes) {
            if (change.after)
                picture.versions[change.fid] = change.after->version;
            else
                picture.versions.erase(change.fid);
        }
        if (picture.versions != true_versions) ++wrong;
    }
    BOOST_TEST(wrong == 0U);
}

BOOST_AUTO_TEST_CASE(no_change_is_shown_while_an_earlier_one_is_being_committed) {
    Database const database;
    tests::make_trials(database);
    Pool pool{database.options(Role::feed)};
    ChangeFeed const feed{pool};
    auto const begin = feed.head();
    pqxx::connection slow{database.uri()};
    pqxx::work held{slow};
    held.exec("INSERT INTO record.trials (name) VALUES ('slow')");
    held.exec("SET CONSTRAINTS ALL IMMEDIATE"); // its number is drawn
    database.sql("INSERT INTO record.trials (name) VALUES ('quick')");

    BOOST_TEST(feed.after(begin, 10).value().empty());
    FeedReader reader{pool};
    for (int i = 0; i < 3; ++i) {
        auto const reading = reader.read(begin, 10).value();
        BOOST_TEST(reading.settled.empty());
        BOOST_REQUIRE(reading.ahead.size() == 1U); // the quick one
    }
    BOOST_TEST(tests::throws("database-busy", [&] { static_cast<void>(feed.head()); }));
    BOOST_TEST(tests::throws("database-busy", [&] {
        data::postgis::CopyOut const copy{database.uri(), database.collection("trials")};
    }));
    held.commit();
    auto const changes = feed.after(begin, 10).value();
    BOOST_REQUIRE(changes.size() == 2U);
    BOOST_TEST(changes[0].seq < changes[1].seq);
    BOOST_TEST((feed.head().seq == changes[1].seq));
    auto const reading = reader.read(begin, 10).value();
    BOOST_TEST(reading.settled.size() == 2U);
    BOOST_TEST(reading.ahead.empty());
}

BOOST_AUTO_TEST_CASE(no_writer_waits_for_a_reader_that_waits_for_another_writer) {
    Database const database;
    tests::make_trials(database);
    Pool pool{database.options(Role::feed)};
    ChangeFeed const feed{pool};
    pqxx::connection slow{database.uri()};
    pqxx::work held{slow};
    held.exec("INSERT INTO record.trials (name) VALUES ('slow')");
    held.exec("SET CONSTRAINTS ALL IMMEDIATE");
    std::atomic<bool> done = false;
    bool gave_up = false;
    std::jthread reader{[&] {
        gave_up = tests::throws("database-busy", [&] { static_cast<void>(feed.head()); });
        done = true;
    }};
    pqxx::connection quick{database.uri()};
    pqxx::nontransaction work{quick};
    work.exec("SET lock_timeout = '20ms'");
    std::size_t meanwhile = 0;
    while (!done) {
        BOOST_REQUIRE_NO_THROW(work.exec("INSERT INTO record.trials (name) VALUES ('quick')"));
        ++meanwhile;
    }
    reader.join();
    BOOST_TEST(gave_up);
    BOOST_TEST(meanwhile > 0U);
}

BOOST_AUTO_TEST_CASE(what_was_settled_is_read_whole_past_a_gap_while_a_commit_is_held) {
    Database const database;
    tests::make_trials(database);
    Pool pool{database.options(Role::feed)};
    ChangeFeed const feed{pool};
    auto const begin = feed.head();
    database.sql("BEGIN; INSERT INTO record.trials (name) VALUES ('lost'); "
                 "SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK");
    database.sql("INSERT INTO record.trials (name) VALUES ('kept')");
    auto const settled = feed.head();
    pqxx::connection slow{database.uri()};
    pqxx::work held{slow};
    held.exec("INSERT INTO record.trials (name) VALUES ('slow')");
    held.exec("SET CONSTRAINTS ALL IMMEDIATE");

    BOOST_TEST(feed.after(begin, 10).value().empty()); // the gap may be anybody's
    auto const changes = feed.between(begin, settled.seq, 10).value();
    BOOST_REQUIRE(changes.size() == 1U);
    BOOST_TEST(changes[0].seq == settled.seq);
}

BOOST_AUTO_TEST_CASE(what_was_rolled_back_after_its_number_was_drawn_holds_nothing_up) {
    Database const database;
    tests::make_trials(database);
    Pool pool{database.options(Role::feed)};
    ChangeFeed const feed{pool};
    auto const begin = feed.head();
    for (auto const* const end : {"ROLLBACK", "COMMIT", "ROLLBACK"})
        database.sql("BEGIN; INSERT INTO record.trials (name) VALUES ('a'); "
                     "SET CONSTRAINTS ALL IMMEDIATE; " +
                     std::string{end});
    auto const changes = feed.after(begin, 10).value();
    BOOST_REQUIRE(changes.size() == 1U);
    BOOST_TEST((feed.head().seq == changes[0].seq));
    BOOST_TEST(feed.after(feed.head(), 10).value().empty());
    FeedReader reader{pool};
    BOOST_TEST(reader.read(begin, 10).value().settled.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_commit_that_never_ends_holds_up_what_is_behind_it_and_nothing_before) {
    Database const database;
    tests::make_trials(database);
    Pool pool{database.options(Role::feed)};
    ChangeFeed const feed{pool};
    FeedReader reader{pool};
    auto cursor = feed.head();
    database.sql("INSERT INTO record.trials (name) VALUES ('before')");
    pqxx::connection slow{database.uri()};
    pqxx::work held{slow};
    held.exec("INSERT INTO record.trials (name) VALUES ('held')");
    held.exec("SET CONSTRAINTS ALL IMMEDIATE");
    for (int i = 0; i < 5; ++i) {
        database.sql("INSERT INTO record.trials (name) VALUES ('behind')");
        auto const reading = reader.read(cursor, 10).value();
        BOOST_TEST(reading.settled.size() == (i == 0 ? 1U : 0U));
        BOOST_TEST(reading.ahead.size() == std::size_t(i) + 1);
        if (!reading.settled.empty()) cursor.seq = reading.settled.back().seq;
    }
    held.abort();
    auto const reading = reader.read(cursor, 10).value();
    BOOST_TEST(reading.settled.size() == 5U);
    BOOST_TEST(reading.ahead.empty());
}

BOOST_AUTO_TEST_SUITE_END()
