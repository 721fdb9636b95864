#pragma once

#include "services/http/uri.hpp"
#include "tests/services/visitors.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace diaban::tests {

using nlohmann::json;
using services::http::percent_encode;

inline constexpr char json_body[] = "Content-Type: application/json\r\n";

/// Gauges of a river and a rain gauge, made over HTTP.
struct Stations {
    World world;
    int linh_cam = 0;
    int rain = 0;
    int level = 0; ///< datastream
    int depth = 0;

    Stations() {
        auto const instrument = made(
            "Sensors",
            {{"name", "Phao"}, {"encodingType", "text/plain"}, {"metadata", "Thước nước tự ghi"}});
        auto const stage = made("ObservedProperties", {{"name", "Mực nước"},
                                                       {"definition", "http://codes.wmo.int/stage"},
                                                       {"description", "Mực nước sông"}});
        auto const fall =
            made("ObservedProperties", {{"name", "Lượng mưa"}, {"definition", "rain"}});
        linh_cam = made("Things", thing("Linh Cảm", "gauge", 105.56, 18.53));
        rain = made("Things", thing("Hòa Duyệt", "rain", 105.6, 18.38));
        level = made("Datastreams", stream("Mực nước Linh Cảm", linh_cam, instrument, stage, "m"));
        depth = made("Datastreams", stream("Mưa Hòa Duyệt", rain, instrument, fall, "mm"));
        json rows = json::array();
        for (int i = 0; i < 150; ++i)
            rows.push_back(
                {fmt::format("2026-11-01T{:02}:{:02}:00Z", i / 60, i % 60), 3.0 + i / 100.0});
        json const body{
            {{"Datastream", {{"@iot.id", level}}},
             {"components", {"phenomenonTime", "result"}},
             {"dataArray", rows}},
            {{"Datastream", {{"@iot.id", depth}}},
             {"components", {"phenomenonTime", "result", "resultTime"}},
             {"dataArray", {{"2026-11-01T00:00:00Z", 12.5, "2026-11-01T00:05:00.25Z"}}}}};
        auto const answer = post("CreateObservations", body);
        if (answer.status != 201) throw std::runtime_error{answer.body};
    }

    static json thing(char const* name, char const* kind, double lon, double lat) {
        return {{"name", name},
                {"description", std::string{"Trạm "} + name},
                {"properties", {{"kind", kind}, {"stationCode", name}, {"elevation", 4.5}}},
                {"Locations", {{{"location", {{"type", "Point"}, {"coordinates", {lon, lat}}}}}}}};
    }
    static json stream(char const* name, int thing, int sensor, int property, char const* unit) {
        return {{"name", name},
                {"unitOfMeasurement",
                 {{"name", unit}, {"symbol", unit}, {"definition", "http://unitsofmeasure.org"}}},
                {"properties",
                 {{"expectedSeconds", 600}, {"level1", 4.5}, {"level2", 5.5}, {"level3", 6.5}}},
                {"Thing", {{"@iot.id", thing}}},
                {"Sensor", {{"@iot.id", sensor}}},
                {"ObservedProperty", {{"@iot.id", property}}}};
    }

    [[nodiscard]] RawAnswer post(std::string const& path, json const& body) const {
        return request(world.port(), "POST", "/sta/v1.1/" + path, json_body, body.dump());
    }
    [[nodiscard]] int made(std::string const& path, json const& body) const {
        auto const answer = post(path, body);
        if (answer.status != 201) throw std::runtime_error{path + ": " + answer.body};
        return json::parse(answer.body)["@iot.id"];
    }
    /// An answer to a path; options as pairs, encoded here.
    [[nodiscard]] RawAnswer
    ask(std::string const& path,
        std::vector<std::pair<std::string, std::string>> const& options = {}) const {
        std::string target = "/sta/v1.1/" + path;
        for (auto const& [name, value] : options)
            target += (target.find('?') == std::string::npos ? "?" : "&") + name + "=" +
                      percent_encode(value);
        return world.get(target);
    }
    [[nodiscard]] json
    read(std::string const& path,
         std::vector<std::pair<std::string, std::string>> const& options = {}) const {
        auto const answer = ask(path, options);
        BOOST_TEST_REQUIRE(answer.status == 200, path << ": " << answer.body);
        return json::parse(answer.body);
    }
    /// Names of what a filter lets through.
    [[nodiscard]] std::vector<std::string> names(std::string const& set,
                                                 std::string const& filter) const {
        std::vector<std::string> all;
        auto const page = read(set, {{"$filter", filter}});
        for (auto const& one : page["value"]) all.push_back(one["name"]);
        return all;
    }
    [[nodiscard]] std::size_t count(std::string const& set, std::string const& filter) const {
        return read(set, {{"$filter", filter}, {"$count", "true"}, {"$top", "0"}})["@iot.count"];
    }
    [[nodiscard]] std::string problem(std::string const& path, char const* name,
                                      std::string const& value) const {
        auto const answer = ask(path, {{name, value}});
        BOOST_TEST(answer.status == 400, value);
        auto const type = json::parse(answer.body)["type"].get<std::string>();
        return type.substr(type.find_last_of("/:#") + 1);
    }

    static Stations& shared() {
        static Stations one;
        return one;
    }
};

} // namespace diaban::tests
