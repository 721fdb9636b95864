// What others say by CAP becomes alerts, and ends them; what is no such message is refused.

#include "tests/services/visitors.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <string>

using namespace diaban;
using nlohmann::json;

namespace {

constexpr char as_cap[] = "Content-Type: application/cap+xml\r\n";

std::string message(std::string const& identifier, std::string const& type,
                    std::string const& references = "", std::string const& info = "") {
    return fmt::format(
        R"(<?xml version="1.0" encoding="UTF-8"?><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
<identifier>{}</identifier><sender>kttv@nchmf.example</sender><sent>2026-11-27T10:00:00+07:00</sent>
<status>Actual</status><msgType>{}</msgType><scope>Public</scope>{}{}</alert>)",
        identifier, type, references.empty() ? "" : "<references>" + references + "</references>",
        info);
}

std::string info(std::string const& area, std::string const& severity = "Severe") {
    return fmt::format(
        R"(<info><language>en-US</language><category>Met</category><event>Flood</event>
<urgency>Expected</urgency><severity>{0}</severity><certainty>Likely</certainty></info>
<info><language>vi-VN</language><category>Met</category><event>Lũ &amp; ngập</event>
<urgency>Expected</urgency><severity>{0}</severity><certainty>Likely</certainty>
<onset>2026-11-27T12:00:00+07:00</onset><expires>2096-11-28T12:00:00+07:00</expires>
<headline>Lũ trên sông Ngàn Sâu</headline><area><areaDesc>Hương Khê</areaDesc>{1}</area></info>)",
        severity, area);
}

constexpr char square[] =
    "<polygon>18.2,105.6 18.2,105.8 18.3,105.8 18.3,105.6 18.2,105.6</polygon>";

struct Desk {
    tests::World world;

    [[nodiscard]] tests::RawAnswer send(std::string const& body, char const* as = as_cap) const {
        return tests::request(world.port(), "POST", "/cap/messages", as, body);
    }
    [[nodiscard]] std::string stand() {
        return world.database().value("SELECT coalesce(string_agg(identifier || ' ' || state, '; ' "
                                      "ORDER BY fid), '') FROM record.alerts");
    }
    void refused(std::string const& body, std::string const& part) const {
        auto const answer = send(body);
        BOOST_TEST(answer.status == 400, part);
        BOOST_TEST(answer.body.find("“" + part + "”") != std::string::npos,
                   part << ": " << answer.body);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(cap_in)

BOOST_AUTO_TEST_CASE(a_message_opens_an_alert_and_update_and_cancel_end_what_they_refer_to) {
    Desk desk;
    auto const first = desk.send(
        message("A1", "Alert", "", info(std::string{square} + "<circle>18.25,105.8 5</circle>")));
    BOOST_TEST_REQUIRE(first.status == 201, first.body);
    BOOST_TEST(desk.stand() == "kttv@nchmf.example,A1 open");
    auto const row = desk.world.database().sql(
        "SELECT event, event_en, headline, headline_en, severity, onset = "
        "'2026-11-27T05:00:00Z'::timestamptz, source_kind, ST_Covers(geom, ST_Point(105.84, 18.25, "
        "4326)) AND ST_Covers(geom, ST_Point(105.65, 18.25, 4326)) AND NOT ST_Covers(geom, "
        "ST_Point(105.86, 18.25, 4326)) FROM record.alerts");
    std::vector<std::string> const expected{
        "Lũ & ngập", "Flood", "Lũ trên sông Ngàn Sâu", "Flood", "Severe", "t", "cap", "t"};
    BOOST_TEST(row.at(0) == expected, boost::test_tools::per_element());
    auto const again = desk.send(message("A1", "Alert", "", info(square)));
    BOOST_TEST(again.status == 200); // it may be sent again
    BOOST_TEST(json::parse(again.body)["id"] == json::parse(first.body)["id"]);

    auto const update =
        desk.send(message("A2", "Update", "kttv@nchmf.example,A1,2026-11-27T10:00:00+07:00",
                          info(square, "Extreme")));
    BOOST_TEST(update.status == 201);
    BOOST_TEST(desk.stand() == "kttv@nchmf.example,A1 closed; kttv@nchmf.example,A2 open");
    auto const cancel = desk.send(message("A3", "Cancel",
                                          "kttv@nchmf.example,A1,2026-11-27T10:00:00+07:00 "
                                          "kttv@nchmf.example,A2,2026-11-27T11:00:00+07:00"));
    BOOST_TEST(cancel.status == 200);
    BOOST_TEST(json::parse(cancel.body)["ended"].size() == 1U);
    BOOST_TEST(desk.stand() == "kttv@nchmf.example,A1 closed; kttv@nchmf.example,A2 closed");
    // Nobody hears it from us.
    BOOST_TEST(desk.world.database().value("SELECT count(*) FROM alert.message") == "0");
}

BOOST_AUTO_TEST_CASE(what_is_no_message_is_refused_and_changes_nothing) {
    Desk desk;
    auto const good = message("A1", "Alert", "", info(square));
    auto const with = [&](std::string const& from, std::string const& to) {
        auto text = good;
        text.replace(text.find(from), from.size(), to);
        return text;
    };
    desk.refused("", "alert");
    desk.refused("<alert>", "alert");
    desk.refused("<feed/>", "alert");
    desk.refused(with("cap:1.2", "cap:1.1"), "xmlns");
    desk.refused(with("<identifier>A1</identifier>", ""), "identifier");
    desk.refused(with("A1", "A 1"), "identifier");
    desk.refused(with("10:00:00+07:00", "10 h"), "sent");
    desk.refused(with("Actual", "Exercise"), "status");
    desk.refused(with("Public", "Restricted"), "scope");
    desk.refused(message("A1", "Ack", "a,b,c"), "msgType");
    desk.refused(message("A1", "Cancel"), "references");
    desk.refused(message("A1", "Update", "only,two", info(square)), "references");
    desk.refused(message("A1", "Alert"), "info");
    desk.refused(message("A1", "Alert", "", info(square, "Bad")), "severity");
    for (auto const* const bad :
         {"<polygon>18.2,105.6 18.2,105.8 18.3,105.8</polygon>",
          "<polygon>18.2,105.6 18.2,105.8 18.3,105.8 18.3,105.6</polygon>",
          "<polygon>98,105 18,105 18,106 98,105</polygon>", "<polygon>a,b a,b a,b a,b</polygon>"})
        desk.refused(message("A1", "Alert", "", info(bad)), "polygon");
    for (auto const* const bad :
         {"<circle>18,105</circle>", "<circle>18,105 -1</circle>", "<circle>18,105 1e300</circle>"})
        desk.refused(message("A1", "Alert", "", info(bad)), "circle");
    desk.refused(message("A1", "Alert", "",
                         info("<polygon>18.2,105.6 18.3,105.8 18.2,105.8 18.3,105.6 "
                              "18.2,105.6</polygon>")),
                 "area");
    std::string const entities = "<!DOCTYPE alert [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>";
    desk.refused(with("<alert ", entities + "<alert "), "DOCTYPE");
    BOOST_TEST(desk.send(good, "Content-Type: application/json\r\n").status == 415);
    BOOST_TEST(desk.send(std::string(600'000, ' ')).status == 413);
    BOOST_TEST(desk.stand() == "");
}

BOOST_AUTO_TEST_SUITE_END()
