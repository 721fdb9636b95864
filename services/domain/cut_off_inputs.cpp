#include "services/domain/cut_off_inputs.hpp"

#include "geo/codec/geojson.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/ops/validate.hpp"
#include "services/domain/process_inputs.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace diaban::services::domain {

namespace {

constexpr std::size_t most_positions = 20'000;
constexpr std::size_t most_kinds = 50;
constexpr std::size_t most_nets = 5;
constexpr std::array<std::string_view, 15> known{
    "hazard",     "roads", "speeds", "joins", "gap",  "road_field", "vehicle", "limit",
    "ford_limit", "units", "level",  "reach", "main", "shelters",   "course"};
constexpr std::array<std::string_view, 7> water_known{"coverage", "band", "datetime", "terrain",
                                                      "stage",    "sea",  "polygon"};
constexpr std::array<std::string_view, 4> shelter_known{"collection", "kinds", "capacity", "for"};
constexpr std::array<std::string_view, 2> position_known{"lon", "lat"};
constexpr char water_accepted[] =
    R"({"coverage": id of depths}, {"terrain": id, "stage" or "sea": m})"
    R"( or {"polygon": …})";

/// How deep water may be that a vehicle passes: Shand et al. 2011 (Australian Rainfall and Runoff,
/// project 10) for a small passenger car and a large four-wheel drive in still water; Kramer,
/// Terheiden, Wieprecht 2016 for vehicles of the emergency services. Water that runs over a ford at
/// 2 m/s carries a small car away from 0.3 m²/s on (Shand et al. 2011): from 0.15 m, and the
/// four-wheel drive from 0.6 m²/s: from 0.3 m. For emergency vehicles, of which it is not told, as
/// for that.
struct Vehicle {
    std::string_view id;
    geo::route::WadingLimits limits;
};
constexpr std::array vehicles{Vehicle{"car", {0.3F, 0.15F}},
                              Vehicle{"four_wheel_drive", {0.5F, 0.3F}},
                              Vehicle{"emergency", {0.6F, 0.3F}}};

Json const* object_in(Json const& inputs, std::string_view name, char const* accepted) {
    auto const at = inputs.find(name);
    if (at == inputs.end()) return nullptr;
    if (!at->is_object()) refuse_input(name, at->dump(), accepted);
    return &*at;
}

std::string id_input(Json const& inputs, std::string_view name, std::string_view otherwise) {
    return inputs.contains(name) ? text_input(inputs, name, "an id") : std::string{otherwise};
}

WaterInputs read_water(Json const& inputs) {
    auto const* const hazard = object_in(inputs, "hazard", water_accepted);
    if (hazard == nullptr) refuse_input("hazard", "", water_accepted);
    check_input_names(*hazard, water_known);
    WaterInputs read;
    auto const kinds = int(hazard->contains("coverage")) + int(hazard->contains("terrain")) +
                       int(hazard->contains("polygon"));
    if (kinds != 1) refuse_input("hazard", hazard->dump(), water_accepted);
    if (hazard->contains("polygon")) {
        auto const text = (*hazard)["polygon"].dump();
        read.polygon = geo::codec::read_geojson(text);
        if (hazard->size() != 1 || read.polygon.kind != geo::GeometryKind::polygon ||
            read.polygon.empty() || read.polygon.positions.size() > most_positions ||
            !geo::ops::validate(read.polygon).valid)
            refuse_input("hazard", text, "a valid polygon of at most 20000 positions");
        return read;
    }
    if (hazard->contains("terrain")) {
        read.terrain = text_input(*hazard, "terrain", "a coverage of heights");
        read.stage = number_input(*hazard, "stage", 0.01, 100);
        read.sea = number_input(*hazard, "sea", -100, 100);
        if (read.stage.has_value() == read.sea.has_value())
            refuse_input("hazard", hazard->dump(), water_accepted);
        return read;
    }
    read.coverage = text_input(*hazard, "coverage", "a coverage of depths");
    if (hazard->contains("band")) read.band = text_input(*hazard, "band", "a band of depths");
    if (!hazard->contains("datetime")) return read;
    auto const text = text_input(*hazard, "datetime", "an instant (RFC 3339)");
    read.at = geo::codec::read_instant(text);
    if (!read.at) refuse_input("datetime", text, "an instant (RFC 3339)");
    return read;
}

void read_roads(Json const& inputs, CutOffInputs& into) {
    auto const given = inputs.find("roads");
    if (given == inputs.end()) return;
    into.roads.clear();
    if (given->is_string()) return into.roads.push_back(given->get<std::string>());
    bool good = given->is_array() && !given->empty() && given->size() <= most_nets;
    for (std::size_t i = 0; good && i < given->size(); ++i) {
        good = (*given)[i].is_string();
        if (good) into.roads.push_back((*given)[i].get<std::string>());
    }
    if (!good) refuse_input("roads", given->dump(), "an id, or a list of 1 to 5");
}

void read_speeds(Json const& inputs, CutOffInputs& into) {
    constexpr char accepted[] = R"({kind of road: 0 … 130 km/h}, 0: not driven)";
    auto const* const given = object_in(inputs, "speeds", accepted);
    if (given == nullptr) return;
    if (given->size() > most_kinds) refuse_input("speeds", given->dump(), accepted);
    for (auto const& [kind, speed] : given->items()) {
        double const value = speed.is_number() ? speed.get<double>() : -1;
        if (!(value == 0 || (value >= 1 && value <= 130)))
            refuse_input("speeds", speed.dump(), accepted);
        into.speeds[kind] = value;
    }
}

void read_vehicle(Json const& inputs, CutOffInputs& into) {
    into.vehicle = id_input(inputs, "vehicle", "car");
    std::string names;
    bool found = false;
    for (auto const& one : vehicles) {
        names += (names.empty() ? "" : ", ") + std::string{one.id};
        if (one.id != into.vehicle) continue;
        into.limits = one.limits;
        found = true;
    }
    if (!found) refuse_input("vehicle", into.vehicle, names);
    into.limits.road = float(number_input(inputs, "limit", double(into.limits.road), 0, 5));
    into.limits.ford = float(number_input(inputs, "ford_limit", double(into.limits.ford), 0, 5));
}

void read_shelters(Json const& inputs, CutOffInputs& into) {
    constexpr char accepted[] = R"({"collection", "kinds": [...], "capacity": people, "for"})";
    auto const* const given = object_in(inputs, "shelters", accepted);
    if (given == nullptr) return;
    check_input_names(*given, shelter_known);
    into.shelters.collection = id_input(*given, "collection", into.shelters.collection);
    into.shelters.capacity = number_input(*given, "capacity", 0, 0, 1e6);
    auto const who = id_input(*given, "for", "cut-off");
    if (who != "cut-off" && who != "all") refuse_input("for", who, "cut-off, all");
    into.shelter_all = who == "all";
    auto const kinds = given->find("kinds");
    if (kinds == given->end()) return;
    if (!kinds->is_array() || kinds->empty() || kinds->size() > most_kinds)
        refuse_input("kinds", kinds->dump(), "a list of 1 to 50 kinds");
    into.shelters.kinds.clear();
    for (auto const& kind : *kinds) {
        if (!kind.is_string()) refuse_input("kinds", kind.dump(), "kinds of facilities");
        into.shelters.kinds.push_back(kind.get<std::string>());
    }
}

} // namespace

std::string WaterInputs::source() const {
    if (terrain.empty()) return coverage;
    return stage ? terrain + "_hand" : terrain; // heights above drainage lie beside the ground
}

CutOffInputs read_cut_off_inputs(Json const& inputs) {
    check_input_names(inputs, known);
    CutOffInputs read;
    read.water = read_water(inputs);
    read_roads(inputs, read);
    read_speeds(inputs, read);
    auto const joins = id_input(inputs, "joins", "shared");
    if (joins != "shared" && joins != "ends") refuse_input("joins", joins, "shared, ends");
    read.joins = joins == "ends" ? geo::route::Joins::ends : geo::route::Joins::shared;
    read.gap = number_input(inputs, "gap", 0, 0, 200);
    if (read.gap > 0 && read.joins == geo::route::Joins::ends)
        refuse_input("gap", inputs["gap"].dump(), "0 where lines join at their ends");
    read.road_field = id_input(inputs, "road_field", "");
    read_vehicle(inputs, read);
    read.units = id_input(inputs, "units", read.units);
    read.level = id_input(inputs, "level", "");
    read.reach = number_input(inputs, "reach", read.reach, 10, 50'000);
    if (auto const* const main = object_in(inputs, "main", R"({"lon", "lat"})")) {
        check_input_names(*main, position_known);
        auto const lon = number_input(*main, "lon", -180, 180);
        auto const lat = number_input(*main, "lat", -85, 85);
        if (!lon || !lat) refuse_input("main", main->dump(), R"({"lon", "lat"})");
        read.main = geo::Position{*lon, *lat};
    }
    read_shelters(inputs, read);
    read.course = flag_input(inputs, "course", false);
    if (read.course && read.water.coverage.empty())
        refuse_input("course", "true", "with a coverage of depths");
    return read;
}

Json described_cut_off_inputs() {
    auto const number = [](double least, double most) {
        return Json{{"type", "number"}, {"minimum", least}, {"maximum", most}};
    };
    Json const text{{"type", "string"}};
    Json const object{{"type", "object"}};
    return {
        {"hazard",
         described_input("Water: a coverage of depths (band, datetime), prepared heights with a "
                         "stage or a level of the sea, or a polygon that closes what it meets",
                         object, true)},
        {"roads", described_input("A collection of lines, or some that are one net; else roads",
                                  {{"oneOf", {text, {{"type", "array"}, {"items", text}}}}})},
        {"speeds",
         described_input("km/h by class of road, 0 where nobody drives; else by the usual "
                         "classes, 30 for others, railways not",
                         object)},
        {"joins",
         described_input("Where lines meet: shared (any position in common) or ends; else shared",
                         {{"type", "string"}, {"enum", {"shared", "ends"}}})},
        {"gap",
         described_input("Metres by which the end of a road may fall short of another one and "
                         "meet it yet; else 0",
                         number(0, 200))},
        {"road_field",
         described_input("Rows with the same value of this field are one road", text)},
        {"vehicle",
         described_input("Whose limit of depth holds: car 0.3 m, four_wheel_drive 0.5 m, emergency "
                         "0.6 m; else car",
                         {{"type", "string"}, {"enum", {"car", "four_wheel_drive", "emergency"}}})},
        {"limit",
         described_input("Instead of the vehicle's: metres of water beyond which a road is "
                         "closed",
                         number(0, 5))},
        {"ford_limit", described_input("The same where water runs over a road that is made for it",
                                       number(0, 5))},
        {"units", described_input("A collection with people; else places", text)},
        {"level",
         described_input("Of the units; else hamlets where there are any, or communes", text)},
        {"reach", described_input("Metres from a place to the next road, at most; else 3000",
                                  number(10, 50'000))},
        {"main",
         described_input("A position of the part that others are cut off from; else the one "
                         "with most people",
                         object)},
        {"course",
         described_input("Frame by frame as well, up to datetime: when each place is cut off",
                         {{"type", "boolean"}})},
        {"shelters",
         described_input(
             "collection (facilities), kinds (shelter), capacity at least, for (cut-off "
             "or all)",
             object)}};
}

std::vector<std::string> cut_off_collections(CutOffInputs const& inputs) {
    auto names = inputs.roads;
    if (auto const source = inputs.water.source(); !source.empty()) names.push_back(source);
    names.push_back(inputs.units);
    names.push_back(inputs.shelters.collection);
    return names;
}

} // namespace diaban::services::domain
