#include "services/domain/flood_inputs.hpp"

#include "geo/codec/geojson.hpp"
#include "geo/codec/rfc3339.hpp"
#include "services/domain/process_inputs.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace diaban::services::domain {

namespace {

using geo::hazard::Hydrograph;

constexpr std::size_t most_drawn = 50;
constexpr std::size_t most_points = 2000;
constexpr std::size_t most_positions = 5000;
constexpr std::size_t most_frames = 1000;
constexpr std::array<std::string_view, 17> known{
    "terrain",  "bbox",         "cell",       "hours", "frame_minutes", "start",
    "friction", "infiltration", "sea",        "rain",  "breaches",      "releases",
    "levels",   "dykes",        "open_edges", "gates", "from"};

geo::Box read_box(Json const& inputs) {
    auto const at = inputs.find("bbox");
    auto const refuse = [&] {
        refuse_input("bbox", at == inputs.end() ? "" : at->dump(), "[west, south, east, north]");
    };
    if (at == inputs.end() || !at->is_array() || at->size() != 4) refuse();
    std::array<double, 4> n{};
    for (std::size_t i = 0; i < 4; ++i) {
        if (!(*at)[i].is_number()) refuse();
        n[i] = (*at)[i].get<double>();
    }
    if (!(n[0] < n[2] && n[1] < n[3] && n[0] >= -180 && n[2] <= 180 && n[1] >= -90 && n[3] <= 90))
        refuse();
    return {n[0], n[1], n[2], n[3]};
}

/// Minutes since the start: as such, or as an instant, which a gauge or a forecast has.
std::optional<double> read_minutes(Json const& time, std::optional<geo::Instant> start) {
    if (time.is_number()) {
        double const minutes = time.get<double>();
        if (minutes >= 0) return minutes;
    }
    if (!time.is_string() || !start) return std::nullopt;
    auto const instant = geo::codec::read_instant(time.get<std::string>());
    if (!instant) return std::nullopt;
    return double(instant->microseconds - start->microseconds) / 6e7;
}

/// A number for all time, or [[minute or instant, value], …]: readings before the start hold what
/// stood at it.
Hydrograph read_hydrograph(std::string_view name, Json const& value,
                           std::optional<geo::Instant> start, double least, double most) {
    auto const accepted =
        fmt::format("a number, or [[minute, value], …] with ascending minutes, or instants (RFC "
                    "3339) where start is given, {} … {}",
                    least, most);
    auto const refuse = [&] { refuse_input(name, value.dump(), accepted); };
    Hydrograph made;
    auto const add = [&](double minutes, double level) {
        bool const later = made.points.empty() || minutes * 60 > made.points.back().seconds;
        bool const near = std::abs(minutes) <= 1e6;
        if (!(later && near && level >= least && level <= most)) refuse();
        made.points.push_back({minutes * 60, level});
    };
    if (value.is_number()) {
        add(0, value.get<double>());
        return made;
    }
    if (!value.is_array() || value.empty() || value.size() > most_points) refuse();
    for (auto const& point : value) {
        if (!point.is_array() || point.size() != 2 || !point[1].is_number()) refuse();
        auto const minutes = read_minutes(point[0], start);
        if (!minutes) refuse();
        add(*minutes, point[1].get<double>());
    }
    return made;
}

geo::Geometry read_place(std::string_view name, Json const& drawn) {
    auto const at = drawn.find("geometry");
    if (at == drawn.end() || !at->is_object())
        refuse_input(name, drawn.dump(), "{\"geometry\": GeoJSON, …}");
    auto place = geo::codec::read_geojson(at->dump());
    if (place.empty() || place.positions.size() > most_positions)
        refuse_input(name, at->dump(),
                     fmt::format("a geometry of 1 to {} positions", most_positions));
    for (auto const& p : place.positions)
        if (!(std::abs(p.x) <= 180 && std::abs(p.y) <= 90))
            refuse_input(name, at->dump(), "longitude, latitude");
    return place;
}

/// The list of that name; an empty one where there is none.
Json const& drawn_list(Json const& inputs, std::string_view name) {
    static Json const none = Json::array();
    auto const at = inputs.find(name);
    if (at == inputs.end()) return none;
    if (!at->is_array() || at->size() > most_drawn)
        refuse_input(name, at->dump(), fmt::format("a list of at most {}", most_drawn));
    for (auto const& one : *at)
        if (!one.is_object()) refuse_input(name, one.dump(), "{\"geometry\": GeoJSON, …}");
    return *at;
}

std::vector<DrawnWater> read_waters(Json const& inputs, std::string_view name,
                                    std::string_view quantity, std::optional<geo::Instant> start,
                                    double least, double most) {
    std::vector<DrawnWater> waters;
    for (auto const& drawn : drawn_list(inputs, name)) {
        auto const over = drawn.find(quantity);
        if (over == drawn.end())
            refuse_input(name, drawn.dump(),
                         fmt::format("{{\"geometry\": GeoJSON, \"{}\": …}}", quantity));
        waters.push_back(
            {read_place(name, drawn), read_hydrograph(name, *over, start, least, most)});
    }
    return waters;
}

std::vector<DrawnDyke> read_dykes(Json const& inputs) {
    std::vector<DrawnDyke> dykes;
    for (auto const& drawn : drawn_list(inputs, "dykes")) {
        auto const crest = number_input(drawn, "crest", -1000, 9000);
        auto line = read_place("dykes", drawn);
        if (!crest || line.kind != geo::GeometryKind::line)
            refuse_input("dykes", drawn.dump(), "{\"geometry\": LineString, \"crest\": m}");
        dykes.push_back({std::move(line), *crest});
    }
    return dykes;
}

FloodBranch read_branch(Json const& from) {
    constexpr char accepted[] = R"({"coverage": a flood that was computed, "frame": from 1})";
    if (!from.is_object() || from.size() != 2) refuse_input("from", from.dump(), accepted);
    auto const frame = number_input(from, "frame", 1, double(most_frames));
    if (!frame || *frame != std::floor(*frame)) refuse_input("from", from.dump(), accepted);
    return {text_input(from, "coverage", accepted), std::size_t(*frame)};
}

} // namespace

std::size_t FloodInputs::frames() const noexcept {
    return std::size_t(std::ceil(hours * 60 / frame_minutes - 1e-9));
}

FloodInputs read_flood_inputs(Json const& inputs) {
    check_input_names(inputs, known);
    FloodInputs read;
    read.terrain = text_input(inputs, "terrain", "a coverage of heights");
    read.box = read_box(inputs);
    read.cell = number_input(inputs, "cell", 1, 5000);
    read.hours = number_input(inputs, "hours", read.hours, 0.05, 240);
    read.frame_minutes = number_input(inputs, "frame_minutes", read.frame_minutes, 0.1, 1440);
    if (read.frames() > most_frames)
        refuse_input("frame_minutes", fmt::format("{}", read.frame_minutes),
                     fmt::format("at most {} frames", most_frames));
    if (inputs.contains("start")) {
        auto const text = text_input(inputs, "start", "an instant (RFC 3339)");
        read.start = geo::codec::read_instant(text);
        if (!read.start) refuse_input("start", text, "an instant (RFC 3339)");
    }
    read.friction = number_input(inputs, "friction", read.friction, 0.005, 1);
    read.infiltration = number_input(inputs, "infiltration", 0, 0, 1000);
    read.sea = number_input(inputs, "sea", -100, 100);
    if (auto const rain = inputs.find("rain"); rain != inputs.end())
        read.rain = read_hydrograph("rain", *rain, read.start, 0, 1000);
    read.breaches = read_waters(inputs, "breaches", "level", read.start, -1000, 9000);
    read.gates = read_waters(inputs, "gates", "sill", read.start, -1000, 9000);
    read.releases = read_waters(inputs, "releases", "discharge", read.start, 0, 1e6);
    read.levels = read_waters(inputs, "levels", "level", read.start, -1000, 9000);
    read.dykes = read_dykes(inputs);
    read.open_edges = flag_input(inputs, "open_edges", true);
    if (auto const from = inputs.find("from"); from != inputs.end()) read.from = read_branch(*from);
    if (read.rain.points.empty() && read.releases.empty() && read.levels.empty() && !read.sea)
        refuse_input("rain", "", "some water: rain, releases, levels or sea");
    return read;
}

Json describe_flood_inputs() {
    auto const number = [](double least, double most) {
        return Json{{"type", "number"}, {"minimum", least}, {"maximum", most}};
    };
    Json const over{
        {"oneOf",
         Json::array(
             {{{"type", "number"}},
              {{"type", "array"},
               {"items",
                {{"type", "array"},
                 {"minItems", 2},
                 {"maxItems", 2},
                 {"items",
                  {{"oneOf", Json::array({{{"type", "number"}},
                                          {{"type", "string"}, {"format", "date-time"}}})}}}}}}})}};
    auto const drawn = [&](char const* quantity, Json const& schema) {
        return Json{{"type", "array"},
                    {"maxItems", most_drawn},
                    {"items",
                     {{"type", "object"},
                      {"required", Json::array({"geometry", quantity})},
                      {"properties", {{"geometry", {{"type", "object"}}}, {quantity, schema}}}}}};
    };
    return {
        {"terrain", described_input("A coverage of heights", {{"type", "string"}}, true)},
        {"bbox",
         described_input(
             "Where, west, south, east, north (CRS84)",
             {{"type", "array"}, {"items", {{"type", "number"}}}, {"minItems", 4}, {"maxItems", 4}},
             true)},
        {"cell", described_input("Side of a cell, m; a whole multiple of the ground's own",
                                 number(1, 5000))},
        {"hours", described_input("How long", number(0.05, 240))},
        {"frame_minutes", described_input("From frame to frame", number(0.1, 1440))},
        {"start", described_input("When it begins; now where it is not said",
                                  {{"type", "string"}, {"format", "date-time"}})},
        {"friction", described_input("Manning's n, s/m^(1/3)", number(0.005, 1))},
        {"infiltration", described_input("Into the ground, mm/h", number(0, 1000))},
        {"sea", described_input("Level at which water stands where the ground has no data, m",
                                number(-100, 100))},
        {"rain", described_input("mm/h, constant, by minute or by instant: readings of a gauge and "
                                 "its forecast are one series",
                                 over)},
        {"breaches", described_input("Ground that sinks to a level (m) over time: a dyke that "
                                     "breaks",
                                     drawn("level", over))},
        {"gates", described_input("A sill that stands at a level (m) over time and opens and "
                                  "closes",
                                  drawn("sill", over))},
        {"releases", described_input("Water let in, m³/s over time", drawn("discharge", over))},
        {"levels", described_input("Water that stands at a level (m) over time: a river, a tide",
                                   drawn("level", over))},
        {"dykes", described_input("Lines raised to a crest (m) before the run",
                                  drawn("crest", {{"type", "number"}}))},
        {"open_edges", described_input("Water leaves over the edge of the box",
                                       {{"type", "boolean"}, {"default", true}})},
        {"from", described_input("A flood that was computed and the frame of it from which this "
                                 "one goes on: up to there all is as it was",
                                 {{"type", "object"},
                                  {"required", Json::array({"coverage", "frame"})},
                                  {"properties",
                                   {{"coverage", {{"type", "string"}}},
                                    {"frame", {{"type", "integer"}, {"minimum", 1}}}}}})}};
}

} // namespace diaban::services::domain
