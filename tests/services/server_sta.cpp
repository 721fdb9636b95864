// OGC SensorThings 1.1, Part 1 (18-088): what its requirement classes assert, over HTTP. A test is
// named after the requirement that it holds the server to.

#include "tests/services/stations.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace diaban;
using nlohmann::json;
using services::http::percent_encode;
using tests::Stations;

namespace {

using Names = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_SUITE(sta)

BOOST_AUTO_TEST_CASE(resource_path_resource_path_to_entities) {
    auto& s = Stations::shared();
    auto const root = json::parse(s.world.get("/sta/v1.1").body);
    BOOST_TEST(root["value"].size() == 8U);
    BOOST_TEST(root["serverSettings"]["conformance"].size() > 5U);
    for (auto const& set : root["value"]) {
        auto const url = set["url"].get<std::string>();
        auto const answer = s.world.get(url.substr(url.find("/sta")));
        BOOST_TEST(answer.status == 200, url);
        auto const value = json::parse(answer.body)["value"];
        BOOST_TEST(!value.empty(), url);
        for (auto const& one :
             value) { // each is where it says that it is, and so are its relations
            auto const self = one["@iot.selfLink"].get<std::string>();
            BOOST_TEST(s.world.get(self.substr(self.find("/sta"))).status == 200, self);
            for (auto const& [name, link] : one.items())
                if (name.ends_with("@iot.navigationLink")) {
                    auto const way = link.get<std::string>();
                    BOOST_TEST(s.world.get(way.substr(way.find("/sta"))).status == 200, way);
                }
            if (url.ends_with("Observations")) break;
        }
    }
    auto const path = fmt::format("Things({})", s.linh_cam);
    BOOST_TEST(s.read(path + "/name") == json::parse(R"({"name": "Linh Cảm"})"));
    BOOST_TEST(s.ask(path + "/name/$value").body == "Linh Cảm");
    BOOST_TEST(s.read(path + "/properties")["properties"]["elevation"] == 4.5);
    BOOST_TEST(s.read(path + "/Datastreams/$ref")["value"][0].size() == 1U);
    BOOST_TEST(s.read(path + "/Datastreams")["value"][0]["@iot.id"] == s.level);
    BOOST_TEST(s.read(fmt::format("{}/Datastreams({})/ObservedProperty/Datastreams", path,
                                  s.level))["value"]
                   .size() == 1U);
    BOOST_TEST(s.read(fmt::format("Datastreams({})/Thing/name", s.depth))["name"] == "Hòa Duyệt");
    for (auto const* const missing :
         {"Things(999)", "Nothing", "Things(1)/Nothing", "Things(999)/Datastreams", "Things(x)",
          "Things(1)/nothing", "Datastreams(999)/Thing"})
        BOOST_TEST(s.ask(missing).status == 404, missing);
    // A datastream of another station is none of this one.
    BOOST_TEST(s.ask(fmt::format("{}/Datastreams({})", path, s.depth)).status == 404);
    BOOST_TEST(s.ask(fmt::format("{}/Datastreams({})/Sensor", path, s.depth)).status == 404);
}

BOOST_AUTO_TEST_CASE(datamodel_entities_have_their_mandatory_properties_and_relations) {
    auto& s = Stations::shared();
    auto const has = [](json const& one, std::vector<char const*> const& names) {
        for (auto const* const name : names)
            BOOST_TEST(one.contains(name), name << " in " << one.dump());
    };
    auto const first = [&](char const* set) { return s.read(set, {{"$top", "1"}})["value"][0]; };
    has(first("Things"),
        {"@iot.id", "@iot.selfLink", "name", "description", "Locations@iot.navigationLink",
         "HistoricalLocations@iot.navigationLink", "Datastreams@iot.navigationLink"});
    has(first("Locations"),
        {"name", "description", "encodingType", "location", "Things@iot.navigationLink",
         "HistoricalLocations@iot.navigationLink"});
    has(first("HistoricalLocations"),
        {"time", "Thing@iot.navigationLink", "Locations@iot.navigationLink"});
    has(first("Datastreams"),
        {"name", "description", "observationType", "unitOfMeasurement", "phenomenonTime",
         "Thing@iot.navigationLink", "Sensor@iot.navigationLink",
         "ObservedProperty@iot.navigationLink", "Observations@iot.navigationLink"});
    has(first("Sensors"), {"name", "description", "encodingType", "metadata"});
    has(first("ObservedProperties"), {"name", "definition", "description"});
    has(first("Observations"),
        {"phenomenonTime", "result", "resultTime", "Datastream@iot.navigationLink",
         "FeatureOfInterest@iot.navigationLink"});
    has(first("FeaturesOfInterest"), {"name", "description", "encodingType", "feature"});
    auto const stream = s.read(fmt::format("Datastreams({})", s.level));
    BOOST_TEST(stream["unitOfMeasurement"]["symbol"] == "m");
    BOOST_TEST(stream["properties"]["level3"] == 6.5);
    BOOST_TEST(stream["phenomenonTime"] ==
               "2026-11-01T00:00:00.000000Z/2026-11-01T02:29:00.000000Z");
    auto const place = s.read(fmt::format("Things({})/Locations", s.linh_cam))["value"];
    BOOST_REQUIRE(place.size() == 1U);
    BOOST_TEST(place[0]["location"]["coordinates"][0] == 105.56);
    // An observation is of where its station stood.
    auto const of = s.read(fmt::format("Datastreams({})/Observations", s.level), {{"$top", "1"}});
    auto const id = of["value"][0]["@iot.id"].get<int>();
    auto const feature = s.read(fmt::format("Observations({})/FeatureOfInterest", id));
    BOOST_TEST(feature["feature"] == place[0]["location"]);
}

BOOST_AUTO_TEST_CASE(request_data_order_options_apply_as_the_standard_has_it) {
    auto& s = Stations::shared(); // filter, then order, then skip and top; the count is of all
    auto const page = s.read("Observations", {{"$filter", "result lt 3.1"},
                                              {"$orderby", "result desc"},
                                              {"$skip", "2"},
                                              {"$top", "3"},
                                              {"$count", "true"},
                                              {"$select", "result"}});
    BOOST_TEST(page["@iot.count"] == 10);
    BOOST_TEST(page["value"] ==
               json::parse(R"([{"result": 3.07}, {"result": 3.06}, {"result": 3.05}])"));
}

BOOST_AUTO_TEST_CASE(request_data_select_gives_what_is_named_and_no_more) {
    auto& s = Stations::shared();
    auto const one = s.read("Things", {{"$select", "name,Datastreams"}})["value"][0];
    BOOST_TEST(one.size() == 2U);
    BOOST_TEST(one.contains("name"));
    BOOST_TEST(one.contains("Datastreams@iot.navigationLink"));
    BOOST_TEST(s.read("Things", {{"$select", "id"}})["value"][0].contains("@iot.id"));
    BOOST_TEST(s.problem("Things", "$select", "nothing") == "sta-property");
}

BOOST_AUTO_TEST_CASE(request_data_expand_brings_related_entities_nested_and_with_options) {
    auto& s = Stations::shared();
    auto const things = s.read(
        "Things", {{"$orderby", "name"},
                   {"$expand", "Datastreams($expand=ObservedProperty,Observations($top=2;$orderby="
                               "phenomenonTime desc;$count=true)),Locations"}})["value"];
    BOOST_REQUIRE(things.size() == 2U);
    auto const& gauge = things[0]["name"] == "Linh Cảm" ? things[0] : things[1];
    auto const& stream = gauge["Datastreams"][0];
    BOOST_TEST(stream["ObservedProperty"]["name"] == "Mực nước");
    BOOST_TEST(stream["Observations@iot.count"] == 150);
    BOOST_REQUIRE(stream["Observations"].size() == 2U);
    BOOST_TEST(stream["Observations"][0]["result"] == 4.49);
    BOOST_TEST(stream["Observations"][1]["result"] == 4.48);
    auto next = stream["Observations@iot.nextLink"].get<std::string>();
    auto const page = json::parse(s.world.get(next.substr(next.find("/sta"))).body);
    BOOST_TEST(page["value"][0]["result"] == 4.47);
    BOOST_TEST(gauge["Locations"][0]["location"]["coordinates"][1] == 18.53);
    auto const up = s.read(fmt::format("Datastreams({})", s.depth),
                           {{"$expand", "Thing/Locations,Sensor($select=name)"}});
    BOOST_TEST(up["Thing"]["Locations"].size() == 1U);
    BOOST_TEST(up["Sensor"] == json::parse(R"({"name": "Phao"})"));
    BOOST_TEST(s.problem("Things", "$expand", "Sensor") == "sta-relation");
}

BOOST_AUTO_TEST_CASE(request_data_orderby_and_top_and_skip_and_pagination) {
    auto& s = Stations::shared();
    auto const path = fmt::format("Datastreams({})/Observations", s.level);
    std::vector<double> results;
    std::string next =
        "/sta/v1.1/" + path + "?$orderby=" + percent_encode("phenomenonTime desc") + "&$top=40";
    int pages = 0;
    while (!next.empty()) {
        auto const page = json::parse(s.world.get(next).body);
        ++pages;
        for (auto const& one : page["value"]) results.push_back(one["result"]);
        next = page.value("@iot.nextLink", "");
        if (!next.empty()) next = next.substr(next.find("/sta"));
    }
    BOOST_TEST(pages == 4);
    BOOST_TEST(results.size() == 150U);
    BOOST_TEST(std::ranges::is_sorted(results, std::greater{}));
    BOOST_TEST(s.read(path)["value"].size() == 100U); // a page of its own accord
    BOOST_TEST(s.read(path, {{"$top", "0"}})["value"].empty());
    BOOST_TEST(s.problem(path, "$top", "x") == "sta-option");
    BOOST_TEST(s.problem(path, "$orderby", "nothing") == "sta-property");
    BOOST_TEST(s.problem(path, "$orderby", "Datastream/name") == "sta-property");
}

BOOST_AUTO_TEST_CASE(request_data_filter_comparison_logic_and_arithmetic) {
    auto& s = Stations::shared();
    BOOST_TEST(s.count("Observations", "result ge 4.48") == 3U);
    BOOST_TEST(s.count("Observations", "result gt 4.4 and result lt 4.45") == 4U);
    BOOST_TEST(s.count("Observations", "not (result lt 12) or result eq 3") == 2U);
    BOOST_TEST(s.count("Observations", "result mul 2 sub 1 ge 24") == 1U);
    BOOST_TEST(s.count("Observations", "result div 5 eq 2.5") == 1U);
    BOOST_TEST(s.count("Observations", "result mod 5 eq 2.5") == 1U);
    BOOST_TEST(s.count("Observations", "result add 0.5 eq 13") == 1U);
    BOOST_TEST(s.count("Observations", "resultTime ne null") == 1U);
    BOOST_TEST(s.count("Observations", "phenomenonTime ge 2026-11-01T09:29:00+07:00") == 1U);
    BOOST_TEST(s.names("Things", "name eq 'Linh Cảm'") == Names{"Linh Cảm"},
               boost::test_tools::per_element());
    BOOST_TEST(s.names("Things", fmt::format("id eq {}", s.rain)) == Names{"Hòa Duyệt"},
               boost::test_tools::per_element());
    BOOST_TEST(s.names("Things", "properties/kind ne 'gauge'") == Names{"Hòa Duyệt"},
               boost::test_tools::per_element());
    BOOST_TEST(s.names("Things", "name eq 'x'' or 1 eq 1 or name eq ''x'").empty());
}

BOOST_AUTO_TEST_CASE(request_data_filter_follows_relations) {
    auto& s = Stations::shared();
    BOOST_TEST(s.names("Datastreams", "Thing/name eq 'Linh Cảm'") == Names{"Mực nước Linh Cảm"},
               boost::test_tools::per_element());
    BOOST_TEST(s.names("Things", "Datastreams/ObservedProperty/name eq 'Lượng mưa'") ==
                   Names{"Hòa Duyệt"},
               boost::test_tools::per_element());
    BOOST_TEST(s.names("Things", "Datastreams/Observations/result gt 10") == Names{"Hòa Duyệt"},
               boost::test_tools::per_element());
    BOOST_TEST(s.names("Things", "Datastreams/unitOfMeasurement/symbol eq 'm'") ==
                   Names{"Linh Cảm"},
               boost::test_tools::per_element());
    BOOST_TEST(s.count("Observations", "Datastream/Thing/name eq 'Linh Cảm' and result gt 4") ==
               49U);
    BOOST_TEST(s.count("Observations", fmt::format("Datastream/id eq {}", s.depth)) == 1U);
    BOOST_TEST(s.problem("Things", "$filter", "Datastreams/name eq Locations/name") == "sta-path");
    BOOST_TEST(s.problem("Things", "$filter", "Datastreams eq 1") == "sta-path");
}

BOOST_AUTO_TEST_CASE(request_data_filter_built_in_functions) {
    auto& s = Stations::shared();
    for (auto const* const yes :
         {"substringof('Cảm', name)", "startswith(name, 'Linh')", "endswith(name, 'Cảm')",
          "length(name) eq 8", "indexof(name, 'Cảm') eq 5", "substring(name, 5) eq 'Cảm'",
          "substring(name, 0, 4) eq 'Linh'", "tolower(name) eq 'linh cảm'",
          "toupper(substring(name, 0, 4)) eq 'LINH'", "trim(concat(' ', name)) eq name",
          "(round(properties/elevation) eq 5 or round(properties/elevation) eq 4)",
          "floor(properties/elevation) eq 4", "ceiling(properties/elevation) eq 5"})
        BOOST_TEST(s.count("Things", std::string{yes} + " and properties/kind eq 'gauge'") == 1U,
                   yes);
    for (auto const* const yes :
         {"year(resultTime) eq 2026", "month(resultTime) eq 11", "day(resultTime) eq 1",
          "hour(resultTime) eq 0", "minute(resultTime) eq 5", "second(resultTime) eq 0",
          "fractionalseconds(resultTime) eq 0.25", "date(resultTime) eq '2026-11-01'",
          "time(resultTime) eq '00:05:00'", "totaloffsetminutes(resultTime) eq 0",
          "resultTime gt mindatetime()", "resultTime lt maxdatetime()"})
        BOOST_TEST(s.count("Observations", yes) == 1U, yes);
    BOOST_TEST(s.count("Observations", "phenomenonTime lt now()") == 151U);
    BOOST_TEST(s.problem("Things", "$filter", "nothing(name)") == "sta-function");
    BOOST_TEST(s.problem("Things", "$filter", "length(1) eq 1") == "sta-type");
    BOOST_TEST(s.problem("Things", "$filter", "name gt 1") == "sta-type");
    BOOST_TEST(s.problem("Things", "$filter", "name") == "sta-type");
    BOOST_TEST(s.problem("Things", "$filter", "name eq 'x' order") == "sta-syntax");
}

BOOST_AUTO_TEST_CASE(request_data_filter_spatial_functions) {
    auto& s = Stations::shared();
    auto const area =
        "geography'POLYGON((105.5 18.5, 105.58 18.5, 105.58 18.6, 105.5 18.6, 105.5 18.5))'";
    for (auto const* const name : {"st_within", "st_intersects", "geo.intersects"})
        BOOST_TEST(s.names("Locations", fmt::format("{}(location, {})", name, area)) ==
                       Names{"Linh Cảm"},
                   boost::test_tools::per_element());
    BOOST_TEST(s.names("Locations", fmt::format("st_disjoint(location, {})", area)) ==
                   Names{"Hòa Duyệt"},
               boost::test_tools::per_element());
    BOOST_TEST(s.names("Locations", fmt::format("st_contains({}, location)", area)).size() == 1U);
    BOOST_TEST(
        s.names("Locations", fmt::format("st_relate(location, {}, 'T*F**F***')", area)).size() ==
        1U);
    BOOST_TEST(
        s.names("Locations", "st_equals(location, geography'POINT (105.56 18.53)')").size() == 1U);
    // Metres: WGS 84, some 3 km.
    BOOST_TEST(
        s.names("Locations", "geo.distance(location, geography'POINT (105.56 18.50)') lt 3400")
            .size() == 1U);
    BOOST_TEST(
        s.names("Locations", "geo.distance(location, geography'POINT (105.56 18.50)') lt 3200")
            .empty());
    BOOST_TEST(s.count("Things", fmt::format("st_within(Locations/location, {})", area)) == 1U);
    BOOST_TEST(s.problem("Locations", "$filter", "st_within(location, geography'POLYGON((1 2')") ==
               "sta-syntax");
}

BOOST_AUTO_TEST_SUITE_END()
