// Reports that operators enter, and reports kept apart: public, personal, hidden.

#include "tests/services/reporter.hpp"
#include "tests/services/visitors.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <string>
#include <vector>

using namespace diaban::tests;
using nlohmann::json;

namespace {

/// An operator of every level, and a clerk who edits public reports alone.
struct Desk {
    explicit Desk(World& world) : people{world.database()} {
        people.role({"operator",
                     "",
                     false,
                     true,
                     false,
                     {all_of("reports", "read", 2), all_of("reports", "edit", 2)}});
        people.role({"clerk",
                     "",
                     false,
                     false,
                     false,
                     {all_of("reports", "read", 0), all_of("reports", "edit", 0)}});
        people.role({"public", "", false, false, false, {all_of("reports", "read", 0)}});
        people.account("lan", {"operator"});
        people.account("tu", {"clerk"});
        lan = people.token("lan", {"read", "edit", "audit"});
        tu = people.token("tu", {"read", "edit"});
        await("the accounts", [&] { return world.get("/audit", lan).status == 200; });
    }

    static std::map<std::string, std::string> told(std::string const& channel,
                                                   std::string const& words) {
        auto members = sinkhole(words);
        members["channel"] = channel;
        return members;
    }

    Registrar people;
    std::string lan;
    std::string tu;
};

RawAnswer set(World const& world, std::string const& id, std::string const& who,
              std::string const& visibility, std::string const& reason = "Có số điện thoại") {
    return request(world.port(), "POST", "/reports/" + id + "/visibility", who + json_type,
                   json{{"visibility", visibility}, {"reason", reason}}.dump());
}

} // namespace

BOOST_AUTO_TEST_SUITE(moderation)

BOOST_AUTO_TEST_CASE(
    a_report_that_a_rule_of_the_record_turns_away_is_refused_and_not_told_as_sent) {
    World world;
    world.database().sql("CREATE FUNCTION record.turn_away() RETURNS trigger LANGUAGE plpgsql AS "
                         "$$ BEGIN RETURN NULL; END $$; "
                         "CREATE TRIGGER turn_away BEFORE INSERT ON record.reports FOR EACH ROW "
                         "WHEN (NEW.category = 'tree') EXECUTE FUNCTION record.turn_away()");
    auto members = sinkhole("Cây nghiêng ra đường");
    members["service_code"] = "tree";
    auto const answer = send(world, members);
    BOOST_TEST(answer.status == 409);
    BOOST_TEST(json::parse(answer.body)[0]["code"] == 409);
    BOOST_TEST(answer.body.find("token") == std::string::npos);
    members["service_code"] = "road";
    members["description"] = "Cây đã đổ xuống đường";
    BOOST_TEST(send(world, members).status == 201);
}

BOOST_AUTO_TEST_CASE(an_operator_enters_what_others_told_and_is_not_its_reporter) {
    World world;
    Desk const desk{world};
    for (std::string const channel : {"phone", "press", "counter"}) {
        auto const words = "Đê rò nước, báo qua " + channel;
        BOOST_TEST(send(world, Desk::told(channel, words)).status == 401); // anonymous
        auto const answer = send(world, Desk::told(channel, words), "json", desk.lan);
        BOOST_REQUIRE(answer.status == 201);
        std::string const id = json::parse(answer.body)[0]["service_request_id"];
        BOOST_TEST(world.json("/collections/reports/items/" + id)["properties"]["channel"] ==
                   channel);
        BOOST_TEST(world.database().value("SELECT coalesce(reporter_account, '') FROM "
                                          "record.reports WHERE fid = " +
                                          id) == "");
        BOOST_TEST(world.database().value("SELECT who FROM diaban.authorship WHERE collection = "
                                          "'reports' AND fid = " +
                                          id) == "lan");
    }
    // What one sends oneself is one's own.
    auto const mine = send(world, Desk::told("web", "Đèn hỏng đầu ngõ"), "json", desk.lan);
    BOOST_REQUIRE(mine.status == 201);
    std::string const id = json::parse(mine.body)[0]["service_request_id"];
    BOOST_TEST(world.database().value("SELECT reporter_account FROM record.reports WHERE fid = " +
                                      id) == "lan");
    BOOST_TEST(send(world, Desk::told("pigeon", "Nắp cống"), "json", desk.lan).status == 400);
}

BOOST_AUTO_TEST_CASE(a_hidden_report_is_in_no_answer_to_the_public_neither_now_nor_as_it_was) {
    World world;
    Desk const desk{world};
    std::string const words = "Ông Secreteye 0912345678 đổ rác";
    auto const report = sent(world, sinkhole(words));
    BOOST_TEST(one_of(world, report.id)["description"] == words);
    auto const instant = world.database().value("SELECT to_char(clock_timestamp() AT TIME ZONE "
                                                "'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
    auto const as_of =
        "/collections/reports/items?as-of=" + diaban::services::http::percent_encode(instant);
    BOOST_TEST(world.get(as_of).body.find("Secreteye") != std::string::npos);
    // Former words stand in the history: they are hidden with the rest.
    world.database().sql("UPDATE record.reports SET title = 'Rác' WHERE fid = " + report.id);
    BOOST_TEST(set(world, report.id, desk.lan, "hidden").status == 200);
    await("the hiding",
          [&] { return world.get("/open311/v2/requests/" + report.id + ".json").status == 404; });
    for (std::string const target :
         {"/open311/v2/requests.json", "/open311/v2/requests.xml", "/collections/reports/items",
          "/collections/reports/count", "/collections/reports/values/category",
          "/reports/similar?lon=105.3&lat=18.3&text=Secreteye", "/collections/reports/heat",
          "/at?lon=105.3&lat=18.3", "/collections/reports/nearest?lon=105.3&lat=18.3"})
        BOOST_TEST(world.get(target).body.find("Secreteye") == std::string::npos, target);
    auto const item = "/collections/reports/items/" + report.id;
    BOOST_TEST(world.get(item).status == 404);
    BOOST_TEST(world.get(item + "/history").body.find("Secreteye") == std::string::npos);
    auto const versions = world.database().value(
        "SELECT count(*) FROM record.reports_history WHERE sensitivity < 2 AND fid = " + report.id);
    BOOST_TEST(versions == "0");
    // The office and the sender see it still.
    auto const seen =
        json::parse(world.get("/open311/v2/requests/" + report.id + ".json", desk.lan).body)[0];
    BOOST_TEST(seen["visibility"] == "hidden");
    BOOST_TEST(world.get("/open311/v2/requests/" + report.id + ".json", key(report)).status == 200);
    BOOST_TEST(world.get("/open311/v2/requests/" + report.id + ".json", desk.tu).status == 404);
    BOOST_TEST(
        world.get("/open311/v2/requests/" + report.id + ".json", "Report-Token: x\r\n").status ==
        404);

    // Shown again without the name, what it was stays hidden.
    world.database().sql(
        "UPDATE record.reports SET description = 'Đổ rác', title = 'Rác' WHERE fid = " + report.id);
    BOOST_TEST(set(world, report.id, desk.lan, "public", "Đã bỏ tên").status == 200);
    await("the showing", [&] { return world.get(item).status == 200; });
    BOOST_TEST(world.get(item).body.find("Đổ rác") != std::string::npos);
    BOOST_TEST(world.get(item + "/history").body.find("Secreteye") == std::string::npos);
    BOOST_TEST(world.get(item + "/history", desk.lan).body.find("Secreteye") != std::string::npos);
    BOOST_TEST(world.get(as_of).body.find("Secreteye") == std::string::npos);
    BOOST_TEST(world.get(as_of, desk.lan).body.find("Secreteye") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(who_hides_a_report_and_why_stands_in_the_audit_alone) {
    World world;
    Desk const desk{world};
    auto const report = sent(world, sinkhole("Hàng xóm gây ồn ban đêm"));
    std::string const reason = "Nêu tên Planted7319";
    BOOST_TEST(set(world, report.id, "", "hidden").status == 401);
    BOOST_TEST(set(world, report.id, desk.tu, "hidden").status == 403); // sees public ones alone
    BOOST_TEST(set(world, report.id, desk.tu, "public", reason).status == 200);
    BOOST_TEST(set(world, report.id, desk.lan, "personal", reason).status == 200);
    BOOST_TEST(set(world, report.id, desk.lan, "secret").status == 400);
    BOOST_TEST(set(world, report.id, desk.lan, "hidden", "").status == 400);
    BOOST_TEST(set(world, "999999", desk.lan, "hidden").status == 404);
    BOOST_TEST(set(world, report.id, desk.tu, "public").status == 404); // gone for them
    auto const entries =
        json::parse(world.get("/audit?action=set-visibility&limit=10", desk.lan).body)["entries"];
    BOOST_REQUIRE(entries.size() == 2U);
    BOOST_TEST(entries[0]["who"] == "lan");
    BOOST_TEST(entries[0]["why"] == reason);
    BOOST_TEST(entries[0]["detail"]["from"] == "public");
    BOOST_TEST(entries[0]["detail"]["to"] == "personal");
    auto const history =
        world.get("/collections/reports/items/" + report.id + "/history", desk.lan);
    BOOST_TEST(history.body.find("Planted7319") == std::string::npos);
    BOOST_TEST(history.body.find("visibility: personal") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
