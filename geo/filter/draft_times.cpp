#include "geo/codec/rfc3339.hpp"
#include "geo/filter/filter.hpp"
#include "geo/filter/form.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace diaban::geo::filter {

namespace {

constexpr std::int64_t microseconds_a_day = 86'400'000'000;

/// The field that a property names, if it is of dates or times.
Field const* time_field(Expression const& expression, Schema const& schema) {
    auto const* const property = std::get_if<Property>(&expression.node);
    if (property == nullptr) return nullptr;
    auto const field = std::ranges::find(schema.fields, property->name, &Field::name);
    bool const timed = field != schema.fields.end() &&
                       (field->type == FieldType::date || field->type == FieldType::timestamp);
    return timed ? &*field : nullptr;
}

void read_as(FieldType type, Expression& expression) {
    auto const* const written = std::get_if<std::string>(&expression.node);
    if (written == nullptr) return;
    std::string_view text = *written;
    if (text.ends_with('T')) text.remove_suffix(1); // GDAL 3.6 writes a day so
    auto const date = codec::read_date(text);
    auto const instant = codec::read_instant(text);
    if (type == FieldType::date) {
        if (date) expression.node = *date;
    } else if (date) {
        expression.node = Instant{date->days * microseconds_a_day};
    } else if (instant) {
        expression.node = *instant;
    }
}

void read_in(Expression& expression, Schema const& schema) {
    auto* const call = std::get_if<Call>(&expression.node);
    if (call == nullptr) return;
    for (auto& argument : call->arguments) read_in(argument, schema);
    if (!is_comparison(call->op) && call->op != Op::in) return;
    Field const* field = nullptr;
    for (auto const& argument : call->arguments)
        if (field == nullptr) field = time_field(argument, schema);
    if (field == nullptr) return;
    for (auto& argument : call->arguments) read_as(field->type, argument);
}

} // namespace

Expression with_draft_times(Expression expression, Schema const& schema) {
    read_in(expression, schema);
    return expression;
}

} // namespace diaban::geo::filter
