#include "geo/filter/bind.hpp"

#include "geo/error.hpp"
#include "geo/filter/cql2_text.hpp"
#include "geo/filter/fold.hpp"
#include "geo/filter/form.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace diaban::geo::filter {

using Type = Queryable::Type;

namespace {

bool numeric(Type type) noexcept {
    return type == Type::integer || type == Type::number;
}

template <typename T>
T const* as(Expression const& expression) noexcept {
    return std::get_if<T>(&expression.node);
}

std::string joined(std::vector<Queryable> const& queryables) {
    std::string names;
    for (auto const& queryable : queryables) {
        if (!names.empty()) names += ", ";
        names += queryable.name;
    }
    return names;
}

} // namespace

std::string position_of(Expression const& expression) {
    return expression.position > 0 ? std::to_string(expression.position) : "/";
}

std::string said(Expression const& expression, std::string_view type) {
    return fmt::format("{} ({})", shown(to_text(expression)), type);
}

void refuse_type(Expression const& operand, std::string_view type, std::string_view other) {
    throw Error{Code::bad_input,
                "filter-type",
                {{"position", position_of(operand)},
                 {"value", said(operand, type)},
                 {"other", std::string{other}}}};
}

TestPtr Binder::charged(TestPtr test) {
    cost += std::max(1U, std::exchange(m_varying, 0));
    if (test->reads.slots.size() > 1) cost += 2;
    if (test->reads.valid || test->reads.fid) cost += 3;
    return test;
}

ScalarPtr Binder::constant(Typed const& typed) const {
    std::vector<std::string> written(texts);
    Moment moment;
    moment.texts = written;
    if (typed.scalar->is_null(moment)) return make_constant(std::monostate{});
    if (typed.type == Type::text) return make_constant(std::string{*typed.scalar->text(moment)});
    if (typed.type == Type::number) return make_constant(typed.scalar->number(moment));
    return make_constant(*typed.scalar->order(moment));
}

Bounded Binder::predicate(Expression const& expression) {
    if (auto const* const value = as<bool>(expression)) return {make_truth(*value), {}};
    auto const& call = std::get<Call>(expression.node);
    if (call.op <= Op::negation) return logical(call);
    if (is_comparison(call.op)) return {charged(comparison(call)), {}};
    if (is_spatial(call.op)) return spatial(call);
    if (is_temporal(call.op)) return {charged(temporal(call)), {}};
    if (is_array(call.op)) return {charged(array(call)), {}};
    if (call.op == Op::like) return {charged(like(call)), {}};
    if (call.op == Op::between) return {charged(between(call)), {}};
    if (call.op == Op::in) return {charged(in(call)), {}};
    if (call.op == Op::is_null) return {charged(is_null(call.arguments[0])), {}};
    auto const typed = scalar(expression); // knows the function, or says that there is none
    refuse_type(expression, to_string(typed.type), to_string(Type::boolean));
}

Bounded Binder::logical(Call const& call) {
    std::vector<TestPtr> children;
    std::optional<Box> box;
    bool first = true;
    for (auto const& argument : call.arguments) {
        auto bound = predicate(argument);
        children.push_back(std::move(bound.test));
        if (call.op == Op::conjunction && bound.box) {
            if (!box) box = bound.box;
            box =
                Box{std::max(box->min_x, bound.box->min_x), std::max(box->min_y, bound.box->min_y),
                    std::min(box->max_x, bound.box->max_x), std::min(box->max_y, bound.box->max_y)};
        }
        if (call.op == Op::disjunction) {
            if (first) box = bound.box;
            if (!bound.box) box.reset();
            if (box) box->extend(*bound.box);
        }
        first = false;
    }
    auto const kind = call.op == Op::conjunction   ? Test::Kind::conjunction
                      : call.op == Op::disjunction ? Test::Kind::disjunction
                                                   : Test::Kind::negation;
    return {make_logical(kind, std::move(children)), box};
}

Queryable const& Binder::queryable(Expression const& expression) {
    auto const& name = std::get<Property>(expression.node).name;
    for (auto const& known : m_queryables)
        if (known.name == name) return known;
    throw Error{Code::bad_input,
                "unknown-queryable",
                {{"value", shown(name)}, {"accepted", joined(m_queryables)}}};
}

Typed Binder::column(Queryable const& known, Expression const& expression) {
    if (known.type == Type::interval || known.type == Type::geometry)
        refuse_type(expression, to_string(known.type), "text, number, boolean, date, timestamp");
    if (known.field == nullptr) return {known.type, make_fid()};
    auto const found = std::find(fields.begin(), fields.end(), known.name);
    auto const slot = std::uint32_t(found - fields.begin());
    if (found == fields.end()) fields.push_back(known.name);
    return {known.type, make_column(slot)};
}

Typed Binder::scalar(Expression const& expression) {
    if (as<Property>(expression) != nullptr) {
        ++m_varying;
        return column(queryable(expression), expression);
    }
    if (auto const* const value = as<bool>(expression))
        return {Type::boolean, make_constant(*value)};
    if (auto const* const value = as<std::int64_t>(expression))
        return {Type::integer, make_constant(*value)};
    if (auto const* const value = as<double>(expression))
        return {Type::number, make_constant(*value)};
    if (auto const* const value = as<Date>(expression)) return {Type::date, make_constant(*value)};
    if (auto const* const value = as<Instant>(expression))
        return {Type::timestamp, make_constant(*value)};
    if (auto const* const value = as<std::string>(expression)) {
        std::string composed;
        compose(*value, composed);
        return {Type::text, make_constant(std::move(composed))};
    }
    if (auto const* const call = as<Call>(expression)) {
        auto typed = call_scalar(*call, expression);
        if (typed.scalar->reads.nothing())
            typed.scalar = constant(typed);
        else
            ++m_varying;
        return typed;
    }
    refuse_type(expression, words_of(form_of(expression)),
                "text, number, boolean, date, timestamp");
}

Typed Binder::call_scalar(Call const& call, Expression const& expression) {
    if (call.op == Op::casei || call.op == Op::accenti)
        return {Type::text, make_fold(call.op, scalar_of(call.arguments[0], Type::text), texts++)};
    if (is_arithmetic(call.op)) {
        auto left = scalar_of(call.arguments[0], Type::number);
        auto right = scalar_of(call.arguments[1], Type::number);
        return {Type::number, make_arithmetic(call.op, std::move(left), std::move(right))};
    }
    if (call.op != Op::function)
        refuse_type(expression, to_string(Type::boolean), "text, number, date, timestamp");
    for (auto const& known : functions()) {
        if (known.name != call.function) continue;
        if (call.arguments.size() != 1)
            refuse_type(expression, fmt::format("{} arguments", call.arguments.size()), "1");
        auto argument = scalar_of(call.arguments[0], known.argument);
        return {known.result, make_function(known.name, std::move(argument), texts++)};
    }
    std::string names;
    for (auto const& known : functions()) {
        names += names.empty() ? "" : ", ";
        names += known.name;
    }
    throw Error{Code::bad_input,
                "unknown-function",
                {{"value", shown(call.function)}, {"accepted", names}}};
}

ScalarPtr Binder::scalar_of(Expression const& expression, Type wanted) {
    auto typed = scalar(expression);
    bool const fits = typed.type == wanted || (wanted == Type::number && numeric(typed.type));
    if (!fits) refuse_type(expression, to_string(typed.type), to_string(wanted));
    return std::move(typed.scalar);
}

By Binder::by(Typed const& a, Expression const& said_a, Typed const& b, Expression const& said_b) {
    if (numeric(a.type) && numeric(b.type))
        return a.type == Type::integer && b.type == Type::integer ? By::order : By::number;
    if (a.type != b.type) refuse_type(said_a, to_string(a.type), said(said_b, to_string(b.type)));
    return a.type == Type::text ? By::text : By::order;
}

TestPtr Binder::comparison(Call const& call) {
    auto left = scalar(call.arguments[0]);
    auto right = scalar(call.arguments[1]);
    auto const how = by(left, call.arguments[0], right, call.arguments[1]);
    return make_compare(call.op, how, std::move(left.scalar), std::move(right.scalar));
}

TestPtr Binder::between(Call const& call) {
    std::array<Typed, 3> typed;
    bool whole = true;
    for (std::size_t i = 0; i < 3; ++i) {
        typed[i] = scalar(call.arguments[i]);
        if (!numeric(typed[i].type))
            refuse_type(call.arguments[i], to_string(typed[i].type), to_string(Type::number));
        whole = whole && typed[i].type == Type::integer;
    }
    return make_between(whole ? By::order : By::number, std::move(typed[0].scalar),
                        std::move(typed[1].scalar), std::move(typed[2].scalar));
}

TestPtr Binder::in(Call const& call) {
    auto value = scalar(call.arguments[0]);
    std::vector<ScalarPtr> items;
    auto how = numeric(value.type) ? By::order : By::text;
    for (std::size_t i = 1; i < call.arguments.size(); ++i) {
        auto item = scalar(call.arguments[i]);
        auto const one = by(value, call.arguments[0], item, call.arguments[i]);
        if (i == 1 || one == By::number) how = one;
        items.push_back(std::move(item.scalar));
    }
    return make_in(how, std::move(value.scalar), std::move(items));
}

TestPtr Binder::like(Call const& call) {
    auto value = scalar_of(call.arguments[0], Type::text);
    auto const pattern = scalar_of(call.arguments[1], Type::text);
    auto const text = *pattern->text(Moment{});
    if (!Pattern::sound(text))
        throw Error{Code::bad_input,
                    "bad-filter",
                    {{"position", position_of(call.arguments[1])},
                     {"value", shown(text)},
                     {"accepted", R"(\%, \_, \\)"}}};
    // A piece with wildcards is tried at each place of a text.
    cost += std::uint32_t(std::min<std::size_t>(text.size() / 64, max_cost));
    return make_like(std::move(value), Pattern{text});
}

TestPtr Binder::is_null(Expression const& operand) {
    auto const form = form_of(operand);
    if (form == form_predicate) return make_is_null(predicate(operand).test);
    if (form == form_shape) {
        static_cast<void>(parts_of(operand));
        return make_truth(false);
    }
    if (form == form_interval) return make_is_null(span(operand, !holds_timestamp(operand)));
    if (form == form_property) {
        auto const& known = queryable(operand);
        if (known.type == Type::interval) return make_is_null(make_valid_span());
        if (known.type == Type::geometry) return make_geometry_is_null();
    }
    std::vector<ScalarPtr> scalars;
    scalars.push_back(scalar(operand).scalar);
    return make_is_null(std::move(scalars));
}

std::vector<Element> Binder::elements(Expression const& expression) {
    auto const* const array = as<Array>(expression);
    if (array == nullptr) {
        auto const* const property = as<Property>(expression);
        auto const type =
            property != nullptr ? queryable(expression).type : scalar(expression).type;
        refuse_type(expression, to_string(type), "array");
    }
    std::vector<Element> result;
    for (auto const& element : array->elements) {
        if ((form_of(element) & (form_array | form_shape | form_interval | form_predicate)) != 0)
            throw Error{Code::bad_input,
                        "filter-unsupported",
                        {{"position", position_of(element)},
                         {"value", said(element, words_of(form_of(element)))}}};
        auto typed = scalar(element);
        auto const type = typed.type == Type::integer ? Type::number : typed.type;
        auto const how = type == Type::number ? By::number
                         : type == Type::text ? By::text
                                              : By::order;
        result.push_back({how, std::uint8_t(type), std::move(typed.scalar)});
    }
    return result;
}

TestPtr Binder::array(Call const& call) {
    auto left = elements(call.arguments[0]);
    auto right = elements(call.arguments[1]);
    // Each element of one is held against each of the other.
    cost += std::uint32_t(std::min<std::size_t>(left.size() * right.size() / 8, max_cost));
    return make_array_test(call.op, std::move(left), std::move(right));
}

} // namespace diaban::geo::filter
