// Webhooks: who subscribed is told of alerts, signed, in order, at least once.

#include "services/access/webhook_signature.hpp"
#include "services/domain/webhook_sender.hpp"
#include "tests/services/receiver.hpp"
#include "tests/services/visitors.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>

using namespace diaban;
using namespace std::chrono_literals;
using nlohmann::json;
using services::domain::WebhookOptions;
using services::domain::WebhookSender;

namespace {

constexpr WebhookOptions quick{10ms, 40ms, 6, 2};
constexpr char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A record with one subscriber.
struct Told {
    tests::Database database;
    tests::Receiver receiver;

    Told() {
        database.sql(fmt::format("INSERT INTO diaban.pull_host VALUES ('{}')", receiver.host()));
        subscribe("'{}', '{}', 0, NULL");
    }
    /// collections, severities, level, scopes
    void subscribe(std::string const& which, std::string const& host = {}) const {
        database.sql(fmt::format("INSERT INTO alert.subscription (url, secret, collections, "
                                 "severities, level, scopes) VALUES ('http://{}/', '{}', {})",
                                 host.empty() ? receiver.host() : host, secret, which));
    }
    void alert(std::string const& headline, std::string const& more = "",
               std::string const& values = "") const {
        database.sql(fmt::format("INSERT INTO record.alerts (kind, state, event, severity, "
                                 "headline{}) VALUES ('notice', 'open', 'Lũ', 'Severe', '{}'{})",
                                 more, headline, values));
    }
    [[nodiscard]] std::unique_ptr<WebhookSender> sender(WebhookOptions options = quick) const {
        auto made = std::make_unique<WebhookSender>(database.uri(), options);
        made->start();
        return made;
    }
    /// Waits until no delivery waits.
    void settle() const {
        for (int i = 0; i < 600 && waiting() != "0"; ++i) std::this_thread::sleep_for(50ms);
        BOOST_TEST(waiting() == "0");
    }
    [[nodiscard]] std::string waiting() const {
        return database.value("SELECT count(*) FROM alert.delivery WHERE state = 'waiting'");
    }
    [[nodiscard]] static std::string headline(tests::Receiver::Posted const& posted) {
        return json::parse(posted.body)["data"]["alert"]["headline"];
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(webhooks)

BOOST_AUTO_TEST_CASE(a_signature_is_that_of_standard_webhooks) {
    // By Python's hmac: HMAC-SHA-256 of "id.timestamp.body" under the secret's base64.
    BOOST_TEST(services::access::webhook_signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek",
                                                   1614265330, R"({"test": 2432232314})") ==
               "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    BOOST_TEST(services::access::webhook_secret().starts_with("whsec_"));
    BOOST_TEST(services::access::webhook_secret() != services::access::webhook_secret());
}

BOOST_AUTO_TEST_CASE(who_fails_three_times_gets_the_same_message_signed_anew_until_it_is_taken) {
    Told told;
    told.receiver.answer({500, 0, 302});
    told.alert("Nước lên");
    auto const sender = told.sender();
    auto const posted = told.receiver.posted(4);
    told.settle();
    BOOST_REQUIRE(posted.size() == 4U);
    for (auto one : posted) {
        BOOST_TEST(one.fields["webhook-id"] == "diaban-1-1");
        BOOST_TEST(one.fields["content-type"] == "application/json");
        auto const at = std::stoll(one.fields["webhook-timestamp"]);
        BOOST_TEST(one.fields["webhook-signature"] ==
                   services::access::webhook_signature(secret, "diaban-1-1", at, one.body));
        BOOST_TEST(one.body == posted[0].body);
    }
    auto const body = json::parse(posted[0].body);
    BOOST_TEST(body["type"] == "alert.alert");
    BOOST_TEST(body["data"]["alert"]["headline"] == "Nước lên");
    BOOST_TEST(!body["data"]["alert"].contains("acknowledged_by"));
    auto const receipts =
        told.database.sql("SELECT status, fault <> '' FROM alert.receipt ORDER BY id");
    BOOST_REQUIRE(receipts.size() == 4U);
    BOOST_TEST(receipts[0][0] == "500");
    BOOST_TEST(receipts[1][0] == "");
    BOOST_TEST(receipts[1][1] == "t");
    BOOST_TEST(receipts[3][0] == "204");
    told.database.sql("UPDATE record.alerts SET state = 'closed'");
    auto const all = told.receiver.posted(5);
    BOOST_REQUIRE(all.size() == 5U);
    BOOST_TEST(json::parse(all[4].body)["type"] == "alert.cancel");
    BOOST_TEST(json::parse(all[4].body)["data"]["refers"][0] == "diaban-1-1");
}

BOOST_AUTO_TEST_CASE(what_waits_survives_the_sender_and_comes_in_its_order) {
    Told told;
    told.receiver.answer({}, 503);
    for (int i = 0; i < 10; ++i) told.alert(fmt::format("số {}", i));
    auto sender = told.sender({10ms, 20ms, 1000, 2});
    static_cast<void>(told.receiver.posted(3));
    sender.reset();
    BOOST_TEST(told.waiting() == "10");
    auto const before = told.receiver.posted(0).size();
    told.receiver.answer({}, 200);
    sender = told.sender();
    auto const posted = told.receiver.posted(before + 10);
    told.settle();
    BOOST_REQUIRE(posted.size() == before + 10);
    for (std::size_t i = 0; i < posted.size(); ++i)
        BOOST_TEST(Told::headline(posted[i]) == fmt::format("số {}", i < before ? 0 : i - before));
}

BOOST_AUTO_TEST_CASE(an_alert_does_not_wait_for_a_subscriber_that_is_slow) {
    Told told;
    told.alert("một");
    data::postgis::Pool pool{told.database.options(data::postgis::Role::edit)};
    data::postgis::WebhookStore const store{pool};
    bool asked = false;
    BOOST_TEST(store.deliver([&](data::model::Posting const&) {
        told.database.sql("SET lock_timeout = '500ms'; INSERT INTO record.alerts (kind, state, "
                          "event, severity, headline) VALUES ('notice', 'open', 'Lũ', 'Severe', "
                          "'hai')");
        asked = true;
        data::model::Receipt receipt;
        receipt.taken = true;
        return receipt;
    }));
    BOOST_TEST(asked);
    BOOST_TEST(told.waiting() == "1");
}

BOOST_AUTO_TEST_CASE(of_two_nodes_one_sends_a_message) {
    Told told;
    auto const one = told.sender();
    auto const other = told.sender();
    for (int i = 0; i < 40; ++i) told.alert(fmt::format("số {}", i));
    auto const posted = told.receiver.posted(40);
    told.settle();
    BOOST_REQUIRE(told.receiver.posted(0).size() == 40U);
    for (std::size_t i = 0; i < posted.size(); ++i)
        BOOST_TEST(Told::headline(posted[i]) == fmt::format("số {}", i));
}

BOOST_AUTO_TEST_CASE(a_subscriber_is_told_what_it_asked_for_and_may_know) {
    Told told;
    told.database.sql("DELETE FROM alert.subscription");
    told.subscribe("'{}', '{Severe}', 0, '{18739}'");
    told.subscribe("'{vehicles}', '{}', 0, NULL");
    told.subscribe("'{alerts}', '{Extreme}', 255, NULL");
    told.alert("mật", ", sensitivity, scope", ", 2, '18739'");
    told.alert("nơi khác", ", scope", ", '18073'");
    told.alert("ở đây", ", scope", ", '18739'");
    BOOST_TEST(told.database.sql("SELECT subscription, message FROM alert.delivery").size() == 1U);
    auto const sender = told.sender();
    BOOST_TEST(Told::headline(told.receiver.posted(1).at(0)) == "ở đây");
}

BOOST_AUTO_TEST_CASE(one_that_cannot_be_reached_holds_nobody_else_up_and_dies_in_the_end) {
    Told told;
    told.subscribe("'{}', '{}', 0, NULL", "169.254.169.254"); // which the record does not name
    told.alert("một");
    told.alert("hai");
    auto const sender = told.sender();
    BOOST_TEST(told.receiver.posted(2).size() == 2U);
    told.settle();
    auto const dead = told.database.sql("SELECT attempts FROM alert.delivery WHERE state = 'dead'");
    BOOST_REQUIRE(dead.size() == 2U);
    BOOST_TEST(dead[0][0] == "6");
    BOOST_TEST(told.database.value("SELECT count(*) FROM alert.receipt WHERE fault LIKE "
                                   "'%169.254.169.254%'") == "12");
}

BOOST_AUTO_TEST_CASE(whoever_administers_keeps_webhooks_and_tries_the_dead_again) {
    tests::World world;
    tests::Receiver receiver;
    tests::Registrar const registrar{world.database()};
    data::model::AccessRole chief;
    chief.name = "chief";
    chief.administer = true;
    registrar.role(chief);
    registrar.account("chi", {"chief"});
    world.server().accounts().directory.refresh();
    auto const who = registrar.token("chi", {"administer", "read"});
    world.server().accounts().directory.refresh();
    auto const ask = [&](char const* method, std::string const& target, json const& body = {}) {
        return tests::request(world.port(), method, target, who + tests::as_json,
                              body.is_null() ? std::string{} : body.dump());
    };
    BOOST_TEST(world.get("/webhooks").status == 401);
    auto const url = "http://" + receiver.host() + "/x";
    BOOST_TEST(ask("POST", "/webhooks", {{"url", url}}).status == 400); // no host of ours
    world.database().sql(
        fmt::format("INSERT INTO diaban.pull_host VALUES ('{}')", receiver.host()));
    BOOST_TEST(ask("POST", "/webhooks", {{"url", "file:///etc/passwd"}}).status == 400);
    BOOST_TEST(ask("POST", "/webhooks", {{"url", url}, {"level", 256}}).status == 400);
    auto const made = ask("POST", "/webhooks", {{"url", url}, {"severities", {"Severe"}}});
    BOOST_TEST_REQUIRE(made.status == 201, made.body);
    auto const one = json::parse(made.body);
    auto const path = fmt::format("/webhooks/{}", one["id"].get<int>());
    BOOST_TEST(one["secret"].get<std::string>().starts_with("whsec_"));
    auto const list = ask("GET", "/webhooks");
    BOOST_TEST(list.body.find("whsec_") == std::string::npos);
    BOOST_TEST(json::parse(list.body)["webhooks"].size() == 1U);

    receiver.answer({}, 500);
    world.database().sql("INSERT INTO record.alerts (kind, state, event, severity, headline) "
                         "VALUES ('notice', 'open', 'Lũ', 'Severe', 'a')");
    static_cast<void>(receiver.posted(1));
    BOOST_TEST(ask("PUT", path, {{"url", url}, {"enabled", false}}).status == 200);
    world.database().sql("UPDATE alert.delivery SET state = 'dead'");
    auto const dead = json::parse(ask("GET", path + "/deliveries?state=dead").body);
    BOOST_REQUIRE(dead["deliveries"].size() == 1U);
    BOOST_TEST(dead["deliveries"][0]["lastStatus"] == 500);
    BOOST_TEST(ask("GET", path + "/deliveries?state=x").status == 400);
    auto const before = receiver.posted(0).size();
    receiver.answer({}, 200);
    BOOST_TEST(ask("PUT", path, {{"url", url}}).status == 200);
    auto const retry = fmt::format("/deliveries/{}/retry", dead["deliveries"][0]["id"].get<int>());
    BOOST_TEST(ask("POST", retry).status == 204);
    BOOST_TEST(receiver.posted(before + 1).size() == before + 1);
    BOOST_TEST(ask("POST", "/deliveries/99/retry").status == 404);
    BOOST_TEST(ask("DELETE", path).status == 204);
    BOOST_TEST(ask("GET", path + "/deliveries").status == 404);
}

BOOST_AUTO_TEST_SUITE_END()
