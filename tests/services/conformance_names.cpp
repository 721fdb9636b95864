// Abstract tests by their names in the standards, each as its test method has it: OGC API Features
// Part 1 (17-069r4, annex A), Part 2 (18-058r1, annex A), Part 3 (19-079r2, annex A), and what the
// draft of OGC API Styles (20-009) asks of its core. Deeper ones stand beside: conformance_*.cpp,
// server_*.cpp.

#include "services/http/uri.hpp"
#include "tests/services/links.hpp"
#include "tests/services/world.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using diaban::services::http::percent_encode;
using diaban::tests::links_of;
using diaban::tests::target;
using diaban::tests::World;
using nlohmann::json;

namespace {

constexpr char crs84_uri[] = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

World& world() {
    return World::shared();
}

std::vector<json> collections() {
    std::vector<json> all;
    auto const list = world().json("/collections");
    for (auto const& one : list["collections"]) all.push_back(one);
    return all;
}

std::string path_of_items(json const& collection) {
    return "/collections/" + collection["id"].get<std::string>() + "/items";
}

json parameter(std::string const& path, std::string_view name) {
    auto const document = world().json("/api");
    for (auto const& one : document["paths"][path]["get"]["parameters"])
        if (one.contains("name") && one["name"] == name) return one;
    return nullptr;
}

constexpr char items_path[] = "/collections/{collectionId}/items";

int status_of_filter(json const& collection, std::string const& filter,
                     std::string const& more = {}) {
    return world()
        .get(path_of_items(collection) + "?limit=1&filter=" + percent_encode(filter) + more)
        .status;
}

json matched(std::string const& target) {
    return world().json(target)["numberMatched"];
}

} // namespace

BOOST_AUTO_TEST_SUITE(features_part_1_names)

BOOST_AUTO_TEST_CASE(core_http_answers_are_http_1_1) {
    BOOST_TEST(world().get("/").status == 200);
    BOOST_TEST(world().get("/no-such-path").status == 404);
}

BOOST_AUTO_TEST_CASE(core_api_definition_op_and_success) {
    for (auto const* const relation : {"service-desc", "service-doc"})
        for (auto const& link : links_of(world().json("/"), relation)) {
            auto const answer =
                world().get(target(link), "Accept: " + link["type"].get<std::string>() + "\r\n");
            BOOST_TEST(answer.status == 200);
            BOOST_TEST(answer.field("content-type").starts_with(link["type"].get<std::string>()));
        }
}

BOOST_AUTO_TEST_CASE(core_fc_md_op_and_success_collections_are_listed_with_their_links) {
    auto const list = world().json("/collections");
    BOOST_TEST(!list["collections"].empty());
    for (auto const& collection : list["collections"]) {
        BOOST_TEST(collection.contains("id"));
        auto const links = links_of(collection, "items");
        BOOST_TEST(!links.empty()); // fc-md-items-links
        std::set<std::string> types;
        for (auto const& link : links) types.insert(link["type"].get<std::string>());
        BOOST_TEST(types.contains("application/geo+json"));
        BOOST_TEST(types.contains("text/html"));
    }
}

BOOST_AUTO_TEST_CASE(core_sfc_md_op_and_success) {
    for (auto const& collection : collections())
        BOOST_TEST(world().json("/collections/" + collection["id"].get<std::string>()) ==
                   collection);
}

BOOST_AUTO_TEST_CASE(core_fc_bbox_definition_and_response) {
    auto const bbox = parameter(items_path, "bbox");
    BOOST_TEST(bbox["in"] == "query");
    BOOST_TEST(bbox["required"] == false);
    BOOST_TEST(bbox["style"] == "form");
    BOOST_TEST(bbox["explode"] == false);
    BOOST_TEST(bbox["schema"]["type"] == "array");
    BOOST_TEST(bbox["schema"]["minItems"] == 4);
    BOOST_TEST(bbox["schema"]["maxItems"] == 6);
    auto const found = world().json("/collections/blocks/items?bbox=105.101,18.101,105.102,18.102");
    BOOST_TEST(found["numberMatched"] ==
               std::stoi(world().database().value(
                   "SELECT count(*) FROM record.blocks WHERE ST_Intersects(geom, ST_MakeEnvelope("
                   "105.101, 18.101, 105.102, 18.102, 4326))")));
    BOOST_TEST(matched("/collections/blocks/items?bbox=105.101,18.101,0,105.102,18.102,9") ==
               found["numberMatched"]);
}

BOOST_AUTO_TEST_CASE(core_fc_limit_definition_and_response) {
    auto const limit = parameter(items_path, "limit");
    BOOST_TEST(limit["schema"]["type"] == "integer");
    BOOST_TEST(limit["schema"]["minimum"] == 1);
    BOOST_TEST(limit["schema"]["maximum"] == 10000);
    BOOST_TEST(limit["schema"]["default"] == 10);
    BOOST_TEST(world().json("/collections/blocks/items")["features"].size() == 10U);
    BOOST_TEST(world().json("/collections/blocks/items?limit=3")["features"].size() == 3U);
    // More than is ever sent at once is not an error (fc-limit-response, B).
    BOOST_TEST(world().get("/collections/blocks/items?limit=20000").status == 200);
}

BOOST_AUTO_TEST_CASE(core_fc_time_definition_and_response) {
    auto const datetime = parameter(items_path, "datetime");
    BOOST_TEST(datetime["in"] == "query");
    BOOST_TEST(datetime["schema"]["type"] == "string");
    auto const counted = [&](std::string const& asked) {
        return matched("/collections/spots/items?limit=1&datetime=" + asked).get<int>();
    };
    auto const in_sql = [&](std::string const& condition) {
        return std::stoi(
            world().database().value("SELECT count(*) FROM record.spots WHERE " + condition));
    };
    BOOST_TEST(counted("2025-10-01T00:00:00Z") == in_sql("seen_at = '2025-10-01T00:00:00Z'"));
    BOOST_TEST(counted("2025-10-01T00:00:00Z/2025-10-02T00:00:00Z") ==
               in_sql("seen_at BETWEEN '2025-10-01T00:00:00Z' AND '2025-10-02T00:00:00Z'"));
    for (auto const* const open : {"..", ""}) {
        BOOST_TEST(counted(fmt::format("{}/2025-10-02T00:00:00Z", open)) ==
                   in_sql("seen_at <= '2025-10-02T00:00:00Z'"));
        BOOST_TEST(counted(fmt::format("2025-10-02T00:00:00Z/{}", open)) ==
                   in_sql("seen_at >= '2025-10-02T00:00:00Z'"));
    }
}

BOOST_AUTO_TEST_CASE(core_query_param_unknown_and_invalid) {
    for (auto const& collection : collections()) {
        BOOST_TEST(world().get(path_of_items(collection) + "?no-such-parameter=1").status == 400);
        for (auto const* const invalid :
             {"limit=0", "limit=x", "bbox=1,2,3", "bbox=a,b,c,d", "datetime=x"})
            BOOST_TEST(world().get(path_of_items(collection) + "?" + invalid).status == 400,
                       invalid);
    }
}

BOOST_AUTO_TEST_CASE(core_fc_op_links_timestamp_matched_and_returned_of_every_collection) {
    for (auto const& collection : collections()) {
        auto const answer = world().get(path_of_items(collection) + "?limit=2");
        BOOST_REQUIRE(answer.status == 200);
        BOOST_TEST(answer.field("content-type") == "application/geo+json");
        auto const page = json::parse(answer.body);
        BOOST_TEST(links_of(page, "self").size() == 1U);
        auto const alternates = links_of(page, "alternate");
        BOOST_TEST(alternates.size() >= 6U);
        for (auto const& link : alternates) BOOST_TEST(link.contains("type"));
        BOOST_TEST(page["numberReturned"] == page["features"].size());
        BOOST_TEST(page["numberMatched"] >= page["numberReturned"]);
        BOOST_TEST(page["timeStamp"].get<std::string>().size() >= 20U);
        for (auto const& feature : page["features"]) {
            auto const own = path_of_items(collection) + "/" + feature["id"].dump();
            auto const one = world().json(own); // f-op, f-success, f-links
            BOOST_TEST(one["id"] == feature["id"]);
            BOOST_TEST(target(links_of(one, "self").at(0)).starts_with(own));
            BOOST_TEST(links_of(one, "collection").size() == 1U);
        }
    }
}

BOOST_AUTO_TEST_CASE(core_crs84_positions_are_longitude_and_latitude) {
    auto const answer = world().get("/collections/blocks/items?limit=1");
    BOOST_TEST(answer.field("content-crs") == fmt::format("<{}>", crs84_uri));
    auto const at = json::parse(answer.body)["features"][0]["geometry"]["coordinates"][0][0];
    BOOST_TEST((at[0] > 100 && at[1] < 30));
}

BOOST_AUTO_TEST_CASE(oas30_and_oas31_are_complete_and_describe_codes_and_errors) {
    for (auto const& [accept, version] :
         {std::pair{"application/vnd.oai.openapi+json;version=3.0", "3.0.3"},
          {"application/vnd.oai.openapi+json;version=3.1", "3.1.0"},
          {"application/vnd.oai.openapi+json", "3.0.3"},
          {"application/vnd.oai.openapi+json;version=3.0;q=0.4, "
           "application/vnd.oai.openapi+json; version=3.1",
           "3.1.0"}}) {
        auto const answer = world().get("/api", fmt::format("Accept: {}\r\n", accept));
        BOOST_TEST(answer.status == 200);
        auto const document = json::parse(answer.body);
        BOOST_TEST(document["openapi"] == version);
        BOOST_TEST(answer.field("content-type") ==
                   fmt::format("application/vnd.oai.openapi+json;version={}",
                               std::string_view{version}.substr(0, 3)));
        for (auto const& [path, operations] : document["paths"].items())
            for (auto const& [method, operation] : operations.items()) {
                BOOST_TEST(operation.contains("operationId"), path);
                BOOST_TEST(operation["responses"].contains("default"), path);
            }
        bool const nullable = answer.body.find("\"nullable\"") != std::string::npos;
        BOOST_TEST(nullable == (std::string_view{version} == "3.0.3"));
    }
    BOOST_TEST(world().json("/api?f=json31")["openapi"] == "3.1.0");
    BOOST_TEST(world().get("/api?f=yaml").status == 400);
}

BOOST_AUTO_TEST_CASE(oas30_completeness_every_form_of_items_is_described) {
    auto const operation = world().json("/api")["paths"][items_path]["get"];
    auto const& content = operation["responses"]["200"]["content"];
    auto const f = parameter(items_path, "f");
    for (auto const& form : f["schema"]["enum"]) {
        auto const answer =
            world().get("/collections/ways/items?limit=2&f=" + form.get<std::string>());
        BOOST_TEST(answer.status == 200, form);
        auto const type = answer.field("content-type");
        BOOST_TEST(content.contains(type.substr(0, type.find(';'))), type);
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(features_part_2_names)

BOOST_AUTO_TEST_CASE(crs_crs_uri_default_crs_and_storage_crs) {
    for (auto const& collection : collections()) {
        if (!collection.contains("storageCrs")) continue;
        auto const& list = collection["crs"];
        BOOST_TEST(list[0] == crs84_uri);
        for (auto const& one : list)
            BOOST_TEST(one.get<std::string>().starts_with("http://www.opengis.net/def/crs/"));
        BOOST_TEST((std::ranges::find(list, collection["storageCrs"]) != list.end()));
    }
}

BOOST_AUTO_TEST_CASE(crs_crs_parameter_default_valid_and_invalid) {
    auto const asked = [](std::string const& query) {
        return world().get("/collections/ways/items?limit=1" + query);
    };
    BOOST_TEST(asked("").field("content-crs") == fmt::format("<{}>", crs84_uri));
    auto const ways = world().json("/collections/ways");
    for (auto const& one : ways["crs"]) {
        auto const uri = one.get<std::string>();
        auto const answer = asked("&crs=" + percent_encode(uri));
        BOOST_TEST(answer.status == 200, uri);
        BOOST_TEST(answer.field("content-crs") == "<" + uri + ">");
    }
    BOOST_TEST(asked("&crs=http://www.opengis.net/def/crs/OGC/0/does_not_exist").status == 400);
}

BOOST_AUTO_TEST_CASE(crs_bbox_crs_parameter_default_valid_and_invalid) {
    auto const asked = [](std::string const& query) {
        return matched("/collections/blocks/items?limit=1&" + query);
    };
    auto const plain = asked("bbox=105.1,18.1,105.2,18.2");
    BOOST_TEST(asked(fmt::format("bbox=105.1,18.1,105.2,18.2&bbox-crs={}",
                                 percent_encode(crs84_uri))) == plain);
    BOOST_TEST(asked("bbox=18.1,105.1,18.2,105.2&bbox-crs=" +
                     percent_encode("http://www.opengis.net/def/crs/EPSG/0/4326")) == plain);
    BOOST_TEST(world()
                   .get("/collections/blocks/items?bbox=105.1,18.1,105.2,18.2&bbox-crs=http://"
                        "www.opengis.net/def/crs/OGC/0/does_not_exist")
                   .status == 400);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(features_part_3_names)

BOOST_AUTO_TEST_CASE(filter_get_queryables_of_every_collection) {
    for (auto const& collection : collections()) {
        auto const link =
            links_of(collection, "http://www.opengis.net/def/rel/ogc/1.0/queryables").at(0);
        auto const answer = world().get(target(link), "Accept: application/schema+json\r\n");
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(answer.field("content-type") == "application/schema+json");
        auto const schema = json::parse(answer.body);
        BOOST_TEST(schema["type"] == "object");
        BOOST_TEST(schema["$id"] == link["href"]);
        BOOST_TEST(!schema["properties"].empty());
    }
}

BOOST_AUTO_TEST_CASE(filter_filter_param_lang_default_and_expression_construction) {
    for (auto const& collection : collections())
        for (auto const* const language : {"", "&filter-lang=cql2-text"}) {
            BOOST_TEST(status_of_filter(collection, "id IS NULL", language) == 200);
            BOOST_TEST(status_of_filter(collection, "THIS IS NOT A FILTER", language) == 400);
            BOOST_TEST(status_of_filter(collection, "this_is_not_a_queryable IS NULL", language) ==
                       400);
        }
}

BOOST_AUTO_TEST_CASE(filter_filter_crs_wgs84_and_mixing_with_bbox) {
    for (auto const& collection : collections()) {
        if (!collection.contains("extent") || collection["geometryType"] == "none") continue;
        auto const& box = collection["extent"]["spatial"]["bbox"][0];
        auto const corners = fmt::format("{},{},{},{}", box[0].get<double>(), box[1].get<double>(),
                                         box[2].get<double>(), box[3].get<double>());
        auto const within = percent_encode("S_INTERSECTS(geometry,BBOX(" + corners + "))");
        auto const all = matched(path_of_items(collection) +
                                 "?limit=1&filter=" + percent_encode("geometry IS NOT NULL"));
        auto const asked = path_of_items(collection) + "?limit=1&filter=" + within;
        BOOST_TEST(matched(asked) == all, collection["id"]);
        BOOST_TEST(matched(asked + "&bbox=" + corners) == all, collection["id"]);
        BOOST_TEST(matched(asked + "&bbox=-70,-40,-69,-39") == 0, collection["id"]);
        BOOST_TEST(
            status_of_filter(
                collection, "S_INTERSECTS(geometry,BBOX(1000000,1000000,2000000,2000000))") == 400);
    }
}

BOOST_AUTO_TEST_CASE(filter_filter_crs_param) {
    auto const corner = [&](char const* sql) { return world().database().value(sql); };
    auto const low = corner("SELECT ST_X(p) || ',' || ST_Y(p) FROM (SELECT ST_Transform(ST_SetSRID("
                            "ST_MakePoint(104, 17), 4326), 3857) p) one");
    auto const high =
        corner("SELECT ST_X(p) || ',' || ST_Y(p) FROM (SELECT ST_Transform(ST_SetSRID("
               "ST_MakePoint(107, 20), 4326), 3857) p) one");
    auto const filter = percent_encode("S_INTERSECTS(geometry,BBOX(" + low + "," + high + "))");
    auto const asked = "/collections/blocks/items?limit=1&filter=" + filter + "&filter-crs=";
    BOOST_TEST(matched(asked + percent_encode("http://www.opengis.net/def/crs/EPSG/0/3857")) ==
               5000);
    BOOST_TEST(world().get(asked + "http://www.opengis.net/def/crs/OGC/0/does_not_exist").status ==
               400);
}

BOOST_AUTO_TEST_CASE(filter_get_functions) {
    auto const functions = world().json("/functions")["functions"];
    BOOST_TEST(!functions.empty());
    for (auto const& one : functions) {
        BOOST_TEST(one.contains("name"));
        BOOST_TEST(one.contains("arguments"));
        BOOST_TEST(one.contains("returns"));
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(styles_names)

BOOST_AUTO_TEST_CASE(core_styles_and_style_have_titles_links_and_media_types) {
    auto const list = world().json("/styles");
    BOOST_TEST(!list["styles"].empty());
    for (auto const& entry : list["styles"]) {
        BOOST_TEST(entry.contains("id"));
        auto const sheet = links_of(entry, "stylesheet").at(0);
        BOOST_TEST(sheet["type"] == "application/vnd.mapbox.style+json");
        auto const answer = world().get("/styles/" + entry["id"].get<std::string>(),
                                        "Accept: application/vnd.mapbox.style+json\r\n");
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(answer.field("content-type") == "application/vnd.mapbox.style+json");
        auto const style = json::parse(answer.body);
        BOOST_TEST(style["version"] == 8); // mapbox-styles
        BOOST_TEST(!style["layers"].empty());
    }
}

BOOST_AUTO_TEST_SUITE_END()
