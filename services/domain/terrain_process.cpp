#include "services/domain/terrain_process.hpp"

#include "data/gdal/scratch_cells.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "geo/terrain/breach.hpp"
#include "geo/terrain/catchment.hpp"
#include "geo/terrain/drainage.hpp"
#include "geo/terrain/fill.hpp"
#include "geo/terrain/streams.hpp"
#include "services/domain/catchment.hpp"
#include "services/domain/coverage_work.hpp"
#include "services/domain/process_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <thread>

namespace diaban::services::domain {

namespace {

using data::gdal::ScratchCells;
using data::model::Coverage;
using geo::terrain::Direction;

/// Counts of cells are kept in single precision: whole up to here.
constexpr std::size_t most_cells = std::size_t{1} << 24U;
constexpr double usual_stream_km2 = 1;
constexpr std::array<std::string_view, 3> known{"terrain", "stream_km2", "breach"};

struct TerrainInputs {
    std::string terrain;
    double stream_km2 = usual_stream_km2;
    bool breach = false;
};

TerrainInputs read_inputs(Json const& inputs) {
    check_input_names(inputs, known);
    return {text_input(inputs, "terrain", "a coverage of heights"),
            number_input(inputs, "stream_km2", usual_stream_km2, 0.001, 100'000),
            flag_input(inputs, "breach", false)};
}

void check_ground(Coverage const& ground) {
    if (ground.quantity != "elevation")
        refuse_input("terrain", ground.id, "a coverage of the quantity elevation");
    if (ground.frame.shape.cells() > most_cells)
        throw geo::Error{geo::Code::too_large,
                         "too-many-cells",
                         {{"cells", std::to_string(ground.frame.shape.cells())},
                          {"accepted", std::to_string(most_cells)}}};
}

/// Sides of a cell in metres, in the middle of the grid.
geo::Position sides_in_metres(geo::raster::Frame const& frame) {
    if (!geo::is_geographic(frame.srid)) return {frame.width, frame.height};
    constexpr double degree = 111'320; // metres of a degree along the equator
    double const latitude = (frame.north - frame.height * frame.shape.rows / 2) / 180;
    return {frame.width * degree * std::cos(latitude * std::numbers::pi), frame.height * degree};
}

/// All that is computed, on memory that may be larger than the machine's.
struct Drained {
    Drained(std::filesystem::path const& folder, geo::raster::Shape given)
        : shape{given}, ground{folder, shape.cells()}, filled{folder, shape.cells()},
          hand{folder, shape.cells()}, flow{folder, shape.cells()}, streams{folder, shape.cells()},
          gathered{folder, shape.cells()} {}

    geo::raster::Shape shape;
    ScratchCells<float> ground;
    ScratchCells<float> filled;
    ScratchCells<float> hand;
    ScratchCells<Direction> flow;
    ScratchCells<std::uint8_t> streams;
    ScratchCells<std::uint32_t> gathered;
};

void drain(Drained& d, geo::Position side, std::uint32_t least, unsigned threads,
           WorkProgress& progress) {
    constexpr std::uint64_t steps = 8;
    geo::terrain::fill(d.shape, d.ground.cells(), d.filled.cells(), d.gathered.cells(), threads);
    progress.at(2, steps);
    geo::terrain::flow_directions(d.shape, d.filled.cells(), side.x, side.y, d.flow.cells(),
                                  d.gathered.cells(), threads);
    progress.at(3, steps);
    geo::terrain::accumulate(d.shape, d.flow.cells(), d.gathered.cells(), threads);
    geo::terrain::mark_streams(d.gathered.cells(), least, d.streams.cells());
    geo::terrain::height_above_drainage(d.shape, d.filled.cells(), d.flow.cells(),
                                        d.streams.cells(), d.hand.cells(), threads);
    progress.at(4, steps);
}

/// Codes and counts as cells are kept: in single precision, no data as NaN.
template <typename T>
std::vector<float> as_floats(std::span<T const> cells, std::span<float const> ground) {
    std::vector<float> floats(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i)
        floats[i] = std::isnan(ground[i]) ? geo::raster::no_data : float(cells[i]);
    return floats;
}

/// One of the coverages that are left, and its cells.
struct Left {
    char const* ending;
    char const* quantity;
    char const* vi;
    char const* en;
    char const* unit;
    bool height; ///< above the datum of the ground
};
constexpr Left all_left[] = {
    {"_filled", "filled", "Mặt đất đã lấp trũng", "Ground, depressions filled", "m", true},
    {"_hand", "hand", "Độ cao trên dòng chảy gần nhất", "Height above nearest drainage", "m",
     false},
    {"_flow", "direction", "Hướng dòng chảy (D8)", "Flow directions (D8, ESRI codes)", "", false},
    {"_accumulation", "accumulation", "Số ô đổ qua", "Cells that drain through", "", false}};

void leave(CoverageWork const& coverages, Coverage const& ground, Left const& what,
           std::span<float const> cells, Json const& details) {
    auto made = CoverageWork::made_of(ground, ground.id + what.ending,
                                      {std::string{what.vi} + ": " + ground.title.vi,
                                       std::string{what.en} + ": " + ground.title.en},
                                      what.quantity);
    made.unit = what.unit;
    if (what.height) {
        made.vertical_srid = ground.vertical_srid;
        made.vertical_datum = ground.vertical_datum;
    }
    made.details = details.dump();
    made.source = "terrain-prepare";
    measure_range(made, cells);
    std::array<std::span<float const>, 1> const bands{cells};
    made.files = {coverages.keep(made, bands)};
    coverages.registry().put(made);
}

void leave_index(Work const& work, CoverageWork const& coverages, Coverage const& ground,
                 geo::terrain::CatchmentIndex const& index, Json const& details) {
    auto const file = work.folder / "catchments";
    write_catchments(file, index.view());
    auto made = CoverageWork::made_of(
        ground, ground.id + "_catchments",
        {"Chỉ mục lưu vực: " + ground.title.vi, "Index of catchments: " + ground.title.en},
        "catchments");
    made.unit = "";
    made.details = details.dump();
    made.source = "terrain-prepare";
    made.files = {coverages.adopt(file, "application/octet-stream")};
    coverages.registry().put(made);
}

Json details_of(Coverage const& ground, TerrainInputs const& inputs, std::uint32_t least) {
    return {{"terrain", ground.id},
            {"terrain_sha256", ground.files.front().sha256},
            {"method",
             {{"filling", "Priority-Flood (Barnes, Lehman, Mulla 2014)"},
              {"breaching", inputs.breach ? "least cost (Lindsay, Dhun 2015)" : "none"},
              {"directions", "D8; ties east first, then clockwise; flats by fewest steps"},
              {"hand", "Rennó et al. 2008, over filled ground"}}},
            {"stream_km2", inputs.stream_km2},
            {"stream_cells", least},
            {"validity", "water that finds the way down the ground; no tide, no pumps, no pipes"}};
}

Outcome run_prepare(Work& work) {
    auto const inputs = read_inputs(work.inputs);
    CoverageWork const coverages{work};
    auto const ground = coverages.find(inputs.terrain);
    check_ground(ground);
    auto const& frame = ground.frame;
    auto const side = sides_in_metres(frame);
    auto const least =
        std::uint32_t(std::max(1.0, std::round(inputs.stream_km2 * 1e6 / (side.x * side.y))));
    auto const threads = std::max(1U, std::thread::hardware_concurrency());
    constexpr std::uint64_t steps = 8;

    Drained d{work.folder, frame.shape};
    coverages.open(ground.files.front()).read(frame.window(), d.ground.cells());
    if (inputs.breach) {
        auto const reach = std::int32_t(std::clamp(1000 / std::min(side.x, side.y), 1.0, 200.0));
        geo::terrain::breach(frame.shape, side.x, side.y, d.ground.cells(), {.reach = reach});
    }
    work.progress.at(1, steps);
    drain(d, side, least, threads, work.progress);
    auto const details = details_of(ground, inputs, least);
    auto const known_ground = std::span<float const>{d.ground.cells()};
    leave(coverages, ground, all_left[0], d.filled.cells(), details);
    leave(coverages, ground, all_left[1], d.hand.cells(), details);
    work.progress.at(6, steps);
    leave(coverages, ground, all_left[2],
          as_floats(std::span<Direction const>{d.flow.cells()}, known_ground), details);
    leave(coverages, ground, all_left[3],
          as_floats(std::span<std::uint32_t const>{d.gathered.cells()}, known_ground), details);
    work.progress.at(7, steps);
    leave_index(work, coverages, ground,
                geo::terrain::CatchmentIndex{frame.shape, d.flow.cells(), threads}, details);

    Outcome outcome;
    Json names = Json::array();
    for (auto const& one : all_left) names.push_back(ground.id + one.ending);
    names.push_back(ground.id + "_catchments");
    outcome.values["coverages"] = std::move(names);
    outcome.values["stream_cells"] = least;
    outcome.values["details"] = details;
    return outcome;
}

} // namespace

Process terrain_process() {
    return {
        .id = "terrain-prepare",
        .title = {"Chuẩn bị địa hình", "Prepare terrain"},
        .description = {"Lấp trũng, tìm hướng chảy, lượng tích tụ, sông suối và độ cao trên "
                        "dòng chảy (HAND) của một lớp độ cao.",
                        "Fills a coverage of heights and finds flow directions, accumulation, "
                        "streams, catchments and heights above drainage (HAND)."},
        .inputs = {{"terrain",
                    described_input("A coverage of heights", {{"type", "string"}}, true)},
                   {"stream_km2", described_input("What must drain through a cell of a stream, km²",
                                                  {{"type", "number"},
                                                   {"minimum", 0.001},
                                                   {"maximum", 100'000},
                                                   {"default", usual_stream_km2}})},
                   {"breach", described_input("Cut pits open through banks before filling",
                                              {{"type", "boolean"}, {"default", false}})}},
        .outputs = {{"coverages",
                     {{"title", "What was made"},
                      {"schema", {{"type", "array"}, {"items", {{"type", "string"}}}}}}},
                    {"stream_cells",
                     {{"title", "Cells that make a stream"}, {"schema", {{"type", "integer"}}}}},
                    {"details",
                     {{"title", "Inputs, method, validity"}, {"schema", {{"type", "object"}}}}}},
        .reads = [](Json const& inputs) { return std::vector{read_inputs(inputs).terrain}; },
        .check =
            [](Json const& inputs, Registries const& registries, Policies const&) {
                check_ground(registries.coverage(read_inputs(inputs).terrain));
            },
        .run = run_prepare,
        .edits = true};
}

} // namespace diaban::services::domain
