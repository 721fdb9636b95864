#include "geo/codec/geojson.hpp"
#include "geo/codec/nesting.hpp"
#include "geo/error.hpp"
#include "geo/ops/measure.hpp"
#include "tests/geo/support.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <string>

namespace {

using namespace diaban;
using geo::Geometry;
using geo::GeometryKind;

std::string written(Geometry const& geometry) {
    std::string text;
    geo::codec::append_geojson(text, geometry);
    return text;
}

bool refused(std::string_view text, std::string_view reason) {
    try {
        geo::codec::read_geojson(text);
    } catch (geo::Error const& error) {
        BOOST_TEST_MESSAGE(error.what());
        return error.type() == "bad-geojson" && error.parameters().front().second == reason;
    }
    return false;
}

/// All rings turned the way RFC 7946 wants them.
bool wound_rightly(Geometry const& g) {
    std::size_t ring = 0;
    for (std::size_t const end : g.part_ends)
        for (std::size_t const exterior = ring; ring < end; ++ring)
            if ((geo::ops::planar_ring_area(g.path(ring)) < 0) == (ring == exterior)) return false;
    return true;
}

} // namespace

BOOST_AUTO_TEST_SUITE(geojson)

// The examples of RFC 7946, appendix A.
BOOST_AUTO_TEST_CASE(the_examples_of_rfc_7946_are_read_and_written_back) {
    for (std::string const text :
         {R"({"type":"Point","coordinates":[100,0]})",
          R"({"type":"LineString","coordinates":[[100,0],[101,1]]})",
          R"({"type":"Polygon","coordinates":[[[100,0],[101,0],[101,1],[100,1],[100,0]]]})",
          R"({"type":"Polygon","coordinates":[[[100,0],[101,0],[101,1],[100,1],[100,0]],)"
          R"([[100.8,0.8],[100.8,0.2],[100.2,0.2],[100.2,0.8],[100.8,0.8]]]})",
          R"({"type":"MultiPoint","coordinates":[[100,0],[101,1]]})",
          R"({"type":"MultiLineString","coordinates":[[[100,0],[101,1]],[[102,2],[103,3]]]})",
          R"({"type":"MultiPolygon","coordinates":[[[[102,2],[103,2],[103,3],[102,3],[102,2]]],)"
          R"([[[100,0],[101,0],[101,1],[100,1],[100,0]],)"
          R"([[100.2,0.2],[100.2,0.8],[100.8,0.8],[100.8,0.2],[100.2,0.2]]]]})"})
        BOOST_TEST(written(geo::codec::read_geojson(text)) == text);
}

BOOST_AUTO_TEST_CASE(every_double_comes_back_exactly) {
    std::mt19937_64 random{tests::seed()};
    for (int i = 0; i < 5'000; ++i) {
        Geometry before = test::any_geometry(random);
        if (before.empty() || before.kind == GeometryKind::polygon) continue;
        before.srid = 4326;
        BOOST_REQUIRE(geo::codec::read_geojson(written(before)) == before);
    }
}

BOOST_AUTO_TEST_CASE(exteriors_turn_left_and_holes_right_whatever_way_they_are_stored) {
    test::Ring const left{{0, 0}, {9, 0}, {9, 9}, {0, 9}, {0, 0}};
    test::Ring const right{{0, 0}, {0, 9}, {9, 9}, {9, 0}, {0, 0}};
    test::Ring const hole_left{{1, 1}, {2, 1}, {2, 2}, {1, 1}};
    test::Ring const hole_right{{1, 1}, {2, 2}, {2, 1}, {1, 1}};
    std::string const expected =
        R"({"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,9],[0,0]],)"
        R"([[1,1],[2,2],[2,1],[1,1]]]})";
    for (auto const& exterior : {left, right})
        for (auto const& hole : {hole_left, hole_right})
            BOOST_TEST(written(test::polygon({exterior, hole})) == expected);

    std::mt19937_64 random{tests::seed()};
    for (int i = 0; i < 1'000; ++i) {
        test::Ring ring = test::star(random, 3 + random() % 30);
        if (random() % 2 == 0) std::reverse(ring.begin(), ring.end());
        Geometry const again = geo::codec::read_geojson(written(test::polygon({ring})));
        BOOST_REQUIRE(wound_rightly(again));
        BOOST_REQUIRE(again.positions.size() == ring.size());
    }
}

BOOST_AUTO_TEST_CASE(an_empty_geometry_is_null_and_null_is_no_geometry) {
    Geometry empty;
    empty.kind = GeometryKind::polygon;
    BOOST_TEST(written(empty) == "null");
    BOOST_TEST((geo::codec::read_geojson("null").kind == GeometryKind::none));
    BOOST_TEST(geo::codec::read_geojson(R"({"type":"MultiPoint","coordinates":[]})").empty());
}

BOOST_AUTO_TEST_CASE(further_numbers_of_a_position_and_foreign_members_are_passed_over) {
    Geometry const point = geo::codec::read_geojson(
        R"({"bbox":[1,2,1,2],"coordinates":[1.5,2.5,99,7],"type":"Point","x":{"y":[[[]]]}})");
    BOOST_TEST(point.positions.size() == 1);
    BOOST_TEST(point.positions[0].x == 1.5);
    BOOST_TEST(point.srid == 4326);
}

BOOST_AUTO_TEST_CASE(what_is_not_an_rfc_7946_geometry_is_refused_with_the_reason) {
    BOOST_TEST(refused("", "not-a-json-object"));
    BOOST_TEST(refused("[1,2]", "not-a-json-object"));
    BOOST_TEST(refused("{\"type\":\"Point\",\"coordinates\":[1e999,2]}", "not-a-json-object"));
    BOOST_TEST(refused("{\"type\":\"Point\",\"coordinates\":[\xff,2]}", "not-a-json-object"));
    BOOST_TEST(refused("{}", "type"));
    BOOST_TEST(refused(R"({"type":7,"coordinates":[1,2]})", "type"));
    BOOST_TEST(refused(R"({"type":"Feature","geometry":null})", "type"));
    BOOST_TEST(refused(R"({"type":"GeometryCollection","geometries":[]})", "type"));
    BOOST_TEST(refused(R"({"type":"MultiMultiPoint","coordinates":[]})", "type"));
    BOOST_TEST(refused(R"({"type":"Point"})", "coordinates-nesting"));
    BOOST_TEST(refused(R"({"type":"Point","coordinates":{"a":1}})", "coordinates-nesting"));
    BOOST_TEST(refused(R"({"type":"Point","coordinates":[1]})", "position"));
    BOOST_TEST(refused(R"({"type":"Point","coordinates":["1","2"]})", "position"));
    BOOST_TEST(refused(R"({"type":"LineString","coordinates":[[1,2]]})", "too-few-positions"));
    BOOST_TEST(refused(R"({"type":"LineString","coordinates":[1,2]})", "coordinates-nesting"));
    BOOST_TEST(
        refused(R"({"type":"Polygon","coordinates":[[[0,0],[1,0],[0,0]]]})", "too-few-positions"));
    BOOST_TEST(refused(R"({"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]})",
                       "ring-not-closed"));
}

BOOST_AUTO_TEST_CASE(a_crs_member_is_accepted_only_where_it_names_wgs84) {
    std::string const point = R"("type":"Point","coordinates":[1,2]})";
    auto const with = [&](std::string const& crs) { return "{\"crs\":" + crs + "," + point; };
    BOOST_CHECK_NO_THROW(geo::codec::read_geojson(
        with(R"({"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}})")));
    BOOST_CHECK_NO_THROW(geo::codec::read_geojson(with("null")));
    BOOST_TEST(refused(with(R"({"type":"name","properties":{"name":"EPSG:9209"}})"), "crs"));
    BOOST_TEST(refused(with(R"({"properties":["name"]})"), "crs"));
    BOOST_TEST(refused(with(R"("EPSG:4326")"), "crs"));
}

BOOST_AUTO_TEST_CASE(deep_nesting_is_refused_and_does_not_exhaust_the_stack) {
    std::string deep = R"({"type":"Polygon","coordinates":)";
    deep.append(200'000, '[').append(200'000, ']').append("}");
    BOOST_TEST(refused(deep, "too-few-positions"));
}

BOOST_AUTO_TEST_CASE(numbers_that_json_cannot_say_are_our_own_fault) {
    Geometry point;
    point.kind = GeometryKind::point;
    point.positions = {{std::numeric_limits<double>::quiet_NaN(), 1}};
    std::string text;
    BOOST_CHECK_EXCEPTION(geo::codec::append_geojson(text, point), geo::Error,
                          [](auto const& error) { return error.code() == geo::Code::internal; });
}

BOOST_AUTO_TEST_CASE(how_deep_a_document_nests_is_told_without_reading_it) {
    using geo::codec::nests_deeper;
    BOOST_TEST(!nests_deeper("", 0));
    BOOST_TEST(!nests_deeper(R"({"a": [1, {"b": []}], "c": [[]]})", 4));
    BOOST_TEST(nests_deeper(R"({"a": [1, {"b": []}], "c": [[]]})", 3));
    // Brackets in texts are letters, and a text ends at its own mark alone.
    BOOST_TEST(!nests_deeper(R"(["[[[[{{{{", "\"[[[[", "\\"])", 1));
    BOOST_TEST(nests_deeper(R"(["\\", [[]]])", 2));
    BOOST_TEST(!nests_deeper("[][][][]", 1));
    BOOST_TEST(!nests_deeper("]]]][", 1));
    BOOST_TEST(nests_deeper(std::string(1'000'000, '['), geo::codec::deepest_json));
}

BOOST_AUTO_TEST_SUITE_END()
