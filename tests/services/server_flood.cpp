// Floods as jobs: what is refused, frames as they come, what the answer says of itself.

#include "tests/services/spring.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <string>
#include <vector>

using namespace diaban::tests;
using nlohmann::json;

namespace {

RawAnswer asked(World& world, json const& inputs) {
    return ask_process(world.port(), "inundation", inputs);
}

/// The results of a run that is asked for and awaited.
json flooded(World& world, json const& inputs) {
    return results_of(world, "inundation", inputs);
}

double deep(World& world, std::string const& coverage, double column, double row,
            std::string const& datetime) {
    auto const value = world.json("/coverages/" + coverage + "/value?datetime=" + datetime + "&" +
                                  at(column, row));
    BOOST_TEST(value["unit"] == "m");
    return value["value"];
}

} // namespace

BOOST_AUTO_TEST_SUITE(floods)

BOOST_AUTO_TEST_CASE(a_release_flows_down_the_valley_frame_by_frame_and_no_water_is_lost) {
    auto& world = World::shared();
    need_valley(world);
    auto const results = flooded(world, spring());
    std::string const id = results["coverage"];
    BOOST_TEST(results["frames"] == 4);
    BOOST_TEST(results["mass_error"].get<double>() < 1e-6);
    // The hydrograph's own integral: 10 minutes of rising, then 60 m³/s.
    BOOST_TEST(results["details"]["balance"]["inflow_m3"].get<double>() ==
                   300 * 60 + (4 * 3600 - 600) * 60,
               boost::test_tools::tolerance(1e-9));
    BOOST_TEST(results["details"]["terrain_origin"] == "synthetic");
    for (auto const* const said : {"method", "validity", "units", "inputs", "terrain_sha256"})
        BOOST_TEST(results["details"].contains(said), said);
    auto const about = world.json("/coverages/" + id);
    BOOST_TEST(about["times"] == json({"2026-11-26T01:00:00Z", "2026-11-26T02:00:00Z",
                                       "2026-11-26T03:00:00Z", "2026-11-26T04:00:00Z"}));
    BOOST_TEST(about["derivedFrom"] == "valley");
    BOOST_TEST(about["origin"] == "synthetic");
    // Water comes to the south later, and not up the sides.
    BOOST_TEST(deep(world, id, 60.5, 30.5, "2026-11-26T04:00:00Z") > 0.05);
    BOOST_TEST(deep(world, id, 60.5, 70.5, "2026-11-26T01:00:00Z") <
               deep(world, id, 60.5, 30.5, "2026-11-26T01:00:00Z"));
    BOOST_TEST(deep(world, id, 45.5, 30.5, "2026-11-26T04:00:00Z") == 0);
    auto const early = world.json("/coverages/" + id + "/value?band=arrival&" + at(60.5, 25.5));
    auto const late = world.json("/coverages/" + id + "/value?band=arrival&" + at(60.5, 60.5));
    BOOST_TEST(early["value"].get<double>() < late["value"].get<double>());
    auto const tile = "/coverages/" + id + "/tiles/terrarium/12/3243/1838.png?datetime=";
    BOOST_TEST(world.get(tile + "2026-11-26T01:00:00Z").status == 200);
    BOOST_TEST(world.get(tile + "2026-11-25T01:00:00Z").status == 404);
    BOOST_TEST(world.get(tile + "2026-11-26T01:00:00Z&band=nothing").status == 400);
}

BOOST_AUTO_TEST_CASE(the_same_scenario_gives_the_same_bytes) {
    auto& world = World::shared();
    need_valley(world);
    std::vector<std::string> pictures;
    for (int run = 0; run < 2; ++run) {
        std::string const id = flooded(world, spring())["coverage"];
        pictures.push_back(world
                               .get("/coverages/" + id + "/profile?samples=500&line=" +
                                    fmt::format("{:.9f},{:.9f},{:.9f},{:.9f}",
                                                degrees(60.5, 2).first, degrees(60.5, 2).second,
                                                degrees(60.5, 78).first, degrees(60.5, 78).second))
                               .body);
        auto one = json::parse(pictures.back())["points"];
        pictures.back() = one.dump();
    }
    BOOST_TEST(pictures[0] == pictures[1]);
}

BOOST_AUTO_TEST_CASE(a_dyke_holds_water_until_it_breaches) {
    auto& world = World::shared();
    need_valley(world);
    auto inputs = spring();
    inputs["dykes"] = {{{"geometry", line(45, 40.5, 75, 40.5)}, {"crest", 12}}};
    std::string const whole = flooded(world, inputs)["coverage"];
    BOOST_TEST(deep(world, whole, 60.5, 50.5, "2026-11-26T04:00:00Z") == 0);
    // The bed there is 4 m; the breach goes down to it within half an hour from minute 120 on.
    inputs["breaches"] = {
        {{"geometry", line(59, 40.5, 62, 40.5)}, {"level", {{120, 12}, {150, 4}}}}};
    std::string const broken = flooded(world, inputs)["coverage"];
    BOOST_TEST(deep(world, broken, 60.5, 50.5, "2026-11-26T02:00:00Z") == 0);
    BOOST_TEST(deep(world, broken, 60.5, 50.5, "2026-11-26T04:00:00Z") > 0.05);
}

BOOST_AUTO_TEST_CASE(a_dam_break_is_refused_with_the_reason) {
    auto& world = World::shared();
    need_valley(world);
    auto inputs = spring();
    inputs["dykes"] = {{{"geometry", line(45, 40.5, 75, 40.5)}, {"crest", 30}}};
    inputs["breaches"] = {{{"geometry", line(59, 40.5, 62, 40.5)}, {"level", {{20, 30}, {21, 4}}}}};
    auto const answer = asked(world, inputs);
    BOOST_REQUIRE_MESSAGE(answer.status == 201, answer.body);
    std::string const id = json::parse(answer.body)["jobID"];
    auto const failed = await_job(world.port(), id, "failed");
    BOOST_TEST(failed["problem"] == "urn:diaban:problem:dam-break");
    BOOST_TEST(failed["message"].get<std::string>().find("26") != std::string::npos);
    std::string coverage = "flood_" + id;
    std::ranges::replace(coverage, '-', '_');
    BOOST_TEST(world.get("/coverages/" + coverage).status == 404);
}

BOOST_AUTO_TEST_CASE(what_is_asked_badly_is_refused_before_there_is_a_job) {
    auto& world = World::shared();
    need_valley(world);
    auto const refused = [&](std::string const& name, json const& value, int status = 400) {
        auto inputs = spring();
        inputs[name] = value;
        auto const answer = asked(world, inputs);
        BOOST_TEST(answer.status == status, name << " " << value << " " << answer.body);
    };
    refused("terrain", "valley_hand");
    refused("terrain", "nothing", 404);
    refused("bbox", {1, 2, 3});
    refused("bbox", {107, 18, 107.1, 18.1});
    refused("cell", 150);
    refused("cell", 200, 201);
    refused("hours", 1e9);
    refused("frame_minutes", 0);
    refused("start", "yesterday");
    refused("friction", -1);
    refused("rain", {{10, 5}, {5, 5}});
    refused("rain", "much");
    refused("releases", {{{"geometry", point(60.5, 20.5)}}});
    refused("releases", {{{"geometry", {{"type", "Nothing"}}}, {"discharge", 1}}});
    refused("dykes", {{{"geometry", point(60.5, 20.5)}, {"crest", 1}}});
    refused("color", "red");
}

BOOST_AUTO_TEST_SUITE_END()
