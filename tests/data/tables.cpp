#include "data/postgis/collections.hpp"
#include "tests/data/rows.hpp"
#include "tests/support/database.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <sstream>

using namespace diaban;
using data::postgis::Collections;
using data::postgis::Pool;
using data::postgis::Role;
using tests::Database;
using tests::throws;

namespace {

constexpr char const* a_square = "public.st_makeenvelope(105, 18, 105.1, 18.1, 4326)";

std::string insert(std::string const& shape, std::string const& more = "") {
    return "INSERT INTO record.trials (geom, name" + std::string{more.empty() ? "" : ", size"} +
           ") VALUES (" + shape + ", 'a'" + (more.empty() ? "" : ", " + more) + ")";
}

bool refused(Database const& database, std::string const& statement) {
    try {
        database.sql(statement);
    } catch (std::exception const&) {
        return true;
    }
    return false;
}

} // namespace

BOOST_AUTO_TEST_SUITE(tables)

BOOST_AUTO_TEST_CASE(every_noun_of_the_house_is_a_collection_with_titles_in_both_languages) {
    Database const database;
    Pool pool{database.options(Role::serve)};
    auto const collections = Collections{pool}.list();
    std::vector<std::string> ids;
    for (auto const& collection : collections) {
        ids.push_back(collection.schema.id);
        BOOST_TEST(!collection.title.vi.empty());
        BOOST_TEST(!collection.title.en.empty());
        for (auto const& field : collection.schema.fields) {
            BOOST_TEST(!field.title.vi.empty());
            BOOST_TEST(!field.title.en.empty());
            BOOST_TEST(!(field.tile && field.personal));
        }
    }
    std::vector<std::string> const nouns{"places",
                                         "parcels",
                                         "indicators",
                                         "cameras",
                                         "reports",
                                         "disaster_events",
                                         "sensors",
                                         "facilities",
                                         "incidents",
                                         "alerts",
                                         "indicator_catalogue",
                                         "holidays",
                                         "service_dossiers",
                                         "service_pauses",
                                         "service_scores",
                                         "directives",
                                         "tasks",
                                         "untied",
                                         "indicator_sources",
                                         "press_sources",
                                         "press_items",
                                         "wind_levels",
                                         "storm_risks",
                                         "storm_bulletins",
                                         "storm_fixes",
                                         "storm_dangers",
                                         "storm_warnings",
                                         "rain_regions",
                                         "rain_risks",
                                         "reservoir_curves",
                                         "instruments",
                                         "observed_properties",
                                         "datastreams",
                                         "walls",
                                         "wall_scenes",

                                         "vehicles",
                                         "watch_rules",
                                         "duty_roster",
                                         "event_orders",
                                         "triage_rules",
                                         "rescue_teams",
                                         "rescue_calls",
                                         "land_inspectors",
                                         "inspection_cases",
                                         "case_photos"};
    BOOST_TEST(ids == nouns, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_land_use_list_has_every_code_of_the_national_land_database) {
    Database const database;
    auto const parcels = database.collection("parcels");
    auto const& field = parcels.schema.fields.at(2);
    BOOST_TEST(field.name == "land_use");
    std::istringstream codes{
        "LUC LUK HNK CLN RDD RPH RSX RSN NTS CNT LMU NKH BHK NHK LUN ONT ODT TSC CQP CAN DVH DXH "
        "DYT DGD DTT DKH DMT DKT DNG DSK SKK SKN SCT TMD SKC SKS DGT DTL DCT DPC DDD DRA DNL DBV "
        "DCH DKV DCK TON TIN NTD MNC SON TVC PNK CGT BCS DCS NCS MCS"};
    std::size_t wanted = 0;
    for (std::string code; codes >> code; ++wanted)
        BOOST_TEST(std::any_of(field.codes.begin(), field.codes.end(),
                               [&](auto const& entry) { return entry.code == code; }),
                   code);
    BOOST_TEST(field.codes.size() == wanted);
    BOOST_TEST(field.codes.front().title.vi == "Đất chuyên trồng lúa");
    // What is no longer in force comes last, and is mapped upward.
    BOOST_TEST(field.codes.back().code == "LUN");
    BOOST_TEST(database.value("SELECT parent FROM diaban.code WHERE code = 'LUN'") == "LUK");
}

BOOST_AUTO_TEST_CASE(a_collection_comes_back_from_the_registry_as_it_was_made) {
    Database const database;
    auto made = tests::trials_collection();
    made.description = {"Mô tả", "Description"};
    made.attribution = "Ghi công";
    made.licence = "CC0";
    made.synthetic = true;
    made.keeps_source = true;
    Pool pool{database.options(Role::owner)};
    Collections collections{pool};
    collections.create(made);
    auto const found = collections.get("trials");
    BOOST_TEST(found.schema.fields.size() == made.schema.fields.size());
    for (std::size_t i = 0; i < made.schema.fields.size(); ++i) {
        auto const& one = made.schema.fields[i];
        auto const& other = found.schema.fields[i];
        BOOST_TEST(other.name == one.name);
        BOOST_TEST(to_string(other.type) == to_string(one.type));
        BOOST_TEST(other.tile == one.tile);
        BOOST_TEST(other.personal == one.personal);
        BOOST_TEST(other.unit == one.unit);
        BOOST_TEST(other.title.vi == one.title.vi);
        BOOST_TEST(other.codes.size() == one.codes.size());
    }
    BOOST_TEST(found.schema.fields[0].codes[0].title.en == "The first");
    BOOST_TEST(found.schema.class_field == "name");
    BOOST_TEST(found.synthetic);
    BOOST_TEST(found.keeps_source);
    BOOST_TEST(found.native_zoom == -1);
    BOOST_TEST(found.attribution == "Ghi công");
    BOOST_TEST(found.description.en == "Description");

    BOOST_TEST(throws("collection-exists", [&] { collections.create(made); }));
    BOOST_TEST(throws("unknown-collection", [&] { (void)collections.get("nothing"); }));
    BOOST_TEST(throws("unknown-collection", [&] { (void)collections.get("x; DROP TABLE y"); }));
}

BOOST_AUTO_TEST_CASE(bad_and_reserved_names_make_no_collection) {
    Database const database;
    Pool pool{database.options(Role::owner)};
    Collections collections{pool};
    for (auto const* id : {"", "Parcels", "1st", "a b", "x_history", "drop;"}) {
        auto bad = tests::trials_collection();
        bad.schema.id = id;
        BOOST_TEST(throws("bad-collection", [&] { collections.create(bad); }), id);
    }
    for (auto const* name : {"fid", "geom", "scope", "version", "xmin", "Name", "ended_at"}) {
        auto bad = tests::trials_collection();
        bad.schema.fields[1].name = name;
        BOOST_TEST(throws("bad-collection", [&] { collections.create(bad); }), name);
    }
    auto bad = tests::trials_collection();
    bad.schema.label_field = "absent";
    BOOST_TEST(throws("bad-collection", [&] { collections.create(bad); }));
    BOOST_TEST(database.value("SELECT to_regclass('record.trials')").empty());
}

BOOST_AUTO_TEST_CASE(a_field_that_is_added_raises_the_schema_version_and_is_kept_in_the_history) {
    Database const database;
    tests::make_trials(database);
    database.sql(insert(a_square));
    Pool pool{database.options(Role::owner)};
    Collections collections{pool};
    geo::Field extra;
    extra.name = "extra";
    extra.title = {"Thêm", "Extra"};
    collections.add_field("trials", extra);
    BOOST_TEST(collections.get("trials").schema.version == 2U);
    database.sql("UPDATE record.trials SET extra = 'x'; UPDATE record.trials SET extra = 'y'");
    BOOST_TEST(database.value("SELECT string_agg(coalesce(extra, '-'), '' ORDER BY version) "
                              "FROM record.trials_history") == "-x");
}

BOOST_AUTO_TEST_CASE(the_feed_role_stores_the_native_zoom_and_the_serving_role_may_not) {
    Database const database;
    Pool feed{database.options(Role::feed)};
    Collections{feed}.set_native_zoom("parcels", 12);
    BOOST_TEST(database.collection("parcels").native_zoom == 12);
    Pool serve{database.options(Role::serve)};
    BOOST_CHECK_THROW(Collections{serve}.set_native_zoom("parcels", 11), geo::Error);
}

BOOST_AUTO_TEST_CASE(fids_stay_below_two_to_the_53_and_number_within_the_shard) {
    Database const database;
    database.sql("UPDATE diaban.instance SET shard = 1023");
    tests::make_trials(database);
    database.sql(insert(a_square));
    auto const fid = std::stoll(database.value("SELECT fid FROM record.trials"));
    BOOST_TEST(fid == (1023LL << 43) + 1);
    BOOST_TEST(fid < (1LL << 53));
    BOOST_TEST(refused(database, "INSERT INTO record.trials (fid) VALUES (9007199254740992)"));
    BOOST_TEST(refused(database, "UPDATE record.trials SET fid = fid + 1"));
}

BOOST_AUTO_TEST_CASE(geometry_is_of_its_kind_in_the_world_and_in_two_dimensions) {
    Database const database;
    tests::make_trials(database);
    BOOST_TEST(refused(database, insert("public.st_point(105, 18, 4326)")));
    BOOST_TEST(refused(database, insert("public.st_makeenvelope(170, 18, 190, 19, 4326)")));
    BOOST_TEST(refused(database, insert("'SRID=4326;POLYGON EMPTY'")));
    BOOST_TEST(refused(database, insert("'SRID=4326;POLYGON Z ((1 2 3, 4 5 6, 4 7 8, 1 2 3))'")));
    BOOST_TEST(refused(database, insert("public.st_makeenvelope(1, 2, 3, 4, 3857)")));
    BOOST_TEST(!refused(database, insert("NULL")));
    BOOST_TEST(!refused(database, insert("public.st_makeenvelope(-180, -90, 180, 90, 4326)")));
    BOOST_TEST(!refused(database, insert("public.st_multi(" + std::string{a_square} + ")")));
}

BOOST_AUTO_TEST_CASE(values_that_json_cannot_say_are_refused) {
    Database const database;
    tests::make_trials(database);
    for (auto const* value : {"'NaN'", "'Infinity'", "'-Infinity'"})
        BOOST_TEST(refused(database, insert(a_square, value)), value);
    BOOST_TEST(!refused(database, insert(a_square, "1.7976931348623157e308")));
    BOOST_TEST(refused(database, "UPDATE record.trials SET moment = 'infinity'"));
    BOOST_TEST(refused(database, "UPDATE record.trials SET valid_to = 'infinity'"));
}

BOOST_AUTO_TEST_CASE(update_and_delete_keep_what_was_with_its_version_and_times) {
    Database const database;
    tests::make_trials(database);
    database.sql(insert(a_square));
    database.sql("UPDATE record.trials SET amount = 1");
    database.sql("BEGIN; UPDATE record.trials SET amount = 2; UPDATE record.trials SET amount = 3; "
                 "COMMIT");
    BOOST_TEST(database.value("SELECT version FROM record.trials") == "4");
    database.sql("DELETE FROM record.trials");
    auto const kept = database.sql("SELECT version, ended_by, coalesce(amount, 0) "
                                   "FROM record.trials_history ORDER BY version");
    Database::Rows const wanted{
        {"1", "update", "0"}, {"2", "update", "1"}, {"3", "update", "2"}, {"4", "delete", "3"}};
    BOOST_TEST((kept == wanted));
    // Each version begins when the one before it ended.
    BOOST_TEST(database.value("SELECT count(*) FROM record.trials_history a JOIN "
                              "record.trials_history b ON b.version = a.version + 1 "
                              "WHERE b.recorded_at <> a.ended_at OR a.recorded_at >= a.ended_at") ==
               "0");
}

BOOST_AUTO_TEST_CASE(a_rolled_back_edit_leaves_no_history) {
    Database const database;
    tests::make_trials(database);
    database.sql(insert(a_square));
    database.sql("BEGIN; UPDATE record.trials SET amount = 1; DELETE FROM record.trials; ROLLBACK");
    BOOST_TEST(database.value("SELECT count(*) FROM record.trials_history") == "0");
    BOOST_TEST(database.value("SELECT count(*) FROM diaban.change") == "1");
}

BOOST_AUTO_TEST_CASE(truncate_is_kept_too_and_is_one_import_in_the_feed) {
    Database const database;
    for (auto const* table : {"cameras", "incidents"}) { // the second has partitions
        database.sql("INSERT INTO record." + std::string{table} +
                     " (geom) SELECT public.st_point(105, 18, 4326) FROM generate_series(1, 3)");
        database.sql("TRUNCATE record." + std::string{table});
        BOOST_TEST(database.value("SELECT count(*) FROM record." + std::string{table} +
                                  "_history WHERE ended_by = 'truncate'") == "3");
        BOOST_TEST(database.value("SELECT count(*) FROM diaban.change WHERE operation = 'import' "
                                  "AND collection = '" +
                                  std::string{table} + "'") == "1");
    }
}

BOOST_AUTO_TEST_CASE(large_collections_lie_in_ranges_of_fid_under_one_primary_key) {
    Database const database;
    for (auto const* table : {"parcels", "reports", "incidents"}) {
        auto const name = std::string{table};
        BOOST_TEST(database.value("SELECT count(*) FROM pg_partition_tree('record." + name +
                                  "') WHERE isleaf") == "5");
        BOOST_TEST(database.value("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE "
                                  "conrelid = 'record." +
                                  name + "'::regclass AND contype = 'p'") == "PRIMARY KEY (fid)");
    }
    // A fid beyond the ranges, or of another shard, has a place as well.
    database.sql("INSERT INTO record.incidents (fid, geom) VALUES "
                 "(1, public.st_point(105, 18, 4326)), (5000000, public.st_point(105, 18, 4326)), "
                 "(4398046511104999, public.st_point(105, 18, 4326))");
    BOOST_TEST(database.value("SELECT string_agg(tableoid::regclass::text, ' ' ORDER BY fid) "
                              "FROM record.incidents") ==
               "diaban.incidents_part_0 diaban.incidents_part_1 diaban.incidents_part_other");
}

BOOST_AUTO_TEST_CASE(the_serving_role_reads_rows_and_what_they_were_and_nothing_else) {
    Database const database;
    tests::make_trials(database);
    auto const as = [&](std::string const& role, std::string const& statement) {
        return refused(database, "SET ROLE " + role + "; " + statement);
    };
    BOOST_TEST(!as("diaban_serve", "SELECT * FROM record.trials"));
    BOOST_TEST(!as("diaban_serve", "SELECT * FROM record.trials_history"));
    BOOST_TEST(!as("diaban_serve", "SELECT * FROM diaban.collection"));
    for (auto const* statement :
         {"INSERT INTO record.trials DEFAULT VALUES", "UPDATE record.trials SET amount = 1",
          "DELETE FROM record.trials", "TRUNCATE record.trials",
          "DELETE FROM record.trials_history", "SELECT * FROM diaban.change",
          "SELECT diaban.trim_changes(1)", "UPDATE diaban.instance SET feed_keep_rows = 0",
          "SELECT * FROM diaban.import_fault", "SELECT * FROM diaban.job",
          "SELECT * FROM diaban.idempotency", "UPDATE diaban.collection SET title_vi = 'x'",
          "SELECT diaban.create_collection('{}')", "CREATE TABLE record.mine ()"}) {
        BOOST_TEST(as("diaban_serve", statement), statement);
    }
    BOOST_TEST(!as("diaban_feed", "SELECT * FROM record.trials_history, diaban.change"));
    BOOST_TEST(as("diaban_feed", "DELETE FROM diaban.change"));
    BOOST_TEST(database.value("SELECT rolbypassrls FROM pg_roles WHERE rolname = 'diaban_feed'") ==
               "t");
}

BOOST_AUTO_TEST_CASE(everything_belongs_to_the_owner_role) {
    Database const database;
    tests::make_trials(database);
    BOOST_TEST(database.value("SELECT count(*) FROM pg_class c JOIN pg_namespace n "
                              "ON n.oid = relnamespace WHERE nspname IN ('diaban', 'record') "
                              "AND relowner <> 'diaban_owner'::regrole") == "0");
    BOOST_TEST(database.value("SELECT count(*) FROM pg_proc p JOIN pg_namespace n "
                              "ON n.oid = pronamespace WHERE nspname = 'diaban' "
                              "AND proowner <> 'diaban_owner'::regrole") == "0");
}

BOOST_AUTO_TEST_SUITE_END()
