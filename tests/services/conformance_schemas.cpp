// OGC API Features, Part 5 (schemas): its abstract tests.

#include "data/postgis/collections.hpp"
#include "services/http/uri.hpp"
#include "tests/services/world.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>
#include <string>

using diaban::services::http::percent_encode;
using diaban::tests::World;
using nlohmann::json;

namespace {

json properties_of(World& world, std::string const& collection, std::string const& resource) {
    return world.json("/collections/" + collection + "/" + resource)["properties"];
}

std::set<std::string> names(json const& properties) {
    std::set<std::string> found;
    for (auto const& [name, described] : properties.items()) found.insert(name);
    return found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(conformance_schemas)

// /conf/schemas/schema, /conf/schemas/schema-properties
BOOST_AUTO_TEST_CASE(each_schema_is_json_schema_and_linked_from_its_collection) {
    auto& world = World::shared();
    auto const links = world.json("/collections/blocks")["links"];
    for (std::string const name : {"schema", "queryables", "sortables"}) {
        auto const link =
            std::ranges::find(links, json("http://www.opengis.net/def/rel/ogc/1.0/" + name),
                              [](json const& l) { return l["rel"]; });
        BOOST_REQUIRE_MESSAGE(link != links.end(), name);
        BOOST_TEST((*link)["type"] == "application/schema+json");
        auto const answer = world.get("/collections/blocks/" + name);
        BOOST_TEST(answer.field("content-type") == "application/schema+json");
        auto const schema = json::parse(answer.body);
        BOOST_TEST(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema");
        BOOST_TEST(schema["$id"] == (*link)["href"]);
        BOOST_TEST(schema["type"] == "object");
        for (auto const& [property, described] : schema["properties"].items()) {
            BOOST_TEST(!described["title"].get<std::string>().empty(), property);
            bool const spatial = described.contains("format") &&
                                 described["format"].get<std::string>().starts_with("geometry-");
            BOOST_TEST(described.contains("type") == !spatial, property);
        }
        BOOST_TEST(world.get("/collections/nothing/" + name).status == 404);
    }
}

// /conf/core-roles-features
BOOST_AUTO_TEST_CASE(the_roles_of_id_geometry_time_and_class_are_said_once) {
    auto& world = World::shared();
    auto const blocks = properties_of(world, "blocks", "schema");
    BOOST_TEST(blocks["id"]["x-ogc-role"] == "id");
    BOOST_TEST(blocks["geometry"]["x-ogc-role"] == "primary-geometry");
    BOOST_TEST(blocks["geometry"]["format"] == "geometry-polygon-or-multipolygon");
    BOOST_TEST(blocks["kind"]["x-ogc-role"] == "type");
    BOOST_TEST(properties_of(world, "spots", "schema")["seen_at"]["x-ogc-role"] ==
               "primary-instant");
    auto const places = properties_of(world, "places", "schema");
    BOOST_TEST(places["valid_from"]["x-ogc-role"] == "primary-interval-start");
    BOOST_TEST(places["valid_to"]["x-ogc-role"] == "primary-interval-end");
    std::multiset<std::string> roles;
    for (auto const& [name, described] : places.items())
        if (described.contains("x-ogc-role")) roles.insert(described["x-ogc-role"]);
    for (auto const& role : roles) BOOST_TEST(roles.count(role) == 1U, role);
    BOOST_TEST(!properties_of(world, "indicators", "schema").contains("geometry"));
}

// /conf/returnables-and-receivables
BOOST_AUTO_TEST_CASE(the_schema_names_what_features_have_in_their_order) {
    auto& world = World::shared();
    for (std::string const id : {"blocks", "ways", "spots", "places"}) {
        auto const schema = properties_of(world, id, "schema");
        auto const feature = world.json("/collections/" + id + "/items?limit=1")["features"][0];
        auto expected = names(feature["properties"]);
        expected.insert("id");
        expected.insert("geometry");
        BOOST_TEST(names(schema) == expected, id);
        std::set<int> places;
        for (auto const& [name, described] : schema.items())
            places.insert(described["x-ogc-propertySeq"].get<int>());
        BOOST_TEST(places.size() == schema.size());
        BOOST_TEST(*places.rbegin() == int(schema.size()));
    }
}

// /conf/queryables, /conf/sortables
BOOST_AUTO_TEST_CASE(what_can_be_asked_and_sorted_by_is_described_as_in_the_schema) {
    auto& world = World::shared();
    for (std::string const id : {"blocks", "ways", "spots", "places", "parcels", "reports"}) {
        auto schema = properties_of(world, id, "schema");
        for (auto& described : schema) described.erase("x-ogc-propertySeq");
        auto const queryables = properties_of(world, id, "queryables");
        auto const sortables = properties_of(world, id, "sortables");
        for (auto const& [name, described] : queryables.items())
            if (name != "valid") BOOST_TEST(described == schema[name], id << " " << name);
        for (auto const& [name, described] : sortables.items())
            BOOST_TEST(described == queryables[name], id << " " << name);
        auto expected = names(queryables);
        expected.erase("valid");
        expected.erase("geometry");
        BOOST_TEST(names(sortables) == expected, id);
    }
}

BOOST_AUTO_TEST_CASE(units_and_codes_with_their_titles_are_in_the_schema) {
    auto& world = World::shared();
    auto const level = world.json("/collections/places/schema?lang=en")["properties"]["level"];
    BOOST_TEST((std::ranges::find(level["enum"], "commune") != level["enum"].end()));
    auto const commune = std::ranges::find(level["oneOf"], "commune",
                                           [](json const& entry) { return entry["const"]; });
    BOOST_REQUIRE((commune != level["oneOf"].end()));
    BOOST_TEST((*commune)["title"] == "Commune");
    auto const vietnamese = world.json("/collections/places/schema")["properties"]["level"];
    BOOST_TEST(vietnamese["oneOf"].dump().find("Cấp xã") != std::string::npos);
    bool unit = false;
    for (auto const& described : properties_of(world, "parcels", "schema"))
        unit = unit || (described.contains("x-ogc-unit") && described["x-ogc-unit"] == "m2");
    BOOST_TEST(unit);
}

BOOST_AUTO_TEST_CASE(what_is_about_a_person_is_in_no_schema) {
    auto& world = World::shared();
    for (std::string const name : {"schema", "queryables", "sortables"})
        BOOST_TEST(!properties_of(world, "blocks", name).contains("owner"), name);
    for (auto const* const query : {"properties=owner", "sortby=owner", "sortby=-owner,name"}) {
        auto const answer = world.get(std::string{"/collections/blocks/items?"} + query);
        BOOST_TEST(answer.status == 400, query);
        BOOST_TEST(json::parse(answer.body)["accepted"].get<std::string>().find("owner") ==
                   std::string::npos);
    }
}

// What /conformance says of Parts 2, 5, 6, 7 and 8.
BOOST_AUTO_TEST_CASE(conformance_names_what_these_tests_prove) {
    auto const claimed = World::shared().json("/conformance")["conformsTo"];
    for (auto const* const name :
         {"features-2/1.0/conf/crs", "features-5/1.0/conf/schemas",
          "features-5/1.0/conf/core-roles-features",
          "features-5/1.0/conf/returnables-and-receivables", "features-5/1.0/conf/queryables",
          "features-5/1.0/conf/sortables", "common-3/1.0/conf/schemas",
          "common-3/1.0/conf/returnables-and-receivables", "common-3/1.0/conf/queryables",
          "common-3/1.0/conf/sortables", "features-6/1.0/conf/properties",
          "features-6/1.0/conf/properties-features", "features-7/1.0/conf/zoom-level",
          "features-7/1.0/conf/zoom-level-features", "features-8/1.0/conf/sorting",
          "features-8/1.0/conf/sortables", "features-8/1.0/conf/features-sorting"})
        BOOST_TEST((std::ranges::find(
                        claimed, json(std::string{"http://www.opengis.net/spec/ogcapi-"} + name)) !=
                    claimed.end()),
                   name);
}

BOOST_AUTO_TEST_SUITE_END()
