// Events and orders over HTTP: phases, orders to several communes at once, receipts.

#include "tests/services/visitors.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <string>

using namespace diaban;
using nlohmann::json;

namespace {

struct Command {
    tests::World world;

    Command() {
        world.database().sql(
            "INSERT INTO record.disaster_events (kind, name, phase) VALUES ('storm', 'Bão số 10', "
            "'watch');"
            "INSERT INTO record.duty_roster (unit, name, superior, phone, scope) VALUES "
            "('18739', 'Anh Ba', 'Chị Tư', '0912000001', '18739'), "
            "('18073', 'Anh Sáu', 'Chị Tư', '0912000002', '18073')");
        waits_for("duty_roster", 2);
    }
    /// Until the server's mirror has so many rows.
    void waits_for(std::string const& collection, int rows) const {
        auto const path = "/collections/" + collection + "/items";
        for (int i = 0; i < 200 && world.json(path)["numberMatched"] != rows; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds{50});
        BOOST_TEST(world.json(path)["numberMatched"] == rows);
    }
    [[nodiscard]] tests::RawAnswer post(std::string const& path, json const& body,
                                        std::string const& who = {}) const {
        return tests::request(world.port(), "POST", path, tests::as_json + who, body.dump());
    }
    [[nodiscard]] std::string orders() {
        return world.database().value(
            "SELECT string_agg(concat_ws(' ', unit, to_whom, state, due_minutes, scope), '; ' "
            "ORDER BY unit DESC) FROM record.event_orders");
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(orders)

BOOST_AUTO_TEST_CASE(an_event_goes_through_its_phases_and_is_closed_for_good) {
    Command command;
    for (auto const* const phase : {"prepare", "respond", "recover", "closed"}) {
        auto const answer = command.post("/events/1/phase", {{"phase", phase}});
        BOOST_TEST(answer.status == 200, answer.body);
    }
    BOOST_TEST(command.world.database().value("SELECT phase || ' ' || (ends_at IS NOT NULL) FROM "
                                              "record.disaster_events") == "closed true");
    BOOST_TEST(command.post("/events/1/phase", {{"phase", "watch"}}).status == 409);
    BOOST_TEST(command.post("/events/1/orders", {{"text", "x"}, {"units", {"18739"}}}).status ==
               409);
    BOOST_TEST(command.post("/events/2/phase", {{"phase", "watch"}}).status == 404);
}

BOOST_AUTO_TEST_CASE(an_order_to_two_communes_is_two_rows_each_with_its_receipt) {
    Command command;
    auto const answer =
        command.post("/events/1/orders", {{"text", "Sơ tán dân"}, {"units", {"18739", "18073"}}});
    BOOST_TEST_REQUIRE(answer.status == 201, answer.body);
    BOOST_TEST(command.orders() == "18739 Anh Ba issued 10 18739; 18073 Anh Sáu issued 10 18073");
    auto const issued = json::parse(answer.body);
    BOOST_TEST(issued["orders"].size() == 2U);
    auto const path = fmt::format("/orders/{}/acknowledge", issued["orders"][1]["id"].get<int>());
    auto const receipt = command.post(path, json::object());
    BOOST_TEST(receipt.status == 200, receipt.body);
    BOOST_TEST(json::parse(receipt.body)["acknowledged_by"] == "local");
    BOOST_TEST(command.post(path, json::object()).status == 409);
    BOOST_TEST(command.orders() ==
               "18739 Anh Ba acknowledged 10 18739; 18073 Anh Sáu issued 10 18073");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_an_order_is_named_and_nothing_is_written) {
    Command command;
    for (auto const& [body, word] :
         {std::pair{json{{"text", "x"}, {"units", {"18739", "99999"}}}, "99999"},
          std::pair{json{{"text", "x"}, {"units", {"18739", "18739"}}}, "each unit once"},
          std::pair{json{{"text", "x"}, {"units", json::array()}}, "units"},
          std::pair{json{{"text", "x"}, {"units", {"18739"}}, {"due_minutes", 0}}, "due_minutes"},
          std::pair{json{{"text", "x"}, {"units", {"18739"}}, {"due_minutes", 1.5}}, "due_minutes"},
          std::pair{json{{"units", {"18739"}}}, "text"}}) {
        auto const answer = command.post("/events/1/orders", body);
        BOOST_TEST(answer.status == 400);
        BOOST_TEST(answer.body.find(word) != std::string::npos, answer.body);
    }
    BOOST_TEST(command.post("/events/1/phase", {{"phase", "panic"}}).status == 400);
    BOOST_TEST(command.orders() == "");
}

BOOST_AUTO_TEST_CASE(a_commune_sees_and_acknowledges_its_own_orders_alone) {
    Command command;
    auto const answer =
        command.post("/events/1/orders", {{"text", "Sơ tán dân"}, {"units", {"18739", "18073"}}});
    BOOST_TEST_REQUIRE(answer.status == 201, answer.body);
    tests::Registrar people{command.world.database()};
    people.role({"commune",
                 "",
                 false,
                 false,
                 false,
                 {tests::within("event_orders", "read", {"18739"}),
                  tests::within("event_orders", "edit", {"18739"})}});
    people.account("commune", {"commune"});
    auto const token = people.token("commune", {"read", "edit"});
    auto const node = command.world.start_server("none");
    auto const orders = json::parse(answer.body)["orders"];
    for (auto const& one : orders) {
        auto const receipt = tests::request(
            node->port(), "POST", fmt::format("/orders/{}/acknowledge", one["id"].get<int>()),
            tests::as_json + token, "{}");
        BOOST_TEST(receipt.status == (one["unit"] == "18739" ? 200 : 404), receipt.body);
    }
    BOOST_TEST(command.world.database().value(
                   "SELECT string_agg(acknowledged_by, ',') FROM record.event_orders") ==
               "commune");
}

BOOST_AUTO_TEST_SUITE_END()
