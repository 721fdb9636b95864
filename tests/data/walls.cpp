#include "tests/support/database.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

using namespace diaban;
using tests::Database;

namespace {

constexpr int columns = 3; // of a wall of two rows
constexpr int cells = 6;

std::string cell_name(int cell) {
    return std::to_string(cell / columns + 1) + "/" + std::to_string(cell % columns + 1);
}

std::string instant(std::int64_t ms) {
    return "('2026-01-01Z'::timestamptz + " + std::to_string(ms) + " * interval '1 ms')";
}

/// What the rules say, written down as they are told: every screen and every picture by itself.
struct Model {
    struct Screen {
        std::int64_t prepared = 0;
        std::int64_t seen = 0;
        std::int64_t left_behind = 0;
    };
    std::int64_t revision = 1;
    std::string content = "first";
    std::optional<std::int64_t> switch_at = 0;
    std::int64_t begun = 0;
    bool locked = false;
    std::map<int, int> stands_in; // dead cell -> the one that shows it
    std::vector<std::string> before;
    std::map<int, Screen> screens; // by cell: one page on each

    [[nodiscard]] bool lives(int cell, std::int64_t at) const {
        auto const found = screens.find(cell);
        return found != screens.end() && found->second.seen > at - 3000;
    }
    void begin(std::int64_t at) {
        ++revision;
        begun = at;
        switch_at.reset();
    }
    void beat(int cell, std::int64_t prepared, std::int64_t at) {
        // What is said again within 50 ms is not written down.
        auto const [said, first] = screens.try_emplace(cell, Screen{prepared, at});
        if (!first && (at - said->second.seen >= 50 || said->second.prepared != prepared)) {
            said->second.prepared = prepared;
            said->second.seen = at;
        }
        if (stands_in.erase(cell) > 0) begin(at);
        if (switch_at) return;
        bool all = true;
        for (auto const& [other, screen] : screens)
            if (lives(other, at) && screen.prepared < revision &&
                screen.prepared >= screen.left_behind)
                all = false;
        if (!all && at - begun < 2500) return;
        switch_at = at + 300;
        for (auto& [other, screen] : screens)
            if (screen.prepared < revision) screen.left_behind = revision;
    }
    std::string air(std::string const& shown, std::int64_t at) {
        if (locked) return "locked";
        before.push_back(content);
        if (before.size() > 20) before.erase(before.begin());
        content = shown;
        begin(at);
        return "done";
    }
    std::string undo(std::int64_t at) {
        if (locked) return "locked";
        if (before.empty()) return "nothing";
        content = before.back();
        before.pop_back();
        begin(at);
        return "done";
    }
    std::string stand_in(int cell, std::optional<int> by, std::int64_t at) {
        if (by) {
            if (lives(cell, at)) return "lives";
            if (!lives(*by, at)) return "dead";
            for (auto const& [other, one] : stands_in)
                if (one == *by && other != cell) return "busy";
            stands_in[cell] = *by;
        } else {
            stands_in.erase(cell);
        }
        begin(at);
        return "done";
    }
    [[nodiscard]] std::vector<std::string> told() const {
        std::string standing;
        for (auto const& [cell, by] : stands_in)
            standing += cell_name(cell) + "=" + cell_name(by) + " ";
        return {std::to_string(revision),
                content,
                switch_at ? std::to_string(*switch_at) : std::string{},
                locked ? "t" : "f",
                standing,
                std::to_string(before.size())};
    }
};

std::vector<std::string> told(Database const& database) {
    return database.sql(
        "SELECT revision, content ->> 'name', (extract(epoch FROM switch_at - '2026-01-01Z') * "
        "1000)::bigint, locked_by IS NOT NULL, (SELECT coalesce(string_agg(key || '=' || value || "
        "' ', '' ORDER BY key), '') FROM jsonb_each_text(stands_in)), jsonb_array_length(before) "
        "FROM diaban.wall_state WHERE wall = 1")[0];
}

void make_wall(Database const& database) {
    database.sql("INSERT INTO record.walls (number, title, screen_rows, screen_columns, "
                 "pixel_width, pixel_height, pitch, gap_across, gap_down) VALUES (1, 'Thử', 2, 3, "
                 "1920, 1080, 0.53, 5.3, 5.3);"
                 "INSERT INTO record.wall_scenes (wall, position, title, seconds, content) VALUES "
                 "(1, 2, 'hai', 10, '{\"name\": \"second\", \"zones\": []}'), "
                 "(1, 1, 'một', 20, '{\"name\": \"first\", \"zones\": []}'), "
                 "(1, 3, 'ba', null, '{\"name\": \"third\", \"zones\": []}')");
}

std::string beat(int cell, std::int64_t prepared, std::int64_t at) {
    auto const row = std::to_string(cell / columns + 1);
    auto const column = std::to_string(cell % columns + 1);
    return "SELECT diaban.wall_beat(1, 'screen-" + std::to_string(cell) + "', " + row + ", " + row +
           ", " + column + ", " + column + ", " + std::to_string(prepared) + ", 0, null, null, " +
           instant(at) + ")";
}

std::string quoted(std::string const& text) {
    return "'" + text + "'";
}

std::string air(std::string const& name, std::int64_t at) {
    return "diaban.wall_air(1, null, '{\"name\": \"" + name + "\"}', " + instant(at) + ")";
}

} // namespace

BOOST_AUTO_TEST_SUITE(walls)

BOOST_AUTO_TEST_CASE(a_wall_does_what_its_rules_say_whatever_order_screens_and_operators_act_in) {
    auto const* const wanted = std::getenv("DIABAN_SEED");
    auto const seed =
        wanted != nullptr ? unsigned(std::strtoul(wanted, nullptr, 10)) : std::random_device{}();
    BOOST_TEST_MESSAGE("seed " << seed << " (DIABAN_SEED=" << seed << " repeats it)");
    std::mt19937 random{seed};
    auto const below = [&](int bound) { return int(random() % unsigned(bound)); };
    Database const database;
    make_wall(database);
    Model model;
    std::int64_t at = 0;
    database.sql(beat(0, 0, at));
    model.beat(0, 0, at);
    std::map<std::string, int> outcomes;
    std::array const wanted_outcomes{"done", "locked", "nothing", "lives", "dead", "busy"};
    auto const missing = [&] {
        return std::ranges::any_of(wanted_outcomes,
                                   [&](auto const* one) { return outcomes[one] == 0; });
    };
    for (int step = 0; step < 1000 || (missing() && step < 20'000); ++step) {
        at += below(12) == 0 ? 1000 + below(3000) : below(250);
        std::string call;
        std::string expected;
        auto const dice = below(20);
        int const cell = below(cells);
        if (dice < 10) {
            // Mostly the newest revision, which is what a page that prepares quickly says.
            auto const prepared = std::max<std::int64_t>(0, model.revision - below(3) / 2);
            database.sql(beat(cell, prepared, at));
            model.beat(cell, prepared, at);
        } else if (dice < 12) {
            auto const name = "c" + std::to_string(step);
            call = air(name, at);
            expected = model.air(name, at);
        } else if (dice < 15) {
            call = "diaban.wall_undo(1, " + instant(at) + ")";
            expected = model.undo(at);
        } else if (dice == 15) {
            model.locked = !model.locked && below(3) == 0;
            call = std::string{"diaban.wall_lock(1, "} + (model.locked ? "'an'" : "null") + ", " +
                   instant(at) + ")";
            expected = "done";
        } else {
            auto const by = below(4) == 0 ? std::nullopt : std::optional{below(cells)};
            call = "diaban.wall_stand_in(1, " + quoted(cell_name(cell)) + ", " +
                   (by ? quoted(cell_name(*by)) : "null") + ", " + instant(at) + ")";
            expected = model.stand_in(cell, by, at);
        }
        if (!call.empty()) {
            BOOST_REQUIRE_MESSAGE(database.value("SELECT " + call) == expected,
                                  "step " << step << ": " << call << " is not " << expected);
            ++outcomes[expected];
        }
        BOOST_REQUIRE_MESSAGE(told(database) == model.told(), "step " << step << " " << call);
    }
    for (auto const* const outcome : wanted_outcomes)
        BOOST_TEST(outcomes[outcome] > 0, outcome << " never came about");
}

BOOST_AUTO_TEST_CASE(a_wall_that_nobody_has_operated_begins_with_its_first_open_scene) {
    Database const database;
    make_wall(database);
    database.sql("UPDATE record.wall_scenes SET sensitivity = 3 WHERE position = 1");
    database.sql(beat(0, 0, 0));
    BOOST_TEST(told(database)[1] == "second"); // the first is not for all who see the wall
}

BOOST_AUTO_TEST_CASE(a_carousel_goes_round_the_scenes_that_have_a_time_and_stands_while_locked) {
    Database const database;
    make_wall(database);
    database.sql(beat(0, 0, 0));
    BOOST_TEST(told(database)[1] == "first");
    BOOST_TEST(database.value("SELECT diaban.wall_carousel(1, true, " + instant(0) + ")") ==
               "done");
    auto const shown_at = [&](std::int64_t ms) {
        database.sql(beat(0, 0, ms));
        return told(database)[1];
    };
    BOOST_TEST(shown_at(19'999) == "first");
    BOOST_TEST(shown_at(20'000) == "second");
    BOOST_TEST(shown_at(29'999) == "second");
    BOOST_TEST(shown_at(30'000) == "first"); // the third has no time
    database.sql("SELECT diaban.wall_lock(1, 'an')");
    BOOST_TEST(shown_at(90'000) == "first");
    database.sql("SELECT diaban.wall_lock(1, null)");
    BOOST_TEST(shown_at(90'001) == "second");
    BOOST_TEST(database.value("SELECT diaban.wall_carousel(1, false, " + instant(90'002) + ")") ==
               "done");
    BOOST_TEST(shown_at(200'000) == "second");
}

BOOST_AUTO_TEST_CASE(
    an_alert_brings_the_gravest_scene_that_waits_for_it_and_takes_it_back_when_it_ends) {
    Database const database;
    make_wall(database);
    database.sql("UPDATE record.wall_scenes SET alert_severity = 'Moderate' WHERE position = 2;"
                 "UPDATE record.wall_scenes SET alert_severity = 'Extreme' WHERE position = 3;"
                 "SELECT diaban.wall_lock(1, null)");
    auto const alert = [&](char const* id, char const* severity, char const* more = "0") {
        database.sql(std::string{"INSERT INTO record.alerts (identifier, severity, expires, "
                                 "sensitivity) VALUES ('"} +
                     id + "', '" + severity + "', clock_timestamp() + interval '1 hour', " + more +
                     ")");
        return told(database)[1];
    };
    auto const end = [&](char const* id) {
        database.sql(std::string{"UPDATE record.alerts SET expires = clock_timestamp() WHERE "
                                 "identifier = '"} +
                     id + "'");
        return told(database)[1];
    };
    BOOST_TEST(alert("a", "Minor") == "first");
    BOOST_TEST(alert("hidden", "Extreme", "3") == "first"); // not for all who see the wall
    database.sql("DELETE FROM record.alerts WHERE identifier = 'hidden'");
    BOOST_TEST(alert("b", "Severe") == "second");
    BOOST_TEST(alert("c", "Extreme") == "third");
    BOOST_TEST(end("c") == "second");
    BOOST_TEST(end("b") == "first");
    database.sql("SELECT diaban.wall_lock(1, 'an')");
    BOOST_TEST(alert("d", "Extreme") == "first"); // locked
}

BOOST_AUTO_TEST_CASE(nobody_but_who_serves_edits_reaches_a_walls_functions) {
    Database const database;
    BOOST_TEST(database.value("SELECT count(*) FROM pg_proc p WHERE p.proname LIKE 'wall\\_%' AND "
                              "has_function_privilege('diaban_serve', p.oid, 'execute')") == "0");
    BOOST_TEST(database.value("SELECT count(*) FROM pg_proc p WHERE p.proname IN ('wall_show', "
                              "'wall_turn', 'wall_begin') AND has_function_privilege("
                              "'diaban_edit', p.oid, 'execute')") == "0");
}

BOOST_AUTO_TEST_SUITE_END()
