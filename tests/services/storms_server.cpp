// Bulletins from the text to the record, what a storm meets, and the rules about rain and
// reservoirs.

#include "services/domain/intake.hpp"
#include "tests/services/bulletin_bualoi.hpp"
#include "tests/services/job_client.hpp"
#include "tests/services/world.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <set>
#include <string>

using namespace diaban;
using nlohmann::json;
using tests::RawAnswer;
using tests::World;

namespace {

namespace tt = boost::test_tools;

void import_rules(std::string const& uri) {
    for (auto const* const id :
         {"wind_levels", "storm_risks", "rain_regions", "rain_risks", "reservoir_curves"}) {
        services::domain::ImportRequest rules;
        rules.file = std::filesystem::path{DIABAN_PLANS}.parent_path() / "hazards" /
                     (std::string{id} + ".csv");
        rules.collection = id;
        rules.mode = data::postgis::ImportMode::replace;
        auto const summary = services::domain::import_file(uri, rules);
        BOOST_TEST_REQUIRE(summary.faulty == 0U, id);
    }
}

std::unique_ptr<World> world_with_rules() {
    auto world = std::make_unique<World>();
    import_rules(world->database().uri());
    tests::await("rules", [&] {
        return world->json("/collections/wind_levels/count")["count"] == 12 &&
               world->json("/collections/storm_risks/count")["count"] == 25 &&
               world->json("/collections/rain_risks/count")["count"] > 20 &&
               world->json("/collections/rain_regions/count")["count"] == 35 &&
               world->json("/collections/reservoir_curves/count")["count"] == 3;
    });
    return world;
}

World& office() {
    static auto const world = world_with_rules();
    return *world;
}

RawAnswer post(World const& world, std::string const& path, json const& body) {
    return tests::request(world.port(), "POST", path, tests::json_type, body.dump());
}

json told(RawAnswer const& answer, int status) {
    BOOST_TEST_REQUIRE(answer.status == status, answer.body);
    return json::parse(answer.body);
}

json bulletin(std::string const& text) {
    return {{"text", text}, {"received", "2025-09-28"}};
}

std::string altered_bulletin(std::string const& from, std::string const& to) {
    std::string text = tests::bualoi_bulletin;
    auto const at = text.find(from);
    BOOST_REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

} // namespace

BOOST_AUTO_TEST_SUITE(storm_office)

BOOST_AUTO_TEST_CASE(a_confirmed_bulletin_stands_in_the_record_and_its_risk_apart_from_the_rules) {
    auto& world = office();
    auto const reading =
        told(post(world, "/storms/bulletins/reading", bulletin(tests::bualoi_bulletin)), 200);
    BOOST_TEST(reading["faults"].empty());
    BOOST_TEST(reading["doubts"].empty(), reading["doubts"]);
    BOOST_TEST(reading["storm"] == "Bão số 10 (Bualoi)");
    BOOST_TEST(reading["fixes"].size() == 3U);
    BOOST_TEST(world.json("/storms/bulletins")["matched"] == 0); // reading keeps nothing

    auto const taken =
        told(post(world, "/storms/bulletins", bulletin(tests::bualoi_bulletin)), 201);
    BOOST_TEST(taken["official_risk"] == 4);
    auto const list = world.json("/storms/bulletins");
    BOOST_TEST(list["matched"] == 1);
    BOOST_TEST(list["bulletins"][0]["key"] == taken["key"]);
    BOOST_TEST(list["bulletins"][0]["observed_at"] == "2025-09-27T21:00:00Z");

    auto const one = world.json("/storms/bulletins/" + taken["key"].get<std::string>());
    BOOST_REQUIRE(one["fixes"].size() == 3U);
    BOOST_TEST(one["fixes"][0]["lon"].get<double>() == 110.2);
    BOOST_TEST(one["fixes"][0]["forecast"] == false);
    BOOST_TEST(one["fixes"][1]["danger"] == json::array({100, 14, 113, 20}));
    BOOST_TEST(one["fixes"][2]["official"].size() == 3U);
    BOOST_TEST(one["official_risk"] == 4);
    // By the rules: level 12–13 is 4 on the coast and 3 at sea, level 9–10 is 3.
    auto const& computed = one["computed"]["fixes"];
    BOOST_TEST(computed[1]["risks"]["north"] == 4);
    BOOST_TEST(computed[1]["risks"]["sea"] == 3);
    BOOST_TEST(computed[1]["class"] == "very_strong");
    BOOST_TEST(computed[2]["risks"]["north"] == 3);
    BOOST_TEST(computed[2]["class"] == "strong");

    auto const& database = world.database();
    BOOST_TEST(database.value("SELECT kind || ' ' || name || ' ' || risk_level FROM "
                              "record.disaster_events") == "storm Bão số 10 (Bualoi) 4");
    BOOST_TEST(
        database.value("SELECT ST_AsText(geom) FROM record.storm_fixes ORDER BY at LIMIT 1") ==
        "POINT(110.2 16.2)");
    BOOST_TEST(database.value("SELECT count(*) FROM record.storm_warnings WHERE risk = 4 AND "
                              "mainland") == "1");

    BOOST_TEST(post(world, "/storms/bulletins", bulletin(tests::bualoi_bulletin)).status == 409);
    // The next bulletin of the storm belongs to the same event and says its risk now.
    auto const next = told(post(world, "/storms/bulletins",
                                bulletin(altered_bulletin("Cấp 4: đất liền", "Cấp 5: đất liền"))),
                           201);
    BOOST_TEST(next["event"] == taken["event"]);
    BOOST_TEST(database.value("SELECT risk_level FROM record.disaster_events") == "5");
    BOOST_TEST(database.value("SELECT count(*) FROM record.disaster_events") == "1");
}

BOOST_AUTO_TEST_CASE(a_faulty_bulletin_is_refused_and_a_doubtful_one_waits_for_a_person) {
    auto& world = office();
    auto const before = world.database().value("SELECT count(*) FROM record.storm_bulletins");
    auto const faulty = told(post(world, "/storms/bulletins",
                                  bulletin(altered_bulletin("17,5N-107,6E", "71,5N-107,6E"))),
                             422);
    BOOST_TEST(faulty["errors"][0]["type"].get<std::string>().ends_with("bulletin-position"));
    BOOST_TEST(faulty["errors"][0]["detail"].get<std::string>().find("71,5N") != std::string::npos);
    auto const text = altered_bulletin("118-133km/giờ", "103-117km/giờ");
    auto const doubted = told(post(world, "/storms/bulletins", bulletin(text)), 422);
    BOOST_TEST(doubted["errors"][0]["type"].get<std::string>().ends_with("bulletin-winds"));
    BOOST_TEST(world.database().value("SELECT count(*) FROM record.storm_bulletins") == before);
    auto body = bulletin(text);
    body["confirmed"] = {"bulletin-winds"};
    auto const taken = told(post(world, "/storms/bulletins", body), 201);
    BOOST_TEST(world.database()
                   .value("SELECT doubts FROM record.storm_bulletins WHERE key = '" +
                          taken["key"].get<std::string>() + "'")
                   .starts_with("bulletin-winds"));
    for (json const& bad :
         {json{{"text", ""}}, json{{"text", std::string(20'001, 'a')}}, json::array(),
          json{{"text", "a"}, {"received", "mai"}}, json{{"text", "a"}, {"event", -1}}})
        BOOST_TEST(post(world, "/storms/bulletins/reading", bad).status == 400,
                   bad.dump().substr(0, 60));
    BOOST_TEST(world.get("/storms/bulletins/0123").status == 404);
}

BOOST_AUTO_TEST_CASE(
    rain_of_150_mm_after_a_wet_day_is_level_1_in_old_bac_kan_and_none_in_old_thai_nguyen) {
    auto& world = office();
    for (int const days : {1, 2}) {
        auto const bac_kan = world.json(
            fmt::format("/hazards/rain-risk?province=06&zone=medium&rain=150&wet-days={}", days));
        BOOST_TEST(bac_kan["region"] == "2");
        BOOST_TEST(bac_kan["risk"] == 1);
        auto const thai_nguyen = world.json(
            fmt::format("/hazards/rain-risk?province=19&zone=medium&rain=150&wet-days={}", days));
        BOOST_TEST(thai_nguyen["region"] == "3");
        BOOST_TEST(thai_nguyen["risk"].is_null());
        BOOST_TEST(thai_nguyen["known"] == true);
    }
    // What no row says is not known; before its first day no rule is in force.
    BOOST_TEST(
        world.json("/hazards/rain-risk?province=06&zone=medium&rain=150&wet-days=0")["known"] ==
        false);
    BOOST_TEST(world.json("/hazards/rain-risk?province=06&zone=medium&rain=150&wet-days=1&on="
                          "2021-06-30")["known"] == false);
    BOOST_TEST(world.get("/hazards/rain-risk?province=06&zone=steep&rain=150&wet-days=1").status ==
               400);
    BOOST_TEST(world.get("/hazards/rain-risk?province=06&zone=low&rain=-1&wet-days=1").status ==
               400);
}

BOOST_AUTO_TEST_CASE(ke_go_fills_in_22_9_hours) {
    auto& world = office();
    BOOST_TEST(world.json("/reservoirs")["reservoirs"].size() == 1U);
    auto const filling =
        world.json("/reservoirs/ke-go/filling?at-level=31.15&inflow=700&release=200");
    BOOST_TEST(filling["volume_m3"] == 303.75e6);
    BOOST_TEST(filling["full_m"] == 32.5);
    BOOST_TEST(filling["hours_to_full"].get<double>() == 22.9, tt::tolerance(0.002));
    BOOST_TEST(
        world
            .json(
                "/reservoirs/ke-go/filling?at-level=31.15&inflow=100&release=200")["hours_to_full"]
            .is_null());
    auto const inflow = world.json(
        "/reservoirs/ke-go/inflow?at-level=31.15&level-after=32.5&over-hours=24&release=100");
    BOOST_TEST(inflow["inflow_m3s"].get<double>() == 41.25e6 / 86'400 + 100, tt::tolerance(1e-9));
    BOOST_TEST(world.get("/reservoirs/ke-go/filling?at-level=33&inflow=1").status == 400);
    BOOST_TEST(world.get("/reservoirs/xa-la/filling?at-level=3&inflow=1").status == 404);
}

BOOST_AUTO_TEST_CASE(what_a_storm_meets_sums_to_its_total_and_comes_in_order) {
    auto& world = office();
    json const fixes = json::array(
        {{{"at", "2025-09-27T21:00:00Z"}, {"lon", 107.2}, {"lat", 17.6}, {"wind_ms", 34.8}},
         {{"at", "2025-09-28T09:00:00Z"}, {"lon", 104.6}, {"lat", 18.9}, {"wind_ms", 23}}});
    json const inputs{
        {"fixes", fixes}, {"swath", 30000}, {"level", 8}, {"collections", {"blocks", "spots"}}};
    auto const met = tests::results_of(world, "storm", inputs);
    double people = 0;
    double area = 0;
    std::int64_t blocks = 0;
    for (auto const& part : met["parts"]) {
        people += part["people"]["affected"].get<double>();
        area += part["hazard_area_m2"].get<double>();
        blocks += part["collections"]["blocks"]["count"].get<std::int64_t>();
    }
    BOOST_TEST(people == met["total"]["people"]["affected"].get<double>());
    BOOST_TEST(area == met["total"]["hazard_area_m2"].get<double>());
    BOOST_TEST(blocks == met["total"]["collections"]["blocks"]["count"].get<std::int64_t>());
    BOOST_TEST(blocks > 100);
    // The file's swath, laid over the communes by PostGIS.
    auto const href = met["file"]["href"].get<std::string>();
    auto const file = json::parse(world.get(href.substr(href.find("/jobs/"))).body);
    std::set<std::string> parts;
    std::string swath;
    for (auto const& feature : file["features"]) {
        parts.insert(feature["properties"]["part"]);
        if (feature["properties"]["part"] == "swath") swath = feature["geometry"].dump();
    }
    BOOST_TEST((parts == std::set<std::string>{"swath", "wind"}));
    BOOST_TEST(
        std::to_string(blocks) ==
        world.database().value("SELECT count(*) FROM record.blocks WHERE ST_Area(ST_Intersection("
                               "geom, ST_SetSRID(ST_GeomFromGeoJSON('" +
                               swath + "'), 4326))) > 0"));
    std::string last;
    for (auto const& arrival : met["arrivals"]) {
        BOOST_TEST(arrival["begins"].get<std::string>() >= last);
        BOOST_TEST(arrival["ends"].get<std::string>() >= arrival["begins"].get<std::string>());
        last = arrival["begins"];
    }
    BOOST_TEST(met["arrivals"].size() == 2U); // both communes lie within 60 km
    for (json const& bad :
         {json::object(), json{{"fixes", json::array()}}, json{{"fixes", fixes}, {"swath", 10}},
          json{{"fixes", fixes}, {"cone", {1}}}, json{{"fixes", fixes}, {"bulletin", "x"}}})
        BOOST_TEST(tests::ask_process(world.port(), "storm", bad).status == 400, bad);
}

BOOST_AUTO_TEST_CASE(bualois_swath_touches_68_of_ha_tinhs_69_communes_and_holds_57_wholly) {
    auto const data = tests::real_data("bualois_swath_touches_68_communes", "admin");
    if (!data) return;
    auto const world = world_with_rules();
    world->database().sql("DELETE FROM record.places");
    services::domain::ImportRequest communes;
    communes.file = *data / "hatinh_communes_2025_full.fgb";
    communes.collection = "places";
    communes.map = {{"code", "code"}, {"name", "name"}, {"full_name", "full_name"}};
    communes.constants = {{"level", "commune"}, {"valid_from", "2025-07-01"}};
    static_cast<void>(services::domain::import_file(world->database().uri(), communes));
    auto const taken =
        told(post(*world, "/storms/bulletins", bulletin(tests::bualoi_bulletin)), 201);
    auto const met = tests::results_of(*world, "storm", {{"bulletin", taken["key"]}, {"level", 8}});
    int touched = 0;
    int whole = 0;
    for (auto const& part : met["parts"]) {
        if (part["unit"].is_null()) continue;
        ++touched;
        auto const share = world->database().value(
            fmt::format("SELECT {} / ST_Area(geom::geography) FROM record.places WHERE code = '{}'",
                        part["hazard_area_m2"].get<double>(), part["unit"].get<std::string>()));
        whole += std::stod(share) > 1 - 1e-5;
    }
    BOOST_TEST(touched == 68);
    BOOST_TEST(std::abs(whole - 57) <= 1); // the reference's buffer is planar
    // What the swath holds has winds of level 8, between the first and the last fix.
    BOOST_TEST(met["arrivals"].size() >= 57U);
    for (auto const& arrival : met["arrivals"]) {
        std::string const begins = arrival["begins"];
        std::string const ends = arrival["ends"];
        BOOST_TEST((begins >= "2025-09-27T21:00:00Z"), begins);
        BOOST_TEST((ends <= "2025-09-28T21:00:00Z"), ends);
    }
    BOOST_TEST(met["details"]["fixes"].size() == 3U);
    BOOST_TEST(met["details"]["fixes"][0]["wind_ms"].get<double>() == (32.7 + 37) / 2,
               tt::tolerance(1e-3));
}

BOOST_AUTO_TEST_SUITE_END()
