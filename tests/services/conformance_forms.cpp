// The forms that features are answered in, read back by GDAL and held against the record.

#include "services/http/uri.hpp"
#include "tests/services/world.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <ogrsf_frmts.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

using diaban::services::http::percent_encode;
using diaban::tests::World;
using nlohmann::json;
namespace tests = diaban::tests;

namespace {

struct CloseDataset {
    void operator()(GDALDataset* dataset) const noexcept { GDALClose(dataset); }
};

/// An answer as a file that GDAL has opened; gone at the end.
class Opened {
public:
    Opened(tests::RawAnswer const& answer, std::string const& ending) {
        m_path = std::filesystem::temp_directory_path() / ("diaban-form-test" + ending);
        std::ofstream{m_path, std::ios::binary} << answer.body;
        GDALAllRegister();
        char const* const options[] = {"HEADERS=FORCE", nullptr};
        CPLSetConfigOption("OGR_XLSX_HEADERS", "FORCE");
        m_dataset.reset(GDALDataset::Open(m_path.c_str(), GDAL_OF_VECTOR, nullptr,
                                          ending == ".xlsx" ? options : nullptr));
        BOOST_REQUIRE_MESSAGE(m_dataset != nullptr, ending << ": " << answer.body.substr(0, 300));
    }
    ~Opened() {
        m_dataset.reset();
        std::filesystem::remove(m_path);
    }
    Opened(Opened const&) = delete;
    Opened& operator=(Opened const&) = delete;
    [[nodiscard]] OGRLayer& layer() const { return *m_dataset->GetLayer(0); }

private:
    std::filesystem::path m_path;
    std::unique_ptr<GDALDataset, CloseDataset> m_dataset;
};

constexpr char const* awkward = "=1+1, \"Cẩm Duệ\" & Đồng Lộc; 'ghi chú'\nhai dòng";

} // namespace

BOOST_AUTO_TEST_SUITE(conformance_forms)

BOOST_AUTO_TEST_CASE(each_file_holds_the_rows_and_values_of_the_record) {
    World world;
    world.database().sql(
        fmt::format("UPDATE record.blocks SET name = $t${}$t$ WHERE fid = 5;"
                    "UPDATE record.blocks SET kind = NULL, area = NULL WHERE fid = 6",
                    awkward));
    auto const rows = world.database().sql(
        "SELECT fid, name, kind, area, ST_X(ST_PointN(ST_ExteriorRing(geom), 2)), "
        "ST_Y(ST_PointN(ST_ExteriorRing(geom), 2)), ST_AsText(geom) FROM record.blocks "
        "ORDER BY fid LIMIT 300");
    for (std::string const form : {"csv", "fgb", "gpkg", "xlsx"}) {
        auto const answer = world.get("/collections/blocks/items?limit=300&f=" + form);
        BOOST_REQUIRE_MESSAGE(answer.status == 200, form << answer.body);
        BOOST_TEST(answer.field("content-disposition") ==
                   "attachment; filename=\"blocks." + form + "\"");
        BOOST_TEST(answer.field("ogc-numberreturned") == "300");
        BOOST_TEST(answer.field("ogc-numbermatched") == "5000");
        BOOST_TEST(answer.field("link").find("rel=\"next\"") != std::string::npos);
        BOOST_TEST(answer.body.find("Nguyễn") == std::string::npos, form);
        Opened const file{answer, "." + form};
        auto& layer = file.layer();
        BOOST_TEST(layer.GetFeatureCount() == 300, form);
        std::size_t i = 0;
        for (auto const& feature : layer) {
            auto const& row = rows[i++];
            // A GeoPackage has the fid as the row's own; others have it as their first field.
            int const first = form == "gpkg" ? 0 : 1;
            BOOST_TEST((form == "gpkg" ? std::to_string(feature->GetFID())
                                       : std::string{feature->GetFieldAsString(0)}) == row[0]);
            std::string name = feature->GetFieldAsString(first);
            if (form == "csv" && row[0] == "5") {
                BOOST_TEST(name.front() == '\'');
                name.erase(0, 1);
            }
            BOOST_TEST(name == row[1], form);
            BOOST_TEST(feature->GetFieldAsString(first + 1) == row[2], form);
            if (row[3].empty())
                BOOST_TEST((!feature->IsFieldSetAndNotNull(first + 2) ||
                            std::strlen(feature->GetFieldAsString(first + 2)) == 0));
            else
                BOOST_TEST(std::stod(feature->GetFieldAsString(first + 2)) == std::stod(row[3]));
            if (form == "xlsx") continue;
            OGRGeometry const* geometry = feature->GetGeometryRef();
            std::unique_ptr<OGRGeometry> read;
            if (form == "csv") {
                OGRGeometry* made = nullptr;
                OGRGeometryFactory::createFromWkt(
                    feature->GetFieldAsString(feature->GetFieldIndex("wkt")), nullptr, &made);
                read.reset(made);
                geometry = read.get();
            }
            BOOST_REQUIRE(geometry != nullptr);
            auto const* const polygon = wkbFlatten(geometry->getGeometryType()) == wkbMultiPolygon
                                            ? geometry->toMultiPolygon()->getGeometryRef(0)
                                            : geometry->toPolygon();
            BOOST_TEST(polygon->getExteriorRing()->getX(1) == std::stod(row[4]), form);
            BOOST_TEST(polygon->getExteriorRing()->getY(1) == std::stod(row[5]), form);
        }
        BOOST_TEST(i == 300U, form);
    }
}

BOOST_AUTO_TEST_CASE(files_take_box_filter_order_properties_and_crs) {
    auto& world = World::shared();
    std::string const asked = "limit=500&bbox=105.1,18.1,105.3,18.2&sortby=-number&properties="
                              "number&crs=EPSG:9209&filter=" +
                              percent_encode("number > 20");
    auto const page = world.json("/collections/ways/items?" + asked);
    for (std::string const form : {"csv", "fgb", "gpkg", "xlsx"}) {
        auto const answer = world.get("/collections/ways/items?" + asked + "&f=" + form);
        BOOST_REQUIRE_MESSAGE(answer.status == 200, form << answer.body);
        BOOST_TEST(answer.field("content-crs") == "<http://www.opengis.net/def/crs/EPSG/0/9209>");
        Opened const file{answer, "." + form};
        auto& layer = file.layer();
        BOOST_TEST(layer.GetFeatureCount() == page["numberMatched"].get<int>(), form);
        if (form == "gpkg" || form == "fgb") {
            BOOST_REQUIRE(layer.GetSpatialRef() != nullptr);
            BOOST_TEST(std::string{layer.GetSpatialRef()->GetAuthorityCode(nullptr)} == "9209");
            OGREnvelope extent;
            BOOST_TEST(layer.GetExtent(&extent) == OGRERR_NONE);
            BOOST_TEST((extent.MinX > 400'000 && extent.MaxX < 700'000 && extent.MinY > 1'900'000 &&
                        extent.MaxY < 2'100'000));
        }
    }
}

BOOST_AUTO_TEST_CASE(points_of_a_csv_are_columns_and_rows_without_geometry_stay) {
    auto& world = World::shared();
    auto const csv = world.get("/collections/spots/items?limit=1000&f=csv").body;
    BOOST_TEST(csv.starts_with("fid,seen_at,note,lon,lat\r\n"));
    BOOST_TEST(std::ranges::count(csv, '\n') == 1001);
    BOOST_TEST(world.get("/collections/spots/items?f=csv&crs=EPSG:9209&limit=1")
                   .body.starts_with("fid,seen_at,note,x,y\r\n"));
    BOOST_TEST(world.get("/collections/spots/items?f=csv&skipGeometry=true&limit=1")
                   .body.starts_with("fid,seen_at,note\r\n"));
    Opened const file{world.get("/collections/spots/items?limit=1000&f=gpkg"), ".gpkg"};
    BOOST_TEST(file.layer().GetFeatureCount() == 1000);
    auto const refused = world.get("/collections/spots/items?limit=10&f=fgb&lang=en");
    BOOST_TEST(refused.status == 400);
    BOOST_TEST(json::parse(refused.body)["type"] == "urn:diaban:problem:form-without-geometry");
}

BOOST_AUTO_TEST_CASE(json_fg_says_crs_place_time_and_type) {
    auto& world = World::shared();
    auto const plain = world.json("/collections/spots/items?limit=5&f=jsonfg&sortby=id");
    BOOST_TEST(plain["featureType"] == "spots");
    BOOST_TEST(plain["coordRefSys"] == "http://www.opengis.net/def/crs/OGC/1.3/CRS84");
    BOOST_TEST(plain["conformsTo"][0] == "http://www.opengis.net/spec/json-fg-1/1.0/conf/core");
    BOOST_TEST(plain["features"][0]["place"].is_null());
    BOOST_TEST(plain["features"][0]["geometry"]["type"] == "Point");
    BOOST_TEST(plain["features"][0]["time"]["timestamp"] == "2025-09-27T17:00:00Z");
    auto const zone = world.get("/collections/ways/items/7?f=jsonfg&crs=EPSG:9209");
    BOOST_TEST(zone.field("content-type") == "application/vnd.ogc.fg+json");
    auto const way = json::parse(zone.body);
    BOOST_TEST(way["geometry"].is_null());
    BOOST_TEST(way["place"] == world.json("/collections/ways/items/7?crs=EPSG:9209")["geometry"]);
    BOOST_TEST(way["coordRefSys"] == "http://www.opengis.net/def/crs/EPSG/0/9209");
    auto const place = world.json("/collections/places/items?f=jsonfg&filter=" +
                                  percent_encode("name = 'Cẩm Mỹ'"))["features"][0];
    BOOST_TEST(place["time"]["interval"].size() == 2U);
}

BOOST_AUTO_TEST_CASE(the_form_is_chosen_by_f_or_by_accept) {
    auto& world = World::shared();
    for (auto const& [accept, type] : std::vector<std::pair<std::string, std::string>>{
             {"text/csv", "text/csv; charset=utf-8"},
             {"application/geopackage+sqlite3", "application/geopackage+sqlite3"},
             {"application/flatgeobuf", "application/flatgeobuf"},
             {"application/vnd.ogc.fg+json", "application/vnd.ogc.fg+json"},
             {"application/json", "application/geo+json"},
             {"*/*", "application/geo+json"},
             {"text/html", "text/html; charset=utf-8"}})
        BOOST_TEST(world.get("/collections/ways/items?limit=2", "Accept: " + accept + "\r\n")
                           .field("content-type") == type,
                   accept);
    BOOST_TEST(world.get("/collections/ways/items?f=kml").status == 400);
    BOOST_TEST(world.get("/collections/ways/items", "Accept: image/png\r\n").status == 406);
    BOOST_TEST(world.get("/collections/ways/items/7?f=gpkg").status == 200);
}

BOOST_AUTO_TEST_SUITE_END()
