// Who is cut off when the road through a valley is under water, and where they find shelter.

#include "services/domain/process.hpp"
#include "tests/services/spring.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace diaban;
using namespace diaban::tests;
using nlohmann::json;
namespace domain = diaban::services::domain;

namespace {

using Place = std::pair<double, double>; // column, row of the valley

std::string line(std::initializer_list<Place> places) {
    std::string text;
    for (auto const& [column, row] : places) {
        auto const [lon, lat] = degrees(column, row);
        text += fmt::format("{}{:.12f} {:.12f}", text.empty() ? "" : ",", lon, lat);
    }
    return "ST_GeomFromText('LINESTRING(" + text + ")', 4326)";
}

std::string point(Place place) {
    auto const [lon, lat] = degrees(place.first, place.second);
    return fmt::format("ST_SetSRID(ST_MakePoint({:.12f}, {:.12f}), 4326)", lon, lat);
}

void make_collections(Database const& database) {
    auto const create = [&](std::string const& definition) {
        database.sql("SELECT diaban.create_collection('" + definition + "')");
    };
    create(R"({"id": "lanes", "geometry": "line", "title": {"vi": "Đường"}, "class_field": "kind",
        "label_field": "name", "fields": [
        {"name": "name", "type": "text", "title": {"vi": "Tên"}, "tile": true},
        {"name": "kind", "type": "text", "title": {"vi": "Loại"}, "tile": true},
        {"name": "bridge", "type": "boolean", "title": {"vi": "Cầu"}},
        {"name": "deck_m", "type": "number", "title": {"vi": "Mặt cầu"}}]})");
    create(R"({"id": "hamlets", "geometry": "point", "title": {"vi": "Thôn"}, "label_field": "name",
        "fields": [
        {"name": "code", "type": "text", "title": {"vi": "Mã"}, "tile": true},
        {"name": "name", "type": "text", "title": {"vi": "Tên"}, "tile": true},
        {"name": "population", "type": "integer", "title": {"vi": "Dân số"}, "tile": true}]})");
}

/// A road across the valley, whose stream runs along column 60; a lane on the far side that leads
/// on; a track that no other road meets; hamlets and shelters along them.
void plant(Database const& database) {
    make_collections(database);
    auto const lane = [&](char const* name, char const* kind, std::string const& shape) {
        database.sql(
            fmt::format("INSERT INTO record.lanes (name, kind, geom) VALUES ('{}', '{}', {})", name,
                        kind, shape));
    };
    lane("Đường 1", "provincial", line({{10.5, 40.5}, {30.5, 40.5}, {50.5, 40.5}}));
    lane("Qua suối", "provincial", line({{50.5, 40.5}, {60.5, 40.5}, {70.5, 40.5}}));
    lane("Đường 2", "provincial", line({{70.5, 40.5}, {90.5, 40.5}, {110.5, 40.5}}));
    lane("Ngõ", "rural", line({{90.5, 40.5}, {90.5, 50.5}}));
    lane("Lối mòn", "track", line({{20.5, 60.5}, {30.5, 60.5}}));
    lane("Đường sắt", "railway", line({{50.5, 40.5}, {70.5, 40.5}}));
    auto const hamlet = [&](char const* code, char const* name, int people, Place at) {
        database.sql(fmt::format("INSERT INTO record.hamlets (code, name, population, geom) VALUES "
                                 "('{}', '{}', {}, {})",
                                 code, name, people, point(at)));
    };
    hamlet("A", "Thôn Thượng", 300, {30.5, 41.5});
    hamlet("B", "Thôn Đông", 120, {100.5, 40.5});
    hamlet("C", "Thôn Ngõ", 30, {90.5, 50});
    hamlet("D", "Thôn Núi", 40, {25.5, 61});
    hamlet("E", "Thôn Xa", 7, {25.5, 5});
    auto const facility = [&](char const* name, char const* kind, char const* room, Place at) {
        database.sql(
            fmt::format("INSERT INTO record.facilities (name, kind, capacity, geom) VALUES "
                        "('{}', '{}', {}, {})",
                        name, kind, room, point(at)));
    };
    facility("Nhà văn hóa", "shelter", "100", {110.5, 40.5});
    facility("Trạm nhỏ", "shelter", "25", {90.5, 41.5});
    facility("Hội trường", "shelter", "NULL", {10.5, 40.5});
    facility("Nhà ven suối", "shelter", "900", {60.5, 40.5});
    facility("Trường học", "school", "500", {90.5, 45.5});
}

std::unique_ptr<World> made() {
    auto world = std::make_unique<World>();
    plant(world->database());
    auto const file = write_valley("cut-off", hon_dau, "m");
    import_raster(*world, {.coverage = "valley", .file = file, .synthetic = true});
    static_cast<void>(
        results_of(*world, "terrain-prepare", {{"terrain", "valley"}, {"stream_km2", 1.3}}));
    std::filesystem::remove(file);
    await("lanes", [&] {
        auto const answer = world->get("/collections/lanes/count");
        return answer.status == 200 && json::parse(answer.body)["count"] == 6;
    });
    return world;
}

World& land() {
    static auto const world = made();
    return *world;
}

json asked(json const& more = json::object(), double stage = 1.2) {
    json inputs{{"hazard", {{"terrain", "valley"}, {"stage", stage}}},
                {"roads", "lanes"},
                {"units", "hamlets"},
                {"reach", 500}};
    inputs.update(more);
    return inputs;
}

json results(json const& inputs) {
    return results_of(land(), "cut-off", inputs);
}

json const& place(json const& results, std::string const& unit) {
    for (auto const& one : results["places"])
        if (one["unit"] == unit) return one;
    throw std::runtime_error{"no place " + unit};
}

/// Sets columns of the road over the stream.
void change_crossing(std::string const& columns) {
    land().database().sql("UPDATE record.lanes SET " + columns +
                          " WHERE kind = 'provincial' AND "
                          "geom && " +
                          point({60.5, 40.5}));
}

void hold_sums(json const& results) {
    auto const& total = results["total"];
    std::int64_t people = 0;
    std::int64_t sheltered = 0;
    std::int64_t without_room = 0;
    std::size_t places = 0;
    for (auto const& part : results["parts"]) {
        std::int64_t in_part = 0;
        for (auto const& one : part["places"]) in_part += one["people"].get<std::int64_t>();
        BOOST_TEST(part["people"].get<std::int64_t>() == in_part);
        people += in_part;
        places += part["places"].size();
        sheltered += part["sheltered"].get<std::int64_t>();
        without_room += part["without_room"].get<std::int64_t>();
    }
    BOOST_TEST(total["people"].get<std::int64_t>() == people);
    BOOST_TEST(
        total["people"].get<std::int64_t>() ==
        total["people_joined"].get<std::int64_t>() + total["people_cut_off"].get<std::int64_t>() +
            total["people_apart"].get<std::int64_t>() + total["people_far"].get<std::int64_t>());
    BOOST_TEST(total["places"].get<std::size_t>() == places);
    BOOST_TEST(results["places"].size() == places);
    BOOST_TEST(total["sheltered"].get<std::int64_t>() == sheltered);
    BOOST_TEST(total["without_room"].get<std::int64_t>() == without_room);
    std::int64_t taken = 0;
    for (auto const& shelter : results["shelters"]) taken += shelter["taken"].get<std::int64_t>();
    BOOST_TEST(taken == sheltered);
}

} // namespace

BOOST_AUTO_TEST_SUITE(cut_off)

BOOST_AUTO_TEST_CASE(deep_water_over_the_only_crossing_isolates_exactly_what_lies_beyond) {
    auto const found = results(asked());
    hold_sums(found);
    BOOST_TEST(place(found, "A")["access"] == "joined");
    BOOST_TEST(place(found, "B")["access"] == "cut-off");
    BOOST_TEST(place(found, "C")["access"] == "cut-off");
    BOOST_TEST(place(found, "D")["access"] == "apart"); // its track meets no road
    BOOST_TEST(place(found, "E")["access"] == "far");
    auto const& total = found["total"];
    BOOST_TEST(total["people"] == 497);
    BOOST_TEST(total["people_cut_off"] == 150);
    BOOST_TEST(total["components_cut_off"] == 1);
    BOOST_TEST(total["closed_roads"] == 1); // the railway is no road
    BOOST_TEST(total["closed_m"].get<double>() == 2000, boost::test_tools::tolerance(2e-3));
    // A dry valley parts nobody.
    auto const dry = results(asked(json::object(), 0.2));
    hold_sums(dry);
    BOOST_TEST(dry["total"]["people_cut_off"] == 0);
    BOOST_TEST(dry["total"]["closed_stretches"] == 0);
    BOOST_TEST(dry["roads"].empty());
}

BOOST_AUTO_TEST_CASE(the_road_over_the_stream_is_the_one_that_joins_them_again) {
    auto const found = results(asked());
    BOOST_REQUIRE(found["roads"].size() == 1U);
    BOOST_TEST(found["roads"][0]["name"] == "Qua suối");
    BOOST_TEST(found["roads"][0]["people"] == 150);
    auto const fid =
        land().database().value("SELECT fid FROM record.lanes WHERE name = 'Qua suối'");
    BOOST_TEST(found["roads"][0]["ids"].dump() == "[" + fid + "]");
}

BOOST_AUTO_TEST_CASE(the_nearest_shelter_with_room_takes_people_and_the_next_one_the_rest) {
    auto const found = results(asked());
    // The hall takes 100 of B, who are nearest to it; their way to the small one is shorter than
    // C's.
    auto const& near = place(found, "B");
    BOOST_REQUIRE(near["shelters"].size() == 2U);
    BOOST_TEST(near["shelters"][0]["name"] == "Nhà văn hóa");
    BOOST_TEST(near["shelters"][0]["people"] == 100);
    double const metres = near["shelters"][0]["metres"];
    BOOST_TEST(std::abs(metres - 1000) <= 100); // places join a road to 100 m along it
    double const minutes = metres / 50'000 * 60;
    BOOST_TEST(std::abs(near["shelters"][0]["minutes"].get<double>() - minutes) <= 0.051);
    BOOST_TEST(near["shelters"][1]["name"] == "Trạm nhỏ");
    BOOST_TEST(near["shelters"][1]["people"] == 20);
    auto const& lane = place(found, "C");
    BOOST_REQUIRE(lane["shelters"].size() == 1U);
    BOOST_TEST(lane["shelters"][0]["people"] == 5);
    BOOST_TEST(lane["without_room"] == 25);
    BOOST_TEST(found["total"]["without_room"] == 150 - 125);
    for (auto const& shelter : found["shelters"])
        BOOST_TEST(shelter["dry"].get<bool>() == (shelter["name"] != "Nhà ven suối"));
    // Who is not cut off needs none, but is told the way.
    BOOST_TEST(place(found, "A")["shelters"].empty());
    BOOST_TEST(place(found, "A")["nearest"]["name"] == "Hội trường");
    BOOST_TEST(place(found, "D")["nearest"].is_null());

    auto const schools =
        results(asked({{"shelters", {{"kinds", {"shelter", "school"}}, {"for", "all"}}}}));
    hold_sums(schools);
    BOOST_TEST(schools["total"]["without_room"] == 47); // D and E reach none
    BOOST_TEST(place(schools, "A")["shelters"][0]["people"] == 300);
    auto const large = results(asked({{"shelters", {{"capacity", 60}}}}));
    BOOST_TEST(large["total"]["sheltered"] == 100);
}

BOOST_AUTO_TEST_CASE(the_file_draws_what_is_cut_off_closed_and_driven) {
    auto const answer = ask_process(land().port(), "cut-off", asked());
    BOOST_REQUIRE(answer.status == 201);
    std::string const id = json::parse(answer.body)["jobID"];
    await_job(land().port(), id, "successful");
    auto const file = json::parse(get(land().port(), "/jobs/" + id + "/results/file").body);
    std::map<std::string, int> parts;
    for (auto const& feature : file["features"]) {
        std::string const part = feature["properties"]["part"];
        ++parts[part];
        if (part == "component") {
            BOOST_TEST(feature["geometry"]["type"] == "Polygon");
            BOOST_TEST(feature["properties"]["people"] == 150);
        } else {
            BOOST_TEST(feature["geometry"]["type"] == "LineString");
        }
        if (part == "reconnects")
            BOOST_TEST(feature["properties"]["water_m"].get<double>() == 1.2,
                       boost::test_tools::tolerance(0.02));
    }
    BOOST_TEST(parts["component"] == 1);
    BOOST_TEST(parts["reconnects"] == 2); // the house by the stream is a stop on it
    BOOST_TEST(parts["way"] == 4);
}

BOOST_AUTO_TEST_CASE(bridges_fords_and_vehicles_have_limits_of_their_own) {
    auto const cut = [&](json const& more = json::object(), double stage = 1.2) {
        return results(asked(more, stage))["total"]["people_cut_off"].get<int>();
    };
    BOOST_TEST(cut({{"vehicle", "emergency"}}, 0.5) == 0);
    BOOST_TEST(cut(json::object(), 0.5) == 150);
    BOOST_TEST(cut({{"limit", 1.5}}) == 0);
    change_crossing("bridge = true");
    BOOST_TEST(cut() == 0);
    change_crossing("deck_m = 4.8"); // the ground is at 4, the water 1.2 m above it
    BOOST_TEST(cut() == 150);
    change_crossing("deck_m = 5.0");
    BOOST_TEST(cut() == 0);
    change_crossing("bridge = false, deck_m = NULL, name = 'Ngầm tràn suối'");
    BOOST_TEST(cut(json::object(), 0.2) == 150);
    BOOST_TEST(cut(json::object(), 0.1) == 0);
    change_crossing("name = 'Qua suối'");
}

BOOST_AUTO_TEST_CASE(roads_of_some_collections_are_one_net_and_may_fall_short_of_each_other) {
    land().database().sql(
        fmt::format("INSERT INTO record.lanes (name, kind, geom) VALUES ('Lối nối', 'track', {})",
                    line({{20.5, 60.5}, {20.5, 40.6}}))); // 10 m short of the road
    auto const access = [](json const& more) { return place(results(asked(more)), "D")["access"]; };
    BOOST_TEST(access({{"gap", 5}}) == "apart");
    BOOST_TEST(access({{"gap", 15}}) == "joined");
    auto const both = results(asked({{"roads", {"lanes", "ways"}}, {"gap", 15}}));
    hold_sums(both);
    BOOST_TEST(both["details"]["roads"]["collections"].size() == 2U);
    BOOST_TEST(both["details"]["roads"]["lines"].get<int>() > 1000);
    BOOST_TEST(both["details"]["roads"]["links_over_gaps"].get<int>() >= 1);
    land().database().sql("DELETE FROM record.lanes WHERE name = 'Lối nối'");
}

BOOST_AUTO_TEST_CASE(a_polygon_closes_what_it_meets_and_a_position_says_what_is_main) {
    auto const ring = land().database().value("SELECT ST_AsGeoJSON(ST_Buffer(" +
                                              point({55.5, 40.5}) + ", 0.001))");
    auto const found = results(asked({{"hazard", {{"polygon", json::parse(ring)}}}}));
    BOOST_TEST(found["total"]["people_cut_off"] == 150);
    BOOST_TEST(found["details"]["water"]["kind"] == "polygon");
    auto const [lon, lat] = degrees(100.5, 40.5);
    auto const other = results(asked({{"main", {{"lon", lon}, {"lat", lat}}}}));
    hold_sums(other);
    BOOST_TEST(other["total"]["people_cut_off"] == 300);
    BOOST_TEST(other["details"]["main"]["chosen"] == "position");
    BOOST_TEST(other["roads"][0]["people"] == 300);
}

BOOST_AUTO_TEST_CASE(depths_of_a_coverage_close_roads_as_those_of_a_stage_do) {
    auto const file =
        std::filesystem::temp_directory_path() / fmt::format("depths-{}.tif", ::getpid());
    data::gdal::RasterSink sink{
        file, valley_frame(), {.band_names = {""}, .unit = "m", .vertical_srid = hon_dau}};
    std::vector<float> cells;
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column)
            cells.push_back(column == 60 ? 1.2F : 0.0F);
    sink.write(valley_frame().window(), cells);
    sink.finish();
    import_raster(land(), {.coverage = "depths", .file = file, .synthetic = true});
    std::filesystem::remove(file);
    json const inputs = asked({{"hazard", {{"coverage", "depths"}}}});
    BOOST_TEST(ask_process(land().port(), "cut-off", inputs).status == 400); // heights, as yet
    land().database().sql("UPDATE diaban.coverage SET quantity = 'depth' WHERE id = 'depths'");
    auto const refused = [&] {
        return ask_process(land().port(), "cut-off", inputs).status != 201;
    };
    await("depths", [&] { return !refused(); });
    auto const found = results(inputs);
    BOOST_TEST(found["total"]["people_cut_off"] == 150);
    BOOST_TEST(found["details"]["water"]["coverage"] == "depths");
    BOOST_TEST(found["details"]["water"]["sha256"].get<std::string>().size() == 64U);
}

BOOST_AUTO_TEST_CASE(a_flood_tells_frame_by_frame_when_each_place_is_cut_off) {
    auto flood = spring();
    flood["hours"] = 6;
    flood["frame_minutes"] = 30;
    flood["releases"][0]["discharge"] = {{0, 0}, {10, 60}, {90, 60}, {100, 0}};
    std::string const coverage = results_of(land(), "inundation", flood)["coverage"];
    auto const inputs = [&](json const& more) {
        json hazard{{"coverage", coverage}};
        hazard.update(more);
        return asked({{"hazard", hazard}, {"course", true}});
    };
    auto const found = results(inputs(json::object()));
    auto const& frames = found["course"]["frames"];
    BOOST_REQUIRE(frames.size() > 8U);
    std::set<std::string> cut;
    for (auto const& frame : frames) { // each as it is by itself
        json const at{{"coverage", coverage}, {"datetime", frame["datetime"]}};
        auto const one = results(asked({{"hazard", at}}));
        BOOST_TEST(frame["people_cut_off"] == one["total"]["people_cut_off"]);
        BOOST_TEST(frame["places_cut_off"] == one["total"]["places_cut_off"]);
        BOOST_TEST(frame["closed_stretches"] == one["total"]["closed_stretches"]);
        if (frame["people_cut_off"] == 150) cut.insert(frame["datetime"].get<std::string>());
    }
    BOOST_TEST(frames.front()["people_cut_off"] == 0);
    BOOST_REQUIRE(!cut.empty());
    auto const& spells = found["course"]["spells"];
    BOOST_REQUIRE(spells.size() == 2U); // the two hamlets beyond, once each
    for (auto const& spell : spells) {
        BOOST_TEST(spell["from"] == *cut.begin());
        if (frames.back()["people_cut_off"] == 0) BOOST_TEST(spell["until"] > *cut.rbegin());
    }
    BOOST_TEST(frames.back()["people_cut_off"] == 0); // the water has run off
    auto const early = results(inputs({{"datetime", frames[1]["datetime"]}}));
    BOOST_TEST(early["course"]["frames"].size() == 2U);
    BOOST_TEST(ask_process(land().port(), "cut-off", asked({{"course", true}})).status == 400);
}

BOOST_AUTO_TEST_CASE(who_may_not_see_a_place_or_a_road_is_told_nothing_of_it) {
    land().database().sql("UPDATE record.hamlets SET sensitivity = 3 WHERE code = 'C'");
    domain::WorkProgress progress;
    auto const folder =
        std::filesystem::temp_directory_path() / fmt::format("cut-off-{}", ::getpid());
    std::filesystem::create_directories(folder);
    domain::Work work{.database = database_of(land()),
                      .folder = folder,
                      .blobs = land().blobs(),
                      .job = "one",
                      .login = "",
                      .policies = {{"lanes", geo::Policy::everything()},
                                   {"valley_hand", geo::Policy::everything()},
                                   {"hamlets", geo::Policy::everything(2)}},
                      .language = services::http::Language::en,
                      .inputs = domain::Json::parse(asked().dump()),
                      .progress = progress};
    auto const& process = domain::process_named("cut-off");
    auto const seen = process.run(work).values;
    BOOST_TEST(seen["total"]["people_cut_off"] == 120);
    BOOST_TEST(seen.dump().find("Thôn Ngõ") == std::string::npos);
    BOOST_TEST(seen["shelters"].empty()); // facilities are not named
    work.policies["lanes"] = geo::Policy::limited({"nowhere"}, 0);
    BOOST_TEST(throws("bad-parameter", [&] { static_cast<void>(process.run(work)); }));
    std::filesystem::remove_all(folder);
    land().database().sql("UPDATE record.hamlets SET sensitivity = 0 WHERE code = 'C'");
}

BOOST_AUTO_TEST_CASE(what_it_cannot_do_is_refused_before_there_is_a_job) {
    auto const refused = [&](json const& inputs, int status = 400) {
        auto const answer = ask_process(land().port(), "cut-off", inputs);
        BOOST_TEST(answer.status == status, inputs.dump() << " " << answer.body);
    };
    refused(json::object());
    refused(asked({{"hazard", "all"}}));
    refused(asked({{"hazard", {{"terrain", "valley"}}}}));
    refused(asked({{"hazard", {{"terrain", "valley"}, {"stage", 1}, {"sea", 1}}}}));
    refused(asked({{"hazard", {{"coverage", "valley"}}}}));
    refused(asked({{"hazard", {{"coverage", "nothing"}}}}), 404);
    refused(asked({{"roads", "hamlets"}}));
    refused(asked({{"roads", "nothing"}}), 404);
    refused(asked({{"roads", json::array()}}));
    refused(asked({{"roads", {"lanes", "nothing"}}}), 404);
    refused(asked({{"units", "nothing"}}), 404);
    refused(asked({{"gap", 5}, {"joins", "ends"}}));
    refused(asked({{"vehicle", "boat"}}));
    refused(asked({{"speeds", {{"rural", 500}}}}));
    refused(asked({{"joins", "anywhere"}}));
    refused(asked({{"reach", 1}}));
    refused(asked({{"shelters", {{"kinds", json::array()}}}}));
    refused(asked({{"shelters", {{"for", "nobody"}}}}));
    refused(asked({{"main", {{"lon", 105}}}}));
    refused(asked({{"wind", 3}}));
}

BOOST_AUTO_TEST_SUITE_END()
