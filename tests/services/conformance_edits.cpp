// OGC API Features, Part 4 (20-002): its abstract tests, one case each, named by the comment above
// it. Those whose condition does not hold here (GML, resources made by PUT) have none.

#include "tests/services/edit_client.hpp"
#include "tests/services/world.hpp"

#include <boost/test/unit_test.hpp>
#include <proj.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

using nlohmann::json;
using namespace diaban::tests;

namespace {

std::string const items = "/collections/blocks/items";

/// The world of this file: it is edited.
struct Part4 {
    World& world = []() -> World& {
        static World one;
        return one;
    }();

    RawAnswer ask(std::string_view method, std::string const& target,
                  std::string const& fields = {}, std::string const& body = {}) const {
        return request(world.port(), method, target, fields, body);
    }
    static std::string path_of(RawAnswer const& made) {
        auto const location = made.field("location");
        return location.substr(location.find("/collections"));
    }
    RawAnswer make(std::string const& name = "mới") const {
        auto answer = ask("POST", items, as_geojson, block(name, 105.4, 18.2).dump());
        BOOST_REQUIRE(answer.status == 201);
        return answer;
    }
    json get(std::string const& path) const { return world.json(path); }
    std::set<std::int64_t> fids() {
        std::set<std::int64_t> all;
        for (auto const& row : world.database().sql("SELECT fid FROM record.blocks"))
            all.insert(std::stoll(row[0]));
        return all;
    }
};

/// What was sent is what is there.
void check_same(json const& feature, json const& sent) {
    BOOST_TEST(feature["geometry"] == sent["geometry"]);
    for (auto const& [name, value] : sent["properties"].items())
        BOOST_TEST(feature["properties"][name] == value, name);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(conformance_edits, Part4)

// /conf/create-replace-delete/options, /conf/update/options
BOOST_AUTO_TEST_CASE(options_names_what_each_endpoint_can_do) {
    auto const allows = [&](std::string const& path) {
        auto const answer = ask("OPTIONS", path);
        BOOST_TEST(answer.status == 200);
        return answer.field("allow");
    };
    BOOST_TEST(allows(items).find("POST") != std::string::npos);
    for (auto const* const method : {"PUT", "PATCH", "DELETE"})
        BOOST_TEST(allows(items + "/1").find(method) != std::string::npos);
}

// /conf/create-replace-delete/create
BOOST_AUTO_TEST_CASE(create_adds_a_resource_whose_location_is_said) {
    auto const before = fids();
    auto sent = block("tạo", 105.41, 18.2);
    auto const first = ask("POST", items, as_geojson, sent.dump());
    auto with_id = block("tạo nữa", 105.42, 18.2);
    with_id["id"] = 900'000'000;
    auto const second = ask("POST", items, as_geojson, with_id.dump());
    for (auto const& [answer, feature] : {std::pair{first, sent}, {second, with_id}}) {
        BOOST_TEST(answer.status == 201);
        auto const now = get(path_of(answer));
        check_same(now, feature);
        auto const fid = now["id"].get<std::int64_t>();
        BOOST_TEST(!before.contains(fid));
        BOOST_TEST(path_of(answer) == items + "/" + std::to_string(fid));
    }
}

// /conf/create-replace-delete/create-content-type, …/replace-content-type,
// /conf/update/update-content-type
BOOST_AUTO_TEST_CASE(a_body_of_no_said_type_is_400) {
    auto const made = make();
    auto const condition = if_match(made.field("etag"));
    auto const body = block("kiểu", 105.4, 18.2).dump();
    BOOST_TEST(ask("POST", items, "", body).status == 400);
    BOOST_TEST(ask("PUT", path_of(made), condition, body).status == 400);
    BOOST_TEST(ask("PATCH", path_of(made), condition, "{}").status == 400);
}

// /conf/create-replace-delete/replace
BOOST_AUTO_TEST_CASE(replace_sets_the_whole_content) {
    auto const made = make();
    auto const sent = block("thay", 105.43, 18.2, "LUC");
    auto const answer =
        ask("PUT", path_of(made), as_geojson + if_match(made.field("etag")), sent.dump());
    BOOST_TEST(answer.status == 200);
    check_same(get(path_of(made)), sent);
}

// /conf/create-replace-delete/replace-rid, /conf/features/geojson
BOOST_AUTO_TEST_CASE(an_identifier_in_what_replaces_is_ignored) {
    auto const made = make();
    auto const other = get(items + "/1");
    auto sent = block("thay", 105.44, 18.2);
    sent["id"] = 1;
    auto const answer =
        ask("PUT", path_of(made), as_geojson + if_match(made.field("etag")), sent.dump());
    BOOST_TEST(answer.status == 200);
    auto const now = get(path_of(made));
    check_same(now, sent);
    BOOST_TEST(path_of(made) == items + "/" + std::to_string(now["id"].get<std::int64_t>()));
    BOOST_TEST(get(items + "/1")["properties"] == other["properties"]);
}

// /conf/create-replace-delete/replace-exceptions; with If-Match as requirement put-rid-exception B
BOOST_AUTO_TEST_CASE(replace_of_what_is_not_there_makes_nothing) {
    auto const body = block("không", 105.4, 18.2).dump();
    BOOST_TEST(ask("PUT", items + "/800000000", as_geojson, body).status == 404);
    BOOST_TEST(ask("PUT", items + "/800000001", as_geojson + if_match("\"xyz\""), body).status ==
               412);
    BOOST_TEST(world.get(items + "/800000000").status == 404);
    BOOST_TEST(world.get(items + "/800000001").status == 404);
}

// /conf/create-replace-delete/delete
BOOST_AUTO_TEST_CASE(delete_removes_a_resource) {
    auto const made = make();
    BOOST_TEST(ask("DELETE", path_of(made), if_match(made.field("etag"))).status == 204);
    BOOST_TEST(world.get(path_of(made)).status == 404);
}

// /conf/update/update
BOOST_AUTO_TEST_CASE(update_changes_what_it_names_and_nothing_else) {
    auto const made = make();
    auto const before = get(path_of(made));
    auto const answer = ask("PATCH", path_of(made), merge_patch + if_match(made.field("etag")),
                            R"({"properties": {"kind": "CLN"}})");
    BOOST_TEST(answer.status == 200);
    auto wanted = before;
    wanted["properties"]["kind"] = "CLN";
    auto const now = get(path_of(made));
    BOOST_TEST(now["properties"] == wanted["properties"]);
    BOOST_TEST(now["geometry"] == wanted["geometry"]);
}

// /conf/update/update-rid, /conf/features/json-merge-patch
BOOST_AUTO_TEST_CASE(a_merge_patch_sets_adds_unsets_and_moves_but_gives_no_other_identifier) {
    auto feature = block("vá", 105.45, 18.2);
    feature["properties"].erase("name");
    auto const made = ask("POST", items, as_geojson, feature.dump());
    json const shape = block("", 105.46, 18.21)["geometry"];
    json const patch{{"properties", {{"kind", "LUC"}, {"name", "tên"}, {"area", nullptr}}},
                     {"geometry", shape}};
    auto const first =
        ask("PATCH", path_of(made), merge_patch + if_match(made.field("etag")), patch.dump());
    BOOST_TEST(first.status == 200);
    auto const now = get(path_of(made));
    BOOST_TEST(now["properties"]["kind"] == "LUC");
    BOOST_TEST(now["properties"]["name"] == "tên");
    BOOST_TEST(now["properties"]["area"].is_null());
    BOOST_TEST(now["geometry"] == shape);
    auto const schema = get("/collections/blocks/schema")["properties"];
    BOOST_REQUIRE(schema["id"]["x-ogc-role"] == "id");
    for (json const& other : {json{{"id", 7}}, json{{"id", "7"}}}) {
        auto const second =
            ask("PATCH", path_of(made), merge_patch + if_match(first.field("etag")), other.dump());
        BOOST_TEST(second.status == 422);
        BOOST_TEST(pointers(json::parse(second.body)["errors"]) == std::set<std::string>{"/id"});
    }
    json const own{{"id", now["id"]}, {"properties", {{"kind", "CLN"}}}};
    BOOST_TEST(ask("PATCH", path_of(made), merge_patch + if_match(first.field("etag")), own.dump())
                   .status == 200);
}

// /conf/optimistic-locking-etags/get-etag, …/replace, …/update, …/delete
BOOST_AUTO_TEST_CASE(changes_are_made_on_the_state_that_the_etag_names) {
    auto const made = make();
    auto const path = path_of(made);
    auto const body = block("khóa", 105.47, 18.2).dump();
    auto tag = world.get(path).field("etag");
    BOOST_TEST(tag.starts_with("\""));
    struct Change {
        char const* method;
        char const* type;
        std::string body;
    };
    for (auto const& [method, type, sent] :
         {Change{"PUT", as_geojson, body},
          Change{"PATCH", merge_patch, R"({"properties": {"area": 9}})"}}) {
        auto const before = world.get(path).body;
        BOOST_TEST(ask(method, path, type + if_match("\"0\""), sent).status == 412);
        BOOST_TEST(world.get(path).body == before);
        auto const done = ask(method, path, type + if_match(tag), sent);
        BOOST_TEST(done.status == 200);
        BOOST_TEST(done.field("etag") != tag);
        tag = done.field("etag");
        BOOST_TEST(ask(method, path, type, sent).status == 428);
    }
    BOOST_TEST(ask("DELETE", path, if_match("\"0\"")).status == 412);
    BOOST_TEST(world.get(path).status == 200);
    BOOST_TEST(ask("DELETE", path).status == 428);
    BOOST_TEST(ask("DELETE", path, if_match(tag)).status == 204);
    BOOST_TEST(world.get(path).status == 404);
}

// /conf/features/endpoints
BOOST_AUTO_TEST_CASE(what_can_be_changed_are_the_features_of_the_collections) {
    auto const collections = get("/collections")["collections"];
    for (auto const& collection : collections) {
        BOOST_TEST(collection.value("itemType", "feature") == "feature");
        auto const id = collection["id"].get<std::string>();
        auto const page = get("/collections/" + id + "/items?limit=1");
        if (collection["editable"] != true || page["features"].empty()) continue;
        auto const fid = std::to_string(page["features"][0]["id"].get<std::int64_t>());
        auto const answer = ask("OPTIONS", "/collections/" + id + "/items/" + fid);
        BOOST_TEST(answer.field("allow").find("PATCH") != std::string::npos, id);
    }
}

// /conf/features/crs
BOOST_AUTO_TEST_CASE(coordinates_are_of_the_crs_that_content_crs_says) {
    auto const crs = std::string{"http://www.opengis.net/def/crs/EPSG/0/9209"};
    auto const sent = block("hệ", 105.48, 18.2);
    auto projected = sent;
    auto* const context = proj_context_create();
    // EPSG:6960 and its projection, as the house pins it; here by PROJ itself.
    auto* const pipeline = proj_create(
        context,
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        "+step +proj=cart +ellps=WGS84 "
        "+step +inv +proj=helmert +x=-191.90441429 +y=-39.30318279 +z=-111.45032835 "
        "+rx=-0.00928836 +ry=0.01975479 +rz=-0.00427372 +s=0.252906278 "
        "+convention=coordinate_frame "
        "+step +inv +proj=cart +ellps=WGS84 "
        "+step +proj=tmerc +lat_0=0 +lon_0=105.5 +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84");
    BOOST_REQUIRE(pipeline != nullptr);
    for (auto& position : projected["geometry"]["coordinates"][0]) {
        auto const at =
            proj_trans(pipeline, PJ_FWD,
                       proj_coord(position[0].get<double>(), position[1].get<double>(), 0, 0));
        position = json{at.xy.x, at.xy.y};
    }
    proj_destroy(pipeline);
    proj_context_destroy(context);
    auto const first = ask("POST", items, as_geojson, sent.dump());
    auto const second =
        ask("POST", items, as_geojson + ("Content-Crs: <" + crs + ">\r\n"), projected.dump());
    BOOST_TEST(first.status == 201);
    BOOST_REQUIRE(second.status == 201);
    auto const one = get(path_of(first) + "?crs=" + crs)["geometry"]["coordinates"][0];
    auto const other = get(path_of(second) + "?crs=" + crs)["geometry"]["coordinates"][0];
    BOOST_REQUIRE(one.size() == other.size());
    for (std::size_t i = 0; i < one.size(); ++i)
        for (std::size_t axis : {0U, 1U})
            BOOST_TEST(std::abs(one[i][axis].get<double>() - other[i][axis].get<double>()) < 0.001);
    auto const third = ask(
        "POST", items,
        as_geojson + std::string{"Content-Crs: <http://www.opengis.net/def/crs/EPSG/0/27700>\r\n"},
        sent.dump());
    BOOST_TEST(third.status == 400);
    BOOST_TEST(json::parse(third.body)["accepted"].get<std::string>().find("EPSG/0/9209") !=
               std::string::npos);
    auto const patched =
        ask("PATCH", path_of(first),
            merge_patch + ("Content-Crs: <" + crs + ">\r\n") + if_match(first.field("etag")),
            json{{"geometry", {{"coordinates", projected["geometry"]["coordinates"]}}}}.dump());
    BOOST_TEST(patched.status == 200);
    BOOST_TEST(json::parse(patched.body)["geometry"] == get(path_of(second))["geometry"]);
    BOOST_TEST(ask("POST", "/batch",
                   "Content-Type: application/json\r\nContent-Crs: <" + crs + ">\r\n", "{}")
                   .status == 400);
}

// /conf/features/schema
BOOST_AUTO_TEST_CASE(what_the_schema_does_not_know_or_keeps_to_itself_is_refused) {
    auto const schema = get("/collections/blocks/schema");
    BOOST_TEST(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema");
    auto feature = block("lược đồ", 105.49, 18.2);
    BOOST_TEST(ask("POST", items, as_geojson, feature.dump()).status == 201);
    auto more = feature;
    more["properties"]["màu"] = "xanh";
    BOOST_TEST(ask("POST", items, as_geojson, more.dump()).status == 422);
    BOOST_TEST(schema["additionalProperties"] == false);
    for (auto const& [name, property] : schema["properties"].items()) {
        if (property.value("readOnly", false) == false || property.contains("x-ogc-role")) continue;
        auto with = feature;
        with["properties"][name] = "x";
        BOOST_TEST(ask("POST", items, as_geojson, with.dump()).status == 422, name);
    }
}

BOOST_AUTO_TEST_SUITE_END()
