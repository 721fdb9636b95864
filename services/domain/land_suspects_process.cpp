#include "services/domain/land_suspects_process.hpp"

#include "data/postgis/cover_rules.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "geo/landuse/suspect.hpp"
#include "geo/ops/measure.hpp"
#include "geo/ops/overlay.hpp"
#include "services/domain/class_cells.hpp"
#include "services/domain/feature_file.hpp"
#include "services/domain/process_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace diaban::services::domain {

namespace {

using geo::landuse::Certainty;
using geo::landuse::CoverRules;
using geo::landuse::Label;
using geo::landuse::SeenCover;
using geo::landuse::Suspect;
using geo::landuse::SuspectReason;

constexpr std::array<std::string_view, 6> own{"coverage", "classes", "accuracy",
                                              "least_m2", "plan",    "plan_field"};
constexpr std::array<std::string_view, 6> covers{"built", "crop",  "forest",
                                                 "grass", "water", "bare"};
constexpr char parcels[] = "parcels";
constexpr char accepted_classes[] = "a coverage of classes (land_cover)";

std::string_view name_of(SuspectReason reason) noexcept {
    return reason == SuspectReason::departs ? "departs" : "change-record-missing";
}

std::string_view name_of(Certainty certainty) noexcept {
    if (certainty == Certainty::high) return "high";
    return certainty == Certainty::medium ? "medium" : "low";
}

/// What a class of the raster is, and how often the map is right about it.
struct Meaning {
    std::string cover;
    double accuracy = 1;
};

struct SuspectInputs {
    std::string coverage;
    std::string collection = parcels;
    std::map<Label, Meaning> classes;
    double least_m2 = 100;
    std::string plan;       ///< a collection; empty: the parcels' own planned use
    std::string plan_field; ///< empty: that collection's class
};

void read_classes(Json const& inputs, SuspectInputs& into) {
    auto const at = inputs.find("classes");
    auto const accepted = fmt::format(R"({{"class": one of {}, …}})", fmt::join(covers, ", "));
    if (at == inputs.end() || !at->is_object() || at->empty())
        refuse_input("classes", at == inputs.end() ? "" : at->dump(), accepted);
    for (auto const& [name, value] : at->items()) {
        if (!value.is_string() ||
            std::ranges::find(covers, value.get<std::string>()) == covers.end())
            refuse_input("classes", value.dump(), accepted);
        into.classes[class_input("classes", name)].cover = value.get<std::string>();
    }
    for (auto const& [label, accuracy] : accuracy_input(inputs)) {
        auto const found = into.classes.find(label);
        if (found == into.classes.end())
            refuse_input("accuracy", std::to_string(label), "a class that `classes` names");
        found->second.accuracy = accuracy;
    }
}

SuspectInputs read_inputs(Json const& inputs) {
    check_input_names(inputs, zone_inputs(own));
    SuspectInputs read;
    read.coverage = text_input(inputs, "coverage", accepted_classes);
    if (inputs.contains("collection"))
        read.collection = text_input(inputs, "collection", "a collection of parcels");
    read_classes(inputs, read);
    read.least_m2 = number_input(inputs, "least_m2", 100, 1, 1e8);
    if (inputs.contains("plan"))
        read.plan = text_input(inputs, "plan", "a collection of plan polygons");
    if (inputs.contains("plan_field"))
        read.plan_field = text_input(inputs, "plan_field", "a field of the plan");
    return read;
}

/// What is planned where, from polygons.
class LandPlan {
public:
    LandPlan(Work const& work, SuspectInputs const& inputs, geo::raster::Frame const& frame) {
        auto const collection = extracted_collection(work.database, inputs.plan);
        Work all{work};
        all.inputs = Json::object(); // what chooses parcels does not choose plans
        m_zones = read_zones(all, collection, frame);
        m_field = inputs.plan_field.empty() ? collection.schema.class_field : inputs.plan_field;
        for (auto const& shape : m_zones.shapes) m_boxes.push_back(shape.box());
    }
    /// The use that is planned for most of a parcel; empty where nothing is.
    [[nodiscard]] std::string use_of(geo::Geometry const& parcel) const {
        std::map<std::string, double> areas;
        auto const box = parcel.box();
        for (std::size_t i = 0; i < m_boxes.size(); ++i)
            if (m_boxes[i].intersects(box))
                areas[m_zones.text(i, m_field)] +=
                    geo::ops::planar_area(geo::ops::common(m_zones.shapes[i], parcel));
        auto const most =
            std::ranges::max_element(areas, {}, [](auto const& one) { return one.second; });
        return most == areas.end() || !(most->second > 0) ? std::string{} : most->first;
    }

private:
    ClassZones m_zones;
    std::string m_field;
    std::vector<geo::Box> m_boxes;
};

/// Looks at parcels.
class Inspection {
public:
    explicit Inspection(Work& work)
        : m_work{work}, m_inputs{read_inputs(work.inputs)}, m_coverages{work},
          m_coverage{m_coverages.find(m_inputs.coverage)} {
        check_classes("coverage", m_coverage);
        read_rules();
    }

    Outcome run() {
        auto const collection = extracted_collection(m_work.database, m_inputs.collection);
        auto const& frame = m_coverage.frame;
        auto const zones = read_zones(m_work, collection, frame);
        std::optional<LandPlan> plan;
        if (!m_inputs.plan.empty()) plan.emplace(m_work, m_inputs, frame);
        auto const readers = class_readers(m_coverages, {m_coverage}, class_threads);
        auto const seen =
            geo::landuse::class_areas(frame, zones.shapes, readers, class_progress(m_work));
        auto const to_degrees = geo::Transform::between(frame.srid, 4326);
        auto const file = m_work.folder / "suspects.geojson";
        FeatureFile out{file};
        std::map<std::string, std::uint64_t> counts{{"departs", 0}, {"change-record-missing", 0}};
        std::uint64_t unseen = 0;
        for (std::size_t i = 0; i < seen.size(); ++i) {
            double const whole = geo::ops::planar_area(zones.shapes[i]);
            if (covered(seen[i]) < whole / 2) ++unseen;
            auto const registered = zones.text(i, "land_use");
            auto const found = judged(seen[i], registered, {});
            if (!found) continue; // no plan makes a suspect of what the register allows
            auto const planned =
                plan ? plan->use_of(zones.shapes[i]) : zones.text(i, "planned_use");
            auto const suspect = judged(seen[i], registered, planned);
            auto shape = zones.shapes[i];
            to_degrees.apply(shape.positions);
            shape.srid = 4326;
            out.add(shape, suspect_json(*suspect, zones, i, planned, whole));
            ++counts[std::string{name_of(suspect->reason)}];
        }
        out.close();
        return outcome(file, counts, seen.size(), unseen);
    }

private:
    void read_rules() {
        data::postgis::Pool pool{{.uri = m_work.database,
                                  .role = data::postgis::Role::edit,
                                  .size = 1,
                                  .wait = std::chrono::seconds{5},
                                  .statement_timeout = std::chrono::seconds{10}}};
        m_allowed = data::postgis::use_covers(pool);
        for (auto const& one : m_allowed) m_rules.push_back({one.land_use, one.cover});
    }

    /// m² of which the raster says something.
    [[nodiscard]] double covered(geo::landuse::ZoneClasses const& seen) const noexcept {
        return (seen.cells - seen.cells_of(geo::landuse::unknown)) * cell_m2();
    }
    [[nodiscard]] double cell_m2() const noexcept {
        return m_coverage.frame.width * m_coverage.frame.height;
    }

    /// Classes of one cover count together; of their accuracies the least.
    [[nodiscard]] std::optional<Suspect> judged(geo::landuse::ZoneClasses const& classes,
                                                std::string_view registered,
                                                std::string_view planned) const {
        std::vector<SeenCover> seen;
        for (auto const& share : classes.classes) {
            auto const meaning = m_inputs.classes.find(share.label);
            if (meaning == m_inputs.classes.end()) continue;
            auto const& [cover, accuracy] = meaning->second;
            auto at = std::ranges::find(seen, cover, &SeenCover::cover);
            if (at == seen.end()) at = seen.insert(at, SeenCover{.cover = cover});
            at->area_m2 += share.cells * cell_m2();
            at->core_m2 += share.core * cell_m2();
            at->accuracy = std::min(at->accuracy, accuracy);
        }
        return geo::landuse::judge({registered, planned}, seen, CoverRules{m_rules},
                                   m_inputs.least_m2);
    }

    static Json suspect_json(Suspect const& suspect, ClassZones const& zones, std::size_t i,
                             std::string const& planned, double whole) {
        return {{"parcel", zones.fids[i]},
                {"sheet", zones.text(i, "sheet")},
                {"number", zones.text(i, "parcel_number")},
                {"commune_code", zones.text(i, "commune_code")},
                {"registered", zones.text(i, "land_use")},
                {"planned", planned.empty() ? Json() : Json(planned)},
                {"seen", suspect.cover},
                {"seen_m2", suspect.area_m2},
                {"parcel_m2", whole},
                {"reason", name_of(suspect.reason)},
                {"certainty", name_of(suspect.certainty)}};
    }

    [[nodiscard]] Outcome outcome(std::filesystem::path const& file,
                                  std::map<std::string, std::uint64_t> const& counts,
                                  std::size_t looked_at, std::uint64_t unseen) const {
        Outcome outcome;
        outcome.values["parcels"] = looked_at;
        outcome.values["unseen"] = unseen;
        outcome.values["suspects"] = counts;
        outcome.values["details"] = {
            {"inputs", m_work.inputs},
            {"raster", coverage_json(m_coverage)},
            {"least_m2", m_inputs.least_m2},
            {"measures",
             fmt::format("exact shares of cells, planar in EPSG:{}", m_coverage.frame.srid)},
            {"certainty", "high: beyond the minimum mapping area also times the accuracy of the "
                          "class and without cells that lie mostly in neighbours; medium: times "
                          "the accuracy; low: as mapped"},
            {"meaning", "suspects, no findings: each is to be gone and looked at"}};
        outcome.file = {file, "suspects.geojson", "application/geo+json"};
        return outcome;
    }

    Work& m_work;
    SuspectInputs m_inputs;
    CoverageWork m_coverages;
    data::model::Coverage m_coverage;
    std::vector<data::postgis::UseCover> m_allowed;
    std::vector<CoverRules::Rule> m_rules;
};

std::vector<std::string> read_collections(Json const& inputs) {
    auto const read = read_inputs(inputs);
    std::vector<std::string> names{read.collection, read.coverage};
    if (!read.plan.empty()) names.push_back(read.plan);
    return names;
}

void check(Json const& inputs, Registries const& registries, Policies const& policies) {
    auto const read = read_inputs(inputs);
    auto const collection = registries.collection(read.collection);
    auto const lacks = [](data::model::Collection const& of, std::string_view field) {
        return std::ranges::find(of.schema.fields, field, &geo::Field::name) ==
               of.schema.fields.end();
    };
    check_zones(inputs, collection, policies.at(read.collection));
    if (lacks(collection, "land_use"))
        refuse_input("collection", read.collection, "parcels with the field land_use");
    check_classes("coverage", registries.coverage(read.coverage));
    if (read.plan.empty()) return;
    if (!policies.contains(read.plan))
        throw geo::Error{geo::Code::not_found, "unknown-collection", {{"collection", read.plan}}};
    auto const plan = registries.collection(read.plan);
    auto const field = read.plan_field.empty() ? plan.schema.class_field : read.plan_field;
    if (plan.schema.geometry != geo::GeometryKind::polygon || lacks(plan, field))
        refuse_input("plan", read.plan, "polygons with a field of land-use codes");
}

} // namespace

Process land_suspects_process() {
    Json inputs{
        {"coverage", described_input("A coverage of classes", {{"type", "string"}}, true)},
        {"classes", described_input("What each class is: built, crop, forest, grass, water, bare",
                                    {{"type", "object"}}, true)},
        {"accuracy", described_input("User's accuracy of classes", {{"type", "object"}})},
        {"least_m2", described_input("Minimum mapping area", {{"type", "number"}})},
        {"plan", described_input("A collection of plan polygons; absent: what parcels say",
                                 {{"type", "string"}})},
        {"plan_field", described_input("Its field of land-use codes", {{"type", "string"}})}};
    describe_zone_inputs(inputs, "The parcels; absent: parcels");
    return {
        .id = "land-use-suspects",
        .title = {"Nghi vấn sử dụng đất", "Suspected land use"},
        .description = {"Thửa đất mà ảnh lớp phủ cho thấy khác với sổ và quy hoạch, hoặc đã "
                        "theo quy hoạch mà sổ chưa ghi biến động.",
                        "Parcels on which cover is seen that register and plan do not allow, "
                        "or that follow the plan while the register has no record of it."},
        .inputs = std::move(inputs),
        .outputs =
            {{"file",
              {{"title", "The suspects"}, {"schema", {{"type", "string"}, {"format", "binary"}}}}},
             {"parcels", {{"title", "Parcels looked at"}, {"schema", {{"type", "integer"}}}}},
             {"unseen",
              {{"title", "Of these, mostly without data"}, {"schema", {{"type", "integer"}}}}},
             {"suspects", {{"title", "How many, by reason"}, {"schema", {{"type", "object"}}}}},
             {"details",
              {{"title", "Inputs, method, certainty"}, {"schema", {{"type", "object"}}}}}},
        .reads = read_collections,
        .check = check,
        .run = [](Work& work) { return Inspection{work}.run(); },
        .rests = true};
}

} // namespace diaban::services::domain
