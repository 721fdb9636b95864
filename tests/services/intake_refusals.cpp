#include "geo/error.hpp"
#include "tests/services/intake_zones.hpp"

#include <boost/test/unit_test.hpp>

using namespace diaban;
using namespace diaban::services::domain;
using namespace diaban::tests;
using data::postgis::ImportMode;

namespace {

/// The error an import ends with; and that it left nothing behind.
geo::Error refusal(Database const& database, ImportRequest const& request) {
    try {
        import_file(database.uri(), request);
    } catch (geo::Error const& error) {
        BOOST_TEST(untouched(database));
        return error;
    }
    BOOST_FAIL("not refused: " << request.file);
    throw std::logic_error{"not reached"};
}

/// A Shapefile whose only name is the bytes `name`, with `.cpg` saying `encoding`.
std::filesystem::path shapefile(Folder const& folder, std::string const& name,
                                std::string const& encoding) {
    std::string const placeholder(name.size(), 'x');
    auto const from = zones_file(folder, {zone(square, "01", placeholder.c_str(), 1)});
    auto const shape = translate(from, folder / "z.shp", {"-f", "ESRI Shapefile", "-overwrite"});
    replace(folder / "z.dbf", placeholder, name);
    write(folder / "z.cpg", encoding);
    return shape;
}

} // namespace

BOOST_AUTO_TEST_SUITE(refusals)

BOOST_AUTO_TEST_CASE(an_unknown_collection_names_those_there_are) {
    Folder const folder;
    Database const database;
    make_zones(database);
    auto request = into_zones(zones_file(folder, {zone(square, "01", "a", 1)}));
    request.collection = "zonen";
    auto const error = refusal(database, request);
    BOOST_TEST(error.type() == "unknown-target-collection");
    BOOST_TEST((error.code() == geo::Code::not_found));
    BOOST_TEST(parameter(error, "accepted").find("zones") != std::string::npos);
    BOOST_TEST(parameter(error, "accepted").find("parcels") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_crs_must_be_known) {
    Folder const folder;
    Database const database;
    make_zones(database);
    auto const from = zones_file(folder, {zone(square, "01", "a", 1)});
    auto const shape = translate(from, folder / "z.shp", {"-f", "ESRI Shapefile"});
    std::filesystem::remove(folder / "z.prj");
    BOOST_TEST(refusal(database, into_zones(shape)).type() == "missing-crs");
    auto const table = write(folder / "z.csv", "code,wkt\n1,\"POLYGON ((0 0,1 0,1 1,0 0))\"\n");
    BOOST_TEST(refusal(database, into_zones(table)).type() == "missing-crs");
    auto const custom = translate(from, folder / "c.shp",
                                  {"-f", "ESRI Shapefile", "-t_srs",
                                   "+proj=tmerc +lon_0=105.2 +k=0.9999 +x_0=500000 +ellps=WGS84"});
    auto const error = refusal(database, into_zones(custom));
    BOOST_TEST(error.type() == "unidentified-crs");
    BOOST_TEST(!parameter(error, "crs").empty());
    auto request = into_zones(shape);
    request.srid = 999999;
    BOOST_TEST(refusal(database, request).type() == "unknown-crs");
    request.srid = 4326;
    BOOST_TEST(import_file(database.uri(), request).written == 1U);
}

BOOST_AUTO_TEST_CASE(coordinates_that_cannot_be_in_the_crs_name_their_row) {
    Folder const folder;
    Database const database;
    make_zones(database);
    auto const from =
        zones_file(folder, {zone(square, "01", "a", 1), zone(triangle, "02", "b", 2)});
    auto request = into_zones(from);
    request.srid = 9209; // degrees taken for metres
    auto const error = refusal(database, request);
    BOOST_TEST(error.type() == "outside-crs");
    BOOST_TEST(parameter(error, "row") == "0");
    BOOST_TEST(parameter(error, "crs").find("EPSG:9209") == 0U);
    // Metres taken for degrees: a .prj that was copied from elsewhere.
    auto const metres =
        translate(from, folder / "m.shp", {"-f", "ESRI Shapefile", "-t_srs", "EPSG:9209"});
    request = into_zones(metres);
    request.srid = 4326;
    BOOST_TEST(refusal(database, request).type() == "outside-crs");
}

BOOST_AUTO_TEST_CASE(text_that_is_not_what_it_says_is_refused_with_row_and_field) {
    Folder const folder;
    Database const database;
    make_zones(database);
    // Bytes of Windows-1258 in a file that says UTF-8.
    auto error = refusal(database, into_zones(shapefile(folder, "H\xE0 T\xECnh", "UTF-8")));
    BOOST_TEST(error.type() == "unreadable-encoding");
    BOOST_TEST(parameter(error, "field") == "name");
    BOOST_TEST(parameter(error, "row") == "0");
    // UTF-8 in a file that says ISO 8859-1.
    error = refusal(database, into_zones(shapefile(folder, "Hà Tĩnh", "ISO-8859-1")));
    BOOST_TEST(error.type() == "unreadable-encoding");
    BOOST_TEST(parameter(error, "field") == "name");
    // Plain Latin-1 in a format that knows no encoding.
    auto table = into_zones(write(folder / "a.csv", "code,name\n1,H\xE0\n"));
    BOOST_TEST(refusal(database, table).type() == "unreadable-encoding");
    // Told the truth, all are read.
    auto request = into_zones(shapefile(folder, "Hà Tĩnh", "ISO-8859-1"));
    request.source.encoding = "UTF-8";
    import_file(database.uri(), request);
    table.source.encoding = "CP1258";
    import_file(database.uri(), table);
    BOOST_TEST(database.value("SELECT string_agg(name, ',' ORDER BY name) FROM record.zones") ==
               "Hà,Hà Tĩnh");
}

BOOST_AUTO_TEST_CASE(names_that_do_not_exist_are_refused_with_those_that_do) {
    Folder const folder;
    Database const database;
    make_zones(database);
    auto const file = zones_file(folder, {zone(square, "01", "a", 1)});
    auto request = into_zones(file);
    request.map["colour"] = "name";
    auto error = refusal(database, request);
    BOOST_TEST(error.type() == "unknown-field");
    BOOST_TEST(parameter(error, "accepted") == "code, name, people, valid_from, valid_to");
    request = into_zones(file);
    request.map["name"] = "ten";
    error = refusal(database, request);
    BOOST_TEST(error.type() == "unknown-source-field");
    BOOST_TEST(parameter(error, "accepted") == "code, name, people");
    request = into_zones(file);
    request.scope_field = "ma";
    BOOST_TEST(refusal(database, request).type() == "unknown-source-field");
    request = into_zones(file);
    request.constants["people"] = "many";
    BOOST_TEST(refusal(database, request).type() == "bad-constant");
    request = into_zones(file, ImportMode::upsert);
    request.key.clear();
    BOOST_TEST(refusal(database, request).type() == "key-needed");
    request = into_zones(write(folder / "a.csv", "name,n\na,1\n"), ImportMode::upsert);
    BOOST_TEST(refusal(database, request).type() == "key-not-read");
    request = into_zones(file);
    request.source.layer = "other";
    BOOST_TEST(refusal(database, request).type() == "unknown-layer");
}

BOOST_AUTO_TEST_CASE(a_key_that_occurs_twice_is_refused_in_every_mode) {
    Folder const folder;
    Database const database;
    make_zones(database);
    auto const file =
        zones_file(folder, {zone(square, "01", "a", 1), zone(triangle, "01", "b", 2)});
    for (auto const mode : {ImportMode::append, ImportMode::replace, ImportMode::upsert}) {
        auto request = into_zones(file, mode);
        request.key = {"code"};
        auto const error = refusal(database, request);
        BOOST_TEST(error.type() == "duplicate-key");
        BOOST_TEST(parameter(error, "key").find("01") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(an_hour_without_zone_needs_an_offset) {
    Folder const folder;
    Database const database;
    auto request = into_zones(
        write(folder / "a.csv", "code,occurred_at,lon,lat\n1,2025-07-01 07:00,105.5,18\n"));
    request.collection = "incidents";
    request.srid = 4326;
    make_zones(database);
    auto const error = refusal(database, request);
    BOOST_TEST(error.type() == "no-time-zone");
    BOOST_TEST(parameter(error, "field") == "occurred_at");
    request.utc_offset = 420;
    import_file(database.uri(), request);
    BOOST_TEST(database.value("SELECT occurred_at AT TIME ZONE 'UTC' FROM record.incidents") ==
               "2025-07-01 00:00:00");
}

BOOST_AUTO_TEST_CASE(a_first_import_that_fails_leaves_no_collection) {
    Folder const folder;
    Database const database;
    make_zones(database);
    auto const file = shapefile(folder, "H\xE0 T\xECnh", "UTF-8");
    auto request = into_zones(file);
    request.collection = "newcomers";
    request.create = true;
    BOOST_TEST(refusal(database, request).type() == "unreadable-encoding");
    BOOST_TEST(
        throws("unknown-collection", [&] { static_cast<void>(database.collection("newcomers")); }));
}

BOOST_AUTO_TEST_SUITE_END()
