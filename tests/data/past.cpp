#include "data/postgis/past_sql.hpp"
#include "data/postgis/past_store.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/codec/wkb.hpp"
#include "tests/data/rows.hpp"
#include "tests/support/database.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace diaban;
using data::model::Moment;
using data::postgis::PastSql;
using data::postgis::PastStore;
using data::postgis::Pool;
using data::postgis::Role;
using tests::Database;

namespace {

constexpr geo::Box world{-180, -90, 180, 90};

geo::Instant clock_of(Database const& database) {
    return {std::stoll(
        database.value("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"))};
}

/// Without haste: the machine may have other work.
data::postgis::PoolOptions patient(Database const& database) {
    auto options = database.options(Role::serve);
    options.statement_timeout = std::chrono::seconds{60};
    return options;
}

std::string text_of(geo::Instant instant) {
    std::string text;
    geo::codec::append_instant(text, instant);
    return "'" + text + "'";
}

std::string envelope(geo::Box const& box) {
    return "public.st_makeenvelope(" + std::to_string(box.min_x) + "," + std::to_string(box.min_y) +
           "," + std::to_string(box.max_x) + "," + std::to_string(box.max_y) + ",4326)";
}

/// What tells one version of a row from another: its values and the bytes of its shape.
using Rows = std::map<std::int64_t, std::string>;

/// A table `trials` that is edited at random, with a copy of it after every transaction.
class EditHistory {
public:
    EditHistory(Database const& database, std::uint64_t seed, int transactions)
        : m_database{database}, m_connection{database.uri()}, m_random{seed} {
        auto const collection = tests::make_trials(database);
        for (int i = 0; i < transactions; ++i) {
            if (i % 25 == 24)
                replace(collection);
            else
                sql("BEGIN;" + edits() + "COMMIT");
            m_instants.push_back(
                {sql("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")[0][0]
                     .as<std::int64_t>()});
            sql("CREATE TABLE public.copy_" + std::to_string(i) +
                " AS SELECT * FROM record.trials");
        }
    }

    pqxx::result sql(std::string const& statements) {
        return pqxx::nontransaction{m_connection}.exec(statements);
    }
    [[nodiscard]] std::vector<geo::Instant> const& instants() const { return m_instants; }
    std::mt19937_64& random() { return m_random; }
    geo::Box box(double largest) {
        std::uniform_real_distribution<double> place{104.9, 106.1};
        std::uniform_real_distribution<double> side{0, largest};
        double const west = place(m_random);
        double const south = place(m_random) - 87;
        return {west, south, west + side(m_random), south + side(m_random)};
    }
    /// An instant of the year around which validities lie.
    geo::Instant legal() {
        return {1'735'689'600'000'000 + std::int64_t(m_random() % 730) * 43'200'000'000};
    }

private:
    std::string validity() {
        auto const from = m_random() % 3 == 0 ? geo::Instant{} : legal();
        std::string const begin = from.microseconds == 0 ? "NULL" : text_of(from);
        auto const end = geo::Instant{(from.microseconds == 0 ? legal() : from).microseconds +
                                      43'200'000'000 * std::int64_t(1 + m_random() % 200)};
        return begin + ", " + (m_random() % 3 == 0 ? std::string{"NULL"} : text_of(end));
    }
    std::string row() {
        static char const* const scopes[] = {"'north'", "'south'", "''"};
        return "('" + std::to_string(m_random() % 1000) + "', " +
               std::to_string(m_random() % 1000) + ", " +
               (m_random() % 8 == 0 ? std::string{"NULL"} : envelope(box(0.05))) + ", " +
               scopes[m_random() % 3] + ", " + std::to_string(m_random() % 4) + ", " + validity() +
               ")";
    }
    std::string edits() {
        if (m_random() % 40 == 0) return "TRUNCATE record.trials;";
        std::string sql;
        for (auto left = 1 + m_random() % 6; left > 0; --left) {
            auto const some = "fid IN (SELECT fid FROM record.trials ORDER BY (fid * " +
                              std::to_string(1 + m_random() % 9973) + ") % 9973 LIMIT " +
                              std::to_string(1 + m_random() % 4) + ")";
            auto const kind = m_random() % 10;
            if (kind < 4)
                sql += "INSERT INTO record.trials (name, amount, geom, scope, sensitivity, "
                       "valid_from, valid_to) VALUES " +
                       row() + ", " + row() + ";";
            else if (kind < 8)
                sql += "UPDATE record.trials SET (name, amount, geom, scope, sensitivity, "
                       "valid_from, valid_to) = " +
                       row() + " WHERE " + some + ";";
            else
                sql += "DELETE FROM record.trials WHERE " + some + ";";
        }
        return sql;
    }
    void replace(data::model::Collection const& collection) {
        data::postgis::ImportOptions options;
        options.mode = data::postgis::ImportMode::replace;
        auto rows = tests::trials(30);
        for (auto& trial : rows) {
            auto const at = box(0);
            trial.shape = tests::square(at.min_x, at.min_y, 0.03);
        }
        tests::put(m_database, collection, rows, options);
    }

    Database const& m_database;
    pqxx::connection m_connection;
    std::mt19937_64 m_random;
    std::vector<geo::Instant> m_instants;
};

/// One question, and how it is asked of a copy.
struct Question {
    Moment moment;
    geo::Box box;
    geo::Policy policy = geo::Policy::everything();
    std::string condition; // on the copy, but for the box
};

Question question(EditHistory& history, std::size_t instant) {
    auto& random = history.random();
    Question asked;
    asked.moment.recorded = history.instants()[instant];
    asked.box = history.box(1.6);
    asked.condition = "true";
    if (auto const kind = random() % 3; kind == 1) { // an instant of legal time
        auto const at = history.legal();
        asked.moment.valid = geo::Period{at.microseconds, at.microseconds};
        asked.condition += " AND (valid_from IS NULL OR valid_from <= " + text_of(at) +
                           ") AND (valid_to IS NULL OR valid_to > " + text_of(at) + ")";
    } else if (kind == 2) {
        auto a = history.legal();
        auto b = history.legal();
        if (b < a) std::swap(a, b);
        asked.moment.valid = geo::Period{a.microseconds, b.microseconds};
        asked.condition += " AND tstzrange(valid_from, valid_to) && tstzrange(" + text_of(a) +
                           ", " + text_of(b) + ", '[]')";
    }
    if (random() % 2 == 0) {
        asked.policy = geo::Policy::limited({"north", ""}, 2);
        asked.condition += " AND scope IN ('north', '') AND sensitivity <= 2";
    }
    return asked;
}

Rows of_copy(EditHistory& history, std::size_t instant, Question const& asked,
             std::string const& meets) {
    Rows rows;
    for (auto const row : history.sql(
             "SELECT fid, amount, encode(public.st_asbinary(geom), 'hex') FROM public.copy_" +
             std::to_string(instant) + " WHERE " + asked.condition + meets))
        rows[row[0].as<std::int64_t>()] = row[1].c_str() + (" " + std::string{row[2].c_str()});
    return rows;
}

std::string hex(std::span<std::byte const> bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (auto const byte : bytes) {
        text += digits[std::to_integer<unsigned>(byte) >> 4U];
        text += digits[std::to_integer<unsigned>(byte) & 15U];
    }
    return text;
}

/// The row's amount, and its shape as plain WKB.
std::string say(geo::Value const& amount, geo::Geometry shape) {
    auto const* const number = std::get_if<std::int64_t>(&amount);
    std::vector<std::byte> bytes;
    shape.srid = 0;
    if (!shape.empty()) geo::codec::append_ewkb(bytes, shape);
    return (number == nullptr ? std::string{} : std::to_string(*number)) + " " + hex(bytes);
}

Rows of_stream(PastStore const& past, data::model::Collection const& collection,
               Question const& asked) {
    Rows rows;
    past.rows(collection, asked.moment, asked.box, asked.policy, [&](geo::RowView const& row) {
        geo::Geometry shape;
        geo::codec::read_wkb(row.wkb, shape);
        BOOST_TEST(rows.emplace(row.fid, say(geo::owned(row.values[1]), shape)).second);
    });
    return rows;
}

Rows of_pages(PastStore const& past, data::model::Collection const& collection,
              Question const& asked, std::vector<geo::Box> const& boxes) {
    Rows rows;
    std::optional<std::uint64_t> matched;
    for (std::int64_t after = 0;;) {
        auto const page = past.page(collection, asked.moment, boxes, after, 7, asked.policy);
        for (auto const& feature : page.features) {
            BOOST_TEST(feature.fid > after);
            after = feature.fid;
            rows[after] = say(feature.values[1], feature.geometry);
        }
        matched = page.matched;
        if (!page.more) break;
    }
    BOOST_TEST(matched.has_value() == !boxes.empty());
    if (matched) BOOST_TEST(*matched == rows.size());
    return rows;
}

/// Pages of the buffers that a statement touches.
long blocks_touched(Database const& database, std::string const& statement) {
    std::string plan;
    for (auto const& row : database.sql("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + statement))
        plan += row[0];
    auto const top = nlohmann::json::parse(plan)[0]["Plan"];
    return top["Shared Hit Blocks"].get<long>() + top["Shared Read Blocks"].get<long>();
}

} // namespace

BOOST_AUTO_TEST_SUITE(past)

BOOST_AUTO_TEST_CASE(two_hundred_looks_back_equal_copies_taken_at_the_time) {
    Database const database;
    EditHistory history{database, tests::seed(), 120};
    auto const collection = database.collection("trials");
    Pool pool{patient(database)};
    PastStore const past{pool};
    std::size_t seen = 0;
    for (int i = 0; i < 200; ++i) {
        auto const instant = history.random()() % history.instants().size();
        auto const asked = question(history, instant);
        auto const meets = " AND geom OPERATOR(public.&&) " + envelope(asked.box);
        auto const wanted = of_copy(history, instant, asked, meets);
        BOOST_TEST((of_stream(past, collection, asked) == wanted));
        BOOST_TEST((of_pages(past, collection, asked, {asked.box}) ==
                    of_copy(history, instant, asked,
                            " AND public.st_intersects(geom, " + envelope(asked.box) + ")")));
        BOOST_TEST((of_pages(past, collection, asked, {}) == of_copy(history, instant, asked, "")));
        seen += wanted.size();
    }
    BOOST_TEST(seen > 200U);
}

BOOST_AUTO_TEST_CASE(every_version_of_a_row_is_told_newest_first_and_was_the_row_at_its_time) {
    Database const database;
    EditHistory history{database, tests::seed(), 100};
    auto const collection = database.collection("trials");
    Pool pool{patient(database)};
    PastStore const past{pool};
    auto const everything = geo::Policy::everything();
    std::map<std::int64_t, std::vector<data::postgis::Version>> told;
    for (auto const& row : database.sql("SELECT fid FROM record.trials UNION SELECT fid FROM "
                                        "record.trials_history WHERE ended_at > recorded_at")) {
        auto const fid = std::stoll(row[0]);
        auto& versions = told[fid];
        for (std::optional<geo::Instant> before;;) { // in pages of three
            auto const some = past.versions(collection, fid, before, 3, everything);
            for (auto const& version : some) versions.push_back(version);
            if (some.size() < 3) break;
            before = some.back().recorded_at;
        }
        BOOST_REQUIRE(!versions.empty());
        for (std::size_t i = 1; i < versions.size(); ++i) {
            BOOST_TEST((versions[i].ended_at == versions[i - 1].recorded_at));
            BOOST_TEST(versions[i].ended_by == "update");
            BOOST_TEST(versions[i].number == versions[i - 1].number - 1);
        }
        bool const is_known =
            database.value("SELECT count(*) FROM record.trials WHERE fid = " + row[0]) == "1";
        BOOST_TEST(versions.front().ended_at.has_value() != is_known);
        BOOST_TEST(versions.front().ended_by.empty() == is_known);
    }
    for (std::size_t i = 0; i < history.instants().size(); ++i) {
        Question all;
        all.condition = "true";
        Rows rows;
        for (auto const& [fid, versions] : told)
            for (auto const& version : versions)
                if (version.recorded_at <= history.instants()[i] &&
                    (!version.ended_at || history.instants()[i] < *version.ended_at))
                    rows[fid] = say(version.feature.values[1], version.feature.geometry);
        BOOST_TEST((rows == of_copy(history, i, all, "")));
    }
    BOOST_TEST(past.versions(collection, 999'999, {}, 10, everything).empty());
}

BOOST_AUTO_TEST_CASE(a_version_is_judged_by_its_own_scope_and_sensitivity) {
    Database const database;
    auto const collection = tests::make_trials(database);
    database.sql("INSERT INTO record.trials (name, scope) VALUES ('open', 'north')");
    auto const before = clock_of(database);
    database.sql("UPDATE record.trials SET name = 'closed', sensitivity = 3");
    Pool pool{patient(database)};
    PastStore const past{pool};
    auto const few = geo::Policy::limited({"north"}, 1, {"amount"});
    auto const seen = past.versions(collection, 1, {}, 10, few);
    BOOST_REQUIRE(seen.size() == 1U);
    BOOST_TEST((seen[0].feature.values[0] == geo::Value{std::string{"open"}}));
    BOOST_TEST(seen[0].feature.values.size() == 6U); // without the masked and the personal one
    BOOST_TEST(past.page(collection, {before, {}}, {}, 0, 10, few).features.size() == 1U);
    BOOST_TEST(past.page(collection, {{}, {}}, {}, 0, 10, few).features.empty());
}

BOOST_AUTO_TEST_CASE(a_transaction_is_seen_whole_or_not_at_all_at_every_instant) {
    Database const database;
    auto const collection = tests::make_trials(database);
    database.sql("INSERT INTO record.trials (name) SELECT 'old' FROM generate_series(1, 5)");
    auto const begin = clock_of(database);
    database.sql("BEGIN; DELETE FROM record.trials WHERE fid = 1; SELECT pg_sleep(0.01); "
                 "UPDATE record.trials SET name = 'new'; SELECT pg_sleep(0.01); "
                 "INSERT INTO record.trials (name) VALUES ('new'); COMMIT");
    Pool pool{patient(database)};
    PastStore const past{pool};
    auto const end = clock_of(database);
    std::set<std::pair<int, int>> pictures; // rows old and new
    auto const step = std::max<std::int64_t>(1, (end.microseconds - begin.microseconds) / 600);
    for (auto at = begin.microseconds; at <= end.microseconds; at += step) {
        std::pair<int, int> picture;
        for (auto const& feature :
             past.page(collection, {geo::Instant{at}, {}}, {}, 0, 10, geo::Policy::everything())
                 .features)
            ++(feature.values[0] == geo::Value{std::string{"old"}} ? picture.first
                                                                   : picture.second);
        pictures.insert(picture);
    }
    BOOST_TEST((pictures == std::set<std::pair<int, int>>{{5, 0}, {0, 5}}));
}

BOOST_AUTO_TEST_CASE(a_row_that_brings_its_own_recorded_time_was_not_known_before_it_came) {
    Database const database;
    auto const collection = tests::make_trials(database);
    database.sql("INSERT INTO record.trials (name) VALUES ('first')");
    database.sql("UPDATE record.trials SET amount = 1");
    auto const before = clock_of(database);
    // As QGIS pastes a row; and as a table is emptied and filled again.
    database.sql("BEGIN; CREATE TEMPORARY TABLE kept AS SELECT * FROM record.trials; "
                 "TRUNCATE record.trials; INSERT INTO record.trials SELECT * FROM kept; "
                 "UPDATE kept SET fid = 2; INSERT INTO record.trials SELECT * FROM kept; COMMIT");
    Pool pool{patient(database)};
    PastStore const past{pool};
    auto const rows = [&](geo::Instant at) {
        return past.page(collection, {at, {}}, {}, 0, 10, geo::Policy::everything())
            .features.size();
    };
    BOOST_TEST(rows(before) == 1U);
    BOOST_TEST(rows(clock_of(database)) == 2U);
    BOOST_TEST(database.value("SELECT sum(version) FROM record.trials") == "2");
    BOOST_TEST(past.versions(collection, 1, {}, 10, geo::Policy::everything()).size() == 3U);
}

BOOST_AUTO_TEST_CASE(datetime_is_asked_of_the_time_field_where_there_is_one) {
    Database const database;
    auto const reports = database.collection("reports"); // partitioned, time field reported_at
    database.sql("INSERT INTO record.reports (reported_at) VALUES ('2025-09-28T00:00:00Z'), "
                 "('2025-09-28T12:00:00Z'), (NULL)");
    database.sql("UPDATE record.reports SET title = 'x'");
    Pool pool{patient(database)};
    PastStore const past{pool};
    auto const count = [&](std::optional<geo::Period> valid) {
        return past.page(reports, {clock_of(database), valid}, {}, 0, 10, geo::Policy::everything())
            .features.size();
    };
    constexpr std::int64_t midnight = 1'759'017'600'000'000;
    BOOST_TEST(count(std::nullopt) == 3U);
    BOOST_TEST(count(geo::Period{}) == 2U);
    BOOST_TEST(count(geo::Period{midnight, midnight}) == 1U);
    BOOST_TEST(count(geo::Period{midnight + 1, geo::Period::open_end}) == 1U);
    BOOST_TEST(count(geo::Period{geo::Period::open_begin, midnight - 1}) == 0U);
}

BOOST_AUTO_TEST_CASE(a_window_beyond_the_bound_is_refused_and_the_next_one_is_answered) {
    Database const database;
    auto const collection = database.collection("cameras");
    database.sql("INSERT INTO record.cameras (geom) SELECT public.st_point(105 + i * 1e-5, 18, "
                 "4326) FROM generate_series(0, 50000) AS i; ANALYZE record.cameras");
    Pool pool{patient(database)};
    PastStore const past{pool};
    auto const everything = geo::Policy::everything();
    Moment const now{clock_of(database), {}};
    std::size_t rows = 0;
    auto const count = [&](geo::RowView const&) { ++rows; };
    BOOST_TEST(tests::throws("past-too-large",
                             [&] { past.rows(collection, now, world, everything, count); }));
    BOOST_TEST(tests::throws("past-too-large", [&] {
        static_cast<void>(past.page(collection, now, {world}, 0, 10, everything));
    }));
    rows = 0;
    past.rows(collection, now, {105.0001, 17, 106, 19}, everything, count);
    BOOST_TEST(rows > 49'980U);
    BOOST_TEST(rows <= 49'991U + 1);
    BOOST_TEST(past.page(collection, now, {}, 0, 10, everything).features.size() == 10U);
}

BOOST_AUTO_TEST_CASE(the_statement_timeout_and_the_number_of_streams_hold) {
    Database const database;
    auto const collection = tests::make_trials(database);
    database.sql("INSERT INTO record.trials (geom) VALUES (" + envelope({105, 18, 106, 19}) + ")");
    auto options = database.options(Role::serve);
    options.statement_timeout = std::chrono::milliseconds{500};
    options.wait = std::chrono::milliseconds{30};
    Pool pool{options};
    PastStore const past{pool, 1};
    auto const read = [&](data::postgis::RowSink const& sink) {
        past.rows(collection, {}, world, geo::Policy::everything(), sink);
    };
    read([&](geo::RowView const&) {
        BOOST_TEST(tests::throws("database-busy", [&] { read([](auto const&) {}); }));
    });
    pqxx::connection other{database.uri()};
    pqxx::work held{other};
    held.exec("LOCK TABLE record.trials");
    BOOST_TEST(tests::throws("database-timeout", [&] { read([](auto const&) {}); }));
    held.abort();
    std::size_t rows = 0;
    read([&](geo::RowView const&) { ++rows; });
    BOOST_TEST(rows == 1U);
}

BOOST_AUTO_TEST_CASE(indexes_are_used_and_the_cost_grows_with_the_answer_not_with_the_edits) {
    Database const database;
    auto const collection = database.collection("parcels"); // partitioned
    database.sql("INSERT INTO record.parcels (geom, parcel_number) SELECT "
                 "public.st_makeenvelope(105 + (i % 200) * 1e-3, 18 + i / 200 * 1e-3, "
                 "105.0009 + (i % 200) * 1e-3, 18.0009 + i / 200 * 1e-3, 4326), i "
                 "FROM generate_series(0, 19999) AS i");
    // One corner is edited 300 times, another never.
    for (int i = 0; i < 300; ++i)
        database.sql("UPDATE record.parcels SET area_m2 = " + std::to_string(i) +
                     " WHERE fid <= 10 OR fid IN (201, 202, 203, 204, 205)");
    auto const half = geo::Instant{std::stoll(database.value(
        "SELECT (extract(epoch FROM recorded_at) * 1000000)::bigint FROM record.parcels_history "
        "WHERE fid = 1 AND version = 150"))};
    database.sql("VACUUM ANALYZE record.parcels");
    database.sql("VACUUM ANALYZE record.parcels_history");
    auto const everything = geo::Policy::everything();
    auto const plan_of = [&](std::string const& statement) {
        std::string plan;
        for (auto const& row : database.sql("EXPLAIN " + statement)) plan += row[0] + "\n";
        return plan;
    };
    geo::Box const edited{105, 18, 105.005, 18.0015};
    geo::Box const quiet{105.1, 18.05, 105.105, 18.0515};
    auto const window = [&](std::optional<geo::Instant> recorded, geo::Box const& box) {
        return PastSql{collection, {recorded, {}}, everything}.near(box).select("t.fid");
    };
    auto const beyond = [&](std::int64_t fid) {
        return PastSql{collection, {half, {}}, everything}.after(fid).select("t.fid") +
               " ORDER BY 1 LIMIT 11";
    };
    for (auto const& statement :
         {window(half, edited), window(half, quiet), window({}, edited), beyond(5'000),
          PastSql{collection, {half, {}}, everything}.meeting({edited, quiet}).select("t.fid")}) {
        auto const plan = plan_of(statement);
        BOOST_TEST(plan.find("Index") != std::string::npos, statement << "\n" << plan);
        BOOST_TEST(plan.find("Seq Scan on parcels_part_0") == std::string::npos, statement << "\n"
                                                                                           << plan);
        BOOST_TEST(plan.find("Seq Scan on parcels_history") == std::string::npos, statement
                                                                                      << "\n"
                                                                                      << plan);
    }
    auto const at_edited = blocks_touched(database, window(half, edited));
    auto const at_quiet = blocks_touched(database, window(half, quiet));
    BOOST_TEST_MESSAGE("blocks touched: " << at_edited << " where all was edited 300 times, "
                                          << at_quiet << " where nothing was");
    BOOST_TEST(at_edited < 10 * at_quiet);
}

BOOST_AUTO_TEST_SUITE_END()
