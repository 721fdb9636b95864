#include "tests/data/rows.hpp"
#include "tests/support/database.hpp"

#include <boost/test/unit_test.hpp>

using namespace diaban;
using tests::Database;

namespace {

/// A parcel with a fid of its own choosing, as replication writes it.
std::string copied_parcel(std::int64_t fid) {
    return "SET session_replication_role = replica; INSERT INTO record.parcels (fid, geom) VALUES "
           "(" +
           std::to_string(fid) +
           ", public.st_makeenvelope(105, 18, 105.1, 18.1, 4326)); RESET session_replication_role";
}

constexpr std::int64_t first_of_three = 3LL << 43;

} // namespace

BOOST_AUTO_TEST_SUITE(neighbours)

BOOST_AUTO_TEST_CASE(a_record_takes_another_range_of_fids_while_it_has_no_parcels) {
    Database const database;
    database.sql("SELECT diaban.take_shard(3)");
    database.sql("INSERT INTO record.parcels (sheet) VALUES (1); INSERT INTO record.facilities "
                 "(name, kind) VALUES ('a', 'school')");
    BOOST_TEST(database.value("SELECT fid FROM record.parcels") ==
               std::to_string(first_of_three + 1));
    BOOST_TEST(database.value("SELECT tableoid::regclass FROM record.parcels") ==
               "diaban.parcels_part_0");
    BOOST_TEST(database.value("SELECT fid FROM record.facilities") ==
               std::to_string(first_of_three + 1));
    BOOST_CHECK_THROW(database.sql("SELECT diaban.take_shard(4)"), std::exception);
    BOOST_TEST(database.value("SELECT shard FROM diaban.instance") == "3");
}

BOOST_AUTO_TEST_CASE(copies_of_another_servers_rows_are_fed_and_written_by_nobody_here) {
    Database const database;
    database.sql("INSERT INTO record.parcels (sheet) VALUES (1)");
    database.sql("SELECT diaban.receive_shard('parcels', 3)");
    database.sql(copied_parcel(first_of_three + 1));
    database.sql("SELECT diaban.follow_shard('parcels', 3)");
    database.sql(copied_parcel(first_of_three + 2));
    BOOST_TEST(
        database.value("SELECT string_agg(operation, ',' ORDER BY seq) FROM diaban.change") ==
        "insert,import,insert");
    for (auto const* const statement :
         {"UPDATE record.parcels SET sheet = 2 WHERE fid >> 43 = 3",
          "DELETE FROM record.parcels WHERE fid >> 43 = 3", "TRUNCATE record.parcels",
          "INSERT INTO record.parcels (fid) VALUES ((3::bigint << 43) + 9)"})
        BOOST_CHECK_THROW(database.sql(statement), std::exception);
    database.sql("UPDATE record.parcels SET sheet = 2 WHERE fid >> 43 = 0");
    BOOST_TEST(database.value("SELECT count(*) FROM record.parcels") == "3");
}

BOOST_AUTO_TEST_CASE(a_replacing_import_leaves_the_copies_of_another_server) {
    Database const database;
    auto const collection = database.collection("parcels");
    database.sql("INSERT INTO record.parcels (sheet) VALUES (1)");
    database.sql("SELECT diaban.receive_shard('parcels', 3)");
    database.sql(copied_parcel(first_of_three + 1));
    for (auto const* const key : {"", "sheet"}) {
        data::postgis::ImportOptions options;
        options.mode = data::postgis::ImportMode::replace;
        if (*key != '\0') options.key = {key};
        auto const result = tests::put(database, collection, {}, options);
        BOOST_TEST(result.deleted == (*key == '\0' ? 1U : 0U));
        BOOST_TEST(database.value("SELECT string_agg(fid::text, ',') FROM record.parcels") ==
                   std::to_string(first_of_three + 1));
    }
}

BOOST_AUTO_TEST_SUITE_END()
