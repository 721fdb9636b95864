// Spatial and temporal predicates.

#include "geo/error.hpp"
#include "geo/filter/bind.hpp"
#include "geo/filter/form.hpp"
#include "geo/ops/validate.hpp"

#include <algorithm>
#include <array>

namespace diaban::geo::filter {

using Type = Queryable::Type;

namespace {

[[noreturn]] void refuse_geometry(Expression const& literal, std::string_view reason) {
    throw Error{Code::bad_input,
                "bad-filter-geometry",
                {{"position", position_of(literal)}, {"reason", std::string{reason}}}};
}

/// A box as a polygon, or as what is left of it where it has no width or no height.
Geometry rectangle(double west, double south, double east, double north) {
    Geometry g;
    g.srid = 4326;
    if (west == east && south == north) {
        g.kind = GeometryKind::point;
        g.positions = {{west, south}};
    } else if (west == east || south == north) {
        g.kind = GeometryKind::line;
        g.positions = {{west, south}, {east, north}};
        g.path_ends = {2};
    } else {
        g.kind = GeometryKind::polygon;
        g.positions = {{west, south}, {east, south}, {east, north}, {west, north}, {west, south}};
        g.path_ends = {5};
        g.part_ends = {1};
    }
    return g;
}

std::vector<Geometry> members_of(Expression const& literal) {
    if (auto const* const shape = std::get_if<Shape>(&literal.node)) return shape->members;
    auto const& n = std::get<Bbox>(literal.node).numbers;
    std::size_t const far = n.size() == 6 ? 3 : 2;
    double const west = n[0];
    double const south = n[1];
    double const east = n[far];
    double const north = n[far + 1];
    if (south > north) refuse_geometry(literal, "south-beyond-north");
    if (west <= east) return {rectangle(west, south, east, north)};
    return {rectangle(west, south, 180, north), rectangle(-180, south, east, north)};
}

void append(Geometry& to, Geometry const& from) {
    auto const positions = std::uint32_t(to.positions.size());
    auto const paths = std::uint32_t(to.path_ends.size());
    to.multi = true;
    to.positions.insert(to.positions.end(), from.positions.begin(), from.positions.end());
    for (auto const end : from.path_ends) to.path_ends.push_back(positions + end);
    for (auto const end : from.part_ends) to.part_ends.push_back(paths + end);
}

/// All of one kind in one, if that is valid; else as they are.
std::vector<Geometry> united(std::vector<Geometry> members) {
    Geometry all = members.front();
    for (std::size_t i = 1; i < members.size(); ++i) {
        if (members[i].kind != all.kind) return members;
        append(all, members[i]);
    }
    if (!ops::validate(all).valid) return members;
    return {std::move(all)};
}

ops::Relation relation_of(Op op) noexcept {
    switch (op) {
    case Op::s_equals: return ops::Relation::equals;
    case Op::s_disjoint: return ops::Relation::disjoint;
    case Op::s_touches: return ops::Relation::touches;
    case Op::s_within: return ops::Relation::within;
    case Op::s_overlaps: return ops::Relation::overlaps;
    case Op::s_crosses: return ops::Relation::crosses;
    case Op::s_contains: return ops::Relation::contains;
    default: return ops::Relation::intersects;
    }
}

/// Whether a relation with several parts follows from that with each.
bool by_parts(ops::Relation relation) noexcept {
    return relation == ops::Relation::intersects || relation == ops::Relation::disjoint;
}

[[noreturn]] void refuse_support(Expression const& operand) {
    throw Error{Code::bad_input,
                "filter-unsupported",
                {{"position", position_of(operand)}, {"value", said(operand, "geometry")}}};
}

bool both_intervals(Op op) noexcept {
    return op != Op::t_after && op != Op::t_before && op != Op::t_disjoint && op != Op::t_equals &&
           op != Op::t_intersects;
}

} // namespace

std::vector<Geometry> parts_of(Expression const& literal) {
    auto members = members_of(literal);
    for (auto const& member : members) {
        auto const verdict = ops::validate(member);
        if (!verdict.valid) refuse_geometry(literal, verdict.reason);
    }
    return members.size() > 1 ? united(std::move(members)) : members;
}

Bounded Binder::spatial(Call const& call) {
    auto const* row = &call.arguments[0];
    auto const* literal = &call.arguments[1];
    auto relation = relation_of(call.op);
    for (auto const& operand : call.arguments) {
        if (form_of(operand) == form_shape) continue;
        auto const type =
            form_of(operand) == form_property ? queryable(operand).type : scalar(operand).type;
        if (type != Type::geometry)
            refuse_type(operand, to_string(type), to_string(Type::geometry));
    }
    if (form_of(*row) == form_shape) {
        std::swap(row, literal);
        relation = ops::converse(relation);
    }
    if (form_of(*literal) != form_shape) refuse_support(*row); // the row's geometry with itself
    auto parts = parts_of(*literal);
    if (parts.size() > 1 && !by_parts(relation)) refuse_support(*literal);

    Box box;
    std::vector<TestPtr> tests;
    bool const both_literal = form_of(*row) == form_shape;
    auto const other = both_literal ? parts_of(*row) : std::vector<Geometry>{};
    if (other.size() > 1 && !by_parts(relation)) refuse_support(*row);
    for (auto& part : parts) {
        box.extend(part.box());
        cost += 8 + std::uint32_t(std::min<std::size_t>(part.positions.size() / 256, max_cost));
        if (!both_literal) {
            tests.push_back(std::make_shared<SpatialTest>(relation, std::move(part)));
            continue;
        }
        ops::Reference const reference{std::move(part)};
        for (auto const& one : other) tests.push_back(make_truth(reference.holds(relation, one)));
    }
    auto const kind =
        relation == ops::Relation::disjoint ? Test::Kind::conjunction : Test::Kind::disjunction;
    auto test = tests.size() == 1 ? tests.front() : make_logical(kind, std::move(tests));
    bool const bounded = !both_literal && relation != ops::Relation::disjoint;
    return {std::move(test), bounded ? std::optional{box} : std::nullopt};
}

bool Binder::is_interval(Expression const& expression) {
    if (form_of(expression) == form_property) return queryable(expression).type == Type::interval;
    return form_of(expression) == form_interval;
}

/// Whether microseconds are needed: anything in it is more than a day.
bool Binder::holds_timestamp(Expression const& expression) {
    if (auto const* const interval = std::get_if<Interval>(&expression.node))
        return std::any_of(interval->ends.begin(), interval->ends.end(),
                           [this](auto const& end) { return holds_timestamp(end); });
    if (std::holds_alternative<Open>(expression.node)) return false;
    if (form_of(expression) == form_property) {
        auto const type = queryable(expression).type;
        return type == Type::timestamp || type == Type::interval;
    }
    return scalar(expression).type == Type::timestamp;
}

SpanPtr Binder::end_span(Interval const& interval, bool days) {
    std::array<ScalarPtr, 2> ends;
    std::array<Bound, 2> bounds{Bound::as_is, Bound::as_is};
    for (std::size_t i = 0; i < 2; ++i) {
        auto const& end = interval.ends[i];
        if (std::holds_alternative<Open>(end.node)) continue;
        auto typed = scalar(end);
        if (typed.type != Type::date && typed.type != Type::timestamp)
            refuse_type(end, to_string(typed.type), "date, timestamp");
        if (typed.type == Type::date && !days)
            bounds[i] = i == 0 ? Bound::first_of_day : Bound::last_of_day;
        ends[i] = std::move(typed.scalar);
    }
    auto span = make_span(std::move(ends[0]), bounds[0], std::move(ends[1]), bounds[1]);
    if (span->reads.nothing()) {
        auto const period = span->period(Moment{});
        if (period && period->begin > period->end)
            throw Error{
                Code::bad_input,
                "bad-filter",
                {{"position", position_of(interval.ends[0])},
                 {"value", said(interval.ends[0], "begin") + ", " + said(interval.ends[1], "end")},
                 {"accepted", "begin <= end"}}};
    }
    return span;
}

SpanPtr Binder::span(Expression const& expression, bool days) {
    if (auto const* const interval = std::get_if<Interval>(&expression.node))
        return end_span(*interval, days);
    if (is_interval(expression)) return make_valid_span();
    auto begin = scalar(expression);
    if (begin.type != Type::date && begin.type != Type::timestamp)
        refuse_type(expression, to_string(begin.type), "date, timestamp, interval");
    bool const whole_day = begin.type == Type::date && !days;
    auto end = scalar(expression);
    return make_span(std::move(begin.scalar), whole_day ? Bound::first_of_day : Bound::as_is,
                     std::move(end.scalar), whole_day ? Bound::last_of_day : Bound::as_is);
}

TestPtr Binder::temporal(Call const& call) {
    auto const& left = call.arguments[0];
    auto const& right = call.arguments[1];
    if (both_intervals(call.op)) {
        for (auto const& operand : call.arguments)
            if (!is_interval(operand))
                refuse_type(operand, to_string(scalar(operand).type), to_string(Type::interval));
    }
    bool const days = !holds_timestamp(left) && !holds_timestamp(right);
    auto first = span(left, days);
    auto second = span(right, days);
    return make_temporal(call.op, std::move(first), std::move(second));
}

} // namespace diaban::geo::filter
