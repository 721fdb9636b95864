// OGC SensorThings 1.1, Part 1 (18-088): making entities, and what is seen of them by whom and
// when.

#include "data/postgis/observation_store.hpp"
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

BOOST_AUTO_TEST_SUITE(sta)

BOOST_AUTO_TEST_CASE(create_entities_says_where_they_are_and_refuses_what_it_would_lose) {
    auto& s = Stations::shared();
    auto const answer = s.post(fmt::format("Datastreams({})/Observations", s.depth),
                               {{"phenomenonTime", "2026-11-01T00:10:00.5Z"},
                                {"result", 3},
                                {"parameters", {{"message", "m-1"}}}});
    BOOST_TEST_REQUIRE(answer.status == 201, answer.body);
    auto const made = json::parse(answer.body);
    BOOST_TEST(made["phenomenonTime"] == "2026-11-01T00:10:00.5Z");
    auto const location = answer.field("location");
    BOOST_TEST(location == made["@iot.selfLink"].get<std::string>());
    auto const again = s.post("Observations", {{"phenomenonTime", "2026-11-01T00:10:00.5Z"},
                                               {"result", 3},
                                               {"parameters", {{"message", "m-1"}}},
                                               {"Datastream", {{"@iot.id", s.depth}}}});
    BOOST_TEST(again.field("location") == location); // the same message is the same observation
    s.world.database().sql("DELETE FROM sensor.observation WHERE message = 'm-1'");

    auto const refused = [&](char const* path, json const& body) {
        auto const problem = s.post(path, body);
        return std::pair{problem.status, json::parse(problem.body).value("parameter", "")};
    };
    BOOST_TEST(refused("Things", {{"name", "x"}}).second == "properties/kind");
    BOOST_TEST(refused("Things", {{"name", "x"}, {"properties", {{"kind", "nothing"}}}}).second ==
               "properties/kind");
    BOOST_TEST(
        refused("Things", {{"name", "x"}, {"properties", {{"kind", "gauge"}, {"colour", "red"}}}})
            .second == "properties/colour");
    BOOST_TEST(refused("Datastreams", {{"name", "x"}}).second == "Thing");
    BOOST_TEST(refused("Datastreams", Stations::stream("x", 999, 1, 1, "m")).second == "Thing");
    BOOST_TEST(refused("Observations", {{"result", 1}}).second == "Datastream");
    BOOST_TEST(refused("Observations", {{"result", "high"}}).second == "result");
    BOOST_TEST(refused("Observations", {{"Datastream", {{"@iot.id", 999}}}, {"result", 1}}).first ==
               404);
    BOOST_TEST(refused("Observations", {{"Datastream", {{"@iot.id", s.depth}}},
                                        {"result", 1},
                                        {"FeatureOfInterest", {{"@iot.id", 1}}}})
                   .first == 400);
    for (auto const* const time : {"2099-01-01T00:00:00Z", "1999-01-01T00:00:00Z"})
        BOOST_TEST(refused("Observations", {{"Datastream", {{"@iot.id", s.depth}}},
                                            {"result", 1},
                                            {"phenomenonTime", time}})
                       .first == 400);
    BOOST_TEST(refused("Nothing", json::object()).first == 404);
    BOOST_TEST(refused("Things(1)", json::object()).first == 404);
    BOOST_TEST(s.post("Things", json::array()).status == 400);
    // Alert levels must rise.
    auto stream = Stations::stream("x", s.rain, 1, 1, "m");
    stream["properties"]["level2"] = 4.0;
    BOOST_TEST(refused("Datastreams", stream).first == 400);
}

BOOST_AUTO_TEST_CASE(many_observations_are_taken_whole_or_not_at_all) {
    auto& s = Stations::shared();
    auto const& database = s.world.database();
    auto const count = [&] { return database.value("SELECT count(*) FROM sensor.observation"); };
    auto const changes = [&] {
        return std::stoll(database.value("SELECT count(*) FROM diaban.change WHERE "
                                         "collection = 'datastreams'"));
    };
    auto const before = count();
    auto const batch = [&](int datastream, char const* rows) {
        json const group{{"Datastream", {{"@iot.id", datastream}}},
                         {"components", {"phenomenonTime", "result"}},
                         {"dataArray", json::parse(rows)}};
        return s.post("CreateObservations", json::array({group}));
    };
    BOOST_TEST(
        batch(s.depth, R"([["2026-11-02T00:00:00Z", 1], ["2026-11-02T00:01:00Z", "x"]])").status ==
        400);
    BOOST_TEST(
        batch(s.depth, R"([["2026-11-02T00:00:00Z", 1], ["2099-11-02T00:01:00Z", 1]])").status ==
        400);
    BOOST_TEST(batch(999, R"([["2026-11-02T00:00:00Z", 1]])").status == 404);
    BOOST_TEST(count() == before);
    auto const told = changes();
    auto const answer = batch(s.depth, R"([["2026-11-02T00:00:00Z", 1], ["2026-11-02T00:01:00Z", 2],
                     ["2026-11-02T00:00:00Z", 1]])");
    BOOST_TEST_REQUIRE(answer.status == 201, answer.body);
    auto const addresses = json::parse(answer.body);
    BOOST_REQUIRE(addresses.size() == 3U);
    BOOST_TEST(addresses[0] == addresses[2]);
    BOOST_TEST(changes() == told + 1); // one change of the feed
    BOOST_TEST(batch(s.depth, R"([["2026-11-02T00:00:00Z", 1]])").status == 201);
    BOOST_TEST(changes() == told + 1); // nothing new, nothing told
    BOOST_TEST(database.value("SELECT value FROM sensor.latest WHERE datastream = " +
                              std::to_string(s.depth)) == "2");
    database.sql("DELETE FROM sensor.observation WHERE at >= '2026-11-02'");
}

BOOST_AUTO_TEST_CASE(a_station_that_moved_has_a_history_and_its_observations_keep_their_place) {
    auto& s = Stations::shared();
    auto const mobile = s.made("Things", Stations::thing("Di động", "weather", 105.1, 18.1));
    auto const stream = s.made("Datastreams", Stations::stream("x", mobile, 1, 1, "m"));
    json const first{{"Datastream", {{"@iot.id", stream}}},
                     {"phenomenonTime", "2026-11-03T00:00:00Z"},
                     {"result", 1}};
    auto const before = s.made("Observations", first);
    s.world.database().sql(fmt::format(
        "UPDATE record.sensors SET geom = ST_Point(105.2, 18.2, 4326) WHERE fid = {}", mobile));
    auto second = first;
    second["phenomenonTime"] = "2026-11-03T00:01:00Z";
    auto const after = s.made("Observations", second);
    auto const at = [&](int id) {
        return s.read(
            fmt::format("Observations({})/FeatureOfInterest", id))["feature"]["coordinates"];
    };
    BOOST_TEST(at(before) == json::parse("[105.1, 18.1]"));
    BOOST_TEST(at(after) == json::parse("[105.2, 18.2]"));
    auto const path = fmt::format("Things({})", mobile);
    BOOST_TEST(s.read(path + "/HistoricalLocations")["value"].size() == 2U);
    auto const now = s.read(path + "/Locations")["value"];
    BOOST_REQUIRE(now.size() == 1U);
    BOOST_TEST(now[0]["location"]["coordinates"] == json::parse("[105.2, 18.2]"));
    s.world.database().sql(fmt::format("DELETE FROM record.datastreams WHERE fid = {};"
                                       "DELETE FROM record.sensors WHERE fid = {}",
                                       stream, mobile));
    BOOST_TEST(s.ask(path).status == 404);
    BOOST_TEST(s.ask(fmt::format("Observations({})", before)).status == 404);
}

BOOST_AUTO_TEST_CASE(what_the_policy_hides_is_not_there_whatever_is_asked) {
    Stations own;
    auto& database = own.world.database();
    tests::Registrar people{database};
    people.role(
        {"public",
         "",
         false,
         false,
         false,
         {tests::all_of("sensors", "read", 0, {"station_code"}),
          tests::all_of("datastreams", "read"), tests::all_of("observed_properties", "read")}});
    database.sql(fmt::format("UPDATE record.datastreams SET sensitivity = 5 WHERE fid = {};"
                             "UPDATE record.sensors SET sensitivity = 5 WHERE fid = {}",
                             own.depth, own.rain));
    auto const node = own.world.start_server("none");
    auto const ask = [&](std::string const& target) {
        return tests::get(node->port(), "/sta/v1.1/" + target);
    };
    auto const read = [&](std::string const& target) { return json::parse(ask(target).body); };
    BOOST_TEST(read("Things?$count=true")["@iot.count"] == 1);
    BOOST_TEST(read("Locations")["value"].size() == 1U);
    BOOST_TEST(read("Observations?$count=true")["@iot.count"] == 150);
    for (auto const& hidden :
         {fmt::format("Things({})", own.rain), fmt::format("Datastreams({})", own.depth),
          fmt::format("Datastreams({})/Observations", own.depth),
          fmt::format("Things({})/Datastreams", own.rain), std::string{"Sensors"}})
        BOOST_TEST(ask(hidden).status == (hidden == "Sensors" ? 200 : 404), hidden);
    BOOST_TEST(read("Sensors")["value"].empty()); // a collection that is not for everyone
    auto const filtered = [&](std::string const& set, std::string const& filter) {
        return read(set + "?$filter=" + percent_encode(filter))["value"].size();
    };
    BOOST_TEST(filtered("ObservedProperties", "Datastreams/name eq 'Mưa Hòa Duyệt'") == 0U);
    BOOST_TEST(filtered("ObservedProperties", "Datastreams/Observations/result gt 10") == 0U);
    BOOST_TEST(read("ObservedProperties?$expand=Datastreams&$filter=" +
                    percent_encode("name eq 'Lượng mưa'"))["value"][0]["Datastreams"]
                   .empty());
    auto const thing = read("Things")["value"][0];
    BOOST_TEST(!thing["properties"].contains("stationCode"));
    BOOST_TEST(ask("Things?$filter=" + percent_encode("properties/stationCode eq 'x'")).status ==
               400);
    // The database hides the same.
    BOOST_TEST(database.value("BEGIN; SET LOCAL ROLE diaban_serve; SET LOCAL diaban.scopes = '*'; "
                              "SET LOCAL diaban.level = '0'; SELECT count(*) FROM "
                              "sensor.observation") == "150");
    BOOST_TEST(database.value("BEGIN; SET LOCAL ROLE diaban_serve; SELECT count(*) FROM "
                              "sensor.latest") == "0");
    auto const answer =
        tests::request(node->port(), "POST", "/sta/v1.1/Observations", tests::json_body,
                       json{{"result", 1}, {"Datastream", {{"@iot.id", own.level}}}}.dump());
    BOOST_TEST(answer.status == 401);
}

BOOST_AUTO_TEST_CASE(old_months_become_hours_and_new_ones_are_opened_ahead) {
    Stations own;
    auto& database = own.world.database();
    database.sql(
        "UPDATE sensor.retention SET keep_days = 31; SELECT sensor.open_month('2024-02-01');"
        "INSERT INTO sensor.observation (datastream, at, value) SELECT 1, "
        "'2024-02-10'::timestamptz "
        "+ i * interval '10 minutes', i FROM generate_series(0, 11) i");
    data::postgis::Pool pool{database.options(data::postgis::Role::feed)};
    data::postgis::ObservationStore const store{pool};
    BOOST_TEST(store.maintain() == 12U);
    BOOST_TEST(store.maintain() == 0U);
    BOOST_TEST(
        database.value("SELECT string_agg(least || ' ' || mean || ' ' || most || ' ' || count, "
                       "', ' ORDER BY hour) FROM sensor.hourly") == "0 2.5 5 6, 6 8.5 11 6");
    BOOST_TEST(database.value("SELECT count(*) FROM sensor.observation") == "151");
}

BOOST_AUTO_TEST_SUITE_END()
