// Inspections over HTTP: opened once, given to who has least to do, carried on as the table allows.

#include "tests/services/inspection_ground.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace diaban;
using nlohmann::json;
using tests::answers;
using tests::Ground;
using tests::inspects;
using tests::picture;

BOOST_AUTO_TEST_SUITE(inspections)

BOOST_AUTO_TEST_CASE(a_case_goes_from_its_opening_to_its_end_and_every_step_is_told) {
    Ground ground;
    auto const one = ground.opens("an", {{"due_on", "2026-12-10"}});
    BOOST_TEST(one["state"] == "assigned");
    BOOST_TEST(one["assignee"] == "an");
    BOOST_TEST(one["office"] == "Phòng Kinh tế Cẩm Duệ");
    BOOST_TEST(one["sheet"] == 2);
    BOOST_TEST(one["due_on"] == "2026-12-10");
    BOOST_TEST(std::abs(one["lon"].get<double>() - 105.3005) < 1e-6);
    BOOST_TEST(ground.told("an", ground.path(one))["items"].size() == answers.size());
    for (auto const& [who, body] :
         {std::pair{"an", json{{"move", "assign"}, {"assignee", "binh"}}},
          std::pair{"binh", inspects},
          std::pair{"binh", json{{"move", "decide"},
                                 {"decision", "Lập biên bản, buộc khôi phục"},
                                 {"follow_up_on", "2027-01-15"}}},
          std::pair{"an", json{{"move", "close"}}}}) {
        auto const answer = ground.moves(who, one, body);
        BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    }
    auto const end = ground.told("an", ground.path(one));
    BOOST_TEST(end["state"] == "closed");
    BOOST_TEST(end["answers"] == answers);
    BOOST_TEST(end["measured_m2"] == 182.4);
    BOOST_TEST(end["error_m2"] == 1.5);
    BOOST_TEST(end["follow_up_on"] == "2027-01-15");
    BOOST_TEST(end["moves"].empty());
    std::vector<std::string> steps;
    for (auto const& step : end["steps"]) {
        steps.push_back(fmt::format("{} {} {}", step["who"].get<std::string>(),
                                    step["move"].get<std::string>(),
                                    step["state"].get<std::string>()));
        BOOST_TEST(step["at"].is_string());
    }
    std::vector<std::string> const wanted{"an open assigned", "an assign assigned",
                                          "binh inspect inspected", "binh decide decided",
                                          "an close closed"};
    BOOST_TEST(steps == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_step_that_is_not_allowed_is_refused_and_named_and_changes_nothing) {
    Ground ground;
    auto const one = ground.opens("an");
    for (auto const& [move, accepted] :
         {std::pair{"decide", "inspected"}, std::pair{"close", "decided"}}) {
        auto const answer = ground.moves("an", one, {{"move", move}, {"decision", "x"}});
        BOOST_TEST(answer.status == 409, answer.body);
        BOOST_TEST(answer.body.find("case-state") != std::string::npos, answer.body);
        BOOST_TEST(answer.body.find(move) != std::string::npos, answer.body);
        BOOST_TEST(answer.body.find(accepted) != std::string::npos, answer.body);
    }
    BOOST_TEST(ground.moves("an", one, {{"move", "burn"}}).status == 400);
    BOOST_TEST(ground.told("an", ground.path(one))["steps"].size() == 1U);
    // By SQL, too.
    BOOST_CHECK_THROW(ground.world.database().sql("UPDATE record.inspection_cases SET state = "
                                                  "'closed', decision = 'x', answers = '{}', "
                                                  "finding = 'x'"),
                      std::exception);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_an_inspection_is_named) {
    Ground ground;
    auto const one = ground.opens("an");
    auto without = answers;
    without.erase("use");
    auto more = answers;
    more["colour"] = "yes";
    auto odd = answers;
    odd["present"] = "unclear";
    for (auto const& [member, value] :
         {std::pair{"answers", without}, std::pair{"answers", more}, std::pair{"answers", odd},
          std::pair{"finding", json("")}, std::pair{"measured_m2", json(-1)},
          std::pair{"error_m2", json("1")}}) {
        auto body = inspects;
        body[member] = value;
        auto const answer = ground.moves("an", one, body);
        BOOST_TEST(answer.status == 400, answer.body);
        BOOST_TEST(answer.body.find(member) != std::string::npos, answer.body);
    }
    BOOST_TEST(ground.moves("an", one, {{"move", "assign"}, {"assignee", "chi"}}).status == 400);
}

BOOST_AUTO_TEST_CASE(each_case_goes_to_who_has_fewest_open_ones_in_its_commune) {
    Ground ground;
    std::map<std::string, int> open{{"an", 0}, {"binh", 0}};
    std::vector<json> cases;
    std::uniform_int_distribution<int> dice{0, 2};
    for (int turn = 0; turn < 12; ++turn) {
        auto const wanted = open["an"] <= open["binh"] ? "an" : "binh";
        cases.push_back(ground.opens("an"));
        BOOST_TEST(cases.back()["assignee"] == wanted);
        ++open[wanted];
        if (dice(ground.random) > 0) continue;
        // One is settled: its inspector has one less.
        auto const one = cases[std::size_t(ground.random() % cases.size())];
        if (ground.told("an", ground.path(one))["state"] == "closed") continue;
        BOOST_TEST(ground.moves("an", one, inspects).status == 200);
        BOOST_TEST(ground.moves("an", one, {{"move", "decide"}, {"decision", "x"}}).status == 200);
        BOOST_TEST(ground.moves("an", one, {{"move", "close"}}).status == 200);
        --open[one["assignee"].get<std::string>()];
    }
    auto const mine = ground.told("an", "/land/cases?assignee=me&state=assigned")["cases"];
    BOOST_TEST(mine.size() == std::size_t(open["an"]));
}

BOOST_AUTO_TEST_CASE(lists_say_how_many_there_are_beyond_their_limit_and_a_case_who_has_how_many) {
    Ground ground;
    json last;
    for (int i = 0; i < 5; ++i) last = ground.opens("an", {{"due_on", "2027-05-01"}});
    auto const late = ground.opens("an", {{"due_on", "2020-01-01"}});
    auto const again = ground.opens("an", {{"due_on", "2020-01-02"}});
    for (auto const& [one, follow] :
         {std::pair{late, "2099-01-01"}, std::pair{again, "2021-01-01"}})
        for (auto const& body :
             {inspects, json{{"move", "decide"}, {"decision", "x"}, {"follow_up_on", follow}}})
            BOOST_TEST_REQUIRE(ground.moves("an", one, body).status == 200);
    BOOST_TEST_REQUIRE(ground.moves("an", again, {{"move", "close"}}).status == 200);
    auto const third = ground.opens("an", {{"due_on", "2020-01-03"}});
    auto const fids = [&](std::string const& query) {
        std::vector<std::int64_t> found;
        auto const list = ground.told("an", "/land/cases?" + query);
        for (auto const& one : list["cases"]) found.push_back(one["id"].get<std::int64_t>());
        BOOST_TEST(list["matched"].get<std::size_t>() >= found.size());
        return found;
    };
    auto const two = ground.told("an", "/land/cases?state=open&limit=2");
    BOOST_TEST(two["cases"].size() == 2U);
    BOOST_TEST(two["matched"] == 7);
    BOOST_TEST(two["counts"]["all"] == 8);
    BOOST_TEST(two["counts"]["open"] == 7);
    // What is decided waits for its follow-up; what is closed waits for nothing.
    BOOST_TEST(two["counts"]["overdue"] == 1);
    BOOST_TEST(
        (fids("state=overdue") == std::vector<std::int64_t>{third["id"].get<std::int64_t>()}));
    BOOST_TEST(fids("state=closed").size() == 1U);
    BOOST_TEST(ground.get("an", "/land/cases?state=lost").status == 400);

    auto const mine = fids("state=open&assignee=me").size();
    BOOST_TEST(two["counts"]["mine"] == mine);
    std::map<std::string, std::size_t> loads;
    auto const told = ground.told("an", ground.path(last))["inspectors"];
    for (auto const& one : told) {
        loads[one["login"].get<std::string>()] = one["open"].get<std::size_t>();
        BOOST_TEST(one["office"] == "Phòng Kinh tế Cẩm Duệ");
    }
    BOOST_TEST((loads == std::map<std::string, std::size_t>{
                             {"an", mine}, {"binh", fids("state=open&assignee=binh").size()}}));
    BOOST_TEST(told[0]["open"] <= told[1]["open"]);
    auto const elsewhere = ground.told("chi", "/land/cases");
    BOOST_TEST(elsewhere["matched"] == 0);
    BOOST_TEST(elsewhere["counts"]["all"] == 0);
}

BOOST_AUTO_TEST_CASE(a_case_is_opened_once_by_its_key_and_once_for_a_suspect) {
    Ground ground;
    json const body{{"key", "k"},
                    {"origin", "report"},
                    {"reference", "PA-261127-K3QZ7M"},
                    {"lon", 105.3002},
                    {"lat", 18.3002},
                    {"parcel", std::stoll(ground.parcel)},
                    {"reason", "Dân báo xây nhà"}};
    auto const first = ground.post("an", "/land/cases", body);
    BOOST_TEST(first.status == 201, first.body);
    auto const again = ground.post("an", "/land/cases", body);
    BOOST_TEST(again.status == 200, again.body);
    BOOST_TEST(json::parse(again.body)["id"] == json::parse(first.body)["id"]);
    auto other = body;
    other["reason"] = "Chuyện khác";
    BOOST_TEST(ground.post("an", "/land/cases", other).status == 422);
    BOOST_TEST(ground.post("binh", "/land/cases", body).status == 201); // a key of its own

    json suspect{{"parcel", std::stoll(ground.parcel)},
                 {"reason", "departs"},
                 {"registered", "LUC"},
                 {"planned", nullptr},
                 {"seen", "built"},
                 {"seen_m2", 182.3},
                 {"parcel_m2", 11700.0},
                 {"certainty", "high"}};
    auto const one = ground.post("an", "/land/cases", {{"suspect", suspect}});
    BOOST_TEST(one.status == 201, one.body);
    auto const made = json::parse(one.body);
    BOOST_TEST(made["origin"] == "suspicion");
    BOOST_TEST(made["reason"].get<std::string>().find("công trình 182 m²") != std::string::npos);
    BOOST_TEST(made["reason"].get<std::string>().find("chắc chắn: cao") != std::string::npos);
    suspect["seen_m2"] = 190.0; // seen again
    auto const seen = ground.post("binh", "/land/cases", {{"suspect", suspect}});
    BOOST_TEST(seen.status == 200, seen.body);
    BOOST_TEST(json::parse(seen.body)["id"] == made["id"]);
    suspect["seen"] = "water";
    BOOST_TEST(ground.post("an", "/land/cases", {{"suspect", suspect}}).status == 201);
    BOOST_TEST(ground.world.database().value("SELECT count(*) FROM record.inspection_cases") ==
               "4");
}

BOOST_AUTO_TEST_CASE(
    a_decision_about_farmland_changes_the_plan_s_indicators_once_and_when_it_is_corrected) {
    Ground ground;
    auto& database = ground.world.database();
    auto reader = data::model::AccessRole{"reads-values", "", false, false, false, {}};
    reader.grants.push_back(tests::within("indicators", "read", {tests::here}, 1));
    ground.people.role(reader);
    ground.people.account("dung", {"an", "reads-values"});
    ground.fields["dung"] = ground.people.token("dung", {"read", "edit"});
    auto const inspected = [&] {
        auto const one = ground.opens("an");
        BOOST_TEST_REQUIRE(ground.moves("an", one, inspects).status == 200);
        return one;
    };
    auto const decides = [&](json const& one, json body, int status = 200) {
        body.update({{"move", "decide"}, {"decision", "Lập biên bản"}});
        auto const answer = ground.moves("an", one, body);
        BOOST_TEST(answer.status == status, answer.body);
    };
    auto const values = [&](std::string const& more = "") {
        return database.value("SELECT string_agg(code || ' ' || place_code || ' ' || place_on || "
                              "' ' || value || ' ' || basis, '; ' ORDER BY code) FROM "
                              "record.indicators WHERE length(period) IN (4, 7) AND sensitivity = "
                              "1 AND scope = place_code" +
                              more);
    };
    auto const both = [](std::string const& value, std::string const& cases) {
        return fmt::format("farmland_lost 18739 2025-07-01 {0} inspection_cases/{1}; "
                           "farmland_lost_month 18739 2025-07-01 {0} inspection_cases/{1}",
                           value, cases);
    };
    auto const first = inspected();
    auto const second = inspected();
    decides(first, {{"effect", "burnt"}}, 400);
    decides(first, {{"effect", "lost"}, {"effect_m2", 0}}, 400);
    BOOST_TEST(values().empty());
    decides(first, {{"effect", "lost"}}); // as it was measured
    BOOST_TEST(values() == both("182.4", "1"));
    decides(second, {{"effect", "lost"}, {"effect_m2", 17.6}});
    BOOST_TEST(values() == both("200", "1, 2"));
    auto const versions = [&] {
        return database.value("SELECT sum(version) FROM record.indicators");
    };
    auto const before = versions();
    decides(second, {{"effect", "lost"}, {"effect_m2", 17.6}}); // said again
    BOOST_TEST(versions() == before);
    database.sql("UPDATE record.inspection_cases SET decided_on = '2026-02-03' WHERE fid = 2");
    BOOST_TEST(database
                   .value("SELECT string_agg(period || ' ' || value, ', ' ORDER BY period) FROM "
                          "record.indicators WHERE period LIKE '2026-02%' OR value = 182.4")
                   .find("2026-02 17.6") != std::string::npos);
    decides(second, {{"effect", "none"}});
    BOOST_TEST(values(" AND value > 0") == both("182.4", "1"));
    auto const third = inspected();
    decides(third, {{"effect", "restored"}, {"effect_m2", 200}});
    BOOST_TEST(values(" AND value <> 0") == both("-17.6", "1, 3"));

    auto const told = ground.told("dung", ground.path(third))["counted"];
    BOOST_TEST_REQUIRE(told.size() == 2U);
    BOOST_TEST(told[0]["code"] == "farmland_lost_month");
    BOOST_TEST(told[1]["period"].get<std::string>().size() == 4U);
    BOOST_TEST(told[1]["value"] == -17.6);
    BOOST_TEST(told[1]["basis"] == "inspection_cases/1, 3");
    BOOST_TEST(ground.told("dung", ground.path(second))["counted"].empty());
    BOOST_TEST(ground.told("an", ground.path(third))["counted"].empty()); // may not know the values
    database.sql("DELETE FROM record.inspection_cases");
    BOOST_TEST(database.value(
                   "SELECT string_agg(DISTINCT value::text, '') FROM record.indicators") == "0");
    // What was never farmland cannot be lost as such.
    database.sql("UPDATE record.parcels SET land_use = 'ODT'");
    auto const house = inspected();
    decides(house, {{"effect", "lost"}}, 400);
    BOOST_CHECK_THROW(database.sql("UPDATE record.inspection_cases SET state = 'decided', decision "
                                   "= 'x', effect = 'lost', effect_m2 = 1"),
                      std::exception); // by SQL neither
    decides(house, {{"effect", "none"}});
}

BOOST_AUTO_TEST_CASE(officials_of_another_commune_and_strangers_learn_and_change_nothing) {
    Ground ground;
    auto const one = ground.opens("an");
    auto const bytes = picture("JPEG", 64, ground.random);
    auto const upload = ground.begins("an", one, "a", bytes);
    for (auto const* const who : {"chi", "nobody"}) {
        BOOST_TEST(ground.get(who, ground.path(one)).status == 404);
        auto const list = ground.get(who, "/land/cases");
        if (list.status == 200) BOOST_TEST(json::parse(list.body)["cases"].empty());
        BOOST_TEST(ground.get(who, "/collections/inspection_cases/items").body.find("180 m²") ==
                   std::string::npos);
        std::set<int> const refusals{401, 403, 404};
        for (auto const& answer :
             {ground.moves(who, one, inspects), ground.get(who, ground.upload_path(upload)),
              ground.sends(who, upload, 0, bytes),
              ground.post(who, ground.path(one) + "/uploads", {{"key", "x"}, {"length", 9}}),
              ground.post(who, "/land/cases",
                          {{"key", "x"},
                           {"origin", "hand"},
                           {"parcel", std::stoll(ground.parcel)},
                           {"reason", "x"}})})
            BOOST_TEST(refusals.contains(answer.status), answer.body);
    }
    BOOST_TEST(ground.told("an", ground.path(one))["steps"].size() == 1U);
    BOOST_TEST(ground.offset("an", upload) == 0U);
    BOOST_TEST(ground.opens("chi", {{"parcel", std::stoll(ground.far)}})["assignee"] == "chi");
}

BOOST_AUTO_TEST_SUITE_END()
