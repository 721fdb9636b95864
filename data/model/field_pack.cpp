#include "data/model/field_pack.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace diaban::data::model {

namespace {

using Json = nlohmann::json;

constexpr std::size_t longest_text = 2000; // bytes
constexpr double most_m2 = 1e9;
constexpr std::string_view answer_prefix = "answer_";

std::string shown(geo::Value const& value) {
    if (auto const* const text = std::get_if<std::string>(&value)) return text->substr(0, 40);
    if (auto const* const number = std::get_if<double>(&value)) return Json(*number).dump();
    if (auto const* const number = std::get_if<std::int64_t>(&value))
        return std::to_string(*number);
    return {};
}

std::string text_of(ReturnedCase const& row, std::string_view column,
                    std::vector<PackFault>& faults) {
    auto const at = row.cells.find(column);
    if (at == row.cells.end() || std::holds_alternative<std::monostate>(at->second)) return {};
    auto const* const text = std::get_if<std::string>(&at->second);
    if (text != nullptr && text->size() <= longest_text) return *text;
    faults.push_back({row.row, std::string{column}, shown(at->second),
                      "a text of at most " + std::to_string(longest_text) + " bytes"});
    return {};
}

std::optional<double> area_of(ReturnedCase const& row, std::string_view column,
                              std::vector<PackFault>& faults) {
    auto const at = row.cells.find(column);
    if (at == row.cells.end() || std::holds_alternative<std::monostate>(at->second))
        return std::nullopt;
    std::optional<double> area;
    if (auto const* const number = std::get_if<double>(&at->second)) area = *number;
    if (auto const* const number = std::get_if<std::int64_t>(&at->second))
        area = static_cast<double>(*number);
    if (area && std::isfinite(*area) && *area >= 0 && *area <= most_m2) return area;
    faults.push_back({row.row, std::string{column}, shown(at->second), "0..1e9 (m²)"});
    return std::nullopt;
}

} // namespace

std::string json_of(FieldValues const& values) {
    Json json{{"answers", values.answers}};
    if (!values.finding.empty()) json["finding"] = values.finding;
    if (values.measured_m2) json["measured_m2"] = *values.measured_m2;
    if (values.error_m2) json["error_m2"] = *values.error_m2;
    return json.dump();
}

FieldValues field_values(std::string_view text) {
    FieldValues values;
    auto const json = Json::parse(text);
    for (auto const& [name, value] : json.items()) {
        if (name == "finding") value.get_to(values.finding);
        if (name == "measured_m2") values.measured_m2 = value.get<double>();
        if (name == "error_m2") values.error_m2 = value.get<double>();
        if (name == "answers") value.get_to(values.answers);
    }
    return values;
}

Checklist checklist_of(std::string_view text) {
    Checklist checklist;
    for (auto const& item : Json::parse(text))
        checklist[item.at("key").get<std::string>()] =
            item.at("accepted").get<std::vector<std::string>>();
    return checklist;
}

FieldValues read_values(ReturnedCase const& row, std::vector<PackFault>& faults) {
    FieldValues values;
    values.finding = text_of(row, "finding", faults);
    values.measured_m2 = area_of(row, "measured_m2", faults);
    values.error_m2 = area_of(row, "error_m2", faults);
    for (auto const& [column, value] : row.cells) {
        if (!column.starts_with(answer_prefix)) continue;
        auto answer = text_of(row, column, faults);
        if (!answer.empty())
            values.answers.emplace(column.substr(answer_prefix.size()), std::move(answer));
    }
    return values;
}

void check_values(FieldValues const& values, Checklist const& checklist, std::int64_t row,
                  std::vector<PackFault>& faults) {
    if (values.finding.empty()) faults.push_back({row, "finding", "", "what was found"});
    for (auto const& [item, accepted] : checklist) {
        auto const at = values.answers.find(item);
        auto const given = at == values.answers.end() ? std::string{} : at->second;
        if (std::ranges::find(accepted, given) == accepted.end())
            faults.push_back({row, std::string{answer_prefix} + item, given.substr(0, 40),
                              Json(accepted).dump()});
    }
    for (auto const& [item, answer] : values.answers)
        if (!checklist.contains(item))
            faults.push_back({row, std::string{answer_prefix} + item, answer.substr(0, 40),
                              "no answer: the checklist of this case does not ask"});
    if (values.measured_m2.has_value() != values.error_m2.has_value())
        faults.push_back({row, values.measured_m2 ? "error_m2" : "measured_m2", "",
                          "an area together with its error"});
}

} // namespace diaban::data::model
