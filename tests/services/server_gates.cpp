// Border gates: lanes, queue and what passed, as stations send them, and the waiting time that
// follows.

#include "tests/services/visitors.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <cmath>
#include <map>
#include <string>

using namespace diaban;
using nlohmann::json;

namespace {

/// A gate with its figures by direction, sent as SensorThings.
struct Gate {
    tests::World world;
    std::map<std::string, int> streams;

    Gate() {
        world.database().sql(
            "INSERT INTO record.sensors (name, kind, geom) VALUES ('Cầu Treo', 'border_gate', "
            "ST_Point(105.15, 18.39, 4326)), ('Linh Cảm', 'gauge', ST_Point(105.56, 18.53, 4326));"
            "INSERT INTO record.observed_properties (name) VALUES ('Số xe');"
            "INSERT INTO record.instruments (name) VALUES ('Camera đếm xe')");
        for (auto const* const direction : {"out", "in"})
            for (auto const* const figure : {"lanes", "queue", "passed"}) add(direction, figure);
    }
    void add(std::string const& direction, std::string const& figure) {
        json const stream{
            {"name", direction + " " + figure},
            {"Thing", {{"@iot.id", 1}}},
            {"Sensor", {{"@iot.id", 1}}},
            {"ObservedProperty", {{"@iot.id", 1}}},
            {"unitOfMeasurement", {{"name", "xe"}, {"symbol", "xe"}}},
            {"properties",
             {{"gateDirection", direction}, {"gateFigure", figure}, {"expectedSeconds", 900}}}};
        auto const answer = post("Datastreams", stream);
        BOOST_TEST_REQUIRE(answer.status == 201, answer.body);
        streams[direction + " " + figure] = json::parse(answer.body)["@iot.id"].get<int>();
    }
    [[nodiscard]] tests::RawAnswer post(std::string const& set, json const& body) const {
        return tests::request(world.port(), "POST", "/sta/v1.1/" + set,
                              "Content-Type: application/json\r\n", body.dump());
    }
    /// A value so many minutes ago.
    void says(std::string const& stream, int minutes_ago, double value) {
        auto const at = world.database().value(
            fmt::format("SELECT to_char((now() - interval '{} minutes') AT TIME ZONE 'UTC', "
                        "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
                        minutes_ago));
        auto const answer = post(fmt::format("Datastreams({})/Observations", streams[stream]),
                                 {{"result", value}, {"phenomenonTime", at}});
        BOOST_TEST_REQUIRE(answer.status == 201, answer.body);
    }
    [[nodiscard]] json told() const { return world.json("/border-gates")["gates"]; }
};

} // namespace

BOOST_AUTO_TEST_SUITE(border_gates)

BOOST_AUTO_TEST_CASE(a_wait_follows_from_the_queue_and_what_passed_in_the_hour) {
    Gate gate;
    gate.says("out lanes", 5, 3);
    gate.says("out queue", 5, 45);
    gate.says("out passed", 90, 500); // before the hour
    gate.says("out passed", 55, 80);  // counted since then, by the next
    for (int const ago : {45, 35, 25, 15, 5}) gate.says("out passed", ago, 12);
    auto const gates = gate.told();
    BOOST_REQUIRE(gates.size() == 1U);
    BOOST_TEST(gates[0]["name"] == "Cầu Treo");
    BOOST_REQUIRE(gates[0]["directions"].size() == 2U);
    auto const& out = gates[0]["directions"][0];
    BOOST_TEST(out["direction"] == "out");
    BOOST_TEST(out["lanes"]["value"] == 3);
    BOOST_TEST(out["queue"]["value"] == 45);
    BOOST_TEST(out["passed"]["count"] == 60);
    BOOST_TEST(std::abs(out["passed"]["minutes"].get<double>() - 50) < 0.1);
    BOOST_TEST(std::abs(out["passed"]["per_hour"].get<double>() - 72) < 0.2);
    BOOST_TEST(std::abs(out["waiting"]["minutes"].get<double>() - 37.5) < 0.1);
    // 60 counted is a mean of 45.785 to 77.232 with 95 % (Garwood).
    BOOST_TEST(std::abs(out["waiting"]["low"].get<double>() - 45 * 50 / 77.232) < 0.1);
    BOOST_TEST(std::abs(out["waiting"]["high"].get<double>() - 45 * 50 / 45.785) < 0.1);
    auto const& in = gates[0]["directions"][1];
    BOOST_TEST(in["queue"].is_null());
    BOOST_TEST(in["waiting"].is_null());
}

BOOST_AUTO_TEST_CASE(silence_is_no_data_and_no_wait_is_told_of_it) {
    Gate gate;
    for (int const ago : {50, 40, 30}) gate.says("in passed", ago, 10);
    gate.says("in queue", 2, 20);
    auto const in = gate.told()[0]["directions"][1];
    BOOST_TEST(in["queue"]["no_data"] == false);
    BOOST_TEST(in["passed"]["no_data"] == true);
    BOOST_TEST(in["waiting"].is_null());
    gate.says("in passed", 2, 0);
    auto const later = gate.told()[0]["directions"][1];
    BOOST_TEST(later["passed"]["no_data"] == false);
    BOOST_TEST(std::abs(later["waiting"]["minutes"].get<double>() - 20 * 48 / 20.0) < 0.2);
}

BOOST_AUTO_TEST_CASE(a_direction_or_figure_that_is_none_is_refused) {
    Gate const gate;
    for (auto const& [member, value] :
         {std::pair{"gateDirection", "up"}, std::pair{"gateFigure", "cars"}}) {
        auto const answer = gate.post("Datastreams", {{"name", "x"},
                                                      {"Thing", {{"@iot.id", 1}}},
                                                      {"Sensor", {{"@iot.id", 1}}},
                                                      {"ObservedProperty", {{"@iot.id", 1}}},
                                                      {"properties", {{member, value}}}});
        BOOST_TEST(answer.status == 400);
        BOOST_TEST(answer.body.find(member) != std::string::npos, answer.body);
    }
}

BOOST_AUTO_TEST_CASE(who_may_not_see_a_direction_sees_no_gate) {
    Gate gate;
    gate.says("out queue", 2, 20);
    tests::Registrar people{gate.world.database()};
    people.role({"public",
                 "",
                 false,
                 false,
                 false,
                 {tests::all_of("sensors", "read"),
                  tests::all_of("datastreams", "read", 0, {"gate_direction"})}});
    auto const node = gate.world.start_server("none");
    auto const body = json::parse(tests::get(node->port(), "/border-gates").body);
    BOOST_TEST(body["gates"].empty());
}

BOOST_AUTO_TEST_SUITE_END()
