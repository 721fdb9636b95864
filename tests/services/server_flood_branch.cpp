// Floods that are paused, and floods that go on from a frame of another.

#include "tests/services/spring.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

using namespace diaban::tests;
using nlohmann::json;

namespace {

/// Files of a flood's frames, by their content, in order.
std::string frames(World& world, std::string const& coverage) {
    return world.database().value(
        "SELECT string_agg(blob, ',' ORDER BY at) FROM diaban.coverage_file WHERE coverage = '" +
        coverage + "'");
}

std::string first(std::string const& frames, std::size_t count) {
    return frames.substr(0, count * 65 - 1);
}

RawAnswer change(World& world, std::string const& id, std::string const& verb) {
    return request(world.port(), "POST", "/jobs/" + id + "/" + verb);
}

} // namespace

BOOST_AUTO_TEST_SUITE(floods)

BOOST_AUTO_TEST_CASE(a_flood_rests_while_it_is_paused_and_others_have_its_turn) {
    auto& world = World::shared();
    need_valley(world);
    auto inputs = spring();
    inputs["hours"] = 20;
    inputs["frame_minutes"] = 1.5;
    auto const asked = ask_process(world.port(), "inundation", inputs);
    BOOST_REQUIRE(asked.status == 201);
    std::string const id = json::parse(asked.body)["jobID"];
    auto coverage = "flood_" + id;
    std::ranges::replace(coverage, '-', '_');
    auto const count = [&] {
        return world.database().value(
            "SELECT count(*) FROM diaban.coverage_file WHERE coverage = '" + coverage + "'");
    };
    await("frames", [&] { return count() != "0"; });
    BOOST_TEST(json::parse(change(world, id, "pause").body)["paused"] == true);
    std::string before;
    await("rest", [&] {
        before = count();
        std::this_thread::sleep_for(std::chrono::seconds{5}); // many times what a frame takes
        return count() == before;
    });
    BOOST_TEST(job(world.port(), id)["status"] == "running");
    // Three at once have their turns beside it, where two are run.
    for (int i = 0; i < 3; ++i)
        static_cast<void>(
            results_of(world, "exposure", {{"hazard", {{"coverage", "valley_hand"}, {"to", 2}}}}));
    BOOST_TEST(count() == before);
    auto const resumed = json::parse(change(world, id, "resume").body);
    BOOST_TEST(!resumed.contains("paused"));
    await("more frames", [&] { return count() != before; });
    BOOST_TEST(request(world.port(), "DELETE", "/jobs/" + id).status == 200);
    BOOST_TEST(change(world, id, "pause").status == 404); // it is over
    BOOST_TEST(change(world, "nothing", "pause").status == 404);
}

BOOST_AUTO_TEST_CASE(a_flood_goes_on_from_a_frame_under_another_scenario) {
    auto& world = World::shared();
    need_valley(world);
    std::string const old = results_of(world, "inundation", spring())["coverage"];
    auto inputs = spring();
    inputs["from"] = {{"coverage", old}, {"frame", 2}};
    std::string const same = results_of(world, "inundation", inputs)["coverage"];
    BOOST_TEST(frames(world, same) == frames(world, old));

    inputs["releases"][0]["discharge"] = {{0, 0}, {10, 60}, {120, 60}, {125, 150}};
    auto const results = results_of(world, "inundation", inputs);
    std::string const other = results["coverage"];
    BOOST_TEST(first(frames(world, other), 2) == first(frames(world, old), 2));
    BOOST_TEST(frames(world, other) != frames(world, old));
    BOOST_TEST(results["frames"] == 4);
    BOOST_TEST(results["mass_error"].get<double>() < 1e-6);
    // As if it had been so from the beginning, for until then it was alike.
    auto whole = inputs;
    whole.erase("from");
    std::string const anew = results_of(world, "inundation", whole)["coverage"];
    BOOST_TEST(frames(world, anew) == frames(world, other));
    // And a third from the second.
    inputs["from"] = {{"coverage", other}, {"frame", 3}};
    std::string const third = results_of(world, "inundation", inputs)["coverage"];
    BOOST_TEST(frames(world, third) == frames(world, other));

    auto const refused = [&](char const* name, json const& value) {
        auto wrong = inputs;
        wrong[name] = value;
        auto const answer = ask_process(world.port(), "inundation", wrong);
        BOOST_TEST(answer.status == 400, name << " " << answer.body);
        BOOST_TEST(answer.body.find("\"from\"") != std::string::npos, answer.body);
    };
    refused("from", {{"coverage", old}, {"frame", 9}});
    refused("from", {{"coverage", old}, {"frame", 1.5}});
    refused("from", {{"coverage", "valley"}, {"frame", 1}});
    refused("friction", 0.05);
    refused("frame_minutes", 30);
    refused("hours", 3);
    refused("start", "2026-11-27T00:00:00Z");
}

BOOST_AUTO_TEST_CASE(readings_of_a_gauge_and_its_forecast_are_one_series_by_instant) {
    auto& world = World::shared();
    need_valley(world);
    auto inputs = spring();
    std::string const by_minute = results_of(world, "inundation", inputs)["coverage"];
    inputs["releases"][0]["discharge"] = json::array({json::array({"2026-11-25T23:00:00Z", 0}),
                                                      json::array({"2026-11-26T00:00:00Z", 0}),
                                                      json::array({"2026-11-26T00:10:00Z", 60})});
    std::string const by_instant = results_of(world, "inundation", inputs)["coverage"];
    BOOST_TEST(frames(world, by_minute) == frames(world, by_instant));
    inputs.erase("start");
    BOOST_TEST(ask_process(world.port(), "inundation", inputs).status == 400);
}

BOOST_AUTO_TEST_CASE(quick_processes_answer_at_once_and_others_as_jobs) {
    auto& world = World::shared();
    need_valley(world);
    json const body{{"inputs", {{"hazard", {{"coverage", "valley_hand"}, {"to", 2}}}}}};
    auto const ask = [&](std::string const& fields) {
        return request(world.port(), "POST", "/processes/exposure/execution", fields + json_type,
                       body.dump());
    };
    auto const now = ask("");
    BOOST_TEST(now.status == 200);
    BOOST_TEST(json::parse(now.body).contains("total"));
    BOOST_TEST(ask("Prefer: wait=15\r\n").status == 200);
    auto const later = ask("Prefer: respond-async\r\n");
    BOOST_TEST(later.status == 201);
    BOOST_TEST(ask("Prefer: wait=0\r\n").status == 201);
    auto const of_flood = request(world.port(), "POST", "/processes/inundation/execution",
                                  json_type, json{{"inputs", spring()}}.dump());
    BOOST_TEST(of_flood.status == 201);
    auto const options = [&](char const* process) {
        return world.json(std::string{"/processes/"} + process)["jobControlOptions"];
    };
    BOOST_TEST(options("exposure") == json({"sync-execute", "async-execute", "dismiss"}));
    BOOST_TEST(options("inundation") == json({"async-execute", "dismiss"}));
}

BOOST_AUTO_TEST_SUITE_END()
