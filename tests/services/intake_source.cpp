#include "data/gdal/vector_source.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/error.hpp"
#include "tests/services/intake_files.hpp"

#include <boost/test/unit_test.hpp>

#include <numeric>

using namespace diaban;
using data::gdal::RowBatch;
using data::gdal::SourceOptions;
using data::gdal::VectorSource;
using tests::Folder;
using tests::parameter;

namespace {

struct Row {
    std::int64_t number = 0;
    geo::Geometry geometry;
    std::string fault;
    std::vector<geo::Value> values;
};

std::vector<Row> rows(VectorSource& source) {
    std::vector<std::size_t> all(source.layer().fields.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    source.select(all);
    std::vector<Row> result;
    RowBatch batch;
    while (source.read(batch))
        for (std::size_t i = 0; i < batch.size(); ++i) {
            Row row{batch.row(i).number, {}, std::string{batch.row(i).fault}, {}};
            if (!batch.row(i).wkb.empty() && row.fault.empty())
                geo::codec::read_wkb(batch.row(i).wkb, row.geometry);
            for (auto const& value : batch.values(i)) row.values.push_back(geo::owned(value));
            result.push_back(std::move(row));
        }
    return result;
}

std::vector<Row> rows(std::filesystem::path const& file, SourceOptions const& options = {}) {
    auto source = VectorSource::open(file, options);
    return rows(source);
}

/// The error that opening gives.
geo::Error refusal(std::filesystem::path const& file, SourceOptions const& options = {}) {
    try {
        VectorSource::open(file, options);
    } catch (geo::Error const& error) {
        return error;
    }
    throw std::runtime_error{"not refused: " + file.string()};
}

constexpr auto square = R"({"type":"Polygon","coordinates":
    [[[105.5,18],[105.6,18],[105.6,18.1],[105.5,18.1],[105.5,18]]]})";

std::string communes() {
    return tests::geojson(
        {tests::feature(square, R"({"name":"Cẩm Duệ","people":12345,"area":7.25})"),
         tests::feature(R"({"type":"MultiPolygon","coordinates":
            [[[[105.7,18],[105.8,18],[105.8,18.1],[105.7,18]]]]})",
                        R"({"name":"Đức Thọ","people":null,"area":-0.5})")});
}

} // namespace

BOOST_AUTO_TEST_SUITE(source)

BOOST_AUTO_TEST_CASE(every_polygon_format_gives_the_same_rows) {
    Folder const folder;
    auto const from = tests::write(folder / "communes.geojson", communes());
    auto const wanted = rows(from);
    BOOST_REQUIRE_EQUAL(wanted.size(), 2);
    struct Format {
        char const* driver;
        char const* file;
        std::vector<std::string> more;
    };
    for (auto const& [driver, file, more] :
         std::vector<Format>{{"GPKG", "a.gpkg", {}},
                             {"FlatGeobuf", "a.fgb", {"-nlt", "PROMOTE_TO_MULTI"}},
                             {"ESRI Shapefile", "a.shp", {"-lco", "ENCODING=UTF-8"}},
                             {"GeoJSONSeq", "a.geojsonl", {}},
                             {"GML", "a.gml", {}},
                             {"MapInfo File", "a.tab", {"-lco", "ENCODING=UTF-8"}}}) {
        std::vector<std::string> arguments{"-f", driver};
        arguments.insert(arguments.end(), more.begin(), more.end());
        auto source = VectorSource::open(tests::translate(from, folder / file, arguments));
        BOOST_TEST_CONTEXT(driver) {
            BOOST_TEST(source.layer().srid == 4326);
            auto const got = rows(source);
            BOOST_REQUIRE_EQUAL(got.size(), 2);
            std::vector<std::size_t> at; // of name, people, area
            for (auto const* name : {"name", "people", "area"})
                for (std::size_t i = 0; i < source.layer().fields.size(); ++i)
                    if (source.layer().fields[i].name == name) at.push_back(i);
            BOOST_REQUIRE_EQUAL(at.size(), 3);
            bool const reversed = got[0].values[at[0]] != wanted[0].values[0]; // FlatGeobuf sorts
            for (std::size_t i = 0; i < 2; ++i) {
                auto const& want = wanted[reversed ? 1 - i : i];
                BOOST_TEST((got[i].values[at[0]] == want.values[0]));
                BOOST_TEST((got[i].values[at[2]] == want.values[2]));
                BOOST_TEST((got[i].geometry.box() == want.geometry.box()));
                BOOST_TEST(got[i].geometry.positions.size() == want.geometry.positions.size());
                BOOST_TEST((got[i].geometry.kind == geo::GeometryKind::polygon));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(kml_and_its_zipped_form_are_read) {
    Folder const folder;
    auto const from = tests::write(folder / "a.geojson", communes());
    for (auto const* file : {"a.kml", "a.kmz"}) {
        auto const got = rows(tests::translate(from, folder / file, {"-f", "LIBKML"}));
        BOOST_REQUIRE_EQUAL(got.size(), 2);
        BOOST_TEST((got[0].geometry.box() == geo::Box{105.5, 18, 105.6, 18.1}));
    }
}

BOOST_AUTO_TEST_CASE(dxf_gives_shapes_without_a_crs) {
    Folder const folder;
    auto const from = tests::write(
        folder / "a.geojson",
        tests::geojson(
            {tests::feature(R"({"type":"LineString","coordinates":[[1,2],[3,4]]})", R"({})")}));
    auto source = VectorSource::open(tests::translate(from, folder / "a.dxf", {"-f", "DXF"}));
    BOOST_TEST(source.layer().srid == 0);
    auto const got = rows(source);
    BOOST_REQUIRE_EQUAL(got.size(), 1);
    BOOST_TEST((got[0].geometry.box() == geo::Box{1, 2, 3, 4}));
}

BOOST_AUTO_TEST_CASE(dgn_gives_shapes_without_a_crs) {
    Folder const folder;
    auto const from = tests::write(
        folder / "a.geojson",
        tests::geojson(
            {tests::feature(R"({"type":"LineString","coordinates":[[1,2],[3,4]]})", R"({})")}));
    auto source =
        VectorSource::open(tests::translate(from, folder / "a.dgn", {"-f", "DGN", "-select", ""}));
    BOOST_TEST(source.layer().srid == 0);
    auto const got = rows(source);
    BOOST_REQUIRE_EQUAL(got.size(), 1);
    BOOST_TEST(got[0].geometry.positions.size() == 2);
}

BOOST_AUTO_TEST_CASE(a_table_finds_its_coordinates_by_column_name) {
    Folder const folder;
    auto const csv = tests::write(folder / "a.csv", "code,Lat,Lon\n001,18.5,105.5\n002,,\n"
                                                    "003,north,105.5\n");
    auto const got = rows(csv, {.find_columns = true});
    BOOST_REQUIRE_EQUAL(got.size(), 3);
    BOOST_TEST((got[0].geometry.positions == std::vector{geo::Position{105.5, 18.5}}));
    BOOST_TEST(std::get<std::string>(got[0].values[0]) == "001");
    BOOST_TEST(got[1].geometry.empty());
    BOOST_TEST(got[1].fault.empty());
    BOOST_TEST(got[2].fault == "bad-coordinate");
}

BOOST_AUTO_TEST_CASE(a_table_takes_wkt_of_any_column) {
    Folder const folder;
    auto const csv = tests::write(folder / "a.csv", "name,shape\na,POINT Z (105.5 18.5 3)\n"
                                                    "b,POINT (1)\n");
    auto const got = rows(csv, {.wkt = "shape"});
    BOOST_REQUIRE_EQUAL(got.size(), 2);
    BOOST_TEST((got[0].geometry.positions == std::vector{geo::Position{105.5, 18.5}}));
    BOOST_TEST(got[1].fault == "bad-wkt");
}

BOOST_AUTO_TEST_CASE(a_spreadsheet_is_a_table) {
    Folder const folder;
    auto const csv = tests::write(folder / "a.csv", "name,lon,lat\nHà Tĩnh,105.9,18.35\n");
    auto const xlsx = tests::translate(csv, folder / "a.xlsx", {"-f", "XLSX"});
    auto const got = rows(xlsx, {.find_columns = true});
    BOOST_REQUIRE_EQUAL(got.size(), 1);
    BOOST_TEST(std::get<std::string>(got[0].values[0]) == "Hà Tĩnh");
    BOOST_TEST((got[0].geometry.positions == std::vector{geo::Position{105.9, 18.35}}));
}

BOOST_AUTO_TEST_CASE(packed_files_are_found_by_themselves) {
    Folder const folder;
    auto const plain = tests::write(folder / "a.geojson", communes());
    auto const shape = tests::translate(plain, folder / "b.shp", {"-f", "ESRI Shapefile"});
    BOOST_TEST(rows(tests::gzip(plain, folder / "a.geojson.gz")).size() == 2);
    auto const fgb =
        tests::translate(plain, folder / "c.fgb", {"-f", "FlatGeobuf", "-nlt", "PROMOTE_TO_MULTI"});
    BOOST_TEST(rows(tests::gzip(fgb, folder / "c.fgb.gz")).size() == 2);
    BOOST_TEST(rows(tests::zip(folder / "a.zip", {plain})).size() == 2);
    std::vector<std::filesystem::path> parts;
    for (auto const* ending : {".shp", ".shx", ".dbf", ".prj"})
        parts.push_back(std::filesystem::path{shape}.replace_extension(ending));
    BOOST_TEST(rows(tests::zip(folder / "shape.zip", parts)).size() == 2);

    auto const both = tests::zip(folder / "both.zip", {plain, fgb});
    auto const error = refusal(both);
    BOOST_TEST(error.type() == "ambiguous-archive");
    BOOST_TEST(parameter(error, "accepted") == "a.geojson, c.fgb");
    BOOST_TEST(rows(both / "c.fgb").size() == 2);
    BOOST_TEST(
        refusal(tests::zip(folder / "no.zip", {tests::write(folder / "x.txt", "x")})).type() ==
        "unreadable-file");
    BOOST_TEST(!std::filesystem::exists(folder / "a.geojson.gz.properties"));
}

BOOST_AUTO_TEST_CASE(a_missing_file_a_wrong_one_and_a_broken_one_are_told_apart) {
    Folder const folder;
    BOOST_TEST(refusal(folder / "none.gpkg").type() == "no-file");
    BOOST_TEST(refusal(folder / "none.zip" / "a.shp").type() == "no-file");
    BOOST_TEST(refusal(tests::write(folder / "a.bin", "no such format")).type() ==
               "unreadable-file");
    auto const fgb = tests::parcels(folder / "p.fgb", 20'000);
    std::filesystem::resize_file(fgb, std::filesystem::file_size(fgb) * 2 / 3);
    BOOST_CHECK_EXCEPTION(rows(fgb), geo::Error, [](geo::Error const& error) {
        return error.type() == "unreadable-file";
    });
}

BOOST_AUTO_TEST_CASE(layers_must_be_named_where_there_are_several) {
    Folder const folder;
    auto const from = tests::write(folder / "a.geojson", communes());
    auto const gpkg = tests::translate(from, folder / "a.gpkg", {"-f", "GPKG", "-nln", "one"});
    {
        // A second layer beside the first.
        auto const other = tests::translate(from, folder / "b.gpkg", {"-f", "GPKG", "-nln", "two"});
        BOOST_TEST(VectorSource::layers(other).size() == 1);
    }
    auto const folder_of_shapes = folder / "shapes";
    std::filesystem::create_directory(folder_of_shapes);
    tests::translate(from, folder_of_shapes / "one.shp", {"-f", "ESRI Shapefile"});
    tests::translate(from, folder_of_shapes / "two.shp", {"-f", "ESRI Shapefile"});
    auto const needed = refusal(folder_of_shapes);
    BOOST_TEST(needed.type() == "layer-needed");
    BOOST_TEST(rows(folder_of_shapes, {.layer = "two"}).size() == 2);
    auto const unknown = refusal(gpkg, {.layer = "three"});
    BOOST_TEST(unknown.type() == "unknown-layer");
    BOOST_TEST(parameter(unknown, "accepted") == "one");
}

BOOST_AUTO_TEST_CASE(conditions_and_queries_choose_rows) {
    Folder const folder;
    auto const from = tests::write(folder / "a.geojson", communes());
    BOOST_TEST(rows(from, {.where = "people > 100"}).size() == 1);
    auto const joined = rows(from, {.sql = "SELECT count(*) AS n, ST_Union(geometry) FROM a"});
    BOOST_REQUIRE_EQUAL(joined.size(), 1);
    BOOST_TEST(std::get<std::int64_t>(joined[0].values[0]) == 2);
    BOOST_TEST((joined[0].geometry.box() == geo::Box{105.5, 18, 105.8, 18.1}));
    BOOST_TEST(refusal(from, {.where = "nonsense >"}).type() == "bad-condition");
    BOOST_TEST(refusal(from, {.sql = "SELECT nonsense FROM a"}).type() == "bad-condition");
    BOOST_TEST(refusal(from, {.x = "nonsense", .y = "area"}).type() == "unknown-source-field");
}

BOOST_AUTO_TEST_CASE(shapes_are_flattened_and_collections_of_one_kind_are_taken_apart) {
    Folder const folder;
    auto const csv = tests::write(folder / "a.csv", R"csv(n,shape
1,"CURVEPOLYGON (CIRCULARSTRING (0 0,1 1,2 0,1 -1,0 0))"
2,"GEOMETRYCOLLECTION (POINT (1 1),MULTIPOINT (2 2,3 3))"
3,"GEOMETRYCOLLECTION (POINT (1 1),LINESTRING (2 2,3 3))"
4,"POLYHEDRALSURFACE Z (((0 0 0,0 1 0,1 1 0,0 0 0)))"
5,POLYGON EMPTY
6,"LINESTRING ZM (0 0 1 1,1 1 2 2)"
)csv");
    auto const got = rows(csv, {.wkt = "shape"});
    BOOST_REQUIRE_EQUAL(got.size(), 6);
    BOOST_TEST((got[0].geometry.kind == geo::GeometryKind::polygon));
    BOOST_TEST(got[0].geometry.positions.size() > 60);
    BOOST_TEST((got[1].geometry.kind == geo::GeometryKind::point));
    BOOST_TEST(got[1].geometry.positions.size() == 3);
    BOOST_TEST(got[2].fault == "mixed-collection");
    BOOST_TEST((got[3].geometry.kind == geo::GeometryKind::polygon));
    BOOST_TEST(got[4].geometry.empty());
    BOOST_TEST((got[5].geometry.kind == geo::GeometryKind::line));
}

BOOST_AUTO_TEST_CASE(crs_are_recognised_however_they_are_written) {
    Folder const folder;
    auto const from = tests::write(folder / "a.geojson", communes());
    for (auto const& [name, srid] : {std::pair{"EPSG:9209", 9209},
                                     {"EPSG:3405", 3405},
                                     {"EPSG:32648", 32648},
                                     {"EPSG:3857", 3857},
                                     {"EPSG:4756", 4756}}) {
        // Shapefiles carry no code, only a definition in ESRI's words.
        auto const shape = tests::translate(from, folder / "b.shp",
                                            {"-f", "ESRI Shapefile", "-overwrite", "-t_srs", name});
        BOOST_TEST(VectorSource::open(shape).layer().srid == srid);
        auto const gpkg = tests::translate(from, folder / "b.gpkg", {"-overwrite", "-t_srs", name});
        BOOST_TEST(VectorSource::open(gpkg).layer().srid == srid);
    }
    auto const custom = tests::translate(from, folder / "c.shp",
                                         {"-f", "ESRI Shapefile", "-t_srs",
                                          "+proj=tmerc +lat_0=0 +lon_0=105.2 +k=0.9999 "
                                          "+x_0=500000 +ellps=WGS84 +units=m"});
    BOOST_TEST(VectorSource::open(custom).layer().srid == -1);
    BOOST_TEST(!VectorSource::open(custom).layer().crs_name.empty());
    std::filesystem::remove(folder / "b.prj");
    BOOST_TEST(VectorSource::open(folder / "b.shp").layer().srid == 0);
}

BOOST_AUTO_TEST_CASE(x_is_east_whatever_order_the_format_has) {
    Folder const folder;
    auto const from = tests::write(folder / "a.geojson", communes());
    // GML writes EPSG:4326 as latitude, longitude.
    auto const gml =
        tests::translate(from, folder / "a.gml", {"-f", "GML", "-dsco", "FORMAT=GML3"});
    auto const got = rows(gml);
    BOOST_REQUIRE_EQUAL(got.size(), 2);
    BOOST_TEST((got[0].geometry.box() == geo::Box{105.5, 18, 105.6, 18.1}));
}

BOOST_AUTO_TEST_CASE(text_of_another_encoding_is_turned_into_utf8) {
    Folder const folder;
    // "Hà" in Windows-1258, where à is a letter of its own.
    auto const csv = tests::write(folder / "a.csv", "name,x\nH\xE0,1\n");
    BOOST_TEST(std::get<std::string>(rows(csv, {.encoding = "CP1258"})[0].values[0]) == "Hà");
    BOOST_TEST(std::get<std::string>(rows(csv)[0].values[0]) == "H\xE0");
    // A Shapefile that says so itself, and one that says nothing.
    auto const shape =
        tests::translate(tests::write(folder / "b.csv", "name,x\nHa,1\n"), folder / "b.dbf",
                         {"-f", "ESRI Shapefile", "-lco", "ENCODING=CP1258"});
    BOOST_REQUIRE(std::filesystem::exists(folder / "b.cpg"));
    tests::replace(shape, "Ha", "H\xE0");
    BOOST_TEST(std::get<std::string>(rows(shape)[0].values[0]) == "Hà");
    std::filesystem::remove(folder / "b.cpg");
    BOOST_TEST(std::get<std::string>(rows(shape, {.encoding = "CP1258"})[0].values[0]) == "Hà");
}

BOOST_AUTO_TEST_CASE(a_drawing_in_windows_1258_keeps_its_last_letters) {
    Folder const folder;
    auto const from = tests::write(
        folder / "a.geojson",
        tests::geojson({tests::feature(R"({"type":"LineString","coordinates":[[1,2],[3,4]]})",
                                       R"({"Layer":"RANH Ha"})")}));
    auto const dxf = tests::translate(from, folder / "a.dxf", {"-f", "DXF"});
    BOOST_REQUIRE(tests::read(dxf).find("ANSI_1252") != std::string::npos);
    tests::replace(dxf, "ANSI_1252", "ANSI_1258");
    tests::replace(dxf, "RANH Ha", "RANH H\xE0");
    auto source = VectorSource::open(dxf);
    BOOST_REQUIRE_EQUAL(source.layer().fields.at(0).name, "Layer");
    auto const got = rows(source);
    BOOST_REQUIRE_EQUAL(got.size(), 1);
    BOOST_TEST(std::get<std::string>(got[0].values.at(0)) == "RANH Hà");
}

BOOST_AUTO_TEST_CASE(times_keep_their_zone_or_stay_text) {
    Folder const folder;
    auto const from = tests::write(folder / "a.geojson",
                                   tests::geojson({tests::feature(square, R"({"day":"2025/07/01",
            "zoned":"2025-07-01T07:00:00+07:00","plain":"2025-07-01T07:00:00"})")}));
    auto const got = rows(tests::translate(from, folder / "a.fgb", {"-f", "FlatGeobuf"}));
    BOOST_REQUIRE_EQUAL(got.size(), 1);
    BOOST_TEST((got[0].values[1] == geo::Value{geo::Instant{1751328000LL * 1'000'000}}));
    BOOST_TEST((got[0].values[2] == geo::Value{std::string{"2025-07-01T07:00:00.000"}}));
}

BOOST_AUTO_TEST_CASE(the_fast_reader_and_the_general_one_give_the_same) {
    Folder const folder;
    auto const fgb = tests::parcels(folder / "p.fgb", 5000);
    auto const fast = rows(fgb);
    auto const general = rows(fgb, {.where = "number >= 0"});
    BOOST_REQUIRE_EQUAL(fast.size(), 5000);
    BOOST_REQUIRE_EQUAL(general.size(), fast.size());
    for (std::size_t i = 0; i < fast.size(); ++i) {
        BOOST_REQUIRE((fast[i].geometry == general[i].geometry));
        BOOST_REQUIRE((fast[i].values == general[i].values));
        BOOST_REQUIRE_EQUAL(fast[i].number, general[i].number);
    }
    auto source = VectorSource::open(fgb);
    std::vector<std::size_t> const backwards{2, 0};
    source.select(backwards);
    RowBatch batch;
    BOOST_REQUIRE(source.read(batch));
    BOOST_TEST((geo::owned(batch.values(0)[0]) == fast[0].values[2]));
    BOOST_TEST((geo::owned(batch.values(0)[1]) == fast[0].values[0]));
    source.rewind();
    BOOST_REQUIRE(source.read(batch));
    BOOST_TEST(batch.row(0).number == fast[0].number);
}

BOOST_AUTO_TEST_SUITE_END()
