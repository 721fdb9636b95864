// Coverages from file to tile: what is refused, what is kept, what is answered.

#include "tests/services/valley.hpp"
#include "tests/support/mvt_reader.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <gdal_priv.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

using namespace diaban::tests;

namespace {

namespace fs = std::filesystem;

/// A PNG's bands, by GDAL.
std::vector<std::vector<std::uint8_t>> pixels(std::string const& png, int bands) {
    GDALAllRegister();
    auto copy = png;
    VSIFCloseL(VSIFileFromMemBuffer("/vsimem/tile.png", reinterpret_cast<GByte*>(copy.data()),
                                    copy.size(), FALSE));
    std::unique_ptr<GDALDataset> const set{GDALDataset::Open("/vsimem/tile.png")};
    BOOST_REQUIRE(set);
    BOOST_REQUIRE_EQUAL(set->GetRasterXSize(), 256);
    BOOST_REQUIRE_EQUAL(set->GetRasterCount(), bands);
    std::vector<std::vector<std::uint8_t>> read{std::size_t(bands)};
    for (int band = 0; band < bands; ++band) {
        auto& one = read[std::size_t(band)];
        one.resize(256 * 256);
        BOOST_REQUIRE(set->GetRasterBand(band + 1)->RasterIO(GF_Read, 0, 0, 256, 256, one.data(),
                                                             256, 256, GDT_Byte, 0, 0) == CE_None);
    }
    VSIUnlink("/vsimem/tile.png");
    return read;
}

struct TilePlace {
    int x;
    int y;
    int pixel_x;
    int pixel_y;
};
/// The tile and the pixel that hold a position, by the formulas of the scheme.
TilePlace place_of(std::pair<double, double> lonlat, int zoom) {
    double const n = std::exp2(zoom);
    double const x = (lonlat.first + 180) / 360 * n;
    double const latitude = lonlat.second * M_PI / 180;
    double const y = (1 - std::asinh(std::tan(latitude)) / M_PI) / 2 * n;
    return {int(x), int(y), int((x - std::floor(x)) * 256), int((y - std::floor(y)) * 256)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(coverages)

BOOST_AUTO_TEST_CASE(a_raster_that_does_not_say_enough_is_refused_with_what_it_lacks) {
    auto& world = World::shared();
    auto const refused = [&](diaban::services::domain::CoverageImport wanted, std::string type,
                             std::string part) {
        BOOST_CHECK_EXCEPTION(import_raster(world, wanted), diaban::geo::Error,
                              [&](auto const& error) {
                                  BOOST_TEST(error.type() == type);
                                  return std::string{error.what()}.find(part) != std::string::npos;
                              });
        BOOST_TEST(world.get("/coverages/" + wanted.coverage).status == 404);
    };
    auto const plain = write_valley("plain", 0, "");
    refused({.coverage = "plain", .file = plain}, "coverage-lacks", "vertical datum");
    refused({.coverage = "plain", .file = plain, .vertical = hon_dau}, "coverage-lacks", "unit");
    refused({.coverage = "plain", .file = plain, .vertical = utm48}, "bad-parameter",
            "--vertical-datum");
    refused({.coverage = "plain", .file = plain, .unit = "fathom", .vertical = hon_dau},
            "bad-parameter", "fathom");
    refused({.coverage = "Plain", .file = plain, .unit = "m", .vertical = hon_dau}, "bad-parameter",
            "--coverage");
    refused({.coverage = "plain", .file = plain, .srid = 999'999, .unit = "m", .vertical = hon_dau},
            "unknown-crs", "999999");
    refused({.coverage = "plain", .file = "/nowhere.tif", .unit = "m", .vertical = hon_dau},
            "no-file", "nowhere.tif");
    // 131 m taken for feet and so on is not found out; heights beyond the Earth's are.
    auto const high = fs::temp_directory_path() / fmt::format("high-{}.tif", ::getpid());
    diaban::data::gdal::RasterSink sink{high, valley_frame(), {.unit = "m"}};
    std::vector<float> cells(valley_frame().shape.cells(), -32768);
    sink.write(valley_frame().window(), cells);
    sink.finish();
    refused({.coverage = "high", .file = high, .vertical = hon_dau}, "coverage-rubbish", "-32768");
    refused({.coverage = "high", .file = high, .vertical = hon_dau, .no_data = "-32768"},
            "coverage-rubbish", "no data in every cell");
    fs::remove(plain);
    fs::remove(high);
}

BOOST_AUTO_TEST_CASE(feet_are_kept_as_metres) {
    auto& world = World::shared();
    auto const file = write_valley("feet", hon_dau, "ft");
    import_raster(world, {.coverage = "feet", .file = file});
    auto const value = world.json("/coverages/feet/value?" + at(10.5, 20.5));
    BOOST_TEST(value["value"].get<double>() == valley(10, 20) * 0.3048,
               boost::test_tools::tolerance(1e-6));
    BOOST_TEST(value["unit"] == "m");
    BOOST_TEST(value["verticalDatum"] == "Hon Dau 1992 height");
    fs::remove(file);
}

BOOST_AUTO_TEST_CASE(a_coverage_says_what_it_is_and_what_it_holds_at_a_point) {
    auto& world = World::shared();
    need_valley(world);
    auto const about = world.json("/coverages/valley");
    BOOST_TEST(about["origin"] == "synthetic");
    BOOST_TEST(about["quantity"] == "elevation");
    BOOST_TEST(about["crs"] == "http://www.opengis.net/def/crs/EPSG/0/32648");
    BOOST_TEST(about["verticalDatum"]["crs"] == "http://www.opengis.net/def/crs/EPSG/0/5727");
    BOOST_TEST(about["grid"]["columns"] == columns);
    BOOST_TEST(about["most"].get<double>() == float(valley(0, 0)));
    for (auto const& [column, row] : {std::pair{3, 5}, {60, 79}, {119, 0}}) {
        auto const value = world.json("/coverages/valley/value?" + at(column + 0.5, row + 0.5));
        BOOST_TEST(value["value"].get<double>() == double(float(valley(column, row))));
        BOOST_TEST(value["interpolated"].get<double>() == valley(column, row),
                   boost::test_tools::tolerance(1e-4));
    }
    // Between two centres of the plane side: linear.
    auto const between = world.json("/coverages/valley/value?" + at(20, 30.5));
    BOOST_TEST(between["interpolated"].get<double>() == valley(20, 30) + 0.5,
               boost::test_tools::tolerance(1e-4));
    BOOST_TEST(world.json("/coverages/valley/value?lon=107&lat=18")["value"].is_null());
    BOOST_TEST(world.get("/coverages/valley/value?lon=107").status == 400);
    BOOST_TEST(world.get("/coverages/hidden/value?lon=107&lat=18").status == 404);
}

BOOST_AUTO_TEST_CASE(a_profile_across_the_valley_falls_and_rises) {
    auto& world = World::shared();
    need_valley(world);
    auto const [a_lon, a_lat] = degrees(20.5, 40.5);
    auto const [b_lon, b_lat] = degrees(100.5, 40.5);
    auto const profile = world.json(
        fmt::format("/coverages/valley/profile?samples=81&line={:.12f},{:.12f},{:.12f},{:.12f}",
                    a_lon, a_lat, b_lon, b_lat));
    BOOST_REQUIRE(profile["points"].size() == 81);
    for (int i = 0; i <= 80; ++i) {
        auto const& point = profile["points"][std::size_t(i)];
        BOOST_TEST(point["value"].get<double>() == valley(20 + i, 40),
                   boost::test_tools::tolerance(0.01));
        BOOST_TEST(std::abs(point["distance_m"].get<double>() - 100.04 * i) < 4); // k = 0.9996
    }
    BOOST_TEST(world.get("/coverages/valley/profile?line=105,18").status == 400);
    BOOST_TEST(world.get("/coverages/valley/profile?line=105,18,x,18").status == 400);
    BOOST_TEST(world.get("/coverages/valley/profile?line=105,18,105.1,18&samples=9999").status ==
               400);
}

BOOST_AUTO_TEST_CASE(tiles_hold_the_heights_in_both_encodings_and_hills_in_light) {
    auto& world = World::shared();
    need_valley(world);
    constexpr int zoom = 13; // pixels of 18 m
    for (auto const& [column, row] : {std::pair{30.5, 20.5}, {61.2, 50.5}, {100.5, 70.5}}) {
        auto const place = place_of(degrees(column, row), zoom);
        auto const tile = fmt::format("{}/{}/{}.png", zoom, place.x, place.y);
        auto const i = std::size_t(place.pixel_y) * 256 + std::size_t(place.pixel_x);
        double const truth = valley(int(column), int(row));
        auto const terrarium =
            pixels(world.get("/coverages/valley/tiles/terrarium/" + tile).body, 3);
        BOOST_TEST(std::abs(terrarium[0][i] * 256 + terrarium[1][i] + terrarium[2][i] / 256.0 -
                            32768 - truth) < 0.5);
        auto const mapbox = pixels(world.get("/coverages/valley/tiles/mapbox/" + tile).body, 3);
        BOOST_TEST(std::abs((mapbox[0][i] * 65536 + mapbox[1][i] * 256 + mapbox[2][i]) * 0.1 -
                            10000 - truth) < 0.5);
    }
    // Light comes from the north-west: the eastern side, which looks west, is the lighter one.
    auto const west_side = place_of(degrees(30.5, 40.5), zoom);
    auto const east_side = place_of(degrees(90.5, 40.5), zoom);
    auto const lightness = [&](TilePlace const& place) {
        auto const tile = fmt::format("{}/{}/{}.png", zoom, place.x, place.y);
        auto const shaded = pixels(world.get("/coverages/valley/tiles/hillshade/" + tile).body, 2);
        auto const i = std::size_t(place.pixel_y) * 256 + std::size_t(place.pixel_x);
        BOOST_TEST(shaded[1][i] == 255);
        return int(shaded[0][i]);
    };
    BOOST_TEST(lightness(east_side) > lightness(west_side));
    auto const first = world.get("/coverages/valley/tiles/terrarium/9/405/229.png");
    BOOST_TEST(first.status == 200);
    BOOST_TEST(first.field("content-type") == "image/png");
    BOOST_TEST(world
                   .get("/coverages/valley/tiles/terrarium/9/405/229.png",
                        "If-None-Match: " + first.field("etag") + "\r\n")
                   .status == 304);
    BOOST_TEST(world.get("/coverages/valley/tiles/terrarium/2/1/1.png").status == 404);
    BOOST_TEST(world.get("/coverages/valley/tiles/paint/9/405/229.png").status == 400);
    BOOST_TEST(world.get("/coverages/valley_flow/tiles/terrarium/9/405/229.png").status == 400);
}

BOOST_AUTO_TEST_CASE(prepared_terrain_gives_heights_above_drainage_and_catchments) {
    auto& world = World::shared();
    need_valley(world);
    // 130 cells make a stream: the middle column from the second row on, for a row has 120 cells
    // and each flows straight to the middle, which is steeper than any diagonal.
    auto const hand = world.json("/coverages/valley_hand/value?" + at(40.5, 40.5));
    BOOST_TEST(hand["value"].get<double>() == 20, boost::test_tools::tolerance(1e-4));
    BOOST_TEST(hand["origin"] == "synthetic");
    // All rows from the first to the one asked drain through the middle.
    auto const catchment = world.json("/coverages/valley/catchment?" + at(60.5, 49.5));
    BOOST_TEST(catchment["properties"]["cells"] == 50 * columns);
    BOOST_TEST(catchment["properties"]["area_m2"] == 50.0 * columns * cell * cell);
    BOOST_TEST(catchment["geometry"]["type"].get<std::string>().find("olygon") !=
               std::string::npos);
    // From beside the middle the stream is found within 300 m.
    BOOST_TEST(world.json("/coverages/valley/catchment?snap=300&" +
                          at(58.5, 49.5))["properties"]["cells"] > 50 * columns);
    BOOST_TEST(world.get("/coverages/valley/catchment?lon=107&lat=18").status == 404);
    BOOST_TEST(world.get("/coverages/valley_hand/catchment?" + at(60.5, 49.5)).status == 404);
    BOOST_TEST(world.json("/coverages/valley_hand")["details"]["stream_cells"] == 130);
}

BOOST_AUTO_TEST_CASE(zones_by_stage_are_as_wide_as_the_valley_says) {
    auto& world = World::shared();
    need_valley(world);
    auto const asked =
        ask_process(world.port(), "hand-zones",
                    {{"terrain", "valley"}, {"stage", 10.25}, {"classes", {0.1, 5}}});
    BOOST_REQUIRE_MESSAGE(asked.status == 201, asked.body);
    std::string const id = nlohmann::json::parse(asked.body)["jobID"];
    await_job(world.port(), id, "successful");
    auto const zones = world.json("/jobs/" + id + "/results")["zones"];
    // Heights are |column - 60| over the stream, which begins in the second row; the first row
    // drains straight into it, a tenth of a metre higher. 5.25 m deep and more: |c| <= 5, so 11
    // columns; from 0.1 m: |c| <= 10, ten more.
    BOOST_TEST(zones[1]["area_m2"] == 11.0 * rows * cell * cell);
    BOOST_TEST(zones[0]["area_m2"] == 10.0 * rows * cell * cell);
    auto const file = world.json("/jobs/" + id + "/results/file");
    BOOST_TEST(file["features"].size() == 2);
    BOOST_TEST(file["features"][1]["properties"]["area_m2"] == zones[1]["area_m2"]);
    for (auto const* const bad :
         {R"({"terrain": "valley"})", R"({"terrain": "valley", "stage": -1})",
          R"({"terrain": "valley", "stage": 2, "classes": [2, 1]})"})
        BOOST_TEST(request(world.port(), "POST", "/processes/hand-zones/execution", json_type,
                           std::string{R"({"inputs": )"} + bad + "}")
                       .status == 400);
}

BOOST_AUTO_TEST_CASE(zones_follow_return_periods_and_the_nearest_gauge) {
    auto& world = World::shared();
    need_valley(world);
    auto const zones_of = [&](nlohmann::json inputs) {
        inputs["terrain"] = "valley";
        inputs["classes"] = {0.1};
        return results_of(world, "hand-zones", inputs);
    };
    auto const alike = [&](double stage) {
        return zones_of({{"stage", stage}})["zones"][0]["area_m2"].get<double>();
    };
    auto const returned = zones_of(
        {{"stages", {{{"years", 10}, {"stage", 5.25}}, {{"years", 100}, {"stage", 10.25}}}}});
    BOOST_REQUIRE(returned["zones"].size() == 2u);
    BOOST_TEST(returned["zones"][0]["return_years"] == 10);
    BOOST_TEST(returned["zones"][0]["area_m2"].get<double>() == alike(5.25));
    BOOST_TEST(returned["zones"][1]["return_years"] == 100);
    BOOST_TEST(returned["zones"][1]["area_m2"].get<double>() == alike(10.25));
    BOOST_TEST(returned["details"]["stages"][1]["stage_m"] == 10.25);
    // Two gauges on the stream, as far from the north as from the south: half the valley each.
    auto const gauge = [](double row, double stage) {
        auto const [lon, lat] = degrees(60.5, row);
        return nlohmann::json{{"lon", lon}, {"lat", lat}, {"stage", stage}};
    };
    auto const gauged =
        zones_of({{"gauges", {gauge(rows * 0.25, 5.25), gauge(rows * 0.75, 10.25)}}});
    BOOST_TEST(gauged["zones"][0]["area_m2"].get<double>() == (alike(5.25) + alike(10.25)) / 2);
    BOOST_TEST(gauged["details"]["gauges"].size() == 2u);
    for (auto const* const bad :
         {R"("stages": [])", R"("stages": [{"years": 100, "stage": 2}, {"years": 10, "stage": 3}])",
          R"("stages": [{"years": 10, "stage": 3}, {"years": 100, "stage": 2}])",
          R"("gauges": [{"lon": 200, "lat": 18, "stage": 2}])", R"("gauges": [7])",
          R"("stage": 2, "gauges": [{"lon": 105, "lat": 18, "stage": 2}])"})
        BOOST_TEST(request(world.port(), "POST", "/processes/hand-zones/execution", json_type,
                           fmt::format(R"({{"inputs": {{"terrain": "valley", {}}}}})", bad))
                       .status == 400);
}

BOOST_AUTO_TEST_CASE(the_sea_floods_only_land_that_it_reaches) {
    auto& world = World::shared();
    // A beach of five columns at 1 m, a dyke of 4 m, a field at 0 m behind it; sea in the west.
    auto const file =
        std::filesystem::temp_directory_path() / fmt::format("coast-{}.tif", ::getpid());
    auto const frame = valley_frame().part({0, 0, 20, 10});
    diaban::data::gdal::RasterSink sink{
        file, frame, {.band_names = {""}, .unit = "m", .vertical_srid = hon_dau}};
    std::vector<float> cells;
    for (int row = 0; row < 10; ++row)
        for (int column = 0; column < 20; ++column)
            cells.push_back(column < 4 ? NAN : column < 9 ? 1.0F : column == 9 ? 4.0F : 0.0F);
    sink.write(frame.window(), cells);
    sink.finish();
    import_raster(world, {.coverage = "coast", .file = file, .synthetic = true});
    std::filesystem::remove(file);
    auto const wet = [&](double level) {
        auto const results = results_of(world, "hand-zones",
                                        {{"terrain", "coast"}, {"sea", level}, {"classes", {0.1}}});
        BOOST_TEST(results["details"]["sea_m"] == level);
        return results["zones"][0]["area_m2"].get<double>() / (cell * cell);
    };
    BOOST_TEST(wet(0.5) == 0); // the field lies lower, and the sea does not come there
    BOOST_TEST(wet(2) == 50);
    BOOST_TEST(wet(4.5) == 50 + 10 + 100);
    for (auto const* const bad :
         {R"({"terrain": "coast"})", R"({"terrain": "coast", "sea": 2, "stage": 2})"})
        BOOST_TEST(request(world.port(), "POST", "/processes/hand-zones/execution", json_type,
                           std::string{R"({"inputs": )"} + bad + "}")
                       .status == 400);
}

BOOST_AUTO_TEST_CASE(contours_run_where_the_ground_has_their_height) {
    auto& world = World::shared();
    need_valley(world);
    constexpr int zoom = 13;
    auto const [lon, lat] = degrees(40, 40);
    double const side = std::exp2(zoom);
    auto const x = std::floor((lon + 180) / 360 * side);
    auto const y = std::floor((1 - std::asinh(std::tan(lat * M_PI / 180)) / M_PI) / 2 * side);
    auto const path = fmt::format("/coverages/valley/contours/{}/{}/{}.mvt", zoom, x, y);
    auto const answer = world.get(path);
    BOOST_REQUIRE(answer.status == 200);
    auto const tile = read_tile(answer.body);
    BOOST_REQUIRE(tile.size() == 1u);
    BOOST_TEST(tile[0].name == "contours");
    BOOST_REQUIRE(!tile[0].features.empty());
    int asked = 0;
    for (auto const& line : tile[0].features) {
        double const level = std::get<double>(line.tags.at("level_m"));
        BOOST_TEST(std::abs(std::remainder(level, 10)) < 1e-9); // 10 m apart at this zoom
        BOOST_TEST(std::get<std::int64_t>(line.tags.at("index")) ==
                   (std::abs(std::remainder(level, 50)) < 1e-9 ? 1 : 0));
        auto const& at = line.paths[0][line.paths[0].size() / 2];
        double const east = (x + double(at.x) / 4096) / side * 360 - 180;
        double const mercator = M_PI * (1 - 2 * (y + double(at.y) / 4096) / side);
        double const north_lat = std::atan(std::sinh(mercator)) * 180 / M_PI;
        auto const value = world.json(
            fmt::format("/coverages/valley/value?lon={:.9f}&lat={:.9f}", east, north_lat));
        if (value["interpolated"].is_null()) continue; // at the grid's edge
        BOOST_TEST(std::abs(value["interpolated"].get<double>() - level) < 0.1);
        ++asked;
    }
    BOOST_TEST(asked > 2);
    BOOST_TEST(world.get("/coverages/valley/contours/13/0/0.mvt").status == 204);
    BOOST_TEST(world.get("/coverages/nothing/contours/13/0/0.mvt").status == 404);
    BOOST_TEST(world.get("/coverages/valley/contours/2/0/0.mvt").status == 404);
}

BOOST_AUTO_TEST_CASE(a_process_refuses_a_terrain_that_is_none) {
    auto& world = World::shared();
    auto const refused = [&](std::string const& inputs, int status) {
        BOOST_TEST(request(world.port(), "POST", "/processes/terrain-prepare/execution", json_type,
                           R"({"inputs": )" + inputs + "}")
                       .status == status);
    };
    need_valley(world);
    refused(R"({"terrain": "nothing"})", 404);
    refused(R"({"terrain": "valley_hand"})", 400);
    refused(R"({"terrain": 7})", 400);
    refused(R"({"terrain": "valley", "stream_km2": -1})", 400);
    refused(R"({"terrain": "valley", "other": 1})", 400);
}

BOOST_AUTO_TEST_SUITE_END()
