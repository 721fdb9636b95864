#include "geo/error.hpp"
#include "services/domain/intake_plan.hpp"
#include "tests/services/intake_zones.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace diaban;
using namespace diaban::services::domain;
using namespace diaban::tests;

namespace {

std::vector<std::filesystem::path> demo_plans() {
    std::vector<std::filesystem::path> plans;
    for (auto const& entry :
         std::filesystem::directory_iterator{std::filesystem::path{DIABAN_PLANS} / "hatinh"})
        if (entry.path().extension() == ".toml") plans.push_back(entry.path());
    std::ranges::sort(plans);
    return plans;
}

/// Text columns of the record's tables, as `table.column`.
std::vector<std::string> text_columns(Database const& database) {
    std::vector<std::string> names;
    for (auto const& row : database.sql("SELECT table_name || '.' || quote_ident(column_name) FROM "
                                        "information_schema.columns WHERE table_schema = 'record' "
                                        "AND data_type = 'text' AND table_name !~ '_history$'"))
        names.push_back(row[0]);
    return names;
}

} // namespace

BOOST_AUTO_TEST_SUITE(real)

BOOST_AUTO_TEST_CASE(every_file_of_the_demo_arrives_whole) {
    auto const data = real_data("every_file_of_the_demo_arrives_whole", "");
    if (!data) return;
    Database const database;
    for (auto const& file : demo_plans()) {
        auto const plan = read_plan(file, *data);
        auto const summaries =
            run_plan(database.uri(), plan, [](std::string_view line) { BOOST_TEST_MESSAGE(line); });
        auto summary = summaries.begin();
        for (auto const& entry : plan.entries) {
            auto const* request = std::get_if<ImportRequest>(&entry.what);
            if (request == nullptr) continue;
            BOOST_REQUIRE(summary != summaries.end());
            BOOST_TEST_CONTEXT(request->file) {
                auto const& source = request->source;
                BOOST_TEST(summary->read ==
                           count_rows(request->file, source.layer, source.where, source.sql));
                BOOST_TEST(summary->written == summary->read);
                BOOST_TEST(summary->faulty == 0U);
            }
            ++summary;
        }
    }
    for (auto const& name : text_columns(database)) {
        auto const table = name.substr(0, name.find('.'));
        auto const column = name.substr(name.find('.') + 1);
        BOOST_TEST(database.value("SELECT count(*) FROM record." + table + " WHERE " + column +
                                  " IS NOT NFC NORMALIZED") == "0",
                   name);
    }
    BOOST_TEST(database.value("SELECT name FROM record.places WHERE code = '18739' "
                              "AND valid_to IS NULL") == "Cẩm Duệ");
    BOOST_TEST(database.value("SELECT count(*) FROM record.places WHERE level = 'commune' "
                              "AND valid_to IS NULL AND geom IS NOT NULL") == "3321");
    BOOST_TEST(database.value("SELECT count(*) FROM record.places WHERE geom IS NOT NULL "
                              "AND NOT ST_IsValid(geom)") == "0");
    // The storms that ran past 180° were split there.
    BOOST_TEST(database.value("SELECT count(*) FROM record.cyclone_tracks WHERE "
                              "ST_XMax(geom) > 180 OR ST_XMin(geom) < -180") == "0");
}

BOOST_AUTO_TEST_CASE(a_plan_run_again_changes_nothing) {
    auto const data = real_data("a_plan_run_again_changes_nothing", "");
    if (!data) return;
    Database const database;
    auto const plan = read_plan(std::filesystem::path{DIABAN_PLANS} / "hatinh/2-water.toml", *data);
    auto const quiet = [](std::string_view) {};
    run_plan(database.uri(), plan, quiet);
    auto const rows = "SELECT sum(fid) || ' ' || count(*) FROM record.rivers";
    auto const before = database.value(rows);
    for (auto const& summary : run_plan(database.uri(), plan, quiet))
        if (summary.collection == "rivers") BOOST_TEST(summary.unchanged == summary.read);
    BOOST_TEST(database.value(rows) == before);
}

BOOST_AUTO_TEST_CASE(openstreetmap_is_read_layer_by_layer) {
    auto const file =
        real_data("openstreetmap_is_read_layer_by_layer", "osm/liechtenstein-2013-08-03.osm.pbf");
    if (!file) return;
    Database const database;
    for (auto const& [layer, kind] : {std::pair{"points", geo::GeometryKind::point},
                                      {"lines", geo::GeometryKind::line},
                                      {"multipolygons", geo::GeometryKind::polygon}}) {
        ImportRequest request;
        request.file = *file;
        request.collection = std::string{"osm_"} + layer;
        request.source.layer = layer;
        request.create = true;
        auto const summary = import_file(database.uri(), request);
        BOOST_TEST_MESSAGE(one_line(summary));
        BOOST_TEST(summary.read == count_rows(*file, layer));
        BOOST_TEST(summary.read > 1000U);
        BOOST_TEST(summary.written + summary.faulty == summary.read);
        BOOST_TEST((database.collection(request.collection).schema.geometry == kind));
    }
}

BOOST_AUTO_TEST_CASE(packed_tables_and_foreign_zones_are_read) {
    auto const data = real_data("packed_tables_and_foreign_zones_are_read", "");
    if (!data) return;
    Database const database;
    ImportRequest request;
    request.create = true;
    request.srid = 4326;
    request.file = *data / "incidents/houston_crime_2010.csv.gz";
    request.collection = "offences";
    request.utc_offset = -360;
    auto const offences = import_file(database.uri(), request);
    BOOST_TEST_MESSAGE(one_line(offences));
    BOOST_TEST(offences.written == 86'314U);
    BOOST_TEST(offences.unlocated == 5U);
    request = {};
    request.create = true;
    request.file = *data / "osm/amsterdam_roads.fgb.zip";
    request.collection = "amsterdam";
    auto const roads = import_file(database.uri(), request);
    BOOST_TEST_MESSAGE(one_line(roads));
    BOOST_TEST(roads.srid == 3857);
    BOOST_TEST(roads.read == 21'648U);
    BOOST_TEST(database.value("SELECT ST_Extent(geom) && 'BOX(4.8 52.3,5 52.4)'::box2d "
                              "FROM record.amsterdam") == "t");
}

BOOST_AUTO_TEST_SUITE_END()
