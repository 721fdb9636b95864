#include "data/postgis/row_fetch.hpp"

#include "tests/data/rows.hpp"
#include "tests/support/database.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <map>
#include <numeric>
#include <set>

using namespace diaban;
using data::postgis::Fields;
using data::postgis::RowFetch;
using tests::Database;

namespace {

std::set<std::int64_t> fids_read(RowFetch& fetch, data::model::Collection const& collection,
                                 std::vector<std::int64_t> const& fids) {
    std::multiset<std::int64_t> found;
    fetch.read(collection, Fields::tile, fids,
               [&](geo::RowView const& row) { found.insert(row.fid); });
    std::set<std::int64_t> once{found.begin(), found.end()};
    BOOST_TEST(once.size() == found.size());
    return once;
}

} // namespace

BOOST_AUTO_TEST_SUITE(row_fetch)

BOOST_AUTO_TEST_CASE(rows_come_whole_and_those_not_there_do_not) {
    Database const database;
    auto const collection = tests::make_trials(database);
    tests::put(database, collection, tests::trials(5));
    database.sql("INSERT INTO record.trials (fid, name) VALUES (77, 'nowhere')");
    RowFetch fetch{database.uri()};
    std::map<std::int64_t, geo::Feature> rows;
    std::vector<std::int64_t> const fids{2, 77, 1'000, 4, 2};
    fetch.read(collection, Fields::tile, fids, [&](geo::RowView const& row) {
        auto& feature = rows[row.fid];
        for (auto const& value : row.values) feature.values.push_back(geo::owned(value));
        if (row.fid == 77) BOOST_TEST(row.wkb.empty());
        if (row.fid == 2) {
            auto const wanted = tests::square(100.001, 10, 0.001);
            BOOST_TEST(std::equal(row.wkb.begin(), row.wkb.end(), wanted.begin(), wanted.end()));
            BOOST_TEST(row.scope == "south");
        }
    });
    BOOST_TEST(rows.size() == 3U);
    BOOST_TEST((rows[2].values[0] == geo::Value{std::string{"t1"}}));
    BOOST_TEST((rows[4].values[1] == geo::Value{std::int64_t{3}}));
    BOOST_TEST(rows[2].values.size() == RowFetch::fields(collection, Fields::tile).size());
}

BOOST_AUTO_TEST_CASE(a_partitioned_collection_gives_its_rows_wherever_they_lie) {
    Database const database;
    auto const collection = database.collection("parcels");
    database.sql("INSERT INTO record.parcels (fid) VALUES (1), (5000000), (9000000), "
                 "(9007199254740991)");
    RowFetch fetch{database.uri()};
    BOOST_TEST((fids_read(fetch, collection, {1, 2, 9'000'000, 9'007'199'254'740'991}) ==
                std::set<std::int64_t>{1, 9'000'000, 9'007'199'254'740'991}));
    BOOST_TEST(fids_read(fetch, collection, {}).empty());
}

BOOST_AUTO_TEST_CASE(
    a_lost_connection_is_replaced_and_a_sink_that_throws_leaves_the_next_read_whole) {
    Database const database;
    auto const collection = tests::make_trials(database);
    tests::put(database, collection, tests::trials(5));
    RowFetch fetch{database.uri()};
    std::vector<std::int64_t> const fids{1, 2, 3};
    BOOST_TEST(fids_read(fetch, collection, fids).size() == 3U);
    database.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                 "WHERE pid <> pg_backend_pid() AND datname = current_database()");
    BOOST_TEST(fids_read(fetch, collection, fids).size() == 3U);
    BOOST_CHECK_THROW(fetch.read(collection, Fields::tile, fids,
                                 [](geo::RowView const&) { throw std::runtime_error{"full"}; }),
                      std::runtime_error);
    BOOST_TEST(fids_read(fetch, collection, fids).size() == 3U);
    RowFetch nowhere{"postgresql:///none?host=/nonexistent"};
    BOOST_TEST(tests::throws("database-down", [&] { fids_read(nowhere, collection, fids); }));
}

BOOST_AUTO_TEST_CASE(one_row_and_ten_thousand_are_read_in_time) {
    Database const database;
    auto const collection = database.collection("parcels"); // partitioned
    database.sql("INSERT INTO record.parcels (geom, parcel_number) SELECT "
                 "public.st_makeenvelope(105 + i * 1e-5, 18, 105.00001 + i * 1e-5, 18.1, 4326), i "
                 "FROM generate_series(1, 50000) AS i; ANALYZE record.parcels");
    RowFetch fetch{database.uri()};
    auto const time = [&](std::size_t count) {
        std::vector<std::int64_t> fids(count);
        for (std::size_t i = 0; i < count; ++i) fids[i] = static_cast<std::int64_t>(1 + 5 * i);
        auto best = std::chrono::steady_clock::duration::max();
        for (int round = 0; round < 5; ++round) {
            auto const begin = std::chrono::steady_clock::now();
            BOOST_TEST(fids_read(fetch, collection, fids).size() == count);
            best = std::min(best, std::chrono::steady_clock::now() - begin);
        }
        return std::chrono::duration<double, std::milli>(best).count();
    };
    auto const one = time(1);
    auto const many = time(10'000);
    BOOST_TEST_MESSAGE("1 row " << one << " ms, 10,000 rows " << many << " ms");
    BOOST_TEST(one < 50);
    BOOST_TEST(many < 1000);
}

BOOST_AUTO_TEST_SUITE_END()
