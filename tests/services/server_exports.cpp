// Exports: what stands in the files, held against items and against other readers.

#include "services/http/uri.hpp"
#include "tests/services/job_client.hpp"
#include "tests/services/kept_file.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <gdal_priv.h>
#include <ogrsf_frmts.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>

using diaban::tests::ask_export;
using diaban::tests::exported;
using diaban::tests::KeptFile;
using diaban::tests::World;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;

struct CloseDataset {
    void operator()(GDALDataset* dataset) const noexcept { GDALClose(dataset); }
};

/// Features by id.
std::map<int, json> by_id(json const& collection) {
    std::map<int, json> found;
    for (auto feature : collection["features"]) {
        feature.erase("links");
        found.emplace(feature["id"].get<int>(), feature);
    }
    return found;
}

/// All features that items answer, on as many pages as it takes.
std::map<int, json> from_items(std::string const& collection, json const& inputs) {
    std::string query = "/collections/" + collection + "/items?limit=10000";
    for (auto const& [name, value] : inputs.items()) {
        if (name == "collection" || name == "format") continue;
        auto const text = value.is_string() ? value.get<std::string>() : value.dump();
        query += "&" + name + "=" + diaban::services::http::percent_encode(text);
    }
    return by_id(World::shared().json(query));
}

} // namespace

BOOST_AUTO_TEST_SUITE(exports)

BOOST_AUTO_TEST_CASE(an_export_holds_what_items_answer_to_the_same_question) {
    auto& world = World::shared();
    json const questions[] = {
        {{"collection", "blocks"}},
        {{"collection", "blocks"}, {"filter", "kind = 'LUC' AND name LIKE 'Ô 1%'"}},
        {{"collection", "blocks"}, {"bbox", "105.1,18.1,105.2,18.2"}},
        {{"collection", "blocks"},
         {"filter", "S_INTERSECTS(geometry, POLYGON((105.05 18.02,105.31 18.11,105.2 18.33,105.05 "
                    "18.02)))"},
         {"properties", "kind,name"}},
        {{"collection", "blocks"},
         {"filter", "S_TOUCHES(geometry, POINT(105.1 18.1)) OR id < 20 OR kind IS NULL"}},
        {{"collection", "ways"}, {"bbox", "105.1,18.1,105.1,18.2"}},
        {{"collection", "ways"},
         {"filter", "number BETWEEN 100 AND 300 OR S_CROSSES(geometry, "
                    "LINESTRING(105 18, 106 18.4))"}},
        {{"collection", "spots"}, {"bbox", "170,0,-170,20"}},
        {{"collection", "spots"}, {"datetime", "2025-10-01/2025-10-05T12:00:00Z"}},
        {{"collection", "spots"}, {"filter", "CASEI(note) = CASEI('SỐ 12')"}},
        {{"collection", "spots"}, {"skipGeometry", "true"}, {"datetime", "../2025-10-02"}},
        {{"collection", "places"},
         {"filter", "T_AFTER(valid_from, TIMESTAMP('2025-01-01T00:00:00Z'))"}},
    };
    for (auto inputs : questions) {
        inputs["format"] = "geojson";
        auto const collection = inputs["collection"].get<std::string>();
        auto const wanted = from_items(collection, inputs);
        auto const found = by_id(json::parse(exported(world.port(), inputs)));
        BOOST_TEST(found.size() == wanted.size(), inputs.dump());
        BOOST_TEST((found == wanted), inputs.dump());
    }
}

BOOST_AUTO_TEST_CASE(inputs_may_be_json_where_a_query_has_text) {
    auto& world = World::shared();
    json const as_text{
        {"collection", "blocks"},   {"format", "geojson"},  {"bbox", "105.1,18.1,105.2,18.2"},
        {"filter", "kind = 'LUC'"}, {"properties", "kind"}, {"skipGeometry", "true"}};
    json const as_json{{"collection", "blocks"},
                       {"format", "geojson"},
                       {"bbox", {105.1, 18.1, 105.2, 18.2}},
                       {"filter", {{"op", "="}, {"args", {{{"property", "kind"}}, "LUC"}}}},
                       {"properties", {"kind"}},
                       {"skipGeometry", true}};
    BOOST_TEST((by_id(json::parse(exported(world.port(), as_text))) ==
                by_id(json::parse(exported(world.port(), as_json)))));
}

// GDAL 3.6 reads all of them but JSON-FG.
BOOST_AUTO_TEST_CASE(gdal_reads_every_form_and_finds_every_feature) {
    auto& world = World::shared();
    GDALAllRegister();
    for (auto const& [form, ending] : std::map<std::string, std::string>{{"geojson", ".geojson"},
                                                                         {"geojsonl", ".geojsonl"},
                                                                         {"csv", ".csv"},
                                                                         {"fgb", ".fgb"},
                                                                         {"gpkg", ".gpkg"},
                                                                         {"xlsx", ".xlsx"}}) {
        for (std::string const collection : {"blocks", "ways"}) {
            KeptFile const file{ending, exported(world.port(), {{"collection", collection},
                                                                {"format", form},
                                                                {"filter", "id > 10"}})};
            std::unique_ptr<GDALDataset, CloseDataset> const dataset{
                GDALDataset::Open(file.path.c_str(), GDAL_OF_VECTOR | GDAL_OF_READONLY)};
            BOOST_REQUIRE_MESSAGE(dataset, form);
            auto const wanted = std::stoll(world.database().value("SELECT count(*) FROM record." +
                                                                  collection + " WHERE fid > 10"));
            BOOST_TEST(dataset->GetLayer(0)->GetFeatureCount(TRUE) == wanted,
                       form << " " << collection);
        }
    }
    auto const fg = json::parse(exported(
        world.port(), {{"collection", "ways"}, {"format", "jsonfg"}, {"crs", "EPSG:9210"}}));
    BOOST_TEST(fg["coordRefSys"] == "http://www.opengis.net/def/crs/EPSG/0/9210");
    BOOST_TEST(fg["features"].size() == 1000U);
    BOOST_TEST(fg["features"][0]["place"]["type"] == "LineString");
    BOOST_TEST(fg["features"][0]["geometry"].is_null());
}

BOOST_AUTO_TEST_CASE(a_file_in_another_crs_has_the_positions_of_items_and_says_its_crs) {
    auto& world = World::shared();
    json const inputs{{"collection", "ways"}, {"format", "geojson"}, {"crs", "EPSG:9210"}};
    auto const file = json::parse(exported(world.port(), inputs));
    BOOST_TEST((by_id(file) == from_items("ways", inputs)));
    BOOST_TEST(file["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::9210");
}

BOOST_AUTO_TEST_CASE(what_an_export_cannot_be_is_refused_before_there_is_a_job) {
    auto& world = World::shared();
    struct Case {
        json inputs;
        int status;
        std::string named;
    };
    for (auto const& [inputs, status, named] :
         {Case{{{"format", "csv"}}, 400, "collection"},
          Case{{{"collection", "blocks"}}, 400, "format"},
          Case{{{"collection", "blocks"}, {"format", "shp"}}, 400, "shp"},
          Case{{{"collection", "nothing"}, {"format", "csv"}}, 404, "nothing"},
          Case{{{"collection", "blocks"}, {"format", "csv"}, {"limit", 5}}, 400, "limit"},
          Case{{{"collection", "blocks"}, {"format", "csv"}, {"filter", "owner = 'x'"}},
               400,
               "owner"},
          Case{{{"collection", "blocks"}, {"format", "csv"}, {"filter", "kind ="}}, 400, "filter"},
          Case{{{"collection", "blocks"}, {"format", "csv"}, {"bbox", {1, 2, 3}}}, 400, "bbox"},
          Case{{{"collection", "blocks"}, {"format", "csv"}, {"crs", "EPSG:1"}}, 400, "crs"},
          Case{
              {{"collection", "blocks"}, {"format", "csv"}, {"properties", "owner"}}, 400, "owner"},
          Case{{{"collection", "indicators"}, {"format", "fgb"}}, 400, "fgb"},
          Case{
              {{"collection", "blocks"}, {"format", "fgb"}, {"skipGeometry", true}}, 400, "fgb"}}) {
        auto const answer = ask_export(world.port(), inputs);
        BOOST_TEST(answer.status == status, inputs.dump() << answer.body);
        BOOST_TEST(answer.body.find(named) != std::string::npos, answer.body);
    }
    using diaban::tests::request;
    auto const post = [&](std::string_view fields, std::string_view body) {
        return request(world.port(), "POST", "/processes/export/execution", fields, body).status;
    };
    BOOST_TEST(post(diaban::tests::json_type, "[]") == 400);
    BOOST_TEST(post(diaban::tests::json_type, R"({"inputs": 1})") == 400);
    BOOST_TEST(post(diaban::tests::json_type, R"({"inputs": {}, "outputs": {}})") == 400);
    BOOST_TEST(post(diaban::tests::json_type, "{") == 400);
    BOOST_TEST(post("Content-Type: text/plain\r\n", "{}") == 415);
    BOOST_TEST(request(world.port(), "POST", "/processes/no-such/execution",
                       diaban::tests::json_type, R"({"inputs": {}})")
                   .status == 404);
}

BOOST_AUTO_TEST_SUITE_END()
