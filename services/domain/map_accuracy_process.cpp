#include "services/domain/map_accuracy_process.hpp"

#include "geo/crs.hpp"
#include "geo/landuse/area_estimate.hpp"
#include "geo/landuse/sample_draw.hpp"
#include "services/domain/class_cells.hpp"
#include "services/domain/feature_file.hpp"
#include "services/domain/process_inputs.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <map>
#include <string>

namespace diaban::services::domain {

namespace {

using geo::landuse::Estimate;
using geo::landuse::Label;

constexpr std::array<std::string_view, 5> design_known{"coverage", "accuracy", "error", "least",
                                                       "seed"};
constexpr std::array<std::string_view, 3> estimate_known{"counts", "mapped", "z"};
constexpr std::size_t most_classes = 64;
constexpr char accepted_classes[] = "a coverage of classes (land_cover)";
constexpr char accepted_counts[] = "[[count, …], …], a row a mapped class, whole numbers";

struct DesignInputs {
    std::map<Label, double> accuracy;
    double error = 0.01;
    std::uint64_t least = 50;
    std::uint64_t seed = 1;
};

DesignInputs read_design(Json const& inputs) {
    check_input_names(inputs, design_known);
    DesignInputs read;
    read.accuracy = accuracy_input(inputs);
    read.error = number_input(inputs, "error", 0.01, 0.001, 0.5);
    read.least = std::uint64_t(number_input(inputs, "least", 50, 0, 10'000));
    read.seed = std::uint64_t(number_input(inputs, "seed", 1, 0, 4'294'967'295.0));
    return read;
}

/// Writes the drawn cells as points; gives how many.
std::size_t write_points(std::filesystem::path const& file, data::model::Coverage const& coverage,
                         std::vector<geo::landuse::DrawnCell> const& drawn) {
    std::vector<geo::Position> places;
    for (auto const& one : drawn) places.push_back(coverage.frame.centre(one.cell));
    geo::Transform::between(coverage.frame.srid, 4326).apply(places);
    FeatureFile out{file};
    for (std::size_t i = 0; i < drawn.size(); ++i) {
        geo::Geometry point;
        point.kind = geo::GeometryKind::point;
        point.srid = 4326;
        point.positions = {places[i]};
        point.path_ends = {1};
        point.part_ends = {1};
        out.add(point, {{"point", i + 1}, {"mapped", drawn[i].label}, {"reference", nullptr}});
    }
    out.close();
    return drawn.size();
}

Outcome run_design(Work& work) {
    auto const inputs = read_design(work.inputs);
    CoverageWork const coverages{work};
    auto const coverage = coverages.find(text_input(work.inputs, "coverage", accepted_classes));
    check_classes("coverage", coverage);
    auto const reader = class_readers(coverages, {coverage}, 1).front();
    auto const counts = geo::landuse::count_labels(coverage.frame, reader, class_progress(work));
    constexpr double usual = 0.8;
    std::vector<geo::landuse::Stratum> strata;
    std::vector<Label> labels;
    for (auto const& [label, count] : counts) {
        if (label == geo::landuse::unknown) continue;
        auto const said = inputs.accuracy.find(label);
        labels.push_back(label);
        strata.push_back({double(count), said == inputs.accuracy.end() ? usual : said->second});
    }
    auto const size = geo::landuse::sample_size(strata, inputs.error, inputs.least);
    std::map<Label, std::uint64_t> wanted;
    Json allocation = Json::array();
    double const cell = coverage.frame.width * coverage.frame.height;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        wanted[labels[i]] = size.by_stratum[i];
        allocation.push_back({{"class", labels[i]},
                              {"mapped_m2", strata[i].mapped * cell},
                              {"accuracy", strata[i].users},
                              {"points", size.by_stratum[i]}});
    }
    auto const drawn = geo::landuse::draw_cells(coverage.frame, reader, counts, wanted, inputs.seed,
                                                class_progress(work));
    auto const file = work.folder / "sample.geojson";
    Outcome outcome;
    outcome.values["points"] = write_points(file, coverage, drawn);
    outcome.values["size"] = size.total;
    outcome.values["allocation"] = std::move(allocation);
    outcome.values["expected_error"] = size.expected_error;
    outcome.values["details"] = {
        {"inputs", work.inputs},
        {"raster", coverage_json(coverage)},
        {"accuracy_where_not_said", usual},
        {"method", "stratified random sample: Cochran 1977 (5.25), allocation after Olofsson et "
                   "al. 2014; each cell of a class as likely as any other"}};
    outcome.file = {file, "sample.geojson", "application/geo+json"};
    return outcome;
}

struct EstimateInputs {
    std::vector<std::uint64_t> counts;
    std::vector<double> mapped;
    double z = 1.96;
};

EstimateInputs read_estimate(Json const& inputs) {
    check_input_names(inputs, estimate_known);
    EstimateInputs read;
    auto const counts = inputs.find("counts");
    auto const mapped = inputs.find("mapped");
    auto const refuse_counts = [&] {
        refuse_input("counts", counts == inputs.end() ? "" : counts->dump(), accepted_counts);
    };
    if (counts == inputs.end() || !counts->is_array() || counts->size() > most_classes)
        refuse_counts();
    for (auto const& row : *counts) {
        if (!row.is_array() || row.size() != counts->size()) refuse_counts();
        for (auto const& count : row) {
            if (!count.is_number_unsigned() || count.get<std::uint64_t>() > 1'000'000)
                refuse_counts();
            read.counts.push_back(count.get<std::uint64_t>());
        }
    }
    auto const refuse_mapped = [&] {
        refuse_input("mapped", mapped == inputs.end() ? "" : mapped->dump(),
                     "[area, …], one a class");
    };
    if (mapped == inputs.end() || !mapped->is_array()) refuse_mapped();
    for (auto const& area : *mapped) {
        if (!area.is_number()) refuse_mapped();
        read.mapped.push_back(area.get<double>());
    }
    read.z = number_input(inputs, "z", 1.96, 0.1, 10);
    return read;
}

Json estimate_json(Estimate const& estimate) {
    if (std::isnan(estimate.value)) return nullptr;
    return {{"value", estimate.value}, {"half_width", estimate.half_width}};
}

Json list_json(std::vector<Estimate> const& estimates) {
    Json list = Json::array();
    for (auto const& one : estimates) list.push_back(estimate_json(one));
    return list;
}

Outcome run_estimate(Work& work) {
    auto const inputs = read_estimate(work.inputs);
    auto const found = geo::landuse::map_accuracy(inputs.counts, inputs.mapped, inputs.z);
    Outcome outcome;
    outcome.values = {{"overall", estimate_json(found.overall)},
                      {"users", list_json(found.users)},
                      {"producers", list_json(found.producers)},
                      {"areas", list_json(found.areas)},
                      {"details",
                       {{"inputs", work.inputs},
                        {"method", "Olofsson et al. 2014, equations 1–11"},
                        {"interval", fmt::format("± {} standard errors", inputs.z)},
                        {"unit", "areas in the unit of `mapped`"}}}};
    return outcome;
}

} // namespace

Process sample_design_process() {
    return {
        .id = "sample-design",
        .title = {"Thiết kế mẫu kiểm chứng", "Design of a reference sample"},
        .description = {"Cần bao nhiêu điểm kiểm chứng cho bản đồ lớp phủ, mỗi lớp bao nhiêu và ở "
                        "đâu.",
                        "How many reference points a map of classes needs, how many in each class, "
                        "and where."},
        .inputs = {{"coverage",
                    described_input("A coverage of classes", {{"type", "string"}}, true)},
                   {"accuracy", described_input("User's accuracy of each class that is conjectured",
                                                {{"type", "object"}})},
                   {"error", described_input("Standard error wanted of the overall accuracy",
                                             {{"type", "number"}})},
                   {"least",
                    described_input("Points at least in each class", {{"type", "integer"}})},
                   {"seed", described_input("Draws the same points again", {{"type", "integer"}})}},
        .outputs =
            {{"file",
              {{"title", "The points"}, {"schema", {{"type", "string"}, {"format", "binary"}}}}},
             {"points", {{"title", "How many"}, {"schema", {{"type", "integer"}}}}},
             {"size", {{"title", "How many are wanted"}, {"schema", {{"type", "integer"}}}}},
             {"allocation", {{"title", "By class"}, {"schema", {{"type", "array"}}}}},
             {"expected_error",
              {{"title", "Standard error with this allocation"}, {"schema", {{"type", "number"}}}}},
             {"details", {{"title", "Inputs, method"}, {"schema", {{"type", "object"}}}}}},
        .reads =
            [](Json const& inputs) {
                return std::vector{text_input(inputs, "coverage", accepted_classes)};
            },
        .check =
            [](Json const& inputs, Registries const& registries, Policies const&) {
                static_cast<void>(read_design(inputs));
                check_classes("coverage", registries.coverage(
                                              text_input(inputs, "coverage", accepted_classes)));
            },
        .run = run_design,
        .rests = true};
}

Process area_estimate_process() {
    return {
        .id = "area-estimate",
        .title = {"Ước lượng diện tích", "Estimate of areas"},
        .description = {"Độ chính xác của bản đồ lớp phủ và diện tích thật từng lớp kèm khoảng tin "
                        "cậy, từ mẫu kiểm chứng phân tầng.",
                        "Accuracy of a map of classes and the true area of each with its "
                        "confidence interval, from a stratified reference sample."},
        .inputs = {{"counts", described_input("Sampled units: rows mapped, columns on the ground",
                                              {{"type", "array"}}, true)},
                   {"mapped",
                    described_input("Mapped area of each class", {{"type", "array"}}, true)},
                   {"z", described_input("Standard errors to either side; 1.96 is 95 %",
                                         {{"type", "number"}})}},
        .outputs = {{"overall", {{"title", "Overall accuracy"}, {"schema", {{"type", "object"}}}}},
                    {"users", {{"title", "User's accuracies"}, {"schema", {{"type", "array"}}}}},
                    {"producers",
                     {{"title", "Producer's accuracies"}, {"schema", {{"type", "array"}}}}},
                    {"areas", {{"title", "True areas"}, {"schema", {{"type", "array"}}}}},
                    {"details", {{"title", "Inputs, method"}, {"schema", {{"type", "object"}}}}}},
        .reads = [](Json const&) { return std::vector<std::string>{}; },
        .check =
            [](Json const& inputs, Registries const&, Policies const&) {
                auto const read = read_estimate(inputs);
                static_cast<void>(geo::landuse::map_accuracy(read.counts, read.mapped, read.z));
            },
        .run = run_estimate,
        .quick = true};
}

} // namespace diaban::services::domain
