// Calls for rescue over HTTP: taken once, merged, triaged, sent the nearest team; and nobody learns
// who called.

#include "geo/hazard/triage.hpp"
#include "geo/ops/geodesic.hpp"
#include "tests/services/visitors.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace diaban;
using nlohmann::json;

namespace {

constexpr double lon = 105.9, lat = 18.34;
constexpr double metre = 1 / 111'000.0; // degrees of latitude, nearly
constexpr char on_the_roof[] = "Nước lên mái nhà, có hai người già";

struct Centre {
    tests::World world;
    int keys = 0;

    Centre() {
        world.database().sql(
            "INSERT INTO record.disaster_events (kind, name, phase) VALUES ('flood', 'Lũ sông Ngàn "
            "Sâu', 'respond');"
            "INSERT INTO record.triage_rules (priority, depth_from, vulnerable_from, people_from, "
            "since) VALUES (4, 0, NULL, NULL, '2020-01-01'), (1, 1.5, NULL, NULL, '2025-08-23'), "
            "(1, 1, 1, NULL, '2025-08-23'), (2, 1, NULL, NULL, '2025-08-23'), (2, NULL, NULL, 10, "
            "'2025-08-23'), (3, NULL, 1, NULL, '2025-08-23'), (1, 0, NULL, NULL, '2100-01-01')");
        for (int i = 0; i < 200; ++i) {
            if (world.json("/collections/triage_rules/items")["numberMatched"] == 7) break;
            std::this_thread::sleep_for(std::chrono::milliseconds{50});
        }
    }
    [[nodiscard]] tests::RawAnswer post(std::string const& path,
                                        json const& body = json::object()) const {
        return tests::request(world.port(), "POST", path, tests::as_json, body.dump());
    }
    /// A call some metres north of where they lie, with what is said besides.
    json calls(double north, char const* text, json const& more = json::object()) {
        json body{{"key", fmt::format("k{}", ++keys)},
                  {"event", 1},
                  {"source", "112"},
                  {"text", text},
                  {"lon", lon},
                  {"lat", lat + north * metre}};
        body.update(more);
        auto const answer = post("/rescue-calls", body);
        BOOST_TEST_REQUIRE(answer.status == 201, answer.body);
        return json::parse(answer.body);
    }
    void team(std::string const& name, double x, double y, char const* state = "free") {
        world.database().sql(fmt::format(
            "INSERT INTO record.rescue_teams (name, kind, capacity, state, geom) VALUES "
            "('{}', 'boat', 6, '{}', ST_Point({}, {}, 4326))",
            name, state, x, y));
    }
    [[nodiscard]] json assign(json const& call) const {
        auto const answer =
            post(fmt::format("/rescue-calls/{}/assign", call["id"].get<std::int64_t>()));
        BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
        return json::parse(answer.body);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(rescue)

BOOST_AUTO_TEST_CASE(a_call_is_taken_once_by_its_key) {
    Centre centre;
    json const body{{"key", "112-7"}, {"event", 1},   {"source", "web"}, {"text", "Cứu với"},
                    {"people", 3},    {"lon", 105.9}, {"lat", 18.34}};
    auto const first = centre.post("/rescue-calls", body);
    BOOST_TEST(first.status == 201, first.body);
    auto const again = centre.post("/rescue-calls", body);
    BOOST_TEST(again.status == 200);
    BOOST_TEST(again.body == first.body);
    auto other = body;
    other["text"] = "Chuyện khác";
    BOOST_TEST(centre.post("/rescue-calls", other).status == 422);
    BOOST_TEST(centre.world.database().value("SELECT count(*) FROM record.rescue_calls") == "1");
}

BOOST_AUTO_TEST_CASE(the_same_call_sent_by_eight_threads_at_once_is_one) {
    Centre centre;
    json const body{{"key", "112-8"}, {"event", 1},   {"source", "112"}, {"text", "Cứu với"},
                    {"people", 3},    {"lon", 105.9}, {"lat", 18.34}};
    std::atomic<int> made = 0;
    std::vector<std::thread> senders;
    for (int i = 0; i < 8; ++i)
        senders.emplace_back([&] { made += centre.post("/rescue-calls", body).status == 201; });
    for (auto& one : senders) one.join();
    BOOST_TEST(made == 1);
    BOOST_TEST(centre.world.database().value("SELECT count(*) FROM record.rescue_calls") == "1");
}

BOOST_AUTO_TEST_CASE(calls_of_one_telephone_are_merged_wherever_it_is_and_raise_the_priority) {
    Centre centre;
    auto const first = centre.calls(0, "Nhà ngập", {{"phone", "0912 000 001"}});
    auto const second =
        centre.calls(3000, "Nước dâng nhanh quá", {{"phone", "+84912000001"}, {"depth_m", 1.8}});
    BOOST_TEST(first["state"] == "new");
    BOOST_TEST(first["priority"] == 4);
    BOOST_TEST(second["state"] == "merged");
    BOOST_TEST(second["merged_into"] == first["id"]);
    BOOST_TEST(centre.world.database().value("SELECT priority FROM record.rescue_calls WHERE "
                                             "merged_into IS NULL") == "1");
}

BOOST_AUTO_TEST_CASE(neighbours_who_say_the_same_within_fifty_metres_are_merged_and_not_further) {
    Centre centre;
    auto const first = centre.calls(0, on_the_roof);
    BOOST_TEST(centre.calls(45, "CÓ HAI NGƯỜI GIÀ, nước lên mái nhà!")["merged_into"] ==
               first["id"]);
    // 45 m from a merged call, 90 m from where it went: a household of its own.
    BOOST_TEST(centre.calls(90, on_the_roof)["state"] == "new");
    BOOST_TEST(centre.calls(5, "Cây đổ vào nhà, một trẻ em bị thương")["state"] == "new");
}

BOOST_AUTO_TEST_CASE(after_half_an_hour_or_once_it_is_done_a_call_is_a_new_one) {
    Centre centre;
    centre.team("Xuồng 1", lon, lat);
    (void)centre.calls(0, on_the_roof, {{"phone", "0912000001"}});
    centre.world.database().sql("UPDATE record.rescue_calls SET received_at = received_at - "
                                "interval '31 minutes'");
    auto const later = centre.calls(0, on_the_roof);
    BOOST_TEST(later["state"] == "new");
    (void)centre.assign(later);
    BOOST_TEST(centre.calls(0, on_the_roof)["merged_into"] == later["id"]);
    BOOST_TEST(centre.post(fmt::format("/rescue-calls/{}/done", later["id"].get<int>())).status ==
               200);
    BOOST_TEST(centre.calls(0, on_the_roof)["state"] == "new");
}

BOOST_AUTO_TEST_CASE(priority_follows_the_rows_in_force_today) {
    Centre centre;
    for (auto const& [more, priority] :
         {std::pair{json{{"depth_m", 1.5}}, 1}, std::pair{json{{"depth_m", 1.49}}, 2},
          std::pair{json{{"depth_m", 1.0}, {"people", 2}, {"vulnerable", 1}}, 1},
          std::pair{json{{"depth_m", 0.9}}, 4}, std::pair{json{{"people", 10}}, 2},
          std::pair{json{{"people", 9}, {"vulnerable", 2}}, 3}, std::pair{json::object(), 4}})
        BOOST_TEST(centre.calls(1000.0 * centre.keys, "Cứu", more)["priority"] == priority,
                   more.dump());
}

BOOST_AUTO_TEST_CASE(the_nearest_free_team_by_the_geodesic_is_sent_and_is_busy_until_it_is_done) {
    Centre centre;
    std::mt19937_64 random{tests::seed()};
    std::uniform_real_distribution<double> away{-0.3, 0.3};
    std::vector<geo::Position> teams;
    for (int i = 0; i < 12; ++i) {
        teams.push_back({lon + away(random), lat + away(random)});
        centre.team(fmt::format("Đội {}", i), teams.back().x, teams.back().y);
    }
    centre.team("Nghỉ", lon, lat, "off");
    std::vector<bool> busy(teams.size());
    for (std::size_t turn = 0; turn < teams.size(); ++turn) {
        auto const call = centre.calls(500.0 * double(turn), "Cứu", {{"people", 8}});
        geo::Position const at{lon, lat + 500.0 * double(turn) * metre};
        double nearest = 1e9;
        std::size_t wanted = 0;
        for (std::size_t i = 0; i < teams.size(); ++i) {
            double const metres = geo::ops::geodesic_way(teams[i], at).metres;
            if (!busy[i] && metres < nearest) nearest = metres, wanted = i;
        }
        auto const sent = centre.assign(call);
        BOOST_TEST(sent["team_name"] == fmt::format("Đội {}", wanted));
        BOOST_TEST(std::abs(sent["distance_m"].get<double>() - nearest) < 0.1);
        BOOST_TEST(sent["capacity"] == 6);
        BOOST_TEST(sent["people"] == 8);
        BOOST_TEST(centre.assign(call) == sent); // asked again: who was sent
        busy[wanted] = true;
    }
    auto const waiting = centre.calls(20'000, "Cứu");
    auto const path = fmt::format("/rescue-calls/{}/assign", waiting["id"].get<int>());
    BOOST_TEST(centre.post(path).status == 409);
    BOOST_TEST(centre.post("/rescue-calls/1/done").status == 200);
    BOOST_TEST(centre.post("/rescue-calls/1/done").status == 200);
    BOOST_TEST(centre.post(path).status == 200);
    BOOST_TEST(centre.post("/rescue-calls/1/assign").status == 409);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_call_is_named_and_nothing_is_kept) {
    Centre const centre;
    json const good{{"key", "k"},  {"event", 1},   {"source", "112"},
                    {"text", "x"}, {"lon", 105.9}, {"lat", 18.3}};
    for (auto const& [member, value] :
         {std::pair{"key", json("có dấu")}, std::pair{"event", json(2)},
          std::pair{"source", json("fax")}, std::pair{"text", json("")},
          std::pair{"people", json(0)}, std::pair{"people", json(2.5)},
          std::pair{"vulnerable", json(2)}, std::pair{"depth_m", json(21)},
          std::pair{"lon", json(181)}, std::pair{"lat", json("18")},
          std::pair{"phone", json("123456789012345678901")}}) {
        auto bad = good;
        bad[member] = value;
        auto const answer = centre.post("/rescue-calls", bad);
        BOOST_TEST(answer.status == 400, answer.body);
        BOOST_TEST(answer.body.find(member) != std::string::npos, answer.body);
    }
}

BOOST_AUTO_TEST_CASE(web_calls_have_limits_that_are_said_and_nothing_acknowledged_is_lost) {
    Centre centre;
    json body{{"event", 1},   {"source", "web"}, {"text", "Cứu"},
              {"lon", 105.9}, {"lat", 18.3},     {"phone", "0912000009"}};
    auto const send = [&](int key) {
        body["key"] = fmt::format("w{}", key);
        return centre.post("/rescue-calls", body);
    };
    std::vector<std::int64_t> taken;
    for (int i = 0; i < 20; ++i) {
        auto const answer = send(i);
        BOOST_TEST_REQUIRE(answer.status == 201, answer.body);
        taken.push_back(json::parse(answer.body)["id"].get<std::int64_t>());
    }
    auto const refused = send(20);
    BOOST_TEST(refused.status == 429);
    BOOST_TEST(refused.body.find("hãy gọi ngay 112") != std::string::npos, refused.body);
    auto const wait = std::stoi(refused.field("retry-after"));
    BOOST_TEST((wait > 3500 && wait <= 3600), wait);
    // Every one that was acknowledged is there, and is given again; the refused one is not.
    for (int i = 0; i < 20; ++i) {
        auto const again = send(i);
        BOOST_TEST(again.status == 200);
        BOOST_TEST(json::parse(again.body)["id"] == taken[std::size_t(i)]);
    }
    BOOST_TEST(centre.world.database().value("SELECT count(*) FROM record.rescue_calls") == "20");
    // Another telephone, another place without one, and 112 are taken.
    body["phone"] = "0912000010";
    BOOST_TEST(send(30).status == 201);
    body.erase("phone");
    BOOST_TEST(send(31).status == 201);
    body["phone"] = "0912000009";
    body["source"] = "112";
    BOOST_TEST(send(32).status == 201);
    // All of the web together.
    centre.world.database().sql("INSERT INTO report.sent (key) SELECT key FROM report.sent, "
                                "generate_series(1, 140) WHERE key IN (SELECT key FROM report.sent "
                                "GROUP BY key HAVING count(*) > 20)");
    body["source"] = "web";
    body["phone"] = "0912000011";
    BOOST_TEST(send(33).status == 429);
}

BOOST_AUTO_TEST_CASE(who_called_is_in_no_answer_but_that_of_persons) {
    Centre centre;
    auto const call = centre.calls(0, "Cứu", {{"caller", "Bà Bảy"}, {"phone", "0912000001"}});
    auto const item =
        fmt::format("/collections/rescue_calls/items/{}", call["id"].get<std::int64_t>());
    for (auto const& path :
         {item, item + "/history", std::string{"/collections/rescue_calls/items"}}) {
        auto const body = centre.world.get(path).body;
        BOOST_TEST(body.find("Bảy") == std::string::npos, path);
        BOOST_TEST(body.find("912000001") == std::string::npos, path);
    }
    tests::Registrar people{centre.world.database()};
    people.role(
        {"chief",
         "",
         false,
         false,
         false,
         {tests::all_of("rescue_calls", "read"), tests::all_of("rescue_calls", "personal")}});
    people.account("chief", {"chief"});
    auto const token = people.token("chief", {"read", "personal"});
    auto const node = centre.world.start_server("none");
    auto const told =
        tests::get(node->port(), item + "/personal", token + "Access-Reason: cuu\r\n");
    BOOST_TEST(told.body.find("0912000001") != std::string::npos, told.body);
}

BOOST_AUTO_TEST_CASE(words_are_shared_whatever_their_accents_and_order) {
    using geo::hazard::shared_words;
    BOOST_TEST(shared_words("Nước lên mái nhà", "nha len mai NUOC") == 1.0);
    BOOST_TEST(shared_words("một hai ba", "hai ba bốn") == 0.5);
    BOOST_TEST(shared_words("một", "hai") == 0.0);
    BOOST_TEST(shared_words("", "") == 0.0);
    BOOST_TEST(shared_words("?!", "một") == 0.0);
}

BOOST_AUTO_TEST_SUITE_END()
