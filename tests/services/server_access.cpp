// Signing in, sessions, tokens, rights and the audit, over HTTP.

#include "services/access/totp.hpp"
#include "tests/services/event_source.hpp"
#include "tests/services/visitors.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace diaban;
using namespace std::chrono_literals;
using nlohmann::json;
using tests::all_of;
using tests::Browser;
using tests::Registrar;
using tests::within;
using tests::World;

namespace {

/// One world with a few people in it.
struct Town {
    Town() {
        people.role({"chief", "", true, true, true, {}});
        people.role({"clerk",
                     "",
                     false,
                     false,
                     false,
                     {within("blocks", "read", {"18739"}, 1), within("blocks", "edit", {"18739"}),
                      within("blocks", "personal", {"18739"})}});
        people.account("chief", {"chief"});
        people.account("clerk", {"clerk"});
        people.account("guest", {});
        world.database().sql("UPDATE record.blocks SET scope = '18739' WHERE fid <= 10;"
                             "UPDATE record.blocks SET scope = '18073' WHERE fid BETWEEN 11 AND 20;"
                             "UPDATE record.blocks SET sensitivity = 3 WHERE fid = 5;");
        world.server().accounts().directory.refresh();
        follow();
    }
    /// Until the mirror holds what was written by hand.
    void follow() {
        auto const head = std::stoll(world.database().value("SELECT diaban.feed_head()"));
        world.server().atlas().await_change("blocks", head, std::chrono::steady_clock::now() + 20s);
    }
    static Town& shared() {
        static Town town;
        return town;
    }
    [[nodiscard]] Browser browser() const { return Browser{world.port()}; }
    [[nodiscard]] Browser signed_in(std::string const& login) const {
        auto made = browser();
        BOOST_REQUIRE_EQUAL(made.sign_in(login).status, 200);
        return made;
    }

    World world;
    Registrar people{world.database()};
};

json body(tests::RawAnswer const& answer) {
    return json::parse(answer.body);
}

std::string type_of(tests::RawAnswer const& answer) {
    std::string const type = body(answer)["type"];
    return type.substr(type.rfind(':') + 1);
}

std::size_t counted(tests::RawAnswer const& answer) {
    return body(answer)["count"];
}

} // namespace

BOOST_AUTO_TEST_SUITE(server_access)

BOOST_AUTO_TEST_CASE(
    whoever_signs_in_is_known_by_a_cookie_that_scripts_and_other_sites_do_not_get) {
    auto browser = Town::shared().browser();
    BOOST_TEST(body(browser.get("/account"))["way"] == "anonymous");
    auto const answer = browser.sign_in("clerk");
    BOOST_REQUIRE_EQUAL(answer.status, 200);
    auto const cookie = answer.field("set-cookie");
    for (auto const* const part : {"; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age="})
        BOOST_TEST(cookie.find(part) != std::string::npos, part);
    auto const account = body(browser.get("/account"));
    BOOST_TEST(account["login"] == "clerk");
    BOOST_TEST(account["name"] == "Tên clerk");
    BOOST_TEST(account["way"] == "session");
    BOOST_TEST(account["csrf"] == browser.csrf());
    BOOST_TEST(account["rights"]["collections"]["blocks"] ==
               json::array({"read", "edit", "personal"}));
    BOOST_TEST(browser.get("/account").field("cache-control") == "no-store");
}

BOOST_AUTO_TEST_CASE(a_cookie_is_secure_where_the_client_came_by_https) {
    json const sent{{"login", "clerk"}, {"password", tests::password}};
    auto const answer =
        tests::request(Town::shared().world.port(), "POST", "/account/session",
                       std::string{tests::as_json} + "X-Forwarded-Proto: https\r\n", sent.dump());
    BOOST_TEST(answer.field("set-cookie").find("; Secure") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(whoever_signs_out_is_known_no_more) {
    auto const browser = Town::shared().signed_in("guest");
    BOOST_TEST(browser.send("DELETE", "/account/session").status == 204);
    BOOST_TEST(body(browser.get("/account"))["way"] == "anonymous");
}

BOOST_AUTO_TEST_CASE(a_wrong_login_and_a_wrong_password_are_refused_alike) {
    auto browser = Town::shared().browser();
    auto const nobody = browser.sign_in("nobody", "mật khẩu nào đó");
    auto const wrong = browser.sign_in("guest", "mật khẩu nào đó");
    BOOST_TEST(nobody.status == 401);
    BOOST_TEST(wrong.status == 401);
    auto told = body(nobody);
    auto told_too = body(wrong);
    BOOST_TEST(told.erase("request") == 1U); // each request has a name of its own
    BOOST_TEST(told_too.erase("request") == 1U);
    BOOST_TEST(told == told_too);
}

BOOST_AUTO_TEST_CASE(after_five_failures_a_login_is_locked_whether_it_exists_or_not) {
    auto& town = Town::shared();
    town.people.account("locked", {});
    for (auto const* const login : {"locked", "no-such-login"}) {
        auto browser = town.browser();
        for (int i = 0; i < 5; ++i)
            BOOST_TEST(browser.sign_in(login, "mật khẩu nào đó").status == 401);
        auto const answer = browser.sign_in(login);
        BOOST_TEST(answer.status == 429, login);
        BOOST_TEST(type_of(answer) == "too-many-attempts");
    }
    town.world.database().sql("UPDATE diaban.sign_in SET locked_until = now()");
    auto browser = town.browser();
    BOOST_TEST(browser.sign_in("locked").status == 200);
    BOOST_TEST(town.world.database().value(
                   "SELECT failures FROM diaban.sign_in WHERE login = 'locked'") == "0");
}

BOOST_AUTO_TEST_CASE(a_second_factor_is_asked_for_and_each_code_counts_once) {
    auto& town = Town::shared();
    town.people.account("careful", {});
    auto const secret = services::access::random_bytes(20);
    town.people.store().set_totp("careful", secret, "test");
    auto browser = town.browser();
    BOOST_TEST(type_of(browser.sign_in("careful")) == "code-needed");
    BOOST_TEST(type_of(browser.sign_in("careful", tests::password, "000000")) == "sign-in-failed");
    auto const now = services::access::unix_microseconds() / 1'000'000;
    auto const code = services::access::totp_code(secret, services::access::totp_step(now));
    BOOST_TEST(browser.sign_in("careful", tests::password, code).status == 200);
    BOOST_TEST(browser.sign_in("careful", tests::password, code).status == 401);
}

BOOST_AUTO_TEST_CASE(a_change_in_a_session_needs_what_only_a_page_of_this_server_knows) {
    auto& town = Town::shared();
    auto const browser = town.signed_in("clerk");
    auto const port = town.world.port();
    auto const tag = browser.get("/collections/blocks/items/1").field("etag");
    auto const fields = browser.cookie() + tests::merge_patch + tests::if_match(tag);
    std::string const patch = R"({"properties": {"area": 2.5}})";
    auto const target = "/collections/blocks/items/1";
    for (std::string const token : {"", "X-CSRF-Token: x\r\n"}) {
        auto const answer = tests::request(port, "PATCH", target, fields + token, patch);
        BOOST_TEST(answer.status == 403);
        BOOST_TEST(type_of(answer) == "csrf-token");
    }
    auto const answer = tests::request(port, "PATCH", target,
                                       fields + "X-CSRF-Token: " + browser.csrf() + "\r\n", patch);
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(town.world.database().value("SELECT who FROM diaban.authorship WHERE fid = 1 "
                                           "ORDER BY at DESC LIMIT 1") == "clerk");
    json const login{{"login", "clerk"}, {"password", tests::password}};
    BOOST_TEST(tests::request(port, "POST", "/account/session",
                              std::string{tests::as_json} + "Origin: http://evil.example\r\n",
                              login.dump())
                   .status == 403);
}

BOOST_AUTO_TEST_CASE(each_sees_the_rows_of_their_scopes_up_to_their_level) {
    auto& town = Town::shared();
    auto const anonymous = town.browser();
    auto const clerk = town.signed_in("clerk");
    BOOST_TEST(counted(anonymous.get("/collections/blocks/count")) == 4999U);
    BOOST_TEST(counted(clerk.get("/collections/blocks/count")) == 9U);
    BOOST_TEST(clerk.get("/collections/blocks/items/15").status == 404);
    BOOST_TEST(anonymous.get("/collections/blocks/items/15").status == 200);
    BOOST_TEST(counted(clerk.get("/collections/spots/count")) ==
               counted(anonymous.get("/collections/spots/count")));
}

BOOST_AUTO_TEST_CASE(answers_to_who_signed_in_are_kept_by_no_one_else) {
    auto& town = Town::shared();
    auto const varies = [](tests::RawAnswer const& answer) {
        auto const [begin, end] = answer.fields.equal_range("vary");
        return std::any_of(
            begin, end, [](auto const& field) { return field.second == "Authorization, Cookie"; });
    };
    auto const answer = town.signed_in("clerk").get("/collections/blocks");
    BOOST_TEST(answer.field("cache-control") == "private, no-cache");
    BOOST_TEST(varies(answer));
    BOOST_TEST(varies(town.browser().get("/tiles/blocks/12/3244/1836.mvt")));
}

BOOST_AUTO_TEST_CASE(nobody_edits_what_is_not_theirs) {
    auto& town = Town::shared();
    auto const clerk = town.signed_in("clerk");
    auto const edit = [&](Browser const& who, int fid) {
        return who.send("DELETE", "/collections/blocks/items/" + std::to_string(fid), {},
                        "If-Match: *\r\n");
    };
    BOOST_TEST(edit(clerk, 15).status == 404); // not seen
    BOOST_TEST(edit(clerk, 5).status == 404);
    BOOST_TEST(edit(clerk, 10).status == 204);
    auto const made =
        clerk.send("POST", "/collections/blocks/items", tests::block("của xã", 105.3, 18.3));
    BOOST_REQUIRE_EQUAL(made.status, 201);
    auto const fid = body(made)["id"].dump();
    BOOST_TEST(town.world.database().value("SELECT scope FROM record.blocks WHERE fid = " + fid) ==
               "18739");
    town.world.database().sql("DELETE FROM record.blocks WHERE fid = " + fid);
    town.follow();
}

BOOST_AUTO_TEST_CASE(without_the_right_to_edit_a_change_is_refused_and_says_so) {
    auto& town = Town::shared();
    auto const token = town.people.token("clerk", {"read"});
    town.world.server().accounts().directory.refresh();
    auto const port = town.world.port();
    auto const answer =
        tests::request(port, "POST", "/collections/blocks/items", token + tests::as_geojson,
                       tests::block("x", 105, 18).dump());
    BOOST_TEST(answer.status == 403);
    BOOST_TEST(tests::get(port, "/metrics", token).status == 403);
    BOOST_TEST(tests::get(port, "/audit").status == 401);
    BOOST_TEST(tests::get(port, "/audit").field("www-authenticate").starts_with("Bearer"));
    BOOST_TEST(tests::get(port, "/access/accounts", token).status == 403);
}

BOOST_AUTO_TEST_CASE(a_token_gives_what_its_scopes_say_until_it_is_over_or_removed) {
    auto& town = Town::shared();
    auto const port = town.world.port();
    auto& directory = town.world.server().accounts().directory;
    auto const blocks_only = town.people.token("clerk", {"read:blocks"});
    auto const over = town.people.token("clerk", {"read"}, -1s);
    directory.refresh();
    BOOST_TEST(tests::get(port, "/collections/blocks/items/1", blocks_only).status == 200);
    BOOST_TEST(tests::get(port, "/collections/ways/items/1", blocks_only).status == 404);
    BOOST_TEST(
        json::parse(tests::get(port, "/collections", blocks_only).body)["collections"].size() ==
        1U);
    BOOST_TEST(tests::get(port, "/collections", over).status == 401);
    BOOST_TEST(tests::get(port, "/collections", "Authorization: Bearer x\r\n").status == 401);

    auto const browser = town.signed_in("clerk");
    auto const made = browser.send("POST", "/account/tokens",
                                   {{"title", "máy"}, {"scopes", {"read"}}, {"days", 30}});
    BOOST_REQUIRE_EQUAL(made.status, 201);
    auto const field = "Authorization: Bearer " + body(made)["token"].get<std::string>() + "\r\n";
    BOOST_TEST(counted(tests::get(port, "/collections/blocks/count", field)) < 20U);
    BOOST_TEST(browser.get("/account/tokens").body.find(body(made)["token"]) == std::string::npos);
    auto const target = "/account/tokens/" + body(made)["id"].dump();
    BOOST_TEST(town.signed_in("guest").send("DELETE", target).status == 404);
    BOOST_TEST(browser.send("DELETE", target).status == 204);
    BOOST_TEST(tests::get(port, "/collections/blocks/count", field).status == 401);
    BOOST_TEST(tests::request(port, "POST", "/account/tokens", blocks_only + tests::as_json,
                              R"({"scopes": ["read"], "days": 1})")
                   .status == 403);
}

BOOST_AUTO_TEST_CASE(administrators_make_accounts_and_roles_and_others_do_not) {
    auto& town = Town::shared();
    auto const chief = town.signed_in("chief");
    auto const role =
        chief.send("PUT", "/access/roles/viewer",
                   {{"title", "Xem"},
                    {"grants",
                     {{{"collection", "blocks"},
                       {"action", "read"},
                       {"level", 1},
                       {"scopes", {{{"unit", "42"}, {"from", "2025-07-01"}, {"to", nullptr}}}}}}}});
    BOOST_REQUIRE_EQUAL(role.status, 200);
    auto const made =
        chief.send("POST", "/access/accounts",
                   {{"login", "new"}, {"password", tests::password}, {"roles", {"viewer"}}});
    BOOST_REQUIRE_EQUAL(made.status, 201);
    // The province's communes of today: 18739 and 18073.
    BOOST_TEST(counted(town.signed_in("new").get("/collections/blocks/count")) > 10U);
    BOOST_TEST(counted(town.signed_in("new").get("/collections/blocks/count")) < 25U);
    BOOST_TEST(chief.send("PATCH", "/access/accounts/new", {{"disabled", true}}).status == 200);
    BOOST_TEST(town.browser().sign_in("new").status == 401);
    BOOST_TEST(chief.send("PATCH", "/access/accounts/no-one", {{"disabled", true}}).status == 404);
    BOOST_TEST(chief.send("POST", "/access/accounts", {{"login", "new"}}).status == 409);
    BOOST_TEST(chief.send("POST", "/access/accounts", {{"login", "Bad Login"}}).status == 400);
    BOOST_TEST(chief.send("DELETE", "/access/roles/public").status == 400);
    auto const clerk = town.signed_in("clerk");
    BOOST_TEST(clerk.send("PUT", "/access/roles/viewer", json::object()).status == 403);
    BOOST_TEST(clerk.get("/access/roles").status == 403);
}

BOOST_AUTO_TEST_CASE(a_grant_holds_from_its_first_day_to_its_last) {
    auto& town = Town::shared();
    auto over = within("blocks", "read", {"18739"});
    over.scopes.front().valid_to = geo::Date{20'000}; // 2024-10-04
    town.people.role({"past", "", false, false, false, {over}});
    town.people.account("past", {"past"});
    town.world.server().accounts().directory.refresh();
    BOOST_TEST(counted(town.signed_in("past").get("/collections/blocks/count")) == 0U);
}

BOOST_AUTO_TEST_CASE(personal_fields_are_shown_to_who_may_and_says_why_and_noted) {
    auto& town = Town::shared();
    auto const target = "/collections/blocks/items/2/personal";
    auto const why = "Access-Reason: h%E1%BB%93%20s%C6%A1%2012\r\n";
    BOOST_TEST(town.browser().get(target, why).status == 401);
    BOOST_TEST(town.signed_in("guest").get(target, why).status == 403);
    auto const clerk = town.signed_in("clerk");
    BOOST_TEST(clerk.get(target).status == 400);
    BOOST_TEST(clerk.get("/collections/blocks/items/15/personal", why).status == 404);
    auto const answer = clerk.get(target, why);
    BOOST_REQUIRE_EQUAL(answer.status, 200);
    BOOST_TEST(body(answer)["personal"]["owner"].get<std::string>().starts_with("Nguyễn Văn"));
    auto const audit =
        body(town.signed_in("chief").get("/audit?action=read-personal&who=clerk"))["entries"];
    BOOST_REQUIRE(audit.size() == 1U);
    BOOST_TEST(audit[0]["collection"] == "blocks");
    BOOST_TEST(audit[0]["fid"] == 2);
    BOOST_TEST(audit[0]["why"] == "hồ sơ 12");
    BOOST_TEST(audit[0]["detail"] == json({{"fields", {"owner"}}}));
    BOOST_TEST(audit[0].dump().find("Nguyễn") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_audit_can_be_read_taken_out_and_held_to_itself_by_who_may) {
    auto& town = Town::shared();
    auto const chief = town.signed_in("chief");
    BOOST_TEST(body(chief.get("/audit/check"))["whole"] == true);
    auto const file = chief.get("/audit?f=csv&limit=5");
    BOOST_TEST(file.field("content-type") == "text/csv; charset=utf-8");
    BOOST_TEST(file.body.starts_with("seq,at,who,action"));
    BOOST_TEST(file.body.find("sign-in") != std::string::npos);
    BOOST_TEST(chief.get("/audit?before=x").status == 400);
    BOOST_TEST(town.signed_in("clerk").get("/audit/check").status == 403);
}

BOOST_AUTO_TEST_CASE(what_changed_behind_the_audits_back_is_found) {
    auto& town = Town::shared();
    auto const& database = town.world.database();
    BOOST_CHECK_THROW(database.sql("UPDATE diaban.audit SET who = 'x' WHERE seq = 3"),
                      std::exception);
    BOOST_CHECK_THROW(database.sql("DELETE FROM diaban.audit"), std::exception);
    BOOST_CHECK_THROW(database.sql("TRUNCATE diaban.audit"), std::exception);
    auto const broken = [&](std::string const& statement) {
        // Whoever owns the tables can switch the guard off; the chain tells.
        return database.value("BEGIN; ALTER TABLE diaban.audit DISABLE TRIGGER USER; " + statement +
                              "; SELECT coalesce(broken::text, 'whole') FROM diaban.audit_check()");
    };
    BOOST_TEST(broken("SELECT 1") == "whole");
    BOOST_TEST(broken("UPDATE diaban.audit SET who = 'x' WHERE seq = 3") == "3");
    BOOST_TEST(broken("UPDATE diaban.audit SET why = 'y', hash = diaban.audit_hash(audit) "
                      "WHERE seq = 4") == "4");
    BOOST_TEST(broken("DELETE FROM diaban.audit WHERE seq = 5") == "6");
    BOOST_TEST(broken("UPDATE diaban.audit SET seq = -seq WHERE seq IN (2, 3)") != "whole");
}

BOOST_AUTO_TEST_CASE(entries_are_kept_for_their_time_and_the_chain_goes_on_without_them) {
    World world;
    auto const& database = world.database();
    auto const note = "SELECT diaban.note('x', 'test', '', NULL, '', '{}') ";
    database.sql(std::string{note} + "FROM generate_series(1, 5)");
    // Five entries of six years ago, chained as they were made then.
    database.sql("ALTER TABLE diaban.audit DISABLE TRIGGER USER;"
                 "DO $$ DECLARE e diaban.audit; last text := repeat('0', 64); BEGIN "
                 "FOR e IN SELECT * FROM diaban.audit ORDER BY seq LOOP "
                 "e.at := e.at - interval '6 years'; e.previous := last; "
                 "last := diaban.audit_hash(e); UPDATE diaban.audit SET at = e.at, previous = "
                 "e.previous, hash = last WHERE seq = e.seq; END LOOP; END $$;"
                 "ALTER TABLE diaban.audit ENABLE TRIGGER USER;");
    database.sql(note);
    auto const check = [&] {
        return database.value("SELECT coalesce(broken::text, 'whole') || ' ' || entries "
                              "FROM diaban.audit_check()");
    };
    // The sixth was chained to the fifth as it was then: hold it to the one that is there now.
    BOOST_TEST(check() == "whole 6");
    BOOST_TEST(database.value("SELECT diaban.audit_trim('x')") == "5");
    BOOST_TEST(check() == "whole 2");
    BOOST_TEST(database.value("SELECT action FROM diaban.audit ORDER BY seq DESC LIMIT 1") ==
               "audit-trim");
}

BOOST_AUTO_TEST_CASE(numbers_of_rows_that_are_not_seen_are_told_but_not_of_few) {
    auto& town = Town::shared();
    town.people.role({"counter",
                      "",
                      false,
                      false,
                      false,
                      {within("spots", "read", {"none"}), all_of("spots", "count", 0)}});
    town.people.account("counter", {"counter"});
    town.world.server().accounts().directory.refresh();
    auto const counter = town.signed_in("counter");
    BOOST_TEST(body(counter.get("/collections/spots"))["count"] == 0);
    auto const whole = body(counter.get("/collections/spots/count?by=grid&zoom=9"));
    BOOST_TEST(whole["count"] == 1002);
    std::uint64_t told = 0;
    std::size_t masked = 0;
    for (auto const& group : whole["groups"])
        if (group["count"].is_null()) {
            ++masked;
            BOOST_TEST(!group.contains("sums"));
        } else {
            BOOST_TEST(group["count"] >= 5);
            told += group["count"].get<std::uint64_t>();
        }
    BOOST_TEST(masked >= 2U); // the two beyond the antimeridian are alone in their cells
    BOOST_TEST(told + whole["unlocated"]["count"].get<std::uint64_t>() < 1002U);
    // By a choice of rows one could tell a single one: then it is as for the rows themselves.
    BOOST_TEST(counted(counter.get("/collections/spots/count?bbox=179,9,180,11")) == 0U);
    BOOST_TEST(counted(counter.get("/collections/spots/values/note")) == 0U);
}

BOOST_AUTO_TEST_CASE(a_stream_ends_when_the_rights_it_was_let_in_with_do) {
    auto& town = Town::shared();
    auto const browser = town.signed_in("clerk");
    tests::EventSource source{
        town.world.server().live_port(), "collections=blocks", {}, browser.cookie()};
    BOOST_REQUIRE_EQUAL(source.status(), 200);
    BOOST_REQUIRE(source.next());
    BOOST_TEST(browser.send("DELETE", "/account/session").status == 204);
    while (source.next(5s)) {
    }
    BOOST_TEST(source.ended());
}

BOOST_AUTO_TEST_CASE(reads_by_policy_go_on_while_the_record_is_away) {
    World world;
    Registrar const people{world.database()};
    people.role({"clerk", "", false, false, false, {within("blocks", "read", {"18739"}, 1)}});
    people.account("clerk", {"clerk"});
    world.database().sql("UPDATE record.blocks SET scope = '18739' WHERE fid <= 10");
    auto const token = people.token("clerk", {"read"});
    world.server().accounts().directory.refresh();
    Browser browser{world.port()};
    BOOST_REQUIRE_EQUAL(browser.sign_in("clerk").status, 200);
    auto const head = std::stoll(world.database().value("SELECT diaban.feed_head()"));
    world.server().atlas().await_change("blocks", head, std::chrono::steady_clock::now() + 20s);

    world.database().refuse();
    auto const end = std::chrono::steady_clock::now() + 2s; // eight looks of the directory
    do {
        BOOST_TEST(counted(browser.get("/collections/blocks/count")) == 10U);
        BOOST_TEST(counted(tests::get(world.port(), "/collections/blocks/count", token)) == 10U);
        BOOST_TEST(counted(tests::get(world.port(), "/collections/blocks/count")) == 5000U);
        BOOST_TEST(browser.get("/tiles/blocks/12/3244/1836.mvt").status != 503);
        BOOST_TEST(browser.get("/tiles/blocks/11/1622/918.mvt").status != 503);
        std::this_thread::sleep_for(100ms);
    } while (std::chrono::steady_clock::now() < end);
    BOOST_TEST(browser.get("/collections/blocks/items/1").status == 503);
    BOOST_TEST(Browser{world.port()}.sign_in("clerk").status == 503);
    world.database().accept();
    BOOST_TEST(browser.get("/account").status == 200);
}

BOOST_AUTO_TEST_SUITE_END()
