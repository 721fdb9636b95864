// Edits over HTTP: OGC API Features, Part 4 (20-002), and what the house promises beyond it. Names
// of cases that hold a requirement of the standard begin with its class.

#include "tests/services/edit_client.hpp"
#include "tests/services/world.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <set>

using nlohmann::json;
using namespace diaban;
using tests::as_geojson;
using tests::block;
using tests::if_match;
using tests::merge_patch;
using tests::pointers;
using tests::RawAnswer;

namespace {

/// The world of this file: it is edited.
struct Edits {
    tests::World& world = []() -> tests::World& {
        static tests::World one;
        return one;
    }();

    RawAnswer ask(std::string_view method, std::string const& target,
                  std::string const& fields = {}, std::string const& body = {}) const {
        return tests::request(world.port(), method, target, fields, body);
    }
    RawAnswer create(json const& feature, std::string const& fields = {}) const {
        return ask("POST", "/collections/blocks/items", as_geojson + fields, feature.dump());
    }
    /// A new block: its path and ETag.
    struct Made {
        std::string path;
        std::string tag;
    };
    Made make(std::string const& name = "mới") const {
        auto const answer = create(block(name, 105.3, 18.3));
        BOOST_REQUIRE(answer.status == 201);
        auto const location = answer.field("location");
        return {location.substr(location.find("/collections")), answer.field("etag")};
    }
    json errors_of(RawAnswer const& answer) const { return json::parse(answer.body)["errors"]; }
};

std::string type_at(json const& errors, std::string const& pointer) {
    for (auto const& error : errors)
        if (error["pointer"] == pointer) return error["type"].get<std::string>().substr(19);
    return "";
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(server_edits, Edits)

BOOST_AUTO_TEST_CASE(options_names_the_methods_of_each_resource_with_200) {
    auto const items = ask("OPTIONS", "/collections/blocks/items");
    BOOST_TEST(items.status == 200);
    BOOST_TEST(items.field("allow") == "GET, HEAD, OPTIONS, POST");
    auto const item = ask("OPTIONS", "/collections/blocks/items/1");
    BOOST_TEST(item.status == 200);
    BOOST_TEST(item.field("allow") == "GET, HEAD, OPTIONS, PUT, PATCH, DELETE");
}

BOOST_AUTO_TEST_CASE(conformance_claims_the_classes_of_part_4) {
    auto const classes = world.json("/conformance")["conformsTo"];
    for (std::string const name :
         {"create-replace-delete", "update", "optimistic-locking-etags", "features"}) {
        json const wanted = "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/" + name;
        BOOST_TEST(std::count(classes.begin(), classes.end(), wanted) == 1, name);
    }
}

BOOST_AUTO_TEST_CASE(create_answers_201_with_the_location_of_what_was_created) {
    auto const answer = create(block("Ô mới", 105.31, 18.31));
    BOOST_TEST(answer.status == 201);
    auto const location = answer.field("location");
    auto const item = world.get(location.substr(location.find("/collections")));
    BOOST_REQUIRE(item.status == 200);
    auto const feature = json::parse(item.body);
    auto const sent = block("Ô mới", 105.31, 18.31);
    BOOST_TEST(feature["properties"]["name"] == "Ô mới");
    BOOST_TEST(feature["properties"]["area"] == 1.5);
    BOOST_TEST(feature["geometry"] == sent["geometry"]);
    BOOST_TEST(item.field("etag") == answer.field("etag"));
    BOOST_TEST(item.body == answer.body);
}

BOOST_AUTO_TEST_CASE(create_gives_each_resource_an_identifier_of_its_own_whatever_the_body_says) {
    auto feature = block("trùng", 105.32, 18.32);
    feature["id"] = 1;
    std::set<std::string> locations;
    for (int i = 0; i < 3; ++i) locations.insert(create(feature).field("location"));
    BOOST_TEST(locations.size() == 3U);
    BOOST_TEST(!locations.contains("http://localhost/collections/blocks/items/1"));
}

BOOST_AUTO_TEST_CASE(create_needs_a_content_type_that_is_offered) {
    auto const body = block("kiểu", 105.33, 18.33).dump();
    auto const without = ask("POST", "/collections/blocks/items", "", body);
    BOOST_TEST(without.status == 400);
    BOOST_TEST(json::parse(without.body)["accepted"] == "application/geo+json, application/json");
    BOOST_TEST(
        ask("POST", "/collections/blocks/items", "Content-Type: text/plain\r\n", body).status ==
        415);
    BOOST_TEST(ask("POST", "/collections/blocks/items",
                   "Content-Type: application/json; charset=utf-8\r\n", body)
                   .status == 201);
    BOOST_TEST(ask("POST", "/collections/blocks/items",
                   std::string{as_geojson} + "Content-Encoding: gzip\r\n", body)
                   .status == 415);
    auto const broken = ask("POST", "/collections/blocks/items", as_geojson, "{\"type\": ");
    BOOST_TEST(broken.status == 400);
    BOOST_TEST(broken.field("content-type") == "application/problem+json");
}

BOOST_AUTO_TEST_CASE(replace_sets_everything_that_is_seen_and_answers_200_with_the_new_etag) {
    auto const made = make();
    json feature = block("thay", 105.34, 18.34, "LUC");
    feature["id"] = 424242; // ignored
    feature["properties"].erase("area");
    auto const answer = ask("PUT", made.path, as_geojson + if_match(made.tag), feature.dump());
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.field("etag") != made.tag);
    auto const item = world.get(made.path);
    BOOST_TEST(item.field("etag") == answer.field("etag"));
    auto const now = json::parse(item.body);
    BOOST_TEST(now["properties"]["name"] == "thay");
    BOOST_TEST(now["properties"]["area"].is_null());
    BOOST_TEST(now["geometry"] == feature["geometry"]);
}

BOOST_AUTO_TEST_CASE(replace_of_a_resource_that_is_not_there_creates_none) {
    auto const body = block("không", 105.3, 18.3).dump();
    BOOST_TEST(ask("PUT", "/collections/blocks/items/999999999", as_geojson, body).status == 404);
    BOOST_TEST(ask("PUT", "/collections/blocks/items/999999999", as_geojson + if_match("*"), body)
                   .status == 412);
    BOOST_TEST(world.get("/collections/blocks/items/999999999").status == 404);
}

BOOST_AUTO_TEST_CASE(update_by_merge_patch_changes_what_it_names_and_removes_what_is_null) {
    auto const made = make("vá");
    auto const before = json::parse(world.get(made.path).body);
    auto const answer = ask("PATCH", made.path, merge_patch + if_match(made.tag),
                            R"({"properties": {"kind": "CLN", "area": null}})");
    BOOST_TEST(answer.status == 200);
    auto const now = json::parse(world.get(made.path).body);
    BOOST_TEST(now["id"] == before["id"]);
    BOOST_TEST(now["properties"]["kind"] == "CLN");
    BOOST_TEST(now["properties"]["area"].is_null());
    BOOST_TEST(now["properties"]["name"] == "vá");
    BOOST_TEST(now["geometry"] == before["geometry"]);
    BOOST_TEST(ask("PATCH", made.path, as_geojson + if_match(answer.field("etag")), "{}").status ==
               415);
}

BOOST_AUTO_TEST_CASE(update_of_a_part_of_a_geometry_is_merged_with_the_rest) {
    auto const made = make();
    json moved = block("", 105.35, 18.35)["geometry"];
    moved.erase("type");
    auto const answer =
        ask("PATCH", made.path, merge_patch + if_match(made.tag), json{{"geometry", moved}}.dump());
    BOOST_TEST(answer.status == 200);
    auto const now = json::parse(answer.body);
    BOOST_TEST(now["geometry"]["type"] == "Polygon");
    BOOST_TEST(now["geometry"]["coordinates"] == moved["coordinates"]);
    auto const gone = ask("PATCH", made.path, merge_patch + if_match(answer.field("etag")),
                          R"({"geometry": null})");
    BOOST_TEST(json::parse(gone.body)["geometry"].is_null());
}

BOOST_AUTO_TEST_CASE(an_empty_patch_changes_nothing_and_makes_no_version) {
    auto const made = make();
    auto const answer = ask("PATCH", made.path, merge_patch + if_match(made.tag), "{}");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.field("etag") == made.tag);
    BOOST_TEST(world.json(made.path + "/history")["numberReturned"] == 1);
}

BOOST_AUTO_TEST_CASE(delete_answers_204_and_the_resource_is_gone) {
    auto const made = make();
    auto const answer = ask("DELETE", made.path, if_match(made.tag));
    BOOST_TEST(answer.status == 204);
    BOOST_TEST(world.get(made.path).status == 404);
    BOOST_TEST(ask("DELETE", made.path, if_match(made.tag)).status == 404);
}

BOOST_AUTO_TEST_CASE(etags_name_the_state_in_every_representation_and_are_required) {
    auto const made = make();
    auto const html = world.get(made.path + "?f=html&lang=en").field("etag");
    BOOST_TEST(html != made.tag);
    auto const state = [](std::string const& tag) { return tag.substr(0, tag.find('.')); };
    BOOST_TEST(state(html) == state(made.tag));
    BOOST_TEST(ask("PATCH", made.path, merge_patch, R"({"properties": {"area": 1}})").status ==
               428);
    BOOST_TEST(ask("DELETE", made.path).status == 428);
    BOOST_TEST(ask("DELETE", made.path, "If-Match: nonsense\r\n").status == 400);
    BOOST_TEST(ask("DELETE", made.path, if_match("W/" + made.tag)).status == 412);
    BOOST_TEST(ask("DELETE", made.path, if_match("\"1-0\"")).status == 412);
    // What was read as HTML is a state like any other; of a list one must hold.
    auto const answer = ask("PATCH", made.path, merge_patch + if_match("\"9-9\", " + html),
                            R"({"properties": {"area": 2}})");
    BOOST_TEST(answer.status == 200);
    auto const stale =
        ask("PATCH", made.path, merge_patch + if_match(made.tag), R"({"properties": {"area": 3}})");
    BOOST_TEST(stale.status == 412);
    auto const current = "\"" + json::parse(stale.body)["current"].get<std::string>() + "\"";
    BOOST_TEST(state(current) == state(answer.field("etag")) + "\"");
    BOOST_TEST(json::parse(world.get(made.path).body)["properties"]["area"] == 2);
    BOOST_TEST(world.get(made.path, "If-None-Match: " + answer.field("etag") + "\r\n").status ==
               304);
}

BOOST_AUTO_TEST_CASE(prefer_minimal_spares_the_item_and_says_so) {
    auto const created =
        create(block("gọn", 105.37, 18.37), "Prefer: respond-async, return=minimal\r\n");
    BOOST_TEST(created.status == 201);
    BOOST_TEST(created.body.empty());
    BOOST_TEST(created.field("preference-applied") == "return=minimal");
    auto const location = created.field("location");
    auto const path = location.substr(location.find("/collections"));
    auto const changed = ask(
        "PATCH", path, merge_patch + if_match(created.field("etag")) + "Prefer: return=minimal\r\n",
        R"({"properties": {"area": 4}})");
    BOOST_TEST(changed.status == 204);
    BOOST_TEST(!changed.field("etag").empty());
    BOOST_TEST(ask("DELETE", path, if_match(changed.field("etag"))).status == 204);
}

BOOST_AUTO_TEST_CASE(every_fault_is_named_with_its_place_and_nothing_is_written) {
    auto const before = world.database().value("SELECT count(*) FROM record.facilities");
    auto const answer = ask("POST", "/collections/facilities/items?lang=en", as_geojson, R"({
        "type": "Thing",
        "properties": {"name": "  ", "kind": "castle", "capacity": "ten", "a/b~": 1},
        "geometry": {"type": "LineString", "coordinates": [[105, 18], [106, 18]]}})");
    BOOST_TEST(answer.status == 422);
    auto const problem = json::parse(answer.body);
    auto const errors = problem["errors"];
    std::set<std::string> const wanted{"/type",
                                       "/properties/name",
                                       "/properties/kind",
                                       "/properties/capacity",
                                       "/properties/a~1b~0",
                                       "/geometry/type"};
    BOOST_TEST((pointers(errors) == wanted), answer.body);
    BOOST_TEST(type_at(errors, "/properties/name") == "value-required");
    BOOST_TEST(type_at(errors, "/properties/kind") == "unknown-code");
    BOOST_TEST(type_at(errors, "/properties/capacity") == "wrong-type");
    BOOST_TEST(type_at(errors, "/properties/a~1b~0") == "unknown-field");
    for (auto const& error : errors)
        if (error["pointer"] == "/properties/capacity")
            BOOST_TEST(error["accepted"] == "integer (people)"); // with its unit
    BOOST_TEST(world.database().value("SELECT count(*) FROM record.facilities") == before);
}

BOOST_AUTO_TEST_CASE(a_geometry_is_refused_with_which_part_is_defective_and_where) {
    auto feature = block("nơ", 105, 18);
    feature["geometry"]["coordinates"][0] =
        json::parse("[[105,18],[105.2,18.2],[105.2,18],[105,18.2],[105,18]]");
    auto errors = errors_of(create(feature));
    BOOST_TEST(type_at(errors, "/geometry") == "shape-self-intersection");
    BOOST_TEST(errors[0]["at"] == "105.1, 18.1");
    feature["geometry"] = json::parse(R"({"type": "MultiPolygon", "coordinates": [
        [[[105,18],[105.1,18],[105.1,18.1],[105,18]]],
        [[[106,18],[106.2,18.2],[106.2,18],[106,18.2],[106,18]]],
        [[[107,18],[107.2,18.2],[107.2,18],[107,18.2],[107,18]]]]})");
    errors = errors_of(create(feature));
    BOOST_TEST((pointers(errors) ==
                std::set<std::string>{"/geometry/coordinates/1", "/geometry/coordinates/2"}));
    feature["geometry"] = json::parse(
        R"({"type": "Polygon", "coordinates": [[[105,18],[205,18],[105,19],[105,18]]]})");
    BOOST_TEST(type_at(errors_of(create(feature)), "/geometry") == "shape-outside-world");
    feature["geometry"] =
        json::parse(R"({"type": "Polygon", "coordinates": [[[105,18],[105.1,18]]]})");
    BOOST_TEST(type_at(errors_of(create(feature)), "/geometry") == "bad-geojson");
}

BOOST_AUTO_TEST_CASE(what_is_about_a_person_can_be_neither_named_nor_lost) {
    auto const fid = world.database().value(
        "INSERT INTO record.blocks (name, owner, geom) VALUES ('riêng', "
        "'Trần Thị B', ST_MakeEnvelope(105.1,18.1,105.11,18.11,4326)) RETURNING fid");
    auto const path = "/collections/blocks/items/" + fid;
    auto feature = block("riêng", 105.38, 18.38);
    BOOST_TEST(ask("PUT", path, as_geojson + if_match("*"), feature.dump()).status == 200);
    BOOST_TEST(world.database().value("SELECT owner FROM record.blocks WHERE fid = " + fid) ==
               "Trần Thị B");
    feature["properties"]["owner"] = "kẻ khác";
    auto const answer = ask("PUT", path, as_geojson + if_match("*"), feature.dump());
    BOOST_TEST(answer.status == 422);
    BOOST_TEST(type_at(errors_of(answer), "/properties/owner") == "unknown-field");
    BOOST_TEST(answer.body.find("Trần") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_row_beyond_the_policy_is_as_if_it_were_not_there) {
    auto const fid = world.database().value(
        "INSERT INTO record.blocks (name, sensitivity, geom) VALUES ('mật', 3, "
        "ST_MakeEnvelope(105.1,18.1,105.11,18.11,4326)) RETURNING fid");
    auto const path = "/collections/blocks/items/" + fid;
    BOOST_TEST(
        ask("PATCH", path, merge_patch + if_match("*"), R"({"properties": {"area": 1}})").status ==
        404);
    BOOST_TEST(ask("DELETE", path, if_match("*")).status == 404);
    BOOST_TEST(ask("PUT", path, as_geojson + if_match("*"), block("x", 105, 18).dump()).status ==
               412);
    BOOST_TEST(world.database().value("SELECT version FROM record.blocks WHERE fid = " + fid) ==
               "1");
}

BOOST_AUTO_TEST_CASE(days_of_validity_are_kept_as_their_instants) {
    auto const answer = ask("POST", "/collections/places/items", as_geojson,
                            R"({"type": "Feature", "geometry": null,
        "properties": {"code": "99", "level": "province", "name": "Thử", "valid_from": "2004-01-01",
                       "valid_to": "2025-06-30"}})");
    BOOST_REQUIRE(answer.status == 201);
    auto const now = json::parse(answer.body)["properties"];
    BOOST_TEST(now["valid_from"] == "2004-01-01");
    BOOST_TEST(now["valid_to"] == "2025-06-30");
    BOOST_TEST(world.database().value(
                   "SELECT valid_to = '2025-06-30T17:00Z' FROM record.places WHERE code = '99'") ==
               "t");
    auto const backwards = ask("POST", "/collections/places/items", as_geojson,
                               R"({"type": "Feature", "geometry": null,
        "properties": {"code": "98", "level": "province", "name": "Thử", "valid_from": "2025-01-01", "valid_to": "2024-01-01"}})");
    BOOST_TEST(type_at(errors_of(backwards), "/properties/valid_to") == "validity-order");
}

BOOST_AUTO_TEST_CASE(history_says_who_when_and_why_of_every_version_and_of_the_deletion) {
    auto const created =
        create(block("sử", 105.39, 18.39), "Change-Reason: %C4%90o%20l%E1%BA%A1i\r\n");
    auto const location = created.field("location");
    auto const path = location.substr(location.find("/collections"));
    auto const fid = path.substr(path.rfind('/') + 1);
    world.database().sql("UPDATE record.blocks SET area = 9 WHERE fid = " + fid);
    BOOST_TEST(ask("DELETE", path, if_match("*") + "Change-Reason: nhầm\r\n").status == 204);
    auto const versions = world.json(path + "/history")["features"];
    BOOST_REQUIRE(versions.size() == 2U);
    auto const login = world.database().value("SELECT session_user");
    BOOST_TEST(versions[1]["properties"]["recorded_by"] == "local");
    BOOST_TEST(versions[1]["properties"]["reason"] == "Đo lại");
    BOOST_TEST(versions[1]["properties"]["area"] == 1.5); // the former state
    BOOST_TEST(versions[0]["properties"]["recorded_by"] == login);
    BOOST_TEST(versions[0]["properties"]["reason"].is_null());
    BOOST_TEST(versions[0]["properties"]["ended_by"] == "delete");
    BOOST_TEST(versions[0]["properties"]["removed_by"] == "local");
    BOOST_TEST(versions[0]["properties"]["removal_reason"] == "nhầm");
    BOOST_TEST(create(block("sử", 105.39, 18.39), "Change-Reason: %zz\r\n").status == 400);
}

BOOST_AUTO_TEST_CASE(a_repeated_request_counts_once_and_is_answered_the_same) {
    auto const body = block("một lần", 105.4, 18.4);
    auto const first = create(body, "Idempotency-Key: k-1\r\n");
    auto const second = create(body, "Idempotency-Key: k-1\r\n");
    BOOST_TEST(first.status == 201);
    BOOST_TEST(second.status == 201);
    BOOST_TEST(second.body == first.body);
    for (auto const* const name : {"location", "etag", "content-type"})
        BOOST_TEST(second.field(name) == first.field(name));
    BOOST_TEST(first.field("idempotency-replayed").empty());
    BOOST_TEST(second.field("idempotency-replayed") == "true");
    BOOST_TEST(
        world.database().value("SELECT count(*) FROM record.blocks WHERE name = 'một lần'") == "1");
    auto const other = create(block("lần khác", 105.4, 18.4), "Idempotency-Key: k-1\r\n");
    BOOST_TEST(other.status == 422);
    BOOST_TEST(json::parse(other.body)["type"] == "urn:diaban:problem:key-reused");
    BOOST_TEST(create(body, "Idempotency-Key: " + std::string(256, 'x') + "\r\n").status == 400);
    // What failed was not answered for good.
    auto bad = body;
    bad["properties"]["area"] = "rộng";
    BOOST_TEST(create(bad, "Idempotency-Key: k-2\r\n").status == 422);
    BOOST_TEST(create(body, "Idempotency-Key: k-2\r\n").status == 201);
}

BOOST_AUTO_TEST_CASE(a_batch_changes_several_collections_and_says_what_became_of_each) {
    auto const made = make("gói");
    auto const fid = std::stoll(made.path.substr(made.path.rfind('/') + 1));
    json const batch{
        {"changes",
         {{{"method", "POST"}, {"collection", "blocks"}, {"body", block("gói mới", 105.41, 18.41)}},
          {{"method", "PATCH"},
           {"collection", "blocks"},
           {"fid", fid},
           {"ifMatch", made.tag},
           {"body", {{"properties", {{"area", 77}}}}}},
          {{"method", "DELETE"}, {"collection", "ways"}, {"fid", 3}, {"ifMatch", "*"}}}}};
    auto const answer = ask("POST", "/batch", "Content-Type: application/json\r\n", batch.dump());
    BOOST_REQUIRE(answer.status == 200);
    auto const results = json::parse(answer.body)["results"];
    BOOST_TEST(results[0]["status"] == 201);
    BOOST_TEST(results[1]["fid"] == fid);
    BOOST_TEST(results[2]["status"] == 204);
    BOOST_TEST(world.get("/collections/ways/items/3").status == 404);
    // The tag of a result is good for the next change.
    auto const next =
        ask("PATCH", made.path, merge_patch + if_match(results[1]["etag"].get<std::string>()),
            R"({"properties": {"area": 78}})");
    BOOST_TEST(next.status == 200);
}

BOOST_AUTO_TEST_CASE(a_batch_is_all_or_nothing_and_names_every_change_at_fault) {
    auto const made = make("nguyên");
    auto const fid = std::stoll(made.path.substr(made.path.rfind('/') + 1));
    auto const count = [&] { return world.database().value("SELECT count(*) FROM record.blocks"); };
    auto const before = count();
    auto const send = [&](json const& changes) {
        return ask("POST", "/batch", "Content-Type: application/json\r\n",
                   json{{"changes", changes}}.dump());
    };
    json const create_one{
        {"method", "POST"}, {"collection", "blocks"}, {"body", block("thừa", 105.42, 18.42)}};
    auto broken = create_one;
    broken["body"]["properties"]["area"] = "x";
    auto answer = send(
        {create_one, broken, {{"method", "GET"}}, {{"method", "DELETE"}, {"collection", "none"}}});
    BOOST_TEST(answer.status == 422);
    BOOST_TEST((pointers(errors_of(answer)) ==
                std::set<std::string>{"/changes/1/body/properties/area", "/changes/2/method",
                                      "/changes/3/collection"}),
               answer.body);
    answer = send(
        {create_one,
         {{"method", "DELETE"}, {"collection", "blocks"}, {"fid", fid}, {"ifMatch", "\"1-1\""}},
         {{"method", "DELETE"}, {"collection", "ways"}, {"fid", 999999}, {"ifMatch", "*"}}});
    BOOST_TEST(answer.status == 412);
    BOOST_TEST((pointers(errors_of(answer)) ==
                std::set<std::string>{"/changes/1/ifMatch", "/changes/2/fid"}),
               answer.body);
    answer =
        send({{{"method", "DELETE"}, {"collection", "blocks"}, {"fid", fid}, {"ifMatch", "*"}},
              {{"method", "DELETE"}, {"collection", "blocks"}, {"fid", fid}, {"ifMatch", "*"}}});
    BOOST_TEST(type_at(errors_of(answer), "/changes/1/fid") == "same-row");
    json many = json::array();
    for (int i = 0; i < 1001; ++i)
        many.push_back({{"method", "DELETE"}, {"collection", "ways"}, {"fid", i}});
    BOOST_TEST(send(many).status == 413);
    BOOST_TEST(count() == before);
    BOOST_TEST(world.get(made.path).status == 200);
}

BOOST_AUTO_TEST_CASE(a_batch_that_the_record_refuses_half_way_leaves_nothing) {
    // Injected: the record itself refuses one row, after others of the batch were written.
    world.database().sql("CREATE FUNCTION refuse_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                         "RAISE EXCEPTION 'injected' USING ERRCODE = TG_ARGV[0]; END $$;"
                         "CREATE TRIGGER zz BEFORE INSERT ON record.spots FOR EACH ROW EXECUTE "
                         "FUNCTION refuse_it('P0001')");
    json const batch{
        {"changes",
         {{{"method", "POST"}, {"collection", "blocks"}, {"body", block("nửa vời", 105.43, 18.43)}},
          {{"method", "POST"},
           {"collection", "spots"},
           {"body",
            {{"type", "Feature"}, {"geometry", nullptr}, {"properties", {{"note", "x"}}}}}}}}};
    auto const answer =
        ask("POST", "/batch", "Content-Type: application/json\r\nIdempotency-Key: half\r\n",
            batch.dump());
    BOOST_TEST(answer.status == 500);
    BOOST_TEST(answer.body.find("injected") == std::string::npos); // no secret of the record leaks
    BOOST_TEST(
        world.database().value("SELECT count(*) FROM record.blocks WHERE name = 'nửa vời'") == "0");
    BOOST_TEST(world.database().value(
                   "SELECT count(*) FROM diaban.idempotency WHERE key = 'half'") == "0");
    // A conflict of transactions is tried again, not for ever.
    world.database().sql(
        "DROP TRIGGER zz ON record.spots; CREATE SEQUENCE tries; GRANT USAGE ON SEQUENCE tries TO "
        "PUBLIC;"
        "CREATE FUNCTION twice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        "nextval('public.tries') <= 2 THEN "
        "RAISE EXCEPTION 'injected' USING ERRCODE = '40001'; END IF; RETURN NEW; END $$;"
        "CREATE TRIGGER zz BEFORE INSERT ON record.spots FOR EACH ROW EXECUTE FUNCTION twice()");
    BOOST_TEST(ask("POST", "/batch", "Content-Type: application/json\r\n", batch.dump()).status ==
               200);
    BOOST_TEST(
        world.database().value("SELECT count(*) FROM record.blocks WHERE name = 'nửa vời'") == "1");
    world.database().sql("DROP TRIGGER zz ON record.spots; CREATE TRIGGER zz BEFORE INSERT ON "
                         "record.spots FOR EACH ROW EXECUTE FUNCTION refuse_it('40P01')");
    auto const never = ask("POST", "/batch", "Content-Type: application/json\r\n", batch.dump());
    BOOST_TEST(never.status == 503);
    BOOST_TEST(!never.field("retry-after").empty());
    world.database().sql("DROP TRIGGER zz ON record.spots");
}

BOOST_AUTO_TEST_SUITE_END()
