#include "data/postgis/import.hpp"

#include "tests/data/rows.hpp"
#include "tests/support/database.hpp"

#include <boost/test/unit_test.hpp>

using namespace diaban;
using data::postgis::Import;
using data::postgis::ImportMode;
using data::postgis::ImportOptions;
using data::postgis::ImportRow;
using tests::Database;
using tests::throws;
using tests::Trial;

namespace {

ImportOptions by_name(ImportMode mode) {
    ImportOptions options;
    options.mode = mode;
    options.key = {"name"};
    return options;
}

/// Key and spatial index, both in use.
bool has_indexes(Database const& database, std::string const& table) {
    return database.value("SELECT count(*) FROM pg_index JOIN pg_class c ON c.oid = indexrelid "
                          "JOIN pg_am a ON a.oid = relam WHERE (amname = 'gist' OR indisprimary) "
                          "AND indisvalid "
                          "AND indrelid = 'record." +
                          table + "'::regclass") == "2";
}

} // namespace

BOOST_AUTO_TEST_SUITE(imports)

BOOST_AUTO_TEST_CASE(append_adds_rows_and_the_indexes_are_there_afterwards) {
    Database const database;
    auto const collection = tests::make_trials(database);
    for (int i = 1; i <= 2; ++i) {
        auto const result = tests::put(database, collection, tests::trials(3000));
        BOOST_TEST(result.inserted == 3000U);
        BOOST_TEST(has_indexes(database, "trials"));
    }
    BOOST_TEST(database.value("SELECT count(*) FROM record.trials") == "6000");
    tests::put(database, database.collection("parcels"), {});
    BOOST_TEST(has_indexes(database, "parcels"));
}

BOOST_AUTO_TEST_CASE(replace_leaves_the_new_rows_alone_and_keeps_the_old_ones_as_history) {
    Database const database;
    auto const collection = tests::make_trials(database);
    tests::put(database, collection, tests::trials(5));
    ImportOptions options;
    options.mode = ImportMode::replace;
    auto const result = tests::put(database, collection, tests::trials(2), options);
    BOOST_TEST(result.deleted == 5U);
    BOOST_TEST(result.inserted == 2U);
    BOOST_TEST(database.value("SELECT count(*) FROM record.trials") == "2");
    BOOST_TEST(database.value("SELECT count(*) FROM record.trials_history") == "5");
}

BOOST_AUTO_TEST_CASE(replace_by_key_keeps_fids_and_the_version_of_what_did_not_change) {
    Database const database;
    auto const collection = tests::make_trials(database);
    tests::put(database, collection, tests::trials(4));
    auto const before = database.sql("SELECT name, fid FROM record.trials WHERE amount IN (1, 2) "
                                     "ORDER BY name");
    auto rows = tests::trials(3); // t3 goes
    rows.erase(rows.begin());     // t0 goes
    rows[1].amount = 22;          // t2 changes
    rows.push_back({"t9", 9, tests::square(1, 1, 1), "", 0});
    auto const result = tests::put(database, collection, rows, by_name(ImportMode::replace));
    BOOST_TEST(result.unchanged == 1U);
    BOOST_TEST(result.updated == 1U);
    BOOST_TEST(result.inserted == 1U);
    BOOST_TEST(result.deleted == 2U);
    BOOST_TEST((database.sql("SELECT name, fid FROM record.trials WHERE name < 't9' "
                             "ORDER BY name") == before));
    BOOST_TEST(database.value("SELECT string_agg(name || version, ' ' ORDER BY name) "
                              "FROM record.trials") == "t11 t22 t91");
    BOOST_TEST(database.value("SELECT count(*) FROM record.trials_history") == "3");
    BOOST_TEST(database.value("SELECT count(*) FROM diaban.change") == "2");
}

BOOST_AUTO_TEST_CASE(upsert_leaves_alone_what_it_does_not_speak_of) {
    Database const database;
    auto const collection = tests::make_trials(database);
    auto rows = tests::trials(2);
    rows[0].sensitivity = 3;
    tests::put(database, collection, rows);
    database.sql("UPDATE record.trials SET remark = 'kept', valid_from = '2024-01-01'");

    auto options = by_name(ImportMode::upsert);
    options.fields = {"name", "amount"};
    Import import{database.uri(), collection, options};
    for (auto const* name : {"t0", "t5"}) {
        std::vector<geo::ValueView> const values{std::string_view{name},
                                                 std::int64_t{50},
                                                 {},
                                                 {},
                                                 {},
                                                 {},
                                                 std::string_view{"not said"},
                                                 {}};
        ImportRow row; // no geometry, scope, sensitivity or validity
        row.values = values;
        import.append(row);
    }
    auto const result = import.finish();
    BOOST_TEST(result.updated == 1U);
    BOOST_TEST(result.inserted == 1U);
    auto const kept =
        database.sql("SELECT amount, remark, scope, sensitivity, public.st_xmin(geom), "
                     "valid_from = '2024-01-01' FROM record.trials WHERE name = 't0'");
    BOOST_TEST((kept == Database::Rows{{"50", "kept", "north", "3", "100", "t"}}));
    BOOST_TEST(tests::amounts(database)["t1"] == "1");
    BOOST_TEST(database.value("SELECT sensitivity FROM record.trials WHERE name = 't5'") == "0");
}

BOOST_AUTO_TEST_CASE(a_repeated_or_missing_key_writes_nothing) {
    Database const database;
    auto const collection = tests::make_trials(database);
    tests::put(database, collection, tests::trials(3));
    for (auto const mode : {ImportMode::append, ImportMode::replace, ImportMode::upsert}) {
        auto twice = tests::trials(1);
        twice[0].name = "new";
        twice.push_back(twice[0]);
        BOOST_TEST(throws("duplicate-key",
                          [&] { tests::put(database, collection, twice, by_name(mode)); }));
        Import import{database.uri(), collection, by_name(mode)};
        std::vector<geo::ValueView> const nothing(8);
        ImportRow row;
        row.values = nothing;
        import.append(row);
        BOOST_TEST(throws("missing-key", [&] { import.finish(); }));
    }
    BOOST_TEST(tests::amounts(database).size() == 3U);
    BOOST_TEST(database.value("SELECT count(*) FROM diaban.import") == "1");
    database.sql("INSERT INTO record.trials (name) VALUES ('t1')");
    BOOST_TEST(throws("key-not-unique", [&] {
        tests::put(database, collection, tests::trials(2), by_name(ImportMode::upsert));
    }));
    BOOST_TEST(throws("key-needed", [&] {
        ImportOptions options;
        options.mode = ImportMode::upsert;
        tests::put(database, collection, {}, options);
    }));
    BOOST_TEST(throws("unknown-field", [&] {
        auto options = by_name(ImportMode::upsert);
        options.fields = {"nothing"};
        tests::put(database, collection, {}, options);
    }));
}

BOOST_AUTO_TEST_CASE(an_import_that_is_given_up_or_fails_was_never_there) {
    Database const database;
    auto const collection = tests::make_trials(database);
    {
        Import import{database.uri(), collection, {}};
        auto const row = tests::trials(1)[0];
        auto const values = row.values();
        ImportRow written;
        written.ewkb = row.shape;
        written.values = values;
        import.append(written);
        import.fault({1, "reason", "detail", {}, "{}"});
    }
    auto beyond = tests::trials(2);
    beyond[1].shape = tests::square(179.5, 0, 1);
    BOOST_TEST(throws("bad-geometry", [&] { tests::put(database, collection, beyond); }));
    BOOST_TEST(database.value("SELECT count(*) FROM record.trials") == "0");
    BOOST_TEST(database.value("SELECT count(*) FROM diaban.import_fault") == "0");
    BOOST_TEST(database.value("SELECT count(*) FROM diaban.change") == "0");
    BOOST_TEST(has_indexes(database, "trials"));
}

BOOST_AUTO_TEST_CASE(faults_are_kept_with_reason_and_original_and_counted) {
    Database const database;
    auto const collection = tests::make_trials(database);
    ImportOptions options;
    options.source = "thửa đất.shp";
    Import import{database.uri(), collection, options};
    auto const good = tests::trials(2000);
    std::uint64_t number = 0;
    for (auto const& trial : good) {
        auto const values = trial.values();
        ImportRow row;
        row.ewkb = trial.shape;
        row.values = values;
        import.append(row);
        import.fault({++number, "self-intersection", "ở 105, 18", trial.shape, R"({"số":"7"})"});
    }
    auto const result = import.finish(17);
    BOOST_TEST(result.written == 2000U);
    BOOST_TEST(result.faults == 2000U);
    BOOST_TEST(database.value("SELECT count(*) FROM record.trials") == "2000");
    BOOST_TEST(database.value("SELECT count(DISTINCT source_row) FROM diaban.import_fault WHERE "
                              "original ->> 'số' = '7' AND length(original_wkb) = 97") == "2000");
    auto const row = database.sql("SELECT inserted, repaired, faults, source, finished_at >= "
                                  "started_at FROM diaban.import");
    BOOST_TEST((row == Database::Rows{{"2000", "17", "2000", "thửa đất.shp", "t"}}));
}

BOOST_AUTO_TEST_CASE(given_fids_and_source_coordinates_are_stored) {
    Database const database;
    auto const parcels = database.collection("parcels");
    auto const shape = tests::square(105, 18, 0.001);
    ImportOptions options;
    options.with_fids = true;
    Import import{database.uri(), parcels, options};
    std::vector<geo::ValueView> const values(parcels.schema.fields.size());
    ImportRow row;
    row.fid = 77;
    row.ewkb = shape;
    row.source_srid = 9209;
    row.source_ewkb = shape;
    row.valid_from = geo::Instant{0};
    row.values = values;
    import.append(row);
    import.finish();
    BOOST_TEST(
        (database.sql("SELECT fid, source_srid, public.st_srid(source_geom), "
                      "extract(epoch FROM valid_from)::int, valid_to IS NULL "
                      "FROM record.parcels") == Database::Rows{{"77", "9209", "4326", "0", "t"}}));
}

BOOST_AUTO_TEST_SUITE_END()
