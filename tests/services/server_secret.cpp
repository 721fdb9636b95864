// Secrets are planted, and looked for as everybody who may not know them, through every route that
// the server has, in every form, before and after somebody who may has warmed the caches.
//
// Two ways of looking. What is planted has marks that must stand nowhere in an answer. And an
// answer to who may not know is, byte for byte, the one that was given before anything was planted:
// counts, extents, tiles, ETags and errors too.

#include "tests/services/event_source.hpp"
#include "tests/services/planted.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <map>
#include <regex>

using namespace diaban;
using namespace std::chrono_literals;
using nlohmann::json;
using tests::all_targets;
using tests::EventSource;
using tests::marks;
using tests::Planted;
using tests::query_values;
using tests::Values;
using tests::without_clock;

namespace {

using Answers = std::map<std::string, std::string>;

Answers ask_all(std::uint16_t port, Values const& targets, std::string const& field) {
    Answers answers;
    for (auto const& target : targets)
        answers[target] = without_clock(tests::get(port, target, field));
    return answers;
}

void look_for_marks(std::string_view whose, Answers const& answers) {
    for (auto const& [target, text] : answers) {
        // What was asked is said again where it is wrong: that is no secret told.
        auto said = text;
        for (auto const& [name, values] : query_values())
            for (auto const& value : values)
                if (target.find(services::http::percent_encode(value)) != std::string::npos)
                    for (auto const& form : {value, services::http::percent_encode(value)})
                        for (auto at = said.find(form); form.size() > 4 && at != std::string::npos;
                             at = said.find(form, at))
                            said.erase(at, form.size());
        for (auto const mark : marks) {
            bool const asked = target.find(mark) != std::string::npos;
            bool const named = mark.find("ways") != mark.npos && target.find("ways") != mark.npos;
            if (asked || named) continue;
            BOOST_TEST(said.find(mark) == std::string::npos,
                       whose << " finds " << mark << " at " << target);
        }
    }
}

void hold_equal(std::string_view whose, std::string_view when, Answers const& before,
                Answers const& after) {
    for (auto const& [target, text] : before) {
        auto const& now = after.at(target);
        BOOST_TEST((now == text), whose << " sees " << when << " another answer at " << target
                                        << "\n  was " << text.substr(0, 300) << "\n  is  "
                                        << now.substr(0, 300));
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(secrets)

BOOST_AUTO_TEST_CASE(a_planted_row_changes_no_answer_to_who_may_not_know_of_it) {
    Planted planted;
    auto const targets = all_targets(planted);
    BOOST_TEST_MESSAGE(targets.size() << " requests a visitor and a state of the caches");
    BOOST_REQUIRE(targets.size() > 500U);
    auto const port = planted.node->port();
    std::map<std::string, Answers> before;
    for (auto const& who : planted.outsiders) before[who.name] = ask_all(port, targets, who.field);
    // The fids that will be taken are asked for before they are.
    auto const fids = std::pair{planted.above, planted.elsewhere};
    planted.plant();
    BOOST_REQUIRE(fids == std::pair(planted.above, planted.elsewhere));

    bool found = false; // who may know finds it: the marks are marks
    for (auto const& [target, text] : ask_all(port, targets, planted.chief.field))
        found |= text.find("ALPHA7319") != std::string::npos &&
                 target.find("ALPHA") == std::string::npos;
    BOOST_TEST(found);
    auto const land =
        tests::get(port, "/land/parcels?certificate=AB%20123456", planted.chief.field);
    BOOST_TEST(json::parse(land.body)["parcels"].size() == 2U);

    auto const cold = planted.fresh_node();
    for (auto const& who : planted.outsiders) {
        auto const warm = ask_all(port, targets, who.field);
        hold_equal(who.name, "after it was planted and read by others", before[who.name], warm);
        look_for_marks(who.name, warm);
        auto const fresh = ask_all(cold->port(), targets, who.field);
        hold_equal(who.name, "on a fresh node", before[who.name], fresh);
        look_for_marks(who.name, fresh);
    }
}

BOOST_AUTO_TEST_CASE(values_of_masked_and_personal_fields_stand_nowhere) {
    Planted planted;
    planted.plant_values();
    auto const targets = all_targets(planted);
    auto const port = planted.node->port();
    look_for_marks("anonymous, cold", ask_all(port, targets, planted.outsiders[0].field));
    static_cast<void>(ask_all(port, targets, planted.chief.field));
    for (auto const& who : planted.outsiders)
        look_for_marks(who.name, ask_all(port, targets, who.field));
}

BOOST_AUTO_TEST_CASE(a_hidden_collection_is_answered_as_one_that_there_is_not) {
    Planted planted;
    std::regex const name{"ways"};
    std::size_t asked = 0;
    for (auto const& target : all_targets(planted)) {
        auto const other = std::regex_replace(target, name, "nope");
        if (other == target) continue;
        ++asked;
        auto const& who = planted.outsiders[asked % planted.outsiders.size()];
        auto const hidden = without_clock(tests::get(planted.node->port(), target, who.field));
        auto const missing = without_clock(tests::get(planted.node->port(), other, who.field));
        BOOST_TEST(std::regex_replace(hidden, name, "nope") == missing, who.name << " " << target);
    }
    BOOST_TEST(asked > 100U);
}

BOOST_AUTO_TEST_CASE(a_hidden_field_is_refused_as_one_that_there_is_not) {
    Planted planted;
    auto const port = planted.node->port();
    for (auto const& who : planted.outsiders)
        for (std::string const target :
             {"/collections/blocks/items?filter=FIELD%20IS%20NULL",
              "/collections/blocks/items?sortby=FIELD",
              "/collections/blocks/items?properties=FIELD", "/collections/blocks/values/FIELD",
              "/collections/blocks/histogram/FIELD", "/collections/blocks/count?sum=FIELD",
              "/tiles/blocks/12/3244/1836.mvt?filter=FIELD%20IS%20NULL"}) {
            auto const ask = [&](std::string const& name) {
                auto put = target;
                put.replace(put.find("FIELD"), 5, name);
                auto const answer = tests::get(port, put, who.field);
                return std::regex_replace(without_clock(answer), std::regex{name}, "FIELD");
            };
            BOOST_TEST(ask("hidden_rank") == ask("no_such_fld"), who.name << " " << target);
        }
}

BOOST_AUTO_TEST_CASE(a_row_that_is_hidden_is_changed_as_one_that_there_is_not) {
    Planted planted;
    planted.plant();
    auto const port = planted.node->port();
    auto const clerk = planted.outsiders[1].field + "If-Match: *\r\n";
    auto const answers = [&](std::string const& fid) {
        auto const target = "/collections/blocks/items/" + fid;
        auto const body = tests::block("x", 105.3, 18.3).dump();
        json const batch{{"changes",
                          {{{"method", "DELETE"},
                            {"collection", "blocks"},
                            {"fid", std::stoll(fid)},
                            {"ifMatch", "*"}}}}};
        std::string all;
        for (auto const& answer :
             {tests::request(port, "DELETE", target, clerk),
              tests::request(port, "PUT", target, clerk + tests::as_geojson, body),
              tests::request(port, "PATCH", target, clerk + tests::merge_patch, "{}"),
              tests::request(port, "DELETE", target, planted.outsiders[1].field),
              tests::request(port, "POST", "/batch", clerk + tests::as_json, batch.dump())})
            all += without_clock(answer);
        return std::regex_replace(all, std::regex{fid}, "FID");
    };
    BOOST_TEST(answers(planted.above) == answers("8765432"));
    BOOST_TEST(planted.world.database().value("SELECT count(*) FROM record.blocks WHERE fid = " +
                                              planted.above) == "1");
    json const hidden{
        {"type", "Feature"}, {"geometry", nullptr}, {"properties", {{"codename", "mine"}}}};
    auto const refused =
        tests::request(port, "POST", "/collections/blocks/items",
                       planted.outsiders[1].field + tests::as_geojson, hidden.dump());
    BOOST_TEST(refused.status == 422);
    BOOST_TEST(refused.body.find("hidden_rank") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_live_channel_tells_nobody_of_what_they_may_not_know) {
    Planted planted;
    auto const live = planted.node->live_port();
    auto const of_ways = EventSource{live, "collections=ways", {}, planted.outsiders[1].field};
    BOOST_TEST(of_ways.status() == 404);
    std::vector<std::unique_ptr<EventSource>> sources;
    for (auto const& who : {planted.outsiders[0], planted.outsiders[1], planted.chief})
        sources.push_back(std::make_unique<EventSource>(live, "", "", who.field));
    for (auto const& source : sources) BOOST_REQUIRE(source->next());
    planted.plant();
    planted.world.database().sql(
        "UPDATE record.ways SET number = 7319 WHERE fid = 1;"
        "UPDATE record.blocks SET sensitivity = 5 WHERE fid = 3;" // leaves everyone's sight
        "UPDATE record.blocks SET area = 1 WHERE fid = 3;"        // and changes where none sees it
        "UPDATE record.blocks SET area = 1 WHERE fid = 200;");    // seen by all: the end
    for (auto const& source : sources) {
        bool const knows = source == sources.back();
        std::vector<std::string> told;
        while (auto const event = source->news(5s)) {
            if (event->name == "tiles") continue;
            told.push_back(event->name + " " + event->data["collection"].get<std::string>() + " " +
                           event->data["fid"].dump());
            auto const text = event->data.dump();
            if (!knows)
                for (auto const mark : marks)
                    BOOST_TEST(text.find(mark) == std::string::npos, text);
            if (told.back() == "update blocks 200") break;
        }
        std::vector<std::string> const seen{"delete blocks 3", "update blocks 200"};
        if (knows)
            BOOST_TEST(told.size() == 8U + Planted::work_rows); // four are planted, four changed
        else
            BOOST_TEST(told == seen, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(behind_the_policy_the_database_hides_the_same_rows) {
    Planted planted;
    planted.plant();
    auto const seen = [&](std::string const& settings, std::string const& table) {
        return planted.world.database().value("BEGIN; SET LOCAL ROLE diaban_serve; " + settings +
                                              "SELECT count(*) FROM record." + table +
                                              " WHERE fid = " + planted.above);
    };
    BOOST_TEST(seen("", "blocks") == "0");
    auto const set = [](std::string const& scopes, int level) {
        return fmt::format("SET LOCAL diaban.scopes = '{}'; SET LOCAL diaban.level = '{}'; ",
                           scopes, level);
    };
    BOOST_TEST(seen(set("*", 4), "blocks") == "0");
    BOOST_TEST(seen(set("*", 5), "blocks") == "1");
    BOOST_TEST(seen(set("{18739}", 5), "blocks") == "1");
    BOOST_TEST(seen(set("{18073}", 255), "blocks") == "0");
    BOOST_TEST(seen(set("{}", 255), "blocks") == "0");
    planted.world.database().sql("DELETE FROM record.blocks WHERE fid = " + planted.above);
    BOOST_TEST(seen(set("*", 4), "blocks_history") == "0");
    BOOST_TEST(seen(set("*", 5), "blocks_history") == "1");
    BOOST_CHECK_THROW(planted.world.database().sql(
                          "BEGIN; SET LOCAL ROLE diaban_edit; " + set("{18739}", 0) +
                          "UPDATE record.blocks SET sensitivity = 1 WHERE fid = 1; COMMIT"),
                      std::exception);
    // A search by box still goes by its index.
    auto const plan = planted.world.database().sql(
        "BEGIN; SET LOCAL ROLE diaban_serve; SET LOCAL enable_seqscan = off; " + set("*", 0) +
        "EXPLAIN SELECT fid FROM record.blocks WHERE geom && ST_MakeEnvelope(105, 18, 105.1, "
        "18.1, 4326)");
    std::string text;
    for (auto const& line : plan) text += line[0] + "\n";
    BOOST_TEST(text.find("Index Cond: (geom &&") != std::string::npos, text);
}

BOOST_AUTO_TEST_SUITE_END()
