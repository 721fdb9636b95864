#include "services/domain/process_inputs.hpp"

#include "geo/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace diaban::services::domain {

namespace {

/// The member; null where there is none.
Json const* member(Json const& inputs, std::string_view name) {
    auto const at = inputs.find(name);
    return at == inputs.end() ? nullptr : &*at;
}

} // namespace

void refuse_input(std::string_view name, std::string value, std::string accepted) {
    throw geo::Error{geo::Code::bad_input,
                     "bad-parameter",
                     {{"parameter", std::string{name}},
                      {"value", value.substr(0, 64)},
                      {"accepted", std::move(accepted)}}};
}

void check_input_names(Json const& inputs, std::span<std::string_view const> known) {
    for (auto const& [name, value] : inputs.items())
        if (std::ranges::find(known, name) == known.end())
            throw geo::Error{geo::Code::bad_input,
                             "unknown-parameter",
                             {{"parameter", name.substr(0, 64)},
                              {"accepted", fmt::format("{}", fmt::join(known, ", "))}}};
}

std::string text_input(Json const& inputs, std::string_view name, std::string_view accepted) {
    auto const* const at = member(inputs, name);
    if (at == nullptr || !at->is_string())
        refuse_input(name, at == nullptr ? "" : at->dump(), std::string{accepted});
    return at->get<std::string>();
}

std::optional<double> number_input(Json const& inputs, std::string_view name, double least,
                                   double most) {
    auto const* const at = member(inputs, name);
    if (at == nullptr) return std::nullopt;
    auto const value = at->is_number() ? at->get<double>() : std::nan("");
    if (!(value >= least && value <= most))
        refuse_input(name, at->dump(), fmt::format("{} … {}", least, most));
    return value;
}

double number_input(Json const& inputs, std::string_view name, double otherwise, double least,
                    double most) {
    return number_input(inputs, name, least, most).value_or(otherwise);
}

bool flag_input(Json const& inputs, std::string_view name, bool otherwise) {
    auto const* const at = member(inputs, name);
    if (at == nullptr) return otherwise;
    if (!at->is_boolean()) refuse_input(name, at->dump(), "true, false");
    return at->get<bool>();
}

Json described_input(std::string_view title, Json schema, bool required) {
    Json described{{"title", title}};
    if (!required) described["minOccurs"] = 0;
    described["schema"] = std::move(schema);
    return described;
}

} // namespace diaban::services::domain
