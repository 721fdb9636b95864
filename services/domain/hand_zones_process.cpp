#include "services/domain/hand_zones_process.hpp"

#include "geo/codec/geojson.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "geo/hazard/still_water.hpp"
#include "geo/raster/outline.hpp"
#include "services/domain/coverage_work.hpp"
#include "services/domain/process_inputs.hpp"

#include <algorithm>
#include <array>
#include <fstream>

namespace diaban::services::domain {

namespace {

using data::model::Coverage;
using geo::raster::Frame;

constexpr std::array<std::string_view, 4> known{"terrain", "stage", "sea", "classes"};
/// Depths at which the map's colours begin (m).
constexpr std::array usual{0.1, 0.3, 0.5, 1.0, 2.0, 4.0};
constexpr std::size_t most_classes = 20;
constexpr std::size_t most_cells = std::size_t{1} << 24U;

struct ZoneInputs {
    std::string terrain;
    std::optional<double> stage; ///< m above drainage; or …
    std::optional<double> sea;   ///< … m in the datum of the ground
    std::vector<double> classes; ///< ascending
};

std::vector<double> read_classes(Json const& inputs) {
    auto const at = inputs.find("classes");
    if (at == inputs.end()) return {usual.begin(), usual.end()};
    auto const refuse = [&] {
        refuse_input("classes", at->dump(), "1 to 20 ascending depths above 0, m");
    };
    if (!at->is_array() || at->empty() || at->size() > most_classes) refuse();
    std::vector<double> classes;
    for (auto const& one : *at) {
        double const depth = one.is_number() ? one.get<double>() : 0;
        if (!(depth > (classes.empty() ? 0 : classes.back()) && depth <= 1000)) refuse();
        classes.push_back(depth);
    }
    return classes;
}

ZoneInputs read_inputs(Json const& inputs) {
    check_input_names(inputs, known);
    auto const stage = number_input(inputs, "stage", 0.01, 100);
    auto const sea = number_input(inputs, "sea", -100, 100);
    if (stage.has_value() == sea.has_value())
        refuse_input("stage", "", "0.01 … 100 m above drainage, or else sea: -100 … 100 m");
    return {text_input(inputs, "terrain", "a coverage of heights"), stage, sea,
            read_classes(inputs)};
}

/// Prepared heights lie beside the ground under this name.
std::string hand_of(std::string const& terrain) {
    return terrain + "_hand";
}

/// What is read: heights above drainage, or for the sea the ground itself.
std::string source_of(ZoneInputs const& inputs) {
    return inputs.stage ? hand_of(inputs.terrain) : inputs.terrain;
}

/// Cells of a class: as deep as its bound and not as the next one's.
std::vector<std::uint8_t> marked(std::span<float const> depth, double from, double to) {
    std::vector<std::uint8_t> cells(depth.size());
    for (std::size_t i = 0; i < depth.size(); ++i)
        cells[i] = double(depth[i]) >= from && double(depth[i]) < to ? 1 : 0;
    return cells;
}

/// Writes a feature of a class and gives its area.
double write_zone(std::ofstream& out, Frame const& frame, std::span<std::uint8_t const> cells,
                  double from, std::optional<double> to) {
    auto outline = geo::raster::outline(frame, cells);
    geo::Transform::between(frame.srid, 4326).apply(outline.positions);
    outline.srid = 4326;
    double const area =
        double(std::ranges::count(cells, std::uint8_t{1})) * frame.width * frame.height;
    std::string shape;
    geo::codec::append_geojson(shape, outline);
    Json const properties{
        {"depth_from_m", from}, {"depth_to_m", to ? Json(*to) : Json()}, {"area_m2", area}};
    out << R"({"type":"Feature","properties":)" << properties.dump() << R"(,"geometry":)" << shape
        << "}";
    return area;
}

Json write_zones(std::filesystem::path const& file, Frame const& frame,
                 std::span<float const> depth, std::vector<double> const& bounds,
                 WorkProgress& progress) {
    std::ofstream out{file};
    out << R"({"type":"FeatureCollection","features":[)";
    Json zones = Json::array();
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        std::optional<double> to;
        if (i + 1 < bounds.size()) to = bounds[i + 1];
        if (i > 0) out << ",\n";
        auto const cells = marked(depth, bounds[i], to.value_or(1e30));
        double const area = write_zone(out, frame, cells, bounds[i], to);
        zones.push_back({{"depth_from_m", bounds[i]},
                         {"depth_to_m", to ? Json(*to) : Json()},
                         {"area_m2", area}});
        progress.at(i + 1, bounds.size());
    }
    out << "]}\n";
    close_file(out, file);
    return zones;
}

void check_prepared(Coverage const& hand) {
    if (geo::is_geographic(hand.frame.srid))
        refuse_input("terrain", hand.derived_from, "ground in metres");
    if (hand.frame.shape.cells() > most_cells)
        throw geo::Error{geo::Code::too_large,
                         "too-many-cells",
                         {{"cells", std::to_string(hand.frame.shape.cells())},
                          {"accepted", std::to_string(most_cells)}}};
}

Outcome run_zones(Work& work) {
    auto const inputs = read_inputs(work.inputs);
    CoverageWork const coverages{work};
    auto const hand = coverages.find(source_of(inputs));
    check_prepared(hand);
    auto const heights = coverages.open(hand.files.front()).read_all(most_cells);
    std::vector<float> depth(heights.cells().size());
    if (inputs.stage)
        geo::hazard::stage_depth(heights.cells(), float(*inputs.stage), depth);
    else
        geo::hazard::sea_depth(hand.frame.shape, heights.cells(), float(*inputs.sea), depth);
    auto const file = work.folder / "zones.geojson";
    Outcome outcome;
    outcome.values["zones"] = write_zones(file, hand.frame, depth, inputs.classes, work.progress);
    outcome.values["details"] = {{"terrain", inputs.terrain},
                                 {"origin", to_string(hand.origin)},
                                 {"sha256", hand.files.front().sha256},
                                 {"measures", "whole cells, planar in the CRS of the ground"}};
    auto& details = outcome.values["details"];
    if (inputs.stage) {
        details["stage_m"] = *inputs.stage;
        details["method"] = "stage less height above the nearest drainage (Nobre et al. 2011)";
        details["validity"] = "all streams rise alike; neither time, nor dykes, nor tide";
    } else {
        details["sea_m"] = *inputs.sea;
        details["method"] = "still water on land that the sea reaches over no higher ground: a "
                            "bathtub with connectivity, from where the ground has no data";
        details["validity"] = "water that has all the time it wants; no waves, no rivers";
    }
    outcome.file = {file, "zones.geojson", "application/geo+json"};
    return outcome;
}

} // namespace

Process hand_zones_process() {
    return {
        .id = "hand-zones",
        .title = {"Vùng ngập theo mực nước", "Flood zones by stage"},
        .description = {"Vùng ngập và độ sâu khi mọi sông suối dâng như nhau, theo độ cao trên "
                        "dòng chảy gần nhất (HAND).",
                        "Where water stands, and how deep, when all streams rise alike: by "
                        "height above the nearest drainage (HAND)."},
        .inputs =
            {{"terrain", described_input("Prepared heights", {{"type", "string"}}, true)},
             {"stage", described_input("Metres above drainage",
                                       {{"type", "number"}, {"minimum", 0.01}, {"maximum", 100}})},
             {"sea", described_input("Instead of a stage: level of the sea, of a surge, m in "
                                     "the datum of the ground",
                                     {{"type", "number"}, {"minimum", -100}, {"maximum", 100}})},
             {"classes", described_input("Depths at which a class begins, m",
                                         {{"type", "array"}, {"items", {{"type", "number"}}}})}},
        .outputs = {{"file",
                     {{"title", "A multipolygon a class"},
                      {"schema", {{"type", "string"}, {"format", "binary"}}}}},
                    {"zones", {{"title", "Areas by class"}, {"schema", {{"type", "array"}}}}},
                    {"details",
                     {{"title", "Inputs, method, validity"}, {"schema", {{"type", "object"}}}}}},
        .reads = [](Json const& inputs) { return std::vector{source_of(read_inputs(inputs))}; },
        .check =
            [](Json const& inputs, Registries const& registries, Policies const&) {
                check_prepared(registries.coverage(source_of(read_inputs(inputs))));
            },
        .run = run_zones,
        .quick = true};
}

} // namespace diaban::services::domain
