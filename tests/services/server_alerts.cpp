// Alerts over HTTP: from a gauge to CAP, to whoever takes them up, to their end on map and feed.

#include "data/postgis/observation_store.hpp"
#include "tests/services/event_source.hpp"
#include "tests/services/visitors.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <pugixml.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

using namespace diaban;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr char as_json[] = "Content-Type: application/json\r\n";

/// What xmllint says of a document under our writing of the schema; empty: it is valid.
std::string faults_of(std::string const& document) {
    auto const file =
        std::filesystem::temp_directory_path() / fmt::format("cap-{}.xml", ::getpid());
    auto const said = file.string() + ".log";
    std::ofstream{file} << document;
    auto const command =
        fmt::format("xmllint --noout --nonet --schema '{}' '{}' >'{}' 2>&1",
                    DIABAN_SOURCES "/tests/services/data/cap-1.2.xsd", file.string(), said);
    bool const valid = std::system(command.c_str()) == 0;
    std::ifstream log{said};
    std::ostringstream read;
    read << log.rdbuf();
    auto text = read.str();
    std::filesystem::remove(file);
    std::filesystem::remove(said);
    return valid ? std::string{} : text;
}

/// A server that watches Linh Cảm.
struct Flood {
    tests::World world;
    int stream = 0;
    int minutes = 0;

    Flood() {
        auto const& database = world.database();
        database.sql("INSERT INTO record.sensors (name, kind, scope, geom) VALUES ('Linh Cảm', "
                     "'gauge', '18739', ST_Point(105.3, 18.3, 4326))");
        stream = std::stoi(database.value(
            "INSERT INTO record.datastreams (name, sensor, observed_property, unit_symbol, "
            "level_1, "
            "level_2, level_3, hysteresis, scope) VALUES ('Mực nước', 1, 1, 'm', 4.5, 5.5, 6.5, "
            "0.05, '18739') RETURNING fid"));
    }
    /// A reading of now, and how the alert then stands in the feed of changes.
    void reads(double value, std::string const& until) {
        auto const at =
            std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() - 2h) +
            60 * ++minutes;
        json const body{{"result", value},
                        {"phenomenonTime", fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(at))}};
        auto const answer = tests::request(
            world.port(), "POST", fmt::format("/sta/v1.1/Datastreams({})/Observations", stream),
            as_json, body.dump());
        BOOST_TEST_REQUIRE(answer.status == 201, answer.body);
        waits(until);
    }
    void waits(std::string const& until) {
        for (int i = 0; i < 100 && stands() != until; ++i) std::this_thread::sleep_for(100ms);
        BOOST_TEST(stands() == until);
    }
    [[nodiscard]] std::string stands() {
        return world.database().value(
            "SELECT coalesce(string_agg(state || ' ' || level, ', ' ORDER BY "
            "fid), '') FROM record.alerts");
    }
    [[nodiscard]] pugi::xml_document feed() const {
        pugi::xml_document document;
        auto const answer = world.get("/cap/feed");
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(answer.field("content-type") == "application/atom+xml");
        BOOST_TEST(bool(document.load_string(answer.body.c_str())));
        return document;
    }
    /// The messages that the feed leads to.
    [[nodiscard]] std::vector<std::string> said() const {
        std::vector<std::string> all;
        auto const document = feed();
        for (auto const entry : document.child("feed").children("entry")) {
            std::string const way = entry.child("link").attribute("href").value();
            auto const answer = world.get(way.substr(way.find("/cap")));
            BOOST_TEST(answer.status == 200);
            BOOST_TEST(answer.field("content-type") == "application/cap+xml");
            all.push_back(answer.body);
        }
        return all;
    }
    [[nodiscard]] tests::RawAnswer act(char const* what, json const& body = json::object()) const {
        return tests::request(world.port(), "POST", what, as_json, body.dump());
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(alerts)

BOOST_AUTO_TEST_CASE(alert_update_and_cancel_are_valid_and_leave_nothing_active) {
    Flood flood;
    tests::EventSource live{flood.world.server().live_port(), "collections=alerts", "", ""};
    BOOST_REQUIRE(live.next());
    flood.reads(4.27, "");
    BOOST_TEST(flood.said().empty());
    flood.reads(4.78, "open 1");
    auto messages = flood.said();
    BOOST_REQUIRE(messages.size() == 1U);
    BOOST_TEST(faults_of(messages[0]) == "");
    pugi::xml_document first;
    first.load_string(messages[0].c_str());
    auto const alert = first.child("alert");
    BOOST_TEST(alert.child("msgType").text().get() == std::string{"Alert"});
    BOOST_TEST(alert.child("info").child("headline").text().get() ==
               std::string{"Linh Cảm: báo động I (BĐ1 + 0.28)"});
    auto const english = alert.child("info").next_sibling("info");
    BOOST_TEST(english.child("language").text().get() == std::string{"en-US"});
    BOOST_TEST(english.child("headline").text().get() ==
               std::string{"Linh Cảm: alert level I (BĐ1 + 0.28)"});
    BOOST_TEST(alert.child("info").child("area").child("areaDesc").text().get() ==
               std::string{"Xã Cẩm Duệ"});
    // Latitude first, and closed.
    std::string const ring = alert.child("info").child("area").child("polygon").text().get();
    BOOST_TEST(ring.substr(0, 2) == "18");
    BOOST_TEST(ring.substr(0, ring.find(' ')) == ring.substr(ring.rfind(' ') + 1));
    auto const told = live.news(5s);
    BOOST_REQUIRE(told.has_value());
    BOOST_TEST(told->name == "create");

    flood.reads(5.34, "open 1");
    flood.reads(6.20, "open 2");
    messages = flood.said();
    BOOST_REQUIRE(messages.size() == 1U);
    BOOST_TEST(faults_of(messages[0]) == "");
    pugi::xml_document update;
    update.load_string(messages[0].c_str());
    BOOST_TEST(update.child("alert").child("msgType").text().get() == std::string{"Update"});
    std::string const refers = update.child("alert").child("references").text().get();
    BOOST_TEST(refers.find(std::string{","} + alert.child("identifier").text().get() + ",") !=
               std::string::npos);

    flood.reads(4.40, "closed 2");
    BOOST_TEST(flood.said().empty());
    auto const cancel = flood.world.get("/cap/alerts/diaban-1-3.xml");
    BOOST_TEST(cancel.status == 200);
    BOOST_TEST(faults_of(cancel.body) == "");
    BOOST_TEST(cancel.body.find("<msgType>Cancel</msgType>") != std::string::npos);
    BOOST_TEST(cancel.body.find("AllClear") != std::string::npos);
    auto const open = flood.world.json("/collections/alerts/items?filter=state%20IN%20('open',"
                                       "'acknowledged')");
    BOOST_TEST(open["features"].empty());
    auto const station = flood.world.json("/collections/sensors/items");
    BOOST_TEST(station["features"][0]["properties"]["reading"] == "BĐ1 − 0.10");
}

BOOST_AUTO_TEST_CASE(an_alert_is_taken_up_once_and_closed_by_a_person_with_the_reason) {
    Flood flood;
    flood.reads(4.78, "open 1");
    BOOST_TEST(flood.act("/alerts/1/acknowledge").status == 200);
    BOOST_TEST(flood.act("/alerts/1/acknowledge").status == 409);
    BOOST_TEST(flood.stands() == "acknowledged 1");
    BOOST_TEST(flood.said().size() == 1U); // nobody outside is told of that
    BOOST_TEST(flood.act("/alerts/1/close").status == 400);
    BOOST_TEST(flood.act("/alerts/1/close", {{"reason", "đo sai"}}).status == 200);
    BOOST_TEST(flood.act("/alerts/1/close", {{"reason", "đo sai"}}).status == 409);
    BOOST_TEST(flood.act("/alerts/99/close", {{"reason", "x"}}).status == 404);
    BOOST_TEST(flood.said().empty());
    flood.reads(4.9, "closed 1"); // it stands, but was closed by a person
    flood.reads(5.6, "closed 1, open 2");
    auto const history = flood.world.json("/collections/alerts/items/1/history");
    BOOST_TEST(history["features"].size() == 3U);
    BOOST_TEST(flood.world.get("/cap/alerts/nothing.xml").status == 404);
}

BOOST_AUTO_TEST_CASE(markup_in_what_is_said_stays_text) {
    Flood flood;
    flood.world.database().sql("INSERT INTO record.alerts (kind, state, event, severity, headline, "
                               "level, expires) VALUES ('notice', 'open', '<b>&', 'Minor', "
                               "'a < b & \"c\"', 0, now() + interval '1 hour')");
    auto const messages = flood.said();
    BOOST_REQUIRE(messages.size() == 1U);
    BOOST_TEST(faults_of(messages[0]) == "");
    BOOST_TEST(messages[0].find("<event>&lt;b&gt;&amp;</event>") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
