#include "services/domain/standing_water.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "geo/exposure/marked_cells.hpp"
#include "geo/hazard/still_water.hpp"
#include "services/domain/coverage_shelf.hpp"
#include "services/domain/coverage_work.hpp"
#include "services/domain/process_inputs.hpp"

#include <algorithm>
#include <utility>

namespace diaban::services::domain {

namespace {

using data::model::Coverage;

constexpr std::size_t most_cells = std::size_t{1} << 26U;
/// Of a level of the sea, which is poured cell by cell.
constexpr std::size_t most_poured = std::size_t{1} << 24U;

void check_size(Coverage const& coverage, std::size_t most) {
    auto const cells = coverage.frame.shape.cells();
    if (cells > most)
        throw geo::Error{geo::Code::too_large,
                         "too-many-cells",
                         {{"cells", std::to_string(cells)}, {"accepted", std::to_string(most)}}};
}

/// Heights of the ground that a coverage was made of, brought to its cells; empty where they do not
/// fit, or there are none.
std::vector<float> ground_of(CoverageWork const& coverages, Coverage const& made) {
    if (made.derived_from.empty()) return {};
    auto const ground = coverages.registry().find(made.derived_from);
    if (!ground || ground->files.empty()) return {};
    auto const placed = geo::exposure::place_in(ground->frame, made.frame);
    if (!placed) return {};
    std::vector<float> cells(made.frame.shape.cells());
    coverages.open(ground->files.front()).read_reduced(placed->window, made.frame.shape, cells);
    return cells;
}

StandingWater read_depths(CoverageWork const& coverages, WaterInputs const& inputs,
                          Coverage const& coverage) {
    ShelvedCoverage const shelved{coverage};
    auto const& file = shelved.file(inputs.at);
    StandingWater water{.frame = coverage.frame,
                        .depth = std::vector<float>(coverage.frame.shape.cells()),
                        .ground = {},
                        .about = {{"kind", "coverage"},
                                  {"coverage", coverage.id},
                                  {"origin", to_string(coverage.origin)},
                                  {"sha256", file.sha256}}};
    coverages.open(file).read(coverage.frame.window(), water.depth, shelved.band(inputs.band));
    if (file.at) {
        std::string text;
        geo::codec::append_instant(text, *file.at);
        water.about["datetime"] = text;
    }
    return water;
}

StandingWater pour(CoverageWork const& coverages, WaterInputs const& inputs,
                   Coverage const& coverage) {
    auto const& file = coverage.files.front();
    auto const heights = coverages.open(file).read_all(most_poured);
    StandingWater water{.frame = coverage.frame,
                        .depth = std::vector<float>(coverage.frame.shape.cells()),
                        .ground = {},
                        .about = {{"kind", inputs.stage ? "stage" : "sea"},
                                  {"terrain", inputs.terrain},
                                  {"origin", to_string(coverage.origin)},
                                  {"sha256", file.sha256}}};
    if (inputs.stage) {
        geo::hazard::stage_depth(heights.cells(), float(*inputs.stage), water.depth);
        water.about["stage_m"] = *inputs.stage;
    } else {
        geo::hazard::sea_depth(coverage.frame.shape, heights.cells(), float(*inputs.sea),
                               water.depth);
        water.about["sea_m"] = *inputs.sea;
        water.ground.assign(heights.cells().begin(), heights.cells().end());
    }
    return water;
}

} // namespace

std::vector<geo::Instant> water_times(Work const& work, WaterInputs const& inputs) {
    std::vector<geo::Instant> times;
    for (auto const& file : CoverageWork{work}.find(inputs.source()).files)
        if (file.at && (!inputs.at || *file.at <= *inputs.at)) times.push_back(*file.at);
    return times;
}

void check_water_source(WaterInputs const& inputs, Coverage const& coverage) {
    if (!inputs.terrain.empty()) return check_size(coverage, most_poured);
    if (coverage.quantity != "depth" || (inputs.band && *inputs.band != "depth"))
        refuse_input("hazard", coverage.id, "a coverage of depths");
    check_size(coverage, most_cells);
    ShelvedCoverage const shelved{coverage};
    static_cast<void>(shelved.band(inputs.band));
    static_cast<void>(shelved.file(inputs.at));
}

StandingWater read_standing_water(Work const& work, WaterInputs const& inputs, bool with_ground) {
    CoverageWork const coverages{work};
    auto const coverage = coverages.find(inputs.source());
    check_water_source(inputs, coverage);
    auto water = inputs.terrain.empty() ? read_depths(coverages, inputs, coverage)
                                        : pour(coverages, inputs, coverage);
    if (with_ground && water.ground.empty()) water.ground = ground_of(coverages, coverage);
    return water;
}

} // namespace diaban::services::domain
