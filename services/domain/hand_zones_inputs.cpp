#include "services/domain/hand_zones_inputs.hpp"

#include "services/domain/process_inputs.hpp"

#include <array>
#include <cmath>
#include <string_view>

namespace diaban::services::domain {

namespace {

constexpr std::array<std::string_view, 6> known{"terrain", "stage", "stages",
                                                "gauges",  "sea",   "classes"};
/// Depths at which the map's colours begin (m).
constexpr std::array usual{0.1, 0.3, 0.5, 1.0, 2.0, 4.0};
constexpr std::size_t most_classes = 20;
constexpr std::size_t most_returns = 10;
constexpr std::size_t most_gauges = 50;
constexpr double least_stage = 0.01;
constexpr double most_stage = 100;

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

/// A number that a member of a list has; not a number where it has none.
double member(Json const& one, char const* name) {
    auto const at = one.is_object() ? one.find(name) : one.end();
    return one.is_object() && at != one.end() && at->is_number() ? at->get<double>() : NAN;
}

bool is_stage(double stage) noexcept {
    return stage >= least_stage && stage <= most_stage;
}

std::vector<ReturnStage> read_returns(Json const& inputs) {
    auto const at = inputs.find("stages");
    if (at == inputs.end()) return {};
    auto const refuse = [&] {
        refuse_input(
            "stages", at->dump(),
            "1 to 10 of {\"years\": 1 … 10000, \"stage\": 0.01 … 100 m}, years ascending, no "
            "stage below the one before");
    };
    if (!at->is_array() || at->empty() || at->size() > most_returns) refuse();
    std::vector<ReturnStage> returns;
    for (auto const& one : *at) {
        ReturnStage const made{member(one, "years"), member(one, "stage")};
        auto const& before = returns.empty() ? ReturnStage{0, 0} : returns.back();
        if (!(made.years >= 1 && made.years <= 10'000 && made.years > before.years &&
              is_stage(made.stage) && made.stage >= before.stage))
            refuse();
        returns.push_back(made);
    }
    return returns;
}

std::vector<GaugeStage> read_gauges(Json const& inputs) {
    auto const at = inputs.find("gauges");
    if (at == inputs.end()) return {};
    auto const refuse = [&] {
        refuse_input("gauges", at->dump(),
                     "1 to 50 of {\"lon\": …, \"lat\": …, \"stage\": 0.01 … 100 m}");
    };
    if (!at->is_array() || at->empty() || at->size() > most_gauges) refuse();
    std::vector<GaugeStage> gauges;
    for (auto const& one : *at) {
        GaugeStage const made{{member(one, "lon"), member(one, "lat")}, member(one, "stage")};
        if (!(std::abs(made.place.x) <= 180 && std::abs(made.place.y) <= 90 &&
              is_stage(made.stage)))
            refuse();
        gauges.push_back(made);
    }
    return gauges;
}

} // namespace

ZoneInputs read_zone_inputs(Json const& inputs) {
    check_input_names(inputs, known);
    ZoneInputs made{.terrain = text_input(inputs, "terrain", "a coverage of heights"),
                    .stage = number_input(inputs, "stage", least_stage, most_stage),
                    .returns = read_returns(inputs),
                    .gauges = read_gauges(inputs),
                    .sea = number_input(inputs, "sea", -100, 100),
                    .classes = read_classes(inputs)};
    int const given = int(made.stage.has_value()) + int(!made.returns.empty()) +
                      int(!made.gauges.empty()) + int(made.sea.has_value());
    if (given != 1)
        refuse_input(
            "stage", "",
            "one of: stage (0.01 … 100 m above drainage), stages by return period, gauges, "
            "sea (-100 … 100 m)");
    return made;
}

Json describe_zone_inputs() {
    Json const stage{{"type", "number"}, {"minimum", least_stage}, {"maximum", most_stage}};
    auto const list = [](std::size_t most, Json properties, Json required) {
        return Json{{"type", "array"},
                    {"minItems", 1},
                    {"maxItems", most},
                    {"items",
                     {{"type", "object"},
                      {"properties", std::move(properties)},
                      {"required", std::move(required)}}}};
    };
    Json const degrees{{"type", "number"}};
    return {
        {"terrain", described_input("Prepared heights", {{"type", "string"}}, true)},
        {"stage", described_input("Metres above drainage, everywhere alike", stage)},
        {"stages",
         described_input("Instead: a stage for each return period, years ascending",
                         list(most_returns,
                              {{"years", {{"type", "number"}, {"minimum", 1}, {"maximum", 10'000}}},
                               {"stage", stage}},
                              {"years", "stage"}))},
        {"gauges",
         described_input("Instead: stages at gauges; each place has that of the nearest",
                         list(most_gauges, {{"lon", degrees}, {"lat", degrees}, {"stage", stage}},
                              {"lon", "lat", "stage"}))},
        {"sea", described_input("Instead of a stage: level of the sea, of a surge, m in the datum "
                                "of the ground",
                                {{"type", "number"}, {"minimum", -100}, {"maximum", 100}})},
        {"classes", described_input("Depths at which a class begins, m",
                                    {{"type", "array"}, {"items", {{"type", "number"}}}})}};
}

} // namespace diaban::services::domain
