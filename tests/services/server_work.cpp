#include "geo/codec/rfc3339.hpp"
#include "services/domain/working_time.hpp"
#include "services/http/uri.hpp"
#include "tests/services/office.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <chrono>
#include <string>
#include <vector>

using namespace diaban;
using services::domain::Holiday;
using services::domain::Pause;
using services::domain::WorkingTime;
using tests::office;
using tests::World;

namespace {

geo::Instant at(char const* text) {
    return *geo::codec::read_instant(text);
}
geo::Date day(char const* text) {
    return *geo::codec::read_date(text);
}
std::string text_of(geo::Instant instant) {
    std::string text;
    geo::codec::append_instant(text, instant);
    return text;
}

/// Tết of 2026 (lunar new year on 17 February): closed from Monday 16 to Friday 20 February.
std::vector<Holiday> tet() {
    std::vector<Holiday> days;
    for (auto const* const one :
         {"2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20"})
        days.push_back({day(one), false});
    return days;
}

} // namespace

BOOST_AUTO_TEST_SUITE(work)

/// By hand: received on Thursday 12 February at 09:30, five working days. Thursday holds 2 + 4
/// hours, Friday 8: 14. Tết is closed. Monday 23 to Wednesday 25: 38. The last two on Thursday 26.
BOOST_AUTO_TEST_CASE(a_dossier_across_tet_is_due_when_a_calendar_says_so) {
    WorkingTime const time{tet()};
    std::chrono::hours const term{40};
    auto const from = at("2026-02-12T09:30:00+07:00");
    BOOST_TEST(text_of(*time.deadline(from, term, {})) == "2026-02-26T02:30:00Z");
    // Without Tết it would have been a week earlier.
    BOOST_TEST(text_of(*WorkingTime{{}}.deadline(from, term, {})) == "2026-02-19T02:30:00Z");
    // The citizen was asked on Friday at 08:30 (7 hours used) and came on Tuesday 24 at 10:00: 33
    // hours are left; Tuesday holds 1.5 + 4, Wednesday to Friday 8 each: 29.5; 3.5 on Monday 2.
    std::vector<Pause> const paused{
        {at("2026-02-13T08:30:00+07:00"), at("2026-02-24T10:00:00+07:00")}};
    BOOST_TEST(text_of(*time.deadline(from, term, paused)) == "2026-03-02T04:00:00Z");
    BOOST_TEST(!time.deadline(from, term, {{at("2026-02-13T08:30:00+07:00"), std::nullopt}}));
    BOOST_TEST((time.used(from, at("2026-02-24T11:00:00+07:00"), paused) ==
                std::chrono::hours{7} + std::chrono::hours{1}));
    // A Saturday that is worked instead counts.
    auto days = tet();
    days.push_back({day("2026-02-28"), true});
    BOOST_TEST(text_of(*WorkingTime{days}.deadline(from, std::chrono::hours{56}, {})) ==
               "2026-02-28T02:30:00Z");
}

/// Reference: every minute by itself.
BOOST_AUTO_TEST_CASE(working_time_is_what_minutes_add_up_to) {
    WorkingTime const time{tet()};
    auto const works = [&](std::int64_t minute) {
        auto const local = minute + 7 * 60;
        auto const of_day = local % 1440;
        auto const in = [&](int from, int to) { return of_day >= from && of_day < to; };
        return time.works({std::int32_t(local / 1440)}) && (in(450, 690) || in(810, 1050));
    };
    auto const begin = at("2026-02-11T00:00:00Z").microseconds / 60'000'000;
    std::int64_t sum = 0;
    for (std::int64_t minute = 0; minute < 20 * 1440; ++minute) {
        geo::Instant const from{begin * 60'000'000};
        geo::Instant const to{(begin + minute) * 60'000'000};
        BOOST_REQUIRE((time.between(from, to) == std::chrono::minutes{sum}));
        if (works(begin + minute)) {
            ++sum;
            BOOST_REQUIRE(time.after(from, std::chrono::minutes{sum}).microseconds ==
                          to.microseconds + 60'000'000);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_task_goes_from_what_it_is_about_to_its_acceptance) {
    auto& world = office();
    auto const post = [&](std::string const& target, std::string const& body) {
        auto const answer = tests::request(world.port(), "POST", target, tests::json_body, body);
        return std::pair{answer.status, nlohmann::json::parse(answer.body)};
    };
    auto const [made, task] =
        post("/tasks", R"({"title": "Trồng bù", "subject": {"kind": "indicator", "id": "trees"},
        "place": "18739", "office": "Sở Xanh", "deadline": "2026-01-05T10:00:00Z"})");
    BOOST_TEST(made == 201);
    BOOST_TEST(task["state"] == "open");
    BOOST_TEST(task["overdue"] == true);
    auto const path = "/tasks/" + std::to_string(task["id"].get<int>());
    BOOST_TEST(world.json("/tasks?state=overdue")["offices"][0]["overdue"] == 1);
    BOOST_TEST(post(path + "/accept", "{}").first == 409);
    BOOST_TEST(post(path + "/report", "{}").first == 400); // without evidence
    BOOST_TEST(post(path + "/report", R"({"evidence": "ảnh 1"})").second["state"] == "reported");
    BOOST_TEST(post(path + "/return", R"({"reason": "thiếu ảnh"})").second["state"] == "returned");
    BOOST_TEST(post(path + "/report", R"({"evidence": "ảnh 2"})").second["state"] == "reported");
    auto const accepted = post(path + "/accept", "{}").second;
    BOOST_TEST(accepted["state"] == "accepted");
    BOOST_TEST(accepted["evidence"] == "ảnh 2");
    BOOST_TEST(accepted["overdue"] == false);
    BOOST_TEST(world.json("/tasks?state=overdue")["tasks"].empty());
    BOOST_TEST(post("/tasks/999999999/accept", "{}").first == 404);
    BOOST_TEST(post("/tasks", R"({"subject": {"kind": "wish", "id": "x"}})").first == 400);
}

BOOST_AUTO_TEST_CASE(dossiers_are_counted_by_office_and_level_on_their_clocks) {
    auto& world = office();
    auto const dossier = [&](char const* number, char const* level, char const* values) {
        world.database().sql(fmt::format(
            "INSERT INTO record.service_dossiers (number, procedure, office, level, submitted_at, "
            "working_hours, state, settled_at, published, digitised, online, paid_online, "
            "satisfied) VALUES ('{}', 'Cấp giấy', 'Một cửa', '{}', {})",
            number, level, values));
    };
    // Received across Tết; due on 26 February at 02:30 UTC.
    dossier("H1", "commune",
            "'2026-02-12T02:30:00Z', 40, 'settled', '2026-02-26T02:30:00Z', true, "
            "true, true, true, true");
    dossier("H2", "commune",
            "'2026-02-12T02:30:00Z', 40, 'settled', '2026-02-26T02:31:00Z', true, "
            "false, true, false, null");
    dossier("H3", "commune",
            "'2026-02-12T02:30:00Z', 40, 'received', null, false, null, false, "
            "null, null");
    dossier("H4", "province",
            "'2099-01-05T02:30:00Z', 40, 'received', null, true, true, false, "
            "null, null");
    world.database().sql(
        "UPDATE record.service_dossiers SET place_code = '18739' WHERE number = 'H3'");
    tests::follow_work(world);
    auto const counts = world.json("/public-services");
    BOOST_TEST(counts["total"]["received"] == 4);
    BOOST_TEST(counts["total"]["in_time"] == 1);
    BOOST_TEST(counts["total"]["late"] == 1);
    BOOST_TEST(counts["total"]["overdue"] == 1);
    BOOST_REQUIRE(counts["offices"].size() == 2U);
    BOOST_TEST(counts["offices"][0]["level"] == "commune");
    BOOST_TEST(counts["offices"][0]["overdue"] == 1);
    // 18·3/4, 20·1/3, 22·2/3, 12·2/4 + 10·1/2, 18·1/1
    auto const& quality = counts["quality"];
    BOOST_TEST(quality["of"] == 100);
    BOOST_REQUIRE(quality["groups"].size() == 5U);
    BOOST_TEST(quality["points"].get<double>() == 13.5 + 20.0 / 3 + 44.0 / 3 + 11 + 18,
               boost::test_tools::tolerance(1e-12));
    BOOST_TEST(quality["groups"][3]["of"] == 22);
    auto const overdue = world.json("/public-services/dossiers?state=overdue")["dossiers"];
    BOOST_REQUIRE(overdue.size() == 1U);
    BOOST_TEST(overdue[0]["number"] == "H3");
    BOOST_TEST(overdue[0]["deadline"] == "2026-02-26T02:30:00Z");
    BOOST_TEST(world.json("/public-services/dossiers?place=18739")["matched"] == 1);
    BOOST_TEST(world.json("/public-services?place=18739")["total"]["received"] == 1);
    auto const path = "/public-services/dossiers/" + std::to_string(overdue[0]["id"].get<int>());
    auto const post = [&](std::string const& step, std::string const& body) {
        return tests::request(world.port(), "POST", path + step, tests::json_body, body);
    };
    BOOST_TEST(post("/resume", "{}").status == 409);
    auto const paused = nlohmann::json::parse(post("/pause", R"({"reason": "bổ sung"})").body);
    BOOST_TEST(paused["state"] == "paused");
    BOOST_TEST(paused["late"] == true); // it was late before it was paused
    BOOST_TEST(nlohmann::json::parse(post("/resume", "{}").body)["state"] == "received");
    BOOST_TEST(nlohmann::json::parse(post("/settle", "{}").body)["state"] == "settled");
    BOOST_TEST(world.json("/public-services/dossiers?state=late")["matched"] == 2);
}

BOOST_AUTO_TEST_CASE(what_arrives_is_tied_or_waits_with_the_reason) {
    auto& world = office();
    auto const& database = world.database();
    auto const fid_of = [&](char const* sql) { return database.value(sql); };
    auto const facility =
        fid_of("INSERT INTO record.facilities (name, kind, geom) VALUES ('Trường', 'school', "
               "ST_Point(105.5, 18.3, 4326)) RETURNING fid");
    auto const camera =
        fid_of("INSERT INTO record.cameras (name, kind, geom, sensitivity) VALUES ('Kín', 'fixed', "
               "ST_Point(105.5, 18.3, 4326), 200) RETURNING fid");
    auto const head = std::stoll(database.value("SELECT diaban.feed_head()"));
    for (auto const* const id : {"facilities", "cameras"})
        world.server().atlas().await_change(
            id, head, std::chrono::steady_clock::now() + std::chrono::seconds{20});
    auto const tie = [&](std::string const& given) {
        auto const answer = tests::request(world.port(), "POST", "/ties", tests::json_body,
                                           R"({"source": "thử", )" + given + "}");
        auto json = nlohmann::json::parse(answer.body);
        json["http"] = answer.status;
        return json;
    };
    auto const here = tie(R"("position": {"lon": 105.3, "lat": 18.3})");
    BOOST_TEST(here["sureness"] == "certain");
    BOOST_TEST(here["units"][0]["full_name"] == "Xã Cẩm Duệ");
    BOOST_TEST(here["units"][1]["full_name"] == "Tỉnh Hà Tĩnh");
    BOOST_TEST(tie("\"facility\": " + facility)["units"][0]["code"] == "18073");
    auto const hidden = tie("\"camera\": " + camera); // as one that is not there
    BOOST_TEST(hidden["http"] == 202);
    BOOST_TEST(hidden["reason"] == "no-feature");
    BOOST_TEST(hidden["reason"] == tie(R"("camera": 999999)")["reason"]);
    BOOST_TEST(tie(R"("code": "18073")")["sureness"] == "certain");
    auto const address = tie(R"("address": "Số 5 đường làng, phuong thanh sen, tỉnh Hà Tĩnh")");
    BOOST_TEST(address["sureness"] == "likely", address.dump());
    BOOST_TEST(address["units"][0]["code"] == "18073");
    BOOST_TEST(tie(R"("address": "xã cẩm deu, hà tĩnh")")["sureness"] == "unsure");
    auto const lost = tie(R"("address": "Wien")");
    BOOST_TEST(lost["http"] == 202);
    BOOST_TEST(lost["reason"] == "no-name");
    BOOST_TEST(tie(R"("position": {"lon": 1, "lat": 1})")["reason"] == "outside");
    BOOST_TEST(tie(R"("code": "99999")")["reason"] == "no-unit");
    BOOST_TEST(database.value("SELECT given || ' ' || reason FROM record.untied WHERE fid = " +
                              lost["waits_as"].dump()) == "Wien no-name");
    for (auto const* const bad :
         {R"("code": 7)", R"("code": "1", "address": "x")", R"("position": [1, 2])",
          R"("parcel": -1)", R"("code": "42", "on": "x")", R"("a": 1)"})
        BOOST_TEST(tie(bad)["http"] == 400, bad);
}

BOOST_AUTO_TEST_CASE(there_is_no_district_that_receives_dossiers_any_more) {
    auto& world = office();
    auto const insert = [&](char const* when) {
        world.database().sql(fmt::format(
            "INSERT INTO record.service_dossiers (number, procedure, office, level, submitted_at, "
            "working_hours, state) VALUES ('D{0}', 'x', 'Huyện', 'district', '{0}', 8, 'refused')",
            when));
    };
    insert("2025-06-30T16:59:59Z");
    BOOST_CHECK_THROW(insert("2025-06-30T17:00:00Z"), std::exception);
}

BOOST_AUTO_TEST_CASE(directives_are_found_with_and_without_accents_and_overdue_by_office) {
    auto& world = office();
    auto const found = [&](std::string const& text) {
        return world.json("/directives?text=" + services::http::percent_encode(text))["directives"];
    };
    BOOST_REQUIRE(found("chay rung").size() == 1U);
    BOOST_TEST(found("cháy rừng")[0]["number"] == "123/UBND-NN");
    BOOST_TEST(found("123/UBND").size() == 1U);
    BOOST_REQUIRE(found("phòng chống").size() == 2U); // as it is typed first
    BOOST_TEST(found("phòng chống")[0]["number"] == "123/UBND-NN");
    BOOST_TEST(found("phong chong")[0]["number"] == "7/CT-UBND");
    BOOST_TEST(found("Phòng chống")[0]["places"] == nlohmann::json::parse(R"(["18739", "18801"])"));
    auto const overdue = world.json("/directives?state=overdue");
    BOOST_TEST(overdue["matched"] == 1);
    BOOST_TEST(overdue["offices"][0]["office"] == "Sở Xanh");
    BOOST_TEST(overdue["offices"][0]["overdue"] == 1);
    BOOST_TEST(world.json("/directives?place=18801")["matched"] == 1);
    BOOST_TEST(world.get("/directives?state=lost").status == 400);
}

BOOST_AUTO_TEST_SUITE_END()
