#include "services/domain/land_cover_process.hpp"

#include "geo/crs.hpp"
#include "geo/landuse/class_areas.hpp"
#include "geo/ops/measure.hpp"
#include "geo/ops/overlay.hpp"
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

using data::model::Coverage;
using geo::landuse::Label;

constexpr std::array<std::string_view, 1> areas_own{"coverage"};
constexpr std::array<std::string_view, 2> change_own{"before", "after"};
constexpr char accepted_zones[] = "a collection of polygons";
constexpr char accepted_classes[] = "a coverage of classes (land_cover)";

/// Areas by class or change, in the order of their numbers; what is not known apart.
struct Sheet {
    std::map<Label, double> areas;
    double unknown = 0;

    void add(Label label, double area) {
        if (label == geo::landuse::unknown)
            unknown += area;
        else
            areas[label] += area;
    }
};

/// One of the two processes: what it reads, and how it writes a label.
struct Question {
    std::vector<Coverage> layers;
    std::string (*name)(Label label);
};

std::string class_name(Label label) {
    return std::to_string(label);
}

std::string change_name(Label label) {
    return fmt::format("{}>{}", geo::landuse::before_of(label), geo::landuse::after_of(label));
}

Json sheet_json(Sheet const& sheet, Question const& question) {
    Json areas = Json::object();
    for (auto const& [label, area] : sheet.areas) areas[question.name(label)] = area;
    return {{"areas_m2", std::move(areas)}, {"unknown_m2", sheet.unknown}};
}

/// A zone in degrees again, for the map.
geo::Geometry in_degrees(geo::Geometry shape, geo::Transform const& to_degrees) {
    to_degrees.apply(shape.positions);
    shape.srid = 4326;
    return shape;
}

Outcome answer(Work& work, Question const& question) {
    CoverageWork const coverages{work};
    auto const& frame = question.layers.front().frame;
    auto const collection =
        extracted_collection(work.database, text_input(work.inputs, "collection", accepted_zones));
    auto zones = read_zones(work, collection, frame);
    auto const readers = class_readers(coverages, question.layers, class_threads);
    auto const found =
        geo::landuse::class_areas(frame, zones.shapes, readers, class_progress(work));
    auto const to_degrees = geo::Transform::between(frame.srid, 4326);
    double const cell = frame.width * frame.height;
    auto const file = work.folder / "land-cover.geojson";
    FeatureFile out{file};
    Sheet total;
    double zones_m2 = 0;
    double outside_m2 = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        Sheet sheet;
        for (auto const& share : found[i].classes) {
            sheet.add(share.label, share.cells * cell);
            total.add(share.label, share.cells * cell);
        }
        double const area = geo::ops::planar_area(zones.shapes[i]);
        double const outside = std::max(0.0, area - found[i].cells * cell);
        zones_m2 += area;
        outside_m2 += outside;
        Json properties{{"fid", zones.fids[i]},
                        {"label", zones.text(i, collection.schema.label_field)},
                        {"area_m2", area},
                        {"outside_m2", outside}};
        properties.update(sheet_json(sheet, question));
        out.add(in_degrees(std::move(zones.shapes[i]), to_degrees), properties);
    }
    out.close();
    Outcome outcome;
    outcome.values["zones"] = found.size();
    outcome.values["total"] = sheet_json(total, question);
    outcome.values["total"]["area_m2"] = zones_m2;
    outcome.values["total"]["outside_m2"] = outside_m2;
    Json layers = Json::array();
    for (auto const& layer : question.layers) layers.push_back(coverage_json(layer));
    outcome.values["details"] = {
        {"inputs", work.inputs},
        {"rasters", std::move(layers)},
        {"method", "exact shares of cells (areas of intersection)"},
        {"measures", fmt::format("planar in EPSG:{}", frame.srid)},
        {"meaning", "areas as mapped; for true areas with their intervals see area-estimate"}};
    outcome.file = {file, "land-cover.geojson", "application/geo+json"};
    return outcome;
}

Outcome run_areas(Work& work) {
    CoverageWork const coverages{work};
    auto const coverage = coverages.find(text_input(work.inputs, "coverage", accepted_classes));
    check_classes("coverage", coverage);
    return answer(work, {{coverage}, class_name});
}

Outcome run_change(Work& work) {
    CoverageWork const coverages{work};
    auto const before = coverages.find(text_input(work.inputs, "before", accepted_classes));
    auto const after = coverages.find(text_input(work.inputs, "after", accepted_classes));
    check_classes("before", before);
    check_classes("after", after);
    check_alike(before, after);
    return answer(work, {{before, after}, change_name});
}

std::string collection_of(Json const& inputs) {
    return text_input(inputs, "collection", accepted_zones);
}

void check_collection(Json const& inputs, Registries const& registries, Policies const& policies) {
    auto const id = collection_of(inputs);
    check_zones(inputs, registries.collection(id), policies.at(id));
}

Json described_outputs(std::string_view areas) {
    return {{"file",
             {{"title", "The zones with their areas"},
              {"schema", {{"type", "string"}, {"format", "binary"}}}}},
            {"zones", {{"title", "How many"}, {"schema", {{"type", "integer"}}}}},
            {"total", {{"title", areas}, {"schema", {{"type", "object"}}}}},
            {"details", {{"title", "Inputs, method, measures"}, {"schema", {{"type", "object"}}}}}};
}

} // namespace

Process land_cover_areas_process() {
    Json inputs{{"coverage", described_input("A coverage of classes", {{"type", "string"}}, true)}};
    describe_zone_inputs(inputs, "A collection of polygons");
    return {.id = "land-cover-areas",
            .title = {"Diện tích lớp phủ", "Areas of land cover"},
            .description = {"Diện tích từng lớp phủ trong từng vùng, tính theo đúng phần ô nằm "
                            "trong ranh giới.",
                            "How much of each class of cover lies in each zone, by the exact "
                            "shares of cells within its outline."},
            .inputs = std::move(inputs),
            .outputs = described_outputs("Areas by class, all zones together"),
            .reads =
                [](Json const& asked) {
                    return std::vector{collection_of(asked),
                                       text_input(asked, "coverage", accepted_classes)};
                },
            .check =
                [](Json const& asked, Registries const& registries, Policies const& policies) {
                    check_input_names(asked, zone_inputs(areas_own));
                    check_collection(asked, registries, policies);
                    check_classes("coverage", registries.coverage(
                                                  text_input(asked, "coverage", accepted_classes)));
                },
            .run = run_areas,
            .rests = true};
}

Process land_cover_change_process() {
    Json inputs{{"before", described_input("The classes at first", {{"type", "string"}}, true)},
                {"after", described_input("The classes later, on the same grid",
                                          {{"type", "string"}}, true)}};
    describe_zone_inputs(inputs, "A collection of polygons");
    return {.id = "land-cover-change",
            .title = {"Biến động lớp phủ", "Change of land cover"},
            .description = {"Ma trận biến động giữa hai thời điểm theo từng vùng: bao nhiêu của "
                            "lớp nào đã thành lớp nào.",
                            "The change matrix between two dates by zone: how much of which class "
                            "became which."},
            .inputs = std::move(inputs),
            .outputs = described_outputs("Areas by change (from>to), all zones together"),
            .reads =
                [](Json const& asked) {
                    return std::vector{collection_of(asked),
                                       text_input(asked, "before", accepted_classes),
                                       text_input(asked, "after", accepted_classes)};
                },
            .check =
                [](Json const& asked, Registries const& registries, Policies const& policies) {
                    check_input_names(asked, zone_inputs(change_own));
                    check_collection(asked, registries, policies);
                    auto const before =
                        registries.coverage(text_input(asked, "before", accepted_classes));
                    auto const after =
                        registries.coverage(text_input(asked, "after", accepted_classes));
                    check_classes("before", before);
                    check_classes("after", after);
                    check_alike(before, after);
                },
            .run = run_change,
            .rests = true};
}

} // namespace diaban::services::domain
