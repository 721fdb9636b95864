#include "services/domain/exposure_process.hpp"

#include "geo/codec/geojson.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "geo/ops/validate.hpp"
#include "services/domain/coverage_shelf.hpp"
#include "services/domain/coverage_work.hpp"
#include "services/domain/exposure_count.hpp"
#include "services/domain/exposure_prepared.hpp"
#include "services/domain/flat_cells.hpp"
#include "services/domain/process_inputs.hpp"
#include "services/domain/standing.hpp"

#include <array>
#include <cmath>
#include <optional>
#include <utility>

namespace diaban::services::domain {

namespace {

using data::model::Coverage;
using geo::exposure::MarkedCells;
using geo::raster::Frame;

constexpr std::size_t most_cells = std::size_t{1} << 26U;
constexpr std::size_t most_collections = 20;
constexpr std::size_t most_positions = 20'000;
constexpr std::array<std::string_view, 4> known{"hazard", "collections", "displaced", "weights"};
constexpr std::array<std::string_view, 3> factors{"hazard", "exposure", "vulnerability"};
constexpr std::array<std::string_view, 6> hazard_known{"coverage", "band", "datetime",
                                                       "from",     "to",   "polygon"};
constexpr std::array usual{"parcels", "facilities", "roads", "streets", "cameras"};
constexpr char hazard_accepted[] =
    R"({"coverage": id, "from": least, "to": below} or {"polygon": …})";

/// Values of cells that count.
struct Range {
    std::optional<double> from;
    std::optional<double> to;

    [[nodiscard]] bool holds(float value) const noexcept {
        return !std::isnan(value) && (!from || double(value) >= *from) &&
               (!to || double(value) < *to);
    }
};

struct ExposureInputs {
    std::string coverage; ///< empty: a polygon
    std::optional<std::string> band;
    std::optional<geo::Instant> at;
    Range range;
    geo::Geometry polygon;
    std::vector<std::string> collections;
    std::optional<Range> displaced;
    RiskWeights weights;
};

Range read_range(Json const& json) {
    return {number_input(json, "from", -1e9, 1e9), number_input(json, "to", -1e9, 1e9)};
}

void read_polygon(Json const& drawn, ExposureInputs& into) {
    into.polygon = geo::codec::read_geojson(drawn.dump());
    if (into.polygon.kind != geo::GeometryKind::polygon || into.polygon.empty() ||
        into.polygon.positions.size() > most_positions || !geo::ops::validate(into.polygon).valid)
        refuse_input("hazard", drawn.dump(), "a valid polygon of at most 20000 positions");
}

void read_hazard(Json const& inputs, ExposureInputs& into) {
    auto const at = inputs.find("hazard");
    if (at == inputs.end() || !at->is_object())
        refuse_input("hazard", at == inputs.end() ? "" : at->dump(), hazard_accepted);
    auto const& hazard = *at;
    check_input_names(hazard, hazard_known);
    if (hazard.contains("polygon")) {
        if (hazard.size() != 1) refuse_input("hazard", hazard.dump(), hazard_accepted);
        return read_polygon(hazard["polygon"], into);
    }
    into.coverage = text_input(hazard, "coverage", hazard_accepted);
    if (hazard.contains("band")) into.band = text_input(hazard, "band", "a band of the coverage");
    into.range = read_range(hazard);
    if (!hazard.contains("datetime")) return;
    auto const text = text_input(hazard, "datetime", "an instant (RFC 3339)");
    into.at = geo::codec::read_instant(text);
    if (!into.at) refuse_input("datetime", text, "an instant (RFC 3339)");
}

ExposureInputs read_inputs(Json const& inputs) {
    check_input_names(inputs, known);
    ExposureInputs read;
    read_hazard(inputs, read);
    if (auto const list = inputs.find("collections"); list != inputs.end()) {
        if (!list->is_array() || list->empty() || list->size() > most_collections)
            refuse_input("collections", list->dump(), "a list of 1 to 20 ids");
        for (auto const& one : *list) {
            if (!one.is_string()) refuse_input("collections", one.dump(), "ids");
            read.collections.push_back(one.get<std::string>());
        }
    } else {
        read.collections.assign(usual.begin(), usual.end());
    }
    if (auto const worse = inputs.find("displaced"); worse != inputs.end()) {
        if (!worse->is_object()) refuse_input("displaced", worse->dump(), R"({"from", "to"})");
        read.displaced = read_range(*worse);
    }
    if (auto const weights = inputs.find("weights"); weights != inputs.end()) {
        if (!weights->is_object())
            refuse_input("weights", weights->dump(), R"({"hazard", "exposure", "vulnerability"})");
        check_input_names(*weights, factors);
        read.weights = {number_input(*weights, "hazard", 1, 0, 10),
                        number_input(*weights, "exposure", 1, 0, 10),
                        number_input(*weights, "vulnerability", 1, 0, 10)};
    }
    return read;
}

/// What counts where the asker did not say: water deep enough to matter, and to drive people out.
void complete_ranges(ExposureInputs& inputs, Coverage const& coverage) {
    constexpr double wet = 0.1;        // m: below, the map shows no water either
    constexpr double unliveable = 0.5; // m
    bool const depth = coverage.quantity == "depth" && (!inputs.band || *inputs.band == "depth");
    if (!inputs.range.from && !inputs.range.to) {
        if (!depth) refuse_input("hazard", coverage.id, "from, to, or both");
        inputs.range.from = wet;
    }
    if (inputs.displaced) return;
    if (depth) inputs.displaced = Range{unliveable, {}};
    if (coverage.quantity == "hand" && inputs.range.to)
        inputs.displaced = Range{{}, *inputs.range.to - unliveable};
}

void check_coverage(ExposureInputs inputs, Coverage const& coverage) {
    complete_ranges(inputs, coverage);
    if (geo::is_geographic(coverage.frame.srid) || coverage.quantity == "catchments")
        refuse_input("hazard", coverage.id, "a coverage in metres");
    ShelvedCoverage const shelved{coverage};
    static_cast<void>(shelved.band(inputs.band));
    static_cast<void>(shelved.file(inputs.at));
}

geo::exposure::ValueRange bounds(Range const& range) {
    geo::exposure::ValueRange bounds;
    if (range.from) bounds.from = *range.from;
    if (range.to) bounds.below = *range.to;
    return bounds;
}

/// A hazard, the worse part of it, and what is said of it.
struct Asked {
    std::optional<MarkedCells> hazard; ///< nothing: a polygon
    std::optional<MarkedCells> worse;
    Json about;
};

Json range_json(Range const& range) {
    Json json = Json::object();
    if (range.from) json["from"] = *range.from;
    if (range.to) json["to"] = *range.to;
    return json;
}

/// The grid on which footprints are kept: that of the ground, where the cells are whole blocks of
/// it, so that all that is computed on it is asked alike.
std::pair<Frame, geo::exposure::Placed> kept_grid(CoverageWork const& coverages,
                                                  Coverage const& hazard) {
    if (!hazard.derived_from.empty()) {
        auto const ground = coverages.registry().find(hazard.derived_from);
        if (ground && ground->frame.shape.cells() <= most_cells)
            if (auto const placed = geo::exposure::place_in(ground->frame, hazard.frame))
                return {ground->frame, *placed};
    }
    return {hazard.frame, {hazard.frame.window(), 1}};
}

void mark_cells(Work const& work, CoverageWork const& coverages, ShelvedCoverage const& shelved,
                data::model::CoverageFile const& file, ExposureInputs const& inputs, Asked& asked) {
    auto const& frame = shelved.entry.frame;
    int const band = shelved.band(inputs.band);
    auto const values = FlatCells::of(
        prepared_folder(work), {file.sha256, band, frame.shape.cells()},
        [&](std::span<float> into) { coverages.open(file).read(frame.window(), into, band); });
    auto const [grid, placed] = kept_grid(coverages, shelved.entry);
    auto const mark = [&](Range const& range, std::optional<MarkedCells>& into) {
        into.emplace(grid);
        into->mark(values.cells(), placed.window, placed.factor, bounds(range));
    };
    mark(inputs.range, asked.hazard);
    if (inputs.displaced) mark(*inputs.displaced, asked.worse);
}

Asked open_hazard(Work const& work, ExposureInputs& inputs) {
    Asked asked;
    if (inputs.coverage.empty()) {
        asked.about = {{"kind", "polygon"}, {"measures", "WGS 84 ellipsoid"}};
        return asked;
    }
    CoverageWork const coverages{work};
    ShelvedCoverage const shelved{coverages.find(inputs.coverage)};
    complete_ranges(inputs, shelved.entry);
    auto const& file = shelved.file(inputs.at);
    if (shelved.entry.frame.shape.cells() > most_cells)
        throw geo::Error{geo::Code::too_large,
                         "too-many-cells",
                         {{"cells", std::to_string(shelved.entry.frame.shape.cells())},
                          {"accepted", std::to_string(most_cells)}}};
    mark_cells(work, coverages, shelved, file, inputs, asked);
    asked.about = {{"kind", "coverage"},
                   {"coverage", shelved.entry.id},
                   {"origin", to_string(shelved.entry.origin)},
                   {"sha256", file.sha256},
                   {"range", range_json(inputs.range)},
                   {"measures", "exact shares of cells, planar in the CRS of the coverage"}};
    if (inputs.displaced) asked.about["displaced"] = range_json(*inputs.displaced);
    if (file.at) {
        std::string text;
        geo::codec::append_instant(text, *file.at);
        asked.about["datetime"] = text;
    }
    return asked;
}

Exposure count(Work& work, ExposureInputs const& inputs, Asked const& asked, std::int64_t at) {
    if (!asked.hazard)
        return count_exposure({work.database, work.policies, inputs.collections,
                               PolygonHazard{inputs.polygon}, nullptr, at},
                              work.progress);
    if (countable_by_cells(work.policies, inputs.collections))
        return count_in_cells({work.database, prepared_folder(work), work.policies,
                               inputs.collections, *asked.hazard,
                               asked.worse ? &*asked.worse : nullptr, at},
                              work.progress);
    GridHazard const hazard{*asked.hazard};
    std::optional<GridHazard> worse;
    if (asked.worse) worse.emplace(*asked.worse);
    return count_exposure(
        {work.database, work.policies, inputs.collections, hazard, worse ? &*worse : nullptr, at},
        work.progress);
}

Outcome run_exposure(Work& work) {
    auto inputs = read_inputs(work.inputs);
    auto asked = open_hazard(work, inputs);
    auto const counted_at = now_microseconds();
    auto const exposure = count(work, inputs, asked, counted_at);
    bool const people = work.policies.contains("places");
    bool const displaced = asked.worse.has_value();
    Json parts = Json::array();
    for (auto const& part : exposure.parts) {
        Json json{{"unit", part.code.empty() ? Json() : Json(part.code)}, {"name", part.name}};
        json.update(tally_json(part.tally, exposure.kinds, people, displaced));
        if (people && !part.code.empty())
            json["risk"] = risk_json(part.tally, inputs.weights, displaced);
        parts.push_back(std::move(json));
    }
    std::string instant;
    geo::codec::append_instant(instant, {counted_at});
    asked.about["counted_at"] = instant;
    asked.about["people"] = "population of each commune over its residential parcels (ONT, ODT) by "
                            "area, over all of it where there are none";
    asked.about["cameras"] =
        "those whose field of view, to its range, meets the hazard; what stands "
        "in the way is not considered";
    asked.about["risk"] = {
        {"method", "share of the ground in the hazard, of the people in it, and of those in its "
                   "worse part: each to its weight, multiplied; an order of communes, no damage"},
        {"weights",
         {{"hazard", inputs.weights.hazard},
          {"exposure", inputs.weights.exposure},
          {"vulnerability", inputs.weights.vulnerability}}}};
    asked.about["belongs"] = "each feature to the commune that holds its middle";
    Outcome outcome;
    outcome.values = {{"total", tally_json(exposure.total, exposure.kinds, people, displaced)},
                      {"parts", std::move(parts)},
                      {"details", std::move(asked.about)}};
    return outcome;
}

std::vector<std::string> read_collections(Json const& inputs) {
    auto const read = read_inputs(inputs);
    std::vector<std::string> names;
    if (!read.coverage.empty()) names.push_back(read.coverage);
    names.emplace_back("places");
    names.insert(names.end(), read.collections.begin(), read.collections.end());
    return names;
}

} // namespace

Process exposure_process() {
    Json const range{
        {"type", "object"},
        {"properties", {{"from", {{"type", "number"}}}, {"to", {{"type", "number"}}}}}};
    return {
        .id = "exposure",
        .title = {"Đánh giá tác động", "Exposure"},
        .description = {"Ai và cái gì nằm trong vùng nguy hiểm: dân, thửa đất, công trình, đường, "
                        "camera; theo xã và tổng cộng, mỗi số mở ra danh sách.",
                        "Who and what is in a hazard: people, parcels, facilities, roads, "
                        "cameras; by commune and in total, every number opens its list."},
        .inputs = {{"hazard", described_input("A coverage with a range of values, or a polygon",
                                              {{"type", "object"}}, true)},
                   {"collections",
                    described_input("What is counted",
                                    {{"type", "array"}, {"items", {{"type", "string"}}}})},
                   {"displaced", described_input("Where people have to leave", range)},
                   {"weights", described_input(
                                   "How much hazard, exposure and vulnerability weigh in the risk: "
                                   "powers, 1 each",
                                   {{"type", "object"}})}},
        .outputs = {{"total", {{"title", "All parts together"}, {"schema", {{"type", "object"}}}}},
                    {"parts", {{"title", "By commune"}, {"schema", {{"type", "array"}}}}},
                    {"details",
                     {{"title", "Inputs, method, date"}, {"schema", {{"type", "object"}}}}}},
        .reads = read_collections,
        .check =
            [](Json const& inputs, Registries const& registries, Policies const&) {
                auto const read = read_inputs(inputs);
                if (!read.coverage.empty())
                    check_coverage(read, registries.coverage(read.coverage));
            },
        .run = run_exposure,
        .quick = true};
}

} // namespace diaban::services::domain
