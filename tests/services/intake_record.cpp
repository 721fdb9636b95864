#include "geo/error.hpp"
#include "tests/services/intake_zones.hpp"

#include <boost/test/unit_test.hpp>

using namespace diaban;
using namespace diaban::services::domain;
using namespace diaban::tests;
using data::postgis::ImportMode;

BOOST_AUTO_TEST_SUITE(record)

BOOST_AUTO_TEST_CASE(rows_arrive_with_text_in_nfc_scope_and_one_row_of_the_feed) {
    Folder const folder;
    Database const database;
    make_zones(database);
    auto request = into_zones(
        zones_file(folder, {zone(square, "01", "  Ca\xCC\x82\xCC\x89m Due\xCC\xA3\xCC\x82 ", 5),
                            zone(triangle, "02", "", 7)}));
    request.scope_field = "code";
    request.sensitivity = 2;
    auto const summary = import_file(database.uri(), request);
    BOOST_TEST(summary.read == 2U);
    BOOST_TEST(summary.written == 2U);
    BOOST_TEST(summary.srid == 4326);
    auto const rows = database.sql("SELECT name, people, scope, sensitivity, source_srid, "
                                   "ST_AsText(geom) FROM record.zones ORDER BY code");
    BOOST_TEST(rows[0][0] == "Cẩm Duệ");
    BOOST_TEST(rows[0][2] == "01");
    BOOST_TEST(rows[0][3] == "2");
    BOOST_TEST(rows[0][4] == "4326");
    BOOST_TEST(rows[0][5] == "POLYGON((105.5 18,105.6 18,105.6 18.1,105.5 18.1,105.5 18))");
    BOOST_TEST(database.value("SELECT name IS NULL FROM record.zones WHERE code = '02'") == "t");
    BOOST_TEST(database.value("SELECT count(*) FROM diaban.change") == "1");
    BOOST_TEST(database.value("SELECT operation FROM diaban.change") == "import");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_stored_goes_to_the_fault_table_with_its_original) {
    Folder const folder;
    Database const database;
    make_zones(database);
    auto const summary = import_file(
        database.uri(),
        into_zones(zones_file(
            folder, {zone(square, "01", "a", 1), zone(bow_tie, "02", "b", 2),
                     feature(R"({"type":"Point","coordinates":[105,18]})", R"({"code":"03"})"),
                     feature(R"({"type":"GeometryCollection","geometries":[
                 {"type":"Point","coordinates":[105,18]},
                 {"type":"LineString","coordinates":[[105,18],[106,18]]}]})",
                             R"({"code":"04"})"),
                     feature(square, R"({"code":"05","people":"many"})"),
                     feature("null", R"({"code":"06"})"),
                     feature(R"({"type":"Polygon","coordinates":
                 [[[105,18],[105.01,18],[105.02,18],[105.01,18],[105.01,18.01],[105,18]]]})",
                             R"({"code":"07"})")})));
    BOOST_TEST(summary.read == 7U);
    BOOST_TEST(summary.written == 3U);
    BOOST_TEST(summary.repaired == 1U);
    BOOST_TEST(summary.faulty == 4U);
    BOOST_TEST(summary.unlocated == 1U);
    auto const faults =
        database.sql("SELECT source_row, reason, detail, original->>'code', "
                     "original_wkb IS NOT NULL FROM diaban.import_fault ORDER BY source_row");
    BOOST_REQUIRE_EQUAL(faults.size(), 4);
    using Row = std::vector<std::string>;
    BOOST_TEST((faults[0] == Row{"2", "self-intersection", "", "02", "t"}));
    BOOST_TEST((faults[1] == Row{"3", "wrong-kind", "", "03", "t"}));
    BOOST_TEST((faults[2] == Row{"4", "mixed-collection", "", "04", "t"}));
    BOOST_TEST((faults[3] == Row{"5", "bad-integer", "people: \"many\"", "05", "t"}));
    BOOST_TEST(database.value("SELECT ST_AsText(ST_GeomFromWKB(original_wkb)) FROM "
                              "diaban.import_fault WHERE source_row = 2") ==
               "POLYGON((105 18,106 19,106 18,105 19,105 18))");
    BOOST_TEST(database.value("SELECT bool_and(ST_IsValid(geom)) FROM record.zones") == "t");
}

BOOST_AUTO_TEST_CASE(every_format_comes_back_as_it_went_in) {
    Folder const folder;
    Database const database;
    make_zones(database);
    import_file(database.uri(),
                into_zones(zones_file(folder, {zone(square, "01", R"(Đức \"Thọ\", phường)", -5),
                                               zone(triangle, "02", "Cẩm Duệ", 7),
                                               feature("null", R"({"code":"03"})")})));
    // Doubles that need all their digits.
    database.sql("UPDATE record.zones SET geom = ST_Translate(geom, 1e-13 / 3, 0.1 / 3)");
    std::string const all = "SELECT string_agg(concat_ws('|', code, name, people, "
                            "encode(ST_AsBinary(ST_Multi(geom)), 'hex')), ';' ORDER BY code) "
                            "FROM record.zones";
    // Rows without geometry have no place in a FlatGeobuf.
    BOOST_TEST(throws("form-without-geometry",
                      [&] { extract_all(database.uri(), "zones", folder / "a.fgb"); }));
    for (auto const* name : {"a.gpkg", "a.geojson", "a.geojsonl", "a.csv", "a.fgb"}) {
        BOOST_TEST_CONTEXT(name) {
            if (name == std::string{"a.fgb"})
                database.sql(
                    "UPDATE record.zones SET geom = 'SRID=4326;POLYGON((0 0,1 0,1 1,0 0))' "
                    "WHERE geom IS NULL");
            auto const before = database.value(all);
            BOOST_TEST(extract_all(database.uri(), "zones", folder / name) == 3U);
            auto request = into_zones(folder / name, ImportMode::replace);
            request.srid = 4326;
            auto const summary = import_file(database.uri(), request);
            BOOST_TEST(summary.written == 3U);
            BOOST_TEST(database.value(all) == before);
        }
    }
    BOOST_TEST(
        throws("unknown-format", [&] { extract_all(database.uri(), "zones", folder / "a.docx"); }));
    BOOST_TEST(throws("unknown-collection",
                      [&] { extract_all(database.uri(), "nothing", folder / "a.csv"); }));
    BOOST_TEST(throws("unwritable-file",
                      [&] { extract_all(database.uri(), "zones", folder / "no" / "a.csv"); }));
}

BOOST_AUTO_TEST_CASE(points_are_columns_of_a_table_until_one_has_several_positions) {
    Folder const folder;
    Database const database;
    make_zones(database, geo::GeometryKind::point);
    auto request = into_zones(write(folder / "in.csv", "code,lon,lat\n01,105.5,18.25\n02,,\n"));
    request.srid = 4326;
    auto const summary = import_file(database.uri(), request);
    BOOST_TEST(summary.written == 2U);
    BOOST_TEST(summary.unlocated == 1U);
    BOOST_TEST(summary.unused.empty());
    extract_all(database.uri(), "zones", folder / "out.csv");
    BOOST_TEST(read(folder / "out.csv") ==
               "fid,code,name,people,lon,lat\r\n1,01,,,105.5,18.25\r\n2,02,,,,\r\n");
    database.sql(
        "UPDATE record.zones SET geom = 'SRID=4326;MULTIPOINT(1 2,3 4)' WHERE code = '01'");
    extract_all(database.uri(), "zones", folder / "out.csv");
    BOOST_TEST(read(folder / "out.csv").find("1,01,,,\"MULTIPOINT (1 2,3 4)\"") !=
               std::string::npos);
    BOOST_TEST(extract_all(database.uri(), "zones", folder / "out.gpkg") == 2U);
    database.sql("DELETE FROM record.zones WHERE geom IS NULL");
    BOOST_TEST(extract_all(database.uri(), "zones", folder / "out.fgb") == 1U);
}

BOOST_AUTO_TEST_CASE(a_sheet_in_vn2000_keeps_its_own_coordinates) {
    Folder const folder;
    Database const database;
    make_zones(database, geo::GeometryKind::polygon, true);
    auto const degrees = zones_file(folder, {zone(square, "01", "a", 1)});
    auto const sheet =
        translate(degrees, folder / "sheet.shp", {"-f", "ESRI Shapefile", "-t_srs", "EPSG:9209"});
    auto const summary = import_file(database.uri(), into_zones(sheet));
    BOOST_TEST(summary.srid == 9209);
    BOOST_TEST(database.value("SELECT source_srid FROM record.zones") == "9209");
    BOOST_TEST(database.value("SELECT ST_SRID(source_geom) FROM record.zones") == "9209");
    BOOST_TEST(
        database.value("SELECT abs(ST_XMin(source_geom) - 500000) < 300 FROM record.zones") == "t");
    BOOST_TEST(database.value("SELECT max(abs(ST_X(p.geom) - 105.5)) < 0.100001 FROM record.zones, "
                              "ST_DumpPoints(geom) p") == "t");
}

BOOST_AUTO_TEST_CASE(a_collection_is_made_from_a_layer_that_asks_for_it) {
    Folder const folder;
    Database const database;
    auto request =
        into_zones(write(folder / "a.csv", "Mã xã,Dân số,Diện tích,Ngày,Lúc,lon,lat,geom\n"
                                           "00123,5,1.5,1/7/2025,2025-07-01T12:00Z,105.5,18,x\n"
                                           "00124,,2,2025-07-02,,105.6,18,y\n"));
    request.collection = "communes";
    request.srid = 4326;
    request.create = true;
    auto const summary = import_file(database.uri(), request);
    BOOST_TEST(summary.created);
    BOOST_TEST(summary.written == 2U);
    auto const communes = database.collection("communes");
    BOOST_TEST((communes.schema.geometry == geo::GeometryKind::point));
    std::string fields;
    for (auto const& field : communes.schema.fields)
        fields += field.name + ":" + std::string{geo::to_string(field.type)} + " ";
    BOOST_TEST(fields == "ma_xa:text dan_so:integer dien_tich:number ngay:date luc:timestamp "
                         "geom_:text ");
    BOOST_TEST(communes.schema.fields.at(0).title.vi == "Mã xã");
    BOOST_TEST(database.value("SELECT ma_xa || ngay FROM record.communes WHERE dan_so = 5") ==
               "001232025-07-01");
}

BOOST_AUTO_TEST_CASE(values_are_translated_and_constants_set) {
    Folder const folder;
    Database const database;
    make_zones(database);
    auto request = into_zones(
        zones_file(folder, {zone(square, "01", "Đường sắt", 1), zone(triangle, "02", "khác", 2)}));
    request.values["name"] = {{"Đường sắt", "railway"}, {"*", ""}};
    request.constants["people"] = "9";
    request.constants["valid_from"] = "2025-07-01";
    request.map["code"] = "CODE";
    import_file(database.uri(), request);
    BOOST_TEST(database.value("SELECT string_agg(concat_ws('|', code, name, people, "
                              "valid_from AT TIME ZONE 'UTC'), ';' ORDER BY code) "
                              "FROM record.zones") ==
               "01|railway|9|2025-06-30 17:00:00;02|9|2025-06-30 17:00:00");
}

BOOST_AUTO_TEST_SUITE_END()
