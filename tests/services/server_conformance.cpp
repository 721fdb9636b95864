// Abstract tests of the standards whose conformance is claimed, by the names that they have there:
// OGC API Features Part 1 (17-069r4, annex A), Part 3 (19-079r2, annex A), OGC API Tiles Part 1
// (20-057, annex A) and the draft of OGC API Styles (20-009). What other tests prove is not here
// again.

#include "services/http/uri.hpp"
#include "tests/services/links.hpp"
#include "tests/services/world.hpp"
#include "tests/support/mvt_reader.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

using diaban::tests::links_of;
using diaban::tests::target;
using diaban::tests::World;
using nlohmann::json;

namespace {

bool conforms(std::string const& name) {
    auto const classes = World::shared().json("/conformance")["conformsTo"];
    return std::ranges::any_of(
        classes, [&](json const& one) { return one.get<std::string>().ends_with(name); });
}

} // namespace

BOOST_AUTO_TEST_SUITE(features_part_1)

BOOST_AUTO_TEST_CASE(core_root_success_links_to_the_definition_conformance_and_data) {
    auto const root = World::shared().json("/");
    for (auto const* const relation : {"service-desc", "service-doc", "conformance", "data"}) {
        auto const links = links_of(root, relation);
        BOOST_REQUIRE_MESSAGE(!links.empty(), relation);
        auto const answer = World::shared().get(target(links[0]));
        BOOST_TEST(answer.status == 200, relation);
        BOOST_TEST(answer.field("content-type").starts_with(links[0]["type"].get<std::string>()));
    }
}

BOOST_AUTO_TEST_CASE(core_conformance_success_lists_what_the_other_suites_prove) {
    for (auto const* const name :
         {"ogcapi-features-1/1.0/conf/core", "ogcapi-features-1/1.0/conf/geojson",
          "ogcapi-features-1/1.0/conf/html", "ogcapi-features-1/1.0/conf/oas30",
          "ogcapi-features-3/1.0/conf/queryables", "ogcapi-features-3/1.0/conf/filter",
          "ogcapi-features-3/1.0/conf/features-filter", "ogcapi-tiles-1/1.0/conf/core",
          "ogcapi-tiles-1/1.0/conf/tileset", "ogcapi-tiles-1/1.0/conf/tilesets-list",
          "ogcapi-tiles-1/1.0/conf/geodata-tilesets", "ogcapi-tiles-1/1.0/conf/mvt",
          "ogcapi-styles-1/0.0/conf/core", "ogcapi-styles-1/0.0/conf/mapbox-styles"})
        BOOST_TEST(conforms(name), name);
}

BOOST_AUTO_TEST_CASE(core_sfc_md_op_every_collection_has_items_and_a_valid_extent) {
    auto& world = World::shared();
    auto const list = world.json("/collections");
    BOOST_TEST(!links_of(list, "self").empty());
    BOOST_TEST(!links_of(list, "alternate").empty());
    for (auto const& entry : list["collections"]) {
        auto const id = entry["id"].get<std::string>();
        BOOST_TEST(world.json("/collections/" + id) == entry);
        BOOST_TEST(!links_of(entry, "items").empty());
        for (auto const& link : links_of(entry, "items")) BOOST_TEST(link.contains("type"));
        if (!entry.contains("extent")) continue;
        auto const& box = entry["extent"]["spatial"]["bbox"][0];
        BOOST_TEST(box[0] <= box[2]);
        BOOST_TEST(box[1] <= box[3]);
    }
    BOOST_TEST(world.get("/collections/no_such").status == 404);
}

BOOST_AUTO_TEST_CASE(core_fc_op_pages_link_to_themselves_and_say_their_counts_and_time) {
    auto& world = World::shared();
    auto const answer = world.get("/collections/blocks/items?limit=3");
    BOOST_TEST(answer.field("content-type") == "application/geo+json");
    auto const page = json::parse(answer.body);
    BOOST_TEST(page["type"] == "FeatureCollection");
    BOOST_TEST(page["features"].size() == 3U);
    BOOST_TEST(page["numberReturned"] == 3);
    BOOST_TEST(page["numberMatched"] == 5000);
    BOOST_TEST(page["timeStamp"].get<std::string>().ends_with("Z"));
    for (auto const* const relation : {"self", "next"})
        BOOST_TEST(links_of(page, relation).size() == 1U, relation);
    std::set<std::string> forms; // one link to each other form, and none to this one
    auto const others = links_of(page, "alternate");
    for (auto const& link : others) {
        forms.insert(link["type"].get<std::string>());
        BOOST_TEST(world.get(target(link)).status == 200, link.dump());
    }
    BOOST_TEST(forms.size() == others.size());
    BOOST_TEST(forms.contains("text/html"));
    BOOST_TEST(!forms.contains("application/geo+json"));
    auto const second = world.json(target(links_of(page, "next")[0]));
    BOOST_TEST(second["features"].size() == 3U);
    BOOST_TEST(second["features"][0]["id"] > page["features"][2]["id"]);
}

BOOST_AUTO_TEST_CASE(core_query_parameters_unknown_or_invalid_are_400) {
    auto& world = World::shared();
    for (auto const* const query :
         {"unknown=1", "limit=0", "limit=x", "bbox=1,2,3", "bbox=5,2,1", "datetime=yesterday",
          "datetime=2025-07-02/2025-07-01", "bbox-crs=EPSG:1"})
        BOOST_TEST(world.get(std::string{"/collections/blocks/items?"} + query).status == 400,
                   query);
}

BOOST_AUTO_TEST_CASE(core_f_success_a_feature_links_to_itself_and_to_its_collection) {
    auto& world = World::shared();
    auto const page = world.json("/collections/ways/items?limit=1");
    auto const id = page["features"][0]["id"].dump();
    auto const feature = world.json("/collections/ways/items/" + id);
    BOOST_TEST(feature["type"] == "Feature");
    for (auto const* const relation : {"self", "alternate", "collection"})
        for (auto const& link : links_of(feature, relation))
            BOOST_TEST(world.get(target(link)).status == 200, relation);
    BOOST_TEST(feature["geometry"] == page["features"][0]["geometry"]);
}

BOOST_AUTO_TEST_CASE(html_content_every_resource_has_a_page_with_its_links_and_without_script) {
    auto& world = World::shared();
    auto const id = world.json("/collections/blocks/items?limit=1")["features"][0]["id"].dump();
    for (std::string const& path :
         {std::string{"/"}, std::string{"/conformance"}, std::string{"/api"},
          std::string{"/collections"}, std::string{"/collections/blocks"},
          std::string{"/collections/blocks/items"}, "/collections/blocks/items/" + id}) {
        auto const answer = world.get(path, "Accept: text/html\r\nAccept-Language: en\r\n");
        BOOST_TEST(answer.field("content-type") == "text/html; charset=utf-8", path);
        BOOST_TEST(answer.field("content-language") == "en", path);
        BOOST_TEST(answer.body.find("<html lang=\"en\">") != std::string::npos, path);
        BOOST_TEST(answer.body.find("<script") == std::string::npos, path);
        BOOST_TEST(answer.body.find("href=\"") != std::string::npos, path);
        BOOST_TEST(world.get(path, "Accept: text/html\r\nAccept-Language: vi\r\n").body !=
                       answer.body,
                   path);
    }
    for (std::string const& path :
         {std::string{"/collections/blocks/items"}, "/collections/blocks/items/" + id})
        BOOST_TEST(world.get(path + "?f=html").body.find("<svg class=\"sketch\"") !=
                       std::string::npos,
                   path);
}

BOOST_AUTO_TEST_CASE(a_page_draws_both_sides_of_the_antimeridian_side_by_side) {
    auto const page = World::shared().get("/collections/spots/items?bbox=179,9,-179,11&f=html");
    BOOST_TEST(page.body.find("10.00000, 179.50000 – 10.00000, -179.50000") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(core_http_links_stand_in_the_fields_too_and_what_a_client_has_is_304) {
    auto& world = World::shared();
    for (auto const* const path :
         {"/", "/collections", "/collections/blocks", "/collections/blocks/items?limit=1"}) {
        auto const answer = world.get(path);
        BOOST_TEST(answer.field("link").find("rel=\"self\"") != std::string::npos, path);
        BOOST_TEST(answer.field("vary").find("Accept-Language") != std::string::npos, path);
        auto const again = world.get(path, "If-None-Match: " + answer.field("etag") + "\r\n");
        // A page of items says when it was answered: it is another one each second.
        if (std::string_view{path}.find("items") == std::string_view::npos)
            BOOST_TEST(again.status == 304, path);
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(features_part_3)

BOOST_AUTO_TEST_CASE(queryables_are_linked_and_are_all_that_filters_take) {
    auto& world = World::shared();
    auto const links = links_of(world.json("/collections/blocks"),
                                "http://www.opengis.net/def/rel/ogc/1.0/queryables");
    BOOST_REQUIRE(links.size() == 1U);
    auto const schema = world.json(target(links[0]));
    BOOST_TEST(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema");
    BOOST_TEST(schema["$id"] == links[0]["href"]);
    BOOST_TEST(schema["additionalProperties"] == false);
    for (auto const& [name, described] : schema["properties"].items()) {
        if (described.contains("x-ogc-role")) continue;
        auto const answer = world.get("/collections/blocks/items?filter=" +
                                      diaban::services::http::percent_encode(name + " IS NULL"));
        BOOST_TEST(answer.status == 200, name);
    }
    BOOST_TEST(world.get("/collections/blocks/items?filter=nothing%20IS%20NULL").status == 400);
}

BOOST_AUTO_TEST_CASE(filter_lang_defaults_to_text_and_an_unknown_one_is_400) {
    auto& world = World::shared();
    auto const matched = [&](std::string const& query) {
        return world.json("/collections/blocks/items?limit=1&filter=" + query)["numberMatched"];
    };
    auto const encode = [](std::string_view text) {
        return diaban::services::http::percent_encode(text);
    };
    auto const text = encode("kind = 'LUC'");
    auto const tree = encode(R"({"op":"=","args":[{"property":"kind"},"LUC"]})");
    BOOST_TEST(matched(text) == matched(text + "&filter-lang=cql2-text"));
    BOOST_TEST(matched(text) == matched(tree + "&filter-lang=cql2-json"));
    BOOST_TEST(world.get("/collections/blocks/items?filter=" + text + "&filter-lang=sql").status ==
               400);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(tiles_part_1)

BOOST_AUTO_TEST_CASE(tileset_success_links_to_its_scheme_and_its_tiles_within_limits) {
    auto& world = World::shared();
    auto const collection = world.json("/collections/blocks");
    auto const lists =
        links_of(collection, "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector");
    BOOST_REQUIRE(lists.size() == 1U);
    auto const list = world.json(target(lists[0]));
    for (auto const& item : list["tilesets"]) {
        auto const tileset = world.json(target(links_of(item, "self")[0]));
        BOOST_TEST(tileset["dataType"] == "vector");
        auto const schemes =
            links_of(tileset, "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme");
        BOOST_REQUIRE(schemes.size() == 1U);
        auto const set = world.json(target(schemes[0]));
        BOOST_TEST(set["uri"] == tileset["tileMatrixSetURI"]);
        BOOST_TEST(set["crs"] == tileset["crs"]);
        auto const pattern = target(links_of(tileset, "item")[0]);
        for (auto const& limit : tileset["tileMatrixSetLimits"]) {
            auto const& matrix = *std::ranges::find(set["tileMatrices"], limit["tileMatrix"],
                                                    [](json const& one) { return one["id"]; });
            BOOST_TEST(limit["maxTileRow"] < matrix["matrixHeight"]);
            BOOST_TEST(limit["maxTileCol"] < matrix["matrixWidth"]);
            auto at = pattern;
            for (auto const* const name : {"tileMatrix", "tileRow", "tileCol"}) {
                auto const place = std::string{"{"} + name + "}";
                auto const value = name == std::string{"tileMatrix"}
                                       ? limit["tileMatrix"].get<std::string>()
                                   : name == std::string{"tileRow"} ? limit["minTileRow"].dump()
                                                                    : limit["minTileCol"].dump();
                at.replace(at.find(place), place.size(), value);
            }
            auto const tile = world.get(at);
            BOOST_TEST((tile.status == 200 || tile.status == 204), at);
            if (tile.status == 200) BOOST_TEST(!diaban::tests::read_tile(tile.body).empty());
        }
    }
}

// Annex D.1 of 17-083r4: scale denominators halve from 559082264.028717, cells are square.
BOOST_AUTO_TEST_CASE(the_tile_matrix_set_is_the_registered_one) {
    auto const set = World::shared().json("/tileMatrixSets/WebMercatorQuad");
    BOOST_TEST(set["uri"] == "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad");
    double denominator = 559082264.028717;
    double cells = 1;
    for (auto const& matrix : set["tileMatrices"]) {
        BOOST_TEST(std::abs(matrix["scaleDenominator"].get<double>() / denominator - 1) < 1e-9);
        BOOST_TEST(matrix["matrixWidth"] == cells);
        BOOST_TEST(matrix["matrixHeight"] == cells);
        denominator /= 2;
        cells *= 2;
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(styles_core)

BOOST_AUTO_TEST_CASE(styles_are_linked_from_the_root_listed_and_fetched) {
    auto& world = World::shared();
    auto const links = links_of(world.json("/"), "http://www.opengis.net/def/rel/ogc/1.0/styles");
    BOOST_REQUIRE(links.size() == 1U);
    auto const list = world.json(target(links[0]));
    std::set<std::string> ids;
    for (auto const& entry : list["styles"]) {
        ids.insert(entry["id"].get<std::string>());
        auto const sheets = links_of(entry, "stylesheet");
        BOOST_REQUIRE(sheets.size() == 1U);
        auto const sheet = world.get(target(sheets[0]));
        BOOST_TEST(sheet.field("content-type") == sheets[0]["type"].get<std::string>());
        BOOST_TEST(json::parse(sheet.body)["version"] == 8);
        auto const legend = links_of(entry, "describedby");
        BOOST_REQUIRE(legend.size() == 1U);
        BOOST_TEST(!world.json(target(legend[0]))["groups"].empty());
    }
    BOOST_TEST(ids.contains(list["default"].get<std::string>()));
    BOOST_TEST(world.get("/styles/no-such-style").status == 404);
}

BOOST_AUTO_TEST_SUITE_END()
