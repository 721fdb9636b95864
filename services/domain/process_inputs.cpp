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

namespace {

/// A JSON value as a query has it: a list with commas, a filter as the text that it is.
std::string as_text(std::string_view name, Json const& value) {
    if (value.is_string()) return value.get<std::string>();
    if (name == "filter" && value.is_object()) return value.dump();
    if (value.is_boolean() || value.is_number()) return value.dump();
    if (!value.is_array()) refuse_input(name, value.dump(), "text");
    std::string text;
    for (auto const& part : value) {
        if (!text.empty()) text += ',';
        text += part.is_string() ? part.get<std::string>() : part.dump();
    }
    return text;
}

} // namespace

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

http::Query query_input(Json const& inputs, std::span<char const* const> names) {
    std::string text;
    auto const add = [&](std::string_view name, std::string_view value) {
        if (!text.empty()) text += '&';
        text += http::percent_encode(name) + "=" + http::percent_encode(value);
    };
    for (auto const* const name : names)
        if (auto const at = inputs.find(name); at != inputs.end()) add(name, as_text(name, *at));
    auto const filter = inputs.find("filter");
    if (filter != inputs.end() && filter->is_object() && !inputs.contains("filter-lang"))
        add("filter-lang", "cql2-json");
    return http::Query::parse(text);
}

Json described_input(std::string_view title, Json schema, bool required) {
    Json described{{"title", title}};
    if (!required) described["minOccurs"] = 0;
    described["schema"] = std::move(schema);
    return described;
}

} // namespace diaban::services::domain
