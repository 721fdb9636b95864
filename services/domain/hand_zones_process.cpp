#include "services/domain/hand_zones_process.hpp"

#include "geo/codec/geojson.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "geo/hazard/still_water.hpp"
#include "geo/raster/outline.hpp"
#include "services/domain/coverage_work.hpp"
#include "services/domain/hand_zones_inputs.hpp"
#include "services/domain/process_inputs.hpp"

#include <algorithm>
#include <array>
#include <fstream>

namespace diaban::services::domain {

namespace {

using data::model::Coverage;
using geo::raster::Frame;

constexpr std::size_t most_cells = std::size_t{1} << 24U;

/// Prepared heights lie beside the ground under this name.
std::string hand_of(std::string const& terrain) {
    return terrain + "_hand";
}

/// What is read: heights above drainage, or for the sea the ground itself.
std::string source_of(ZoneInputs const& inputs) {
    return inputs.sea ? inputs.terrain : hand_of(inputs.terrain);
}

/// Depths over the grid of one kind of flood.
struct Water {
    std::optional<double> years; ///< its return period
    std::vector<float> depth;
};

/// Cells of a class: as deep as its bound and not as the next one's.
std::vector<std::uint8_t> marked(std::span<float const> depth, double from, double to) {
    std::vector<std::uint8_t> cells(depth.size());
    for (std::size_t i = 0; i < depth.size(); ++i)
        cells[i] = double(depth[i]) >= from && double(depth[i]) < to ? 1 : 0;
    return cells;
}

/// Writes a feature of a class and says what it is.
Json write_zone(std::ofstream& out, Frame const& frame, Water const& water, double from,
                std::optional<double> to) {
    auto const cells = marked(water.depth, from, to.value_or(1e30));
    auto outline = geo::raster::outline(frame, cells);
    geo::Transform::between(frame.srid, 4326).apply(outline.positions);
    outline.srid = 4326;
    double const area =
        double(std::ranges::count(cells, std::uint8_t{1})) * frame.width * frame.height;
    std::string shape;
    geo::codec::append_geojson(shape, outline);
    Json properties;
    if (water.years) properties["return_years"] = *water.years;
    properties["depth_from_m"] = from;
    properties["depth_to_m"] = to ? Json(*to) : Json();
    properties["area_m2"] = area;
    out << R"({"type":"Feature","properties":)" << properties.dump() << R"(,"geometry":)" << shape
        << "}";
    return properties;
}

/// Every class of every flood, as one file; what each zone is.
Json write_zones(std::filesystem::path const& file, Frame const& frame,
                 std::vector<Water> const& waters, std::vector<double> const& bounds,
                 WorkProgress& progress) {
    std::ofstream out{file};
    out << R"({"type":"FeatureCollection","features":[)";
    Json zones = Json::array();
    for (auto const& water : waters)
        for (std::size_t i = 0; i < bounds.size(); ++i) {
            std::optional<double> to;
            if (i + 1 < bounds.size()) to = bounds[i + 1];
            if (!zones.empty()) out << ",\n";
            zones.push_back(write_zone(out, frame, water, bounds[i], to));
            progress.at(zones.size(), waters.size() * bounds.size());
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

std::vector<float> depth_by_gauges(Frame const& frame, std::span<float const> heights,
                                   std::vector<GaugeStage> const& gauges) {
    auto const to_grid = geo::Transform::between(4326, frame.srid);
    std::vector<geo::hazard::StagePoint> points;
    for (auto const& gauge : gauges) {
        std::array place{gauge.place};
        to_grid.apply(place);
        points.push_back({place.front(), float(gauge.stage)});
    }
    std::vector<float> stage(heights.size());
    geo::hazard::nearest_stage(frame, points, stage);
    std::vector<float> depth(heights.size());
    geo::hazard::stage_depth(heights, stage, depth);
    return depth;
}

std::vector<Water> waters_of(ZoneInputs const& inputs, Frame const& frame,
                             std::span<float const> heights) {
    std::vector<Water> waters;
    auto const add = [&](std::optional<double> years, auto&& fill) {
        waters.push_back({years, std::vector<float>(heights.size())});
        fill(waters.back().depth);
    };
    auto const risen_by = [&](double stage) {
        return [&heights, stage](std::span<float> depth) {
            geo::hazard::stage_depth(heights, float(stage), depth);
        };
    };
    if (inputs.stage) add({}, risen_by(*inputs.stage));
    for (auto const& one : inputs.returns) add(one.years, risen_by(one.stage));
    if (!inputs.gauges.empty())
        waters.push_back({{}, depth_by_gauges(frame, heights, inputs.gauges)});
    if (inputs.sea)
        add({}, [&](std::span<float> depth) {
            geo::hazard::sea_depth(frame.shape, heights, float(*inputs.sea), depth);
        });
    return waters;
}

Json details_of(ZoneInputs const& inputs, Coverage const& heights) {
    Json details{{"terrain", inputs.terrain},
                 {"origin", to_string(heights.origin)},
                 {"sha256", heights.files.front().sha256},
                 {"measures", "whole cells, planar in the CRS of the ground"}};
    if (inputs.sea) {
        details["sea_m"] = *inputs.sea;
        details["method"] = "still water on land that the sea reaches over no higher ground: a "
                            "bathtub with connectivity, from where the ground has no data";
        details["validity"] = "water that has all the time it wants; no waves, no rivers";
        return details;
    }
    details["method"] = "stage less height above the nearest drainage (Nobre et al. 2011)";
    details["validity"] = "all streams rise alike; neither time, nor dykes, nor tide";
    if (inputs.stage) details["stage_m"] = *inputs.stage;
    for (auto const& one : inputs.returns)
        details["stages"].push_back({{"return_years", one.years}, {"stage_m", one.stage}});
    for (auto const& one : inputs.gauges)
        details["gauges"].push_back(
            {{"lon", one.place.x}, {"lat", one.place.y}, {"stage_m", one.stage}});
    if (!inputs.gauges.empty())
        details["validity"] = "each place has the stage of the gauge that is nearest in a straight "
                              "line, of whichever river; neither time, nor dykes, nor tide";
    return details;
}

Outcome run_zones(Work& work) {
    auto const inputs = read_zone_inputs(work.inputs);
    CoverageWork const coverages{work};
    auto const found = coverages.find(source_of(inputs));
    check_prepared(found);
    auto const heights = coverages.open(found.files.front()).read_all(most_cells);
    auto const file = work.folder / "zones.geojson";
    Outcome outcome;
    outcome.values["zones"] =
        write_zones(file, found.frame, waters_of(inputs, found.frame, heights.cells()),
                    inputs.classes, work.progress);
    outcome.values["details"] = details_of(inputs, found);
    outcome.file = {file, "zones.geojson", "application/geo+json"};
    return outcome;
}

} // namespace

Process hand_zones_process() {
    return {
        .id = "hand-zones",
        .title = {"Vùng ngập theo mực nước", "Flood zones by stage"},
        .description = {"Vùng ngập và độ sâu theo độ cao trên dòng chảy gần nhất (HAND): khi mọi "
                        "sông suối dâng như nhau, theo tần suất lũ hoặc theo trạm đo gần nhất.",
                        "Where water stands, and how deep, by height above the nearest drainage "
                        "(HAND): all streams rising alike, by return period, or as the nearest "
                        "gauge does."},
        .inputs = describe_zone_inputs(),
        .outputs = {{"file",
                     {{"title", "A multipolygon a class"},
                      {"schema", {{"type", "string"}, {"format", "binary"}}}}},
                    {"zones", {{"title", "Areas by class"}, {"schema", {{"type", "array"}}}}},
                    {"details",
                     {{"title", "Inputs, method, validity"}, {"schema", {{"type", "object"}}}}}},
        .reads =
            [](Json const& inputs) { return std::vector{source_of(read_zone_inputs(inputs))}; },
        .check =
            [](Json const& inputs, Registries const& registries, Policies const&) {
                check_prepared(registries.coverage(source_of(read_zone_inputs(inputs))));
            },
        .run = run_zones,
        .quick = true};
}

} // namespace diaban::services::domain
