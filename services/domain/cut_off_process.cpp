#include "services/domain/cut_off_process.hpp"

#include "geo/codec/rfc3339.hpp"
#include "services/domain/cut_off_answer.hpp"
#include "services/domain/cut_off_course.hpp"
#include "services/domain/process_inputs.hpp"
#include "services/domain/standing.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace diaban::services::domain {

namespace {

Json roads_about(CutOffInputs const& inputs, CutOff const& found) {
    return {{"collections", inputs.roads},
            {"lines", found.net.lines.size() - found.net.links},
            {"gap_m", inputs.gap},
            {"links_over_gaps", found.net.links},
            {"edges", found.graph.edges()},
            {"vertices", found.graph.vertices()},
            {"components", found.dry.count},
            {"joins", inputs.joins == geo::route::Joins::ends ? "ends" : "shared"},
            {"outside_the_water_grid", found.outside}};
}

Json about(CutOffInputs const& inputs, CutOff const& found, Json water, std::int64_t counted_at) {
    auto const metres = [](float value) { return std::round(double(value) * 1000) / 1000; };
    std::string instant;
    geo::codec::append_instant(instant, {counted_at});
    return {
        {"water", std::move(water)},
        {"roads", roads_about(inputs, found)},
        {"limits",
         {{"vehicle", inputs.vehicle},
          {"road_m", metres(inputs.limits.road)},
          {"ford_m", metres(std::min(inputs.limits.ford, inputs.limits.road))},
          {"source", "Shand et al. 2011 (ARR project 10) for cars and four-wheel drives; Kramer, "
                     "Terheiden, Wieprecht 2016 for emergency vehicles; or as asked"}}},
        {"places",
         {{"collection", inputs.units}, {"count", found.places.size()}, {"reach_m", inputs.reach}}},
        {"shelters",
         {{"collection", inputs.shelters.collection},
          {"count", found.shelters.size()},
          {"kinds", inputs.shelters.kinds},
          {"capacity", inputs.shelters.capacity},
          {"for", inputs.shelter_all ? "all" : "cut-off"},
          {"wet_from_m", double(std::round(wet_floor * 100)) / 100}}},
        {"main",
         {{"component", found.parted.main}, {"chosen", inputs.main ? "position" : "people"}}},
        {"counted_at", instant},
        {"method",
         {{"closed",
           "a stretch between two vertices, where water on any cell along it is deeper than "
           "the limit; on bridges only above a known deck; in a polygon, what it meets"},
          {"cut_off", "not joined to the main component over open roads, but with all roads dry; "
                      "apart: not even then; one-way roads count both ways"},
          {"roads", "each road with closed stretches kept open alone: whom it joins to the main "
                    "component; every one is tried"},
          {"people", "all of a place at the nearest position of a road within reach"},
          {"shelters", "shortest ways in time (Dijkstra, ms) over open roads; room is taken by the "
                       "shortest ways first; without a capacity there is no bound"}}},
        {"units",
         {{"metres", "m, WGS 84 ellipsoid"},
          {"minutes", "at the speed of the class"},
          {"hull_m2", "m2, WGS 84 ellipsoid"}}},
        {"validity", "as good as the depths and as complete as the roads: embankments lower than a "
                     "cell, current, damage and traffic are not known; a bridge that is not marked "
                     "as one closes with the water below it"}};
}

Outcome run_cut_off(Work& work) {
    auto const inputs = read_cut_off_inputs(work.inputs);
    auto const counted_at = now_microseconds();
    auto net = read_roads(work, inputs, counted_at);
    std::optional<StandingWater> water;
    Json said{{"kind", "polygon"}};
    if (!inputs.water.source().empty()) {
        bool const decks =
            std::ranges::any_of(net.footings.decks, [](float deck) { return !std::isnan(deck); });
        water = read_standing_water(work, inputs.water, decks);
        said = water->about;
        if (decks) said["decks"] = water->ground.empty() ? "ground not known: not used" : "used";
    }
    auto const found =
        find_cut_off(work, inputs, water ? &*water : nullptr, std::move(net), counted_at);
    auto const file = work.folder / "cut-off.geojson";
    write_cut_off(found, file);
    Outcome outcome;
    outcome.values = cut_off_values(found);
    if (inputs.course)
        outcome.values["course"] = course_json(found, cut_off_course(work, inputs, found, *water));
    outcome.values["details"] = about(inputs, found, std::move(said), counted_at);
    outcome.file = {file, "cut-off.geojson", "application/geo+json"};
    return outcome;
}

Json outputs() {
    auto const output = [](char const* title, char const* type) {
        return Json{{"title", title}, {"schema", {{"type", type}}}};
    };
    return {{"file",
             {{"title", "What is cut off, closed roads, ways to shelters"},
              {"schema", {{"type", "string"}, {"format", "binary"}}}}},
            {"total", output("All parts together", "object")},
            {"parts", output("By component, with its people, places and hull", "array")},
            {"places", output("How each place stands, and its way to shelter", "array")},
            {"shelters", output("Which are dry, and who finds room in them", "array")},
            {"roads", output("Closed roads that would join most people, kept open alone", "array")},
            {"course", output("Frame by frame who is cut off; how long each place is", "object")},
            {"details", output("Inputs, method, date, validity", "object")}};
}

} // namespace

Process cut_off_process() {
    return {.id = "cut-off",
            .title = {"Nơi bị cô lập", "Cut off"},
            .description =
                {"Nơi nào bị cô lập khi đường ngập, bao nhiêu người, tuyến đường nào giữ được "
                 "thì nối lại nhiều người nhất, và đường tới nơi sơ tán còn chỗ.",
                 "Which places are cut off when roads are under water, with how many people; "
                 "which one road, kept open, would join most of them; and ways to shelters "
                 "with room."},
            .inputs = described_cut_off_inputs(),
            .outputs = outputs(),
            .reads =
                [](Json const& inputs) { return cut_off_collections(read_cut_off_inputs(inputs)); },
            .check =
                [](Json const& inputs, Registries const& registries, Policies const&) {
                    auto const read = read_cut_off_inputs(inputs);
                    for (auto const& id : read.roads)
                        if (registries.collection(id).schema.geometry != geo::GeometryKind::line)
                            refuse_input("roads", id, "collections of lines");
                    if (inputs.contains("units")) (void)registries.collection(read.units);
                    if (inputs.contains("shelters"))
                        (void)registries.collection(read.shelters.collection);
                    if (auto const source = read.water.source(); !source.empty())
                        check_water_source(read.water, registries.coverage(source));
                },
            .run = run_cut_off,
            .quick = true};
}

} // namespace diaban::services::domain
