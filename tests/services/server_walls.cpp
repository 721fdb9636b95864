#include "tests/services/visitors.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <chrono>
#include <string>

using namespace diaban;
using nlohmann::json;
using tests::World;

namespace {

/// A world with a wall of two by two that everybody sees, one that few see, and two scenes.
struct Room {
    Room() {
        auto const& database = world.database();
        database.sql(
            "INSERT INTO record.walls (number, title, screen_rows, screen_columns, pixel_width, "
            "pixel_height, pitch, gap_across, gap_down, sensitivity) VALUES (1, 'Thử', 2, 2, 1920, "
            "1080, 0.53, 5.3, 5.3, 0), (2, 'Kín', 1, 1, 1920, 1080, 0.53, 0, 0, 3);"
            "INSERT INTO record.wall_scenes (wall, position, title, content, sensitivity) VALUES "
            "(1, 1, 'một', '{\"zones\": [{\"rows\": [1, 2], \"columns\": [1, 2], \"kind\": "
            "\"clock\"}]}', 0), (1, 2, 'kín', '{\"zones\": []}', 3)");
        auto const head = std::stoll(database.value("SELECT diaban.feed_head()"));
        for (auto const* const id : {"walls", "wall_scenes"})
            world.server().atlas().await_change(
                id, head, std::chrono::steady_clock::now() + std::chrono::seconds{20});
    }
    std::pair<int, json> post(std::string const& target, json const& body,
                              std::string const& who = {}) {
        auto const answer =
            tests::request(world.port(), "POST", target, who + tests::as_json, body.dump());
        return {answer.status, json::parse(answer.body, nullptr, false)};
    }
    json beat(json const& more = {}) {
        json body{{"client", "client-1"}, {"rows", "1"}, {"columns", "1"},
                  {"prepared", 0},        {"shown", 0},  {"known", 0}};
        body.update(more.is_null() ? json::object() : more);
        auto const [status, told] = post("/wall/1/beats", body);
        BOOST_TEST(status == 200);
        return told;
    }

    World world;
};

Room& room() {
    static Room one;
    return one;
}

json zone(char const* kind, json const& rows, json const& columns, json const& more = {}) {
    json made{{"kind", kind}, {"rows", rows}, {"columns", columns}};
    if (!more.is_null()) made.update(more);
    return made;
}

} // namespace

BOOST_AUTO_TEST_SUITE(walls)

BOOST_AUTO_TEST_CASE(a_scene_is_prepared_switched_at_one_instant_and_taken_back) {
    auto& here = room();
    auto told = here.beat();
    BOOST_TEST(told["content"]["zones"][0]["kind"] == "clock");
    auto const first = told["revision"].get<int>();
    told = here.beat({{"known", first}, {"prepared", first}, {"shown", first}});
    BOOST_TEST(!told.contains("content")); // the page has it

    json const content{{"zones", {zone("text", {1, 1}, {1, 2}, {{"text", "Bão số 10"}})}}};
    BOOST_TEST(here.post("/wall/1/air", {{"content", content}}).first == 204);
    told = here.beat({{"known", first}, {"prepared", first}, {"shown", first}});
    BOOST_TEST(told["content"] == content);
    BOOST_TEST(told["switch_at"].is_null()); // not prepared yet
    auto const second = told["revision"].get<int>();
    BOOST_TEST(second == first + 1);
    told = here.beat({{"known", second}, {"prepared", second}, {"shown", first}});
    auto const ahead = told["switch_at"].get<double>() - told["now"].get<double>();
    BOOST_TEST(ahead > 0);
    BOOST_TEST(ahead <= 300);

    auto const wall = here.world.json("/wall/1");
    BOOST_TEST(wall["screens"].size() == 1U);
    BOOST_TEST(wall["screens"][0]["prepared"] == second);
    BOOST_TEST(wall["scenes"].size() == 1U); // the other is not for everyone
    BOOST_TEST(wall["operable"] == true);
    BOOST_TEST(here.post("/wall/1/undo", {}).first == 204);
    told = here.beat({{"known", second}});
    BOOST_TEST(told["content"]["zones"][0]["kind"] == "clock");
    BOOST_TEST(
        here.post("/wall/1/undo", {}).second["type"].get<std::string>().ends_with("wall-nothing"));
}

BOOST_AUTO_TEST_CASE(what_is_likely_next_is_told_beforehand_but_no_secret) {
    auto& here = room();
    auto const& database = here.world.database();
    auto const scene = [&](char const* position) {
        return std::stoll(
            database.value("SELECT fid FROM record.wall_scenes WHERE wall = 1 AND position = " +
                           std::string{position}));
    };
    json const content{{"zones", {zone("text", {1, 1}, {1, 1}, {{"text", "Lũ"}})}}};
    auto const before = here.beat()["content"];
    BOOST_TEST(here.post("/wall/1/air", {{"content", content}}).first == 204);
    auto told = here.beat();
    BOOST_TEST(told["standby"] == before); // what undo would bring back
    auto const number = told["standby_number"].get<int>();
    BOOST_TEST(!here.beat({{"standby", number}}).contains("standby")); // the page has it

    BOOST_TEST(here.post("/wall/1/standby", {{"scene", scene("1")}}).first == 204);
    told = here.beat({{"standby", number - 1}});
    BOOST_TEST(told["standby"]["zones"][0]["kind"] == "clock");
    BOOST_TEST(told["content"] == content); // nothing on air has changed
    database.sql("SELECT diaban.wall_stand_by(1, " + std::to_string(scene("2")) + ")");
    BOOST_TEST(here.beat()["standby"].is_null()); // not for everyone who sees the wall

    database.sql("INSERT INTO record.wall_scenes (wall, position, title, content, seconds) VALUES "
                 "(1, 3, 'ba', '{\"zones\": []}', 60), "
                 "(1, 4, 'bốn', '{\"zones\": [], \"exercise\": true}', 60)");
    BOOST_TEST(here.post("/wall/1/carousel", {{"going", true}}).first == 204);
    told = here.beat();
    BOOST_TEST(told["content"]["zones"].empty());
    BOOST_TEST(told["standby"]["exercise"] == true); // its turn comes
    BOOST_TEST(here.post("/wall/1/carousel", {{"going", false}}).first == 204);
    BOOST_TEST(here.post("/wall/1/undo", {}).first == 204);
    database.sql("DELETE FROM record.wall_scenes WHERE wall = 1 AND position > 2");
    BOOST_TEST(here.post("/wall/1/standby", {{"scene", 999}}).first == 404);
    BOOST_TEST(here.post("/wall/1/undo", {}).first == 204);
}

BOOST_AUTO_TEST_CASE(a_locked_wall_changes_for_nobody) {
    auto& here = room();
    static_cast<void>(here.beat());
    BOOST_TEST(here.post("/wall/1/lock", {{"locked", true}}).first == 204);
    auto const revision = here.beat()["revision"];
    auto const scene = here.world.json("/wall/1")["scenes"][0]["id"];
    for (auto const& [target, body] :
         {std::pair{"/wall/1/air", json{{"scene", scene}}},
          {"/wall/1/standby", json{{"scene", scene}}},
          {"/wall/1/undo", json::object()},
          {"/wall/1/view", json{{"lon", 105}, {"lat", 18}, {"zoom", 9}}},
          {"/wall/1/carousel", json{{"going", true}}}}) {
        auto const [status, problem] = here.post(target, body);
        BOOST_TEST(status == 409, target);
        BOOST_TEST(problem["type"].get<std::string>().ends_with("wall-locked"), target);
    }
    BOOST_TEST(here.beat()["revision"] == revision);
    BOOST_TEST(here.post("/wall/1/lock", {{"locked", false}}).first == 204);
    BOOST_TEST(here.post("/wall/1/air", {{"scene", scene}}).first == 204);
}

BOOST_AUTO_TEST_CASE(a_neighbour_stands_in_for_a_dead_screen_until_it_is_back) {
    auto& here = room();
    static_cast<void>(here.beat());
    auto const give = [&](char const* cell, json const& by) {
        return here.post("/wall/1/stand-ins", {{"cell", cell}, {"by", by}});
    };
    BOOST_TEST(give("1/1", "2/2").second["type"].get<std::string>().ends_with("wall-lives"));
    BOOST_TEST(give("2/2", "1/2").second["type"].get<std::string>().ends_with("wall-dead"));
    BOOST_TEST(give("2/2", "1/1").first == 204);
    BOOST_TEST((here.beat()["stands_in"] == json{{"2/2", "1/1"}}));
    auto const back = here.beat({{"client", "client-2"}, {"rows", "2"}, {"columns", "2"}});
    BOOST_TEST(back["stands_in"] == json::object());
    BOOST_TEST(give("3/1", "1/1").first == 400); // the wall has two rows
}

BOOST_AUTO_TEST_CASE(content_that_no_wall_could_show_is_refused_naming_the_part) {
    auto& here = room();
    auto const map = [](json const& centre, json const& zoom) {
        return zone("map", {1, 1}, {1, 1}, {{"centre", centre}, {"zoom", zoom}});
    };
    for (auto const& [part, zones] : {
             std::pair{"/zones/0/rows", json::array({zone("clock", {1, 3}, {1, 1})})},
             {"/zones/0/columns", json::array({zone("clock", {1, 1}, {0, 1})})},
             {"/zones/0/columns", json::array({zone("clock", {1, 1}, {2, 1})})},
             {"/zones/1",
              json::array({zone("clock", {1, 2}, {1, 1}), zone("clock", {2, 2}, {1, 2})})},
             {"/zones/0/kind", json::array({zone("film", {1, 1}, {1, 1})})},
             {"/zones/0/centre", json::array({map({105.9, 95}, 9)})},
             {"/zones/0/zoom", json::array({map({105.9, 18}, 40)})},
             {"/zones/0/text", json::array({zone("text", {1, 1}, {1, 1})})},
             {"/zones/0/collection", json::array({zone("list", {1, 1}, {1, 1})})},
             {"/zones/0", json::array({7})},
             {"/zones", json(7)},
         }) {
        auto const [status, problem] = here.post("/wall/1/air", {{"content", {{"zones", zones}}}});
        BOOST_TEST(status == 400, part);
        BOOST_TEST(problem["parameter"] == part);
    }
    BOOST_TEST(here.post("/wall/1/air", {{"scene", 999}}).first == 404);
    BOOST_TEST(here.post("/wall/1/air", json::object()).first == 400);
    for (json const& wrong : {json{{"rows", "3"}}, json{{"columns", "2-1"}}, json{{"client", "x"}},
                              json{{"prepared", -1}}, json{{"switched_at", "soon"}}}) {
        json body{{"client", "client-1"}, {"rows", "1"}, {"columns", "1"},
                  {"prepared", 0},        {"shown", 0},  {"known", 0}};
        body.update(wrong);
        BOOST_TEST(here.post("/wall/1/beats", body).first == 400, wrong.dump());
    }
}

BOOST_AUTO_TEST_CASE(who_sees_a_wall_may_be_its_screen_and_who_may_edit_it_operates_it) {
    Room here;
    tests::Registrar const people{here.world.database()};
    people.role({"public", "", false, false, false, {tests::all_of("walls", "read")}});
    people.role({"operator",
                 "",
                 false,
                 false,
                 false,
                 {tests::all_of("walls", "read", 3), tests::all_of("walls", "edit", 3),
                  tests::all_of("wall_scenes", "read", 3)}});
    people.account("an", {"operator"});
    auto const an = people.token("an", {"read", "edit"});
    auto const node = here.world.start_server("none");
    auto const ask = [&](char const* method, std::string const& target, json const& body,
                         std::string const& who) {
        return tests::request(node->port(), method, target, who + tests::as_json,
                              body.is_null() ? std::string{} : body.dump());
    };
    json const beat{{"client", "client-1"}, {"rows", "1"}, {"columns", "1"},
                    {"prepared", 0},        {"shown", 0},  {"known", 0}};
    BOOST_TEST(ask("POST", "/wall/1/beats", beat, "").status == 200);
    BOOST_TEST(ask("POST", "/wall/2/beats", beat, "").status == 404); // as one that is not there
    BOOST_TEST(ask("GET", "/wall/2", {}, "").status == 404);
    BOOST_TEST(ask("POST", "/wall/2/beats", beat, an).status == 200);
    BOOST_TEST(ask("POST", "/wall/1/undo", json::object(), "").status == 401);
    auto const seen = json::parse(ask("GET", "/wall/1", {}, "").body);
    BOOST_TEST(seen["operable"] == false);
    BOOST_TEST(seen["scenes"].empty()); // of scenes the public knows nothing
    auto const known = json::parse(ask("GET", "/wall/1", {}, an).body);
    BOOST_TEST(known["operable"] == true);
    BOOST_TEST(known["scenes"].size() == 2U);
    BOOST_TEST(ask("POST", "/wall/1/air", {{"scene", known["scenes"][1]["id"]}}, an).status == 204);
    BOOST_TEST(ask("POST", "/wall/1/lock", {{"locked", true}}, an).status == 204);
    BOOST_TEST(json::parse(ask("GET", "/wall/1", {}, an).body)["state"]["locked_by"] == "an");
}

BOOST_AUTO_TEST_SUITE_END()
