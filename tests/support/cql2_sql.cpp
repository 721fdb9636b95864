#include "tests/support/cql2_sql.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/filter/cql2_text.hpp"
#include "geo/filter/form.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <variant>

namespace diaban::tests {

namespace {

using namespace geo;
using filter::Call;
using filter::Expression;
using filter::Op;

std::string quoted(std::string_view text) {
    std::string out = "'";
    for (char const c : text) {
        if (c == '\'') out += c;
        out += c;
    }
    return out + "'";
}

std::string moment_text(Instant instant) {
    std::string text;
    codec::append_instant(text, instant);
    return text;
}

std::string literal(Value const& value) {
    struct As {
        std::string operator()(std::monostate) const { return "NULL"; }
        std::string operator()(bool v) const { return v ? "TRUE" : "FALSE"; }
        std::string operator()(std::int64_t v) const { return fmt::format("({}::bigint)", v); }
        std::string operator()(double v) const { return fmt::format("('{}'::float8)", v); }
        std::string operator()(std::string const& v) const { return quoted(v) + "::text"; }
        std::string operator()(Date v) const { return "DATE '" + codec::date_text(v) + "'"; }
        std::string operator()(Instant v) const { return "TIMESTAMPTZ '" + moment_text(v) + "'"; }
    };
    return std::visit(As{}, value);
}

std::string shape_sql(Expression const& expression) {
    if (auto const* const box = std::get_if<filter::Bbox>(&expression.node))
        return fmt::format("ST_MakeEnvelope({},{},{},{},4326)", box->numbers[0], box->numbers[1],
                           box->numbers[2], box->numbers[3]);
    return fmt::format("ST_GeomFromText('{}',4326)", filter::to_text(expression));
}

/// A scalar and its type in SQL.
struct Sql {
    std::string text;
    std::string type;
};

std::string type_of(std::string const& property) {
    if (property == "name" || property == "kind") return "text";
    if (property == "floors" || property == "serial" || property == "id") return "bigint";
    if (property == "area") return "float8";
    if (property == "good") return "boolean";
    return property == "built" ? "date" : "timestamptz";
}

Sql scalar(Expression const& expression);

std::string as_number(Expression const& expression) {
    return "(" + scalar(expression).text + ")::float8";
}

Sql arithmetic(Call const& call) {
    auto const a = as_number(call.arguments[0]);
    auto const b = as_number(call.arguments[1]);
    switch (call.op) {
    case Op::divide: return {"(" + a + "/nullif(" + b + ",0))", "float8"};
    case Op::integer_divide: return {"trunc(" + a + "/nullif(" + b + ",0))", "float8"};
    case Op::modulo:
        return {"mod((" + a + ")::numeric,nullif((" + b + ")::numeric,0))::float8", "float8"};
    case Op::power:
        return {fmt::format("(CASE WHEN {0}=0 AND {1}<0 THEN NULL WHEN {0}<0 AND {1}<>trunc({1}) "
                            "THEN NULL ELSE power({0},{1}) END)",
                            a, b),
                "float8"};
    default: return {fmt::format("({} {} {})", a, filter::name_of(call.op), b), "float8"};
    }
}

Sql scalar_call(Call const& call) {
    if (filter::is_arithmetic(call.op)) return arithmetic(call);
    auto const argument = scalar(call.arguments[0]).text;
    if (call.op == Op::casei)
        return {"(lower(" + argument + " COLLATE \"und-x-icu\") COLLATE \"C\")", "text"};
    if (call.op == Op::accenti)
        return {"translate(regexp_replace(normalize(" + argument +
                    ",NFD),U&'[\\0300-\\036f]','','g'),'đĐ','dD')",
                "text"};
    if (call.function == "length") return {"char_length(" + argument + ")::bigint", "bigint"};
    auto const number = as_number(call.arguments[0]);
    if (call.function == "sqrt")
        return {fmt::format("(CASE WHEN {0}<0 THEN NULL ELSE sqrt({0}) END)", number), "float8"};
    return {call.function + "(" + number + ")", "float8"};
}

Sql scalar(Expression const& expression) {
    struct As {
        Sql operator()(bool v) const { return {literal(v), "boolean"}; }
        Sql operator()(std::int64_t v) const { return {literal(v), "bigint"}; }
        Sql operator()(double v) const { return {literal(v), "float8"}; }
        Sql operator()(std::string const& v) const { return {literal(v), "text"}; }
        Sql operator()(Date v) const { return {literal(v), "date"}; }
        Sql operator()(Instant v) const { return {literal(v), "timestamptz"}; }
        Sql operator()(filter::Property const& v) const { return {v.name, type_of(v.name)}; }
        Sql operator()(Call const& call) const { return scalar_call(call); }
        Sql operator()(filter::Open) const { throw std::logic_error{"no scalar"}; }
        Sql operator()(filter::Shape const&) const { throw std::logic_error{"no scalar"}; }
        Sql operator()(filter::Bbox const&) const { throw std::logic_error{"no scalar"}; }
        Sql operator()(filter::Interval const&) const { throw std::logic_error{"no scalar"}; }
        Sql operator()(filter::Array const&) const { throw std::logic_error{"no scalar"}; }
    };
    return std::visit(As{}, expression.node);
}

/// `a op b`, whole numbers among themselves as they are, else as doubles; texts by code point.
std::string compared(Sql const& a, std::string_view op, Sql const& b) {
    if (a.type == "text")
        return fmt::format("(({}) COLLATE \"C\" {} ({}) COLLATE \"C\")", a.text, op, b.text);
    if (a.type == b.type) return fmt::format("(({}) {} ({}))", a.text, op, b.text);
    return fmt::format("(({})::float8 {} ({})::float8)", a.text, op, b.text);
}

/// The first and last instant, or day.
struct SpanSql {
    std::string begin;
    std::string end;
};

bool in_days(Expression const& expression) {
    if (auto const* const interval = std::get_if<filter::Interval>(&expression.node))
        return in_days(interval->ends[0]) && in_days(interval->ends[1]);
    if (std::holds_alternative<filter::Open>(expression.node)) return true;
    auto const* const property = std::get_if<filter::Property>(&expression.node);
    if (property != nullptr && property->name == "valid") return false;
    return scalar(expression).type == "date";
}

std::string first_instant(std::string const& day) {
    return "((" + day + ")::timestamp AT TIME ZONE INTERVAL '7 hours')";
}

std::string bound(Expression const& expression, bool days, bool last) {
    if (std::holds_alternative<filter::Open>(expression.node))
        return fmt::format("'{}infinity'::{}", last ? "" : "-", days ? "date" : "timestamptz");
    auto const sql = scalar(expression);
    if (days || sql.type != "date") return sql.text;
    return last ? "(" + first_instant(sql.text + "+1") + " - INTERVAL '1 microsecond')"
                : first_instant(sql.text);
}

SpanSql span(Expression const& expression, bool days) {
    auto const* const property = std::get_if<filter::Property>(&expression.node);
    if (property != nullptr && property->name == "valid") return {"valid_from", "valid_to"};
    if (auto const* const interval = std::get_if<filter::Interval>(&expression.node))
        return {bound(interval->ends[0], days, false), bound(interval->ends[1], days, true)};
    return {bound(expression, days, false), bound(expression, days, true)};
}

std::string temporal(Call const& call) {
    bool const days = in_days(call.arguments[0]) && in_days(call.arguments[1]);
    auto const a = span(call.arguments[0], days);
    auto const b = span(call.arguments[1], days);
    auto const rule = [&]() -> std::string_view {
        switch (call.op) {
        case Op::t_after: return "{0} > {3}";
        case Op::t_before: return "{1} < {2}";
        case Op::t_disjoint: return "{1} < {2} OR {0} > {3}";
        case Op::t_intersects: return "NOT ({1} < {2} OR {0} > {3})";
        case Op::t_equals: return "{0} = {2} AND {1} = {3}";
        case Op::t_contains: return "{0} < {2} AND {3} < {1}";
        case Op::t_during: return "{2} < {0} AND {1} < {3}";
        case Op::t_finished_by: return "{0} < {2} AND {1} = {3}";
        case Op::t_finishes: return "{2} < {0} AND {1} = {3}";
        case Op::t_meets: return "{1} = {2}";
        case Op::t_met_by: return "{0} = {3}";
        case Op::t_overlaps: return "{0} < {2} AND {2} < {1} AND {1} < {3}";
        case Op::t_overlapped_by: return "{2} < {0} AND {0} < {3} AND {3} < {1}";
        case Op::t_started_by: return "{0} = {2} AND {3} < {1}";
        default: return "{0} = {2} AND {1} < {3}";
        }
    }();
    auto const stands = fmt::format(fmt::runtime(rule), a.begin, a.end, b.begin, b.end);
    return fmt::format("(CASE WHEN ({}) IS NULL OR ({}) IS NULL OR ({}) IS NULL OR ({}) IS NULL "
                       "THEN NULL ELSE {} END)",
                       a.begin, a.end, b.begin, b.end, stands);
}

std::string array(Call const& call) {
    std::string none_null = "TRUE";
    bool texts = false;
    std::string lists[2];
    for (auto const& operand : call.arguments)
        for (auto const& element : std::get<filter::Array>(operand.node).elements)
            texts = texts || scalar(element).type == "text";
    for (std::size_t i = 0; i < 2; ++i) {
        for (auto const& element : std::get<filter::Array>(call.arguments[i].node).elements) {
            auto const sql = texts ? scalar(element).text : as_number(element);
            none_null += " AND (" + sql + ") IS NOT NULL";
            lists[i] += (lists[i].empty() ? "" : ",") + sql;
        }
        lists[i] = "ARRAY[" + lists[i] + "]::" + (texts ? "text[]" : "float8[]");
    }
    auto const rule = call.op == Op::a_contains       ? "{0} @> {1}"
                      : call.op == Op::a_contained_by ? "{0} <@ {1}"
                      : call.op == Op::a_overlaps     ? "{0} && {1}"
                                                      : "({0} @> {1} AND {0} <@ {1})";
    return fmt::format("(CASE WHEN {} THEN {} END)", none_null,
                       fmt::format(fmt::runtime(rule), lists[0], lists[1]));
}

std::string spatial(Call const& call) {
    auto const operand = [](Expression const& expression) {
        return std::holds_alternative<filter::Property>(expression.node) ? "geometry"
                                                                         : shape_sql(expression);
    };
    return fmt::format("ST_{}({},{})", filter::name_of(call.op).substr(2),
                       operand(call.arguments[0]), operand(call.arguments[1]));
}

std::string between(Call const& call) {
    auto const a = scalar(call.arguments[0]);
    auto const b = scalar(call.arguments[1]);
    auto const c = scalar(call.arguments[2]);
    bool const whole = a.type == "bigint" && b.type == "bigint" && c.type == "bigint";
    return fmt::format("(CASE WHEN ({0}) IS NOT NULL AND ({1}) IS NOT NULL AND ({2}) IS NOT NULL "
                       "THEN ({0}){3} BETWEEN ({1}){3} AND ({2}){3} END)",
                       a.text, b.text, c.text, whole ? "" : "::float8");
}

std::string in(Call const& call) {
    auto const value = scalar(call.arguments[0]);
    std::string sql;
    bool whole = true;
    for (auto const& argument : call.arguments) whole = whole && scalar(argument).type == "bigint";
    for (std::size_t i = 1; i < call.arguments.size(); ++i) {
        auto item = scalar(call.arguments[i]);
        auto left = value;
        if ((value.type == "bigint" || value.type == "float8") && !whole) {
            left = {as_number(call.arguments[0]), "float8"};
            item = {as_number(call.arguments[i]), "float8"};
        }
        sql += (sql.empty() ? "(" : " OR ") + compared(left, "=", item);
    }
    return sql + ")";
}

std::string is_null(Expression const& operand) {
    if (filter::form_of(operand) == filter::form_predicate)
        return "((" + cql2_sql(operand) + ") IS NULL)";
    if (auto const* const property = std::get_if<filter::Property>(&operand.node)) {
        if (property->name == "valid") return "(valid_from IS NULL)";
        return "(" + property->name + " IS NULL)";
    }
    if (std::holds_alternative<filter::Interval>(operand.node)) {
        auto const ends = span(operand, in_days(operand));
        return "((" + ends.begin + ") IS NULL OR (" + ends.end + ") IS NULL)";
    }
    return "((" + scalar(operand).text + ") IS NULL)";
}

} // namespace

std::string cql2_sql(Expression const& expression) {
    if (auto const* const value = std::get_if<bool>(&expression.node)) return literal(*value);
    auto const& call = std::get<Call>(expression.node);
    if (call.op == Op::conjunction || call.op == Op::disjunction) {
        std::string sql;
        for (auto const& argument : call.arguments) {
            sql += sql.empty() ? "(" : call.op == Op::conjunction ? " AND " : " OR ";
            sql += cql2_sql(argument);
        }
        return sql + ")";
    }
    if (call.op == Op::negation) return "(NOT " + cql2_sql(call.arguments[0]) + ")";
    if (call.op == Op::is_null) return is_null(call.arguments[0]);
    if (call.op == Op::between) return between(call);
    if (call.op == Op::in) return in(call);
    if (call.op == Op::like)
        return fmt::format("(({}) COLLATE \"C\" LIKE ({}) COLLATE \"C\")",
                           scalar(call.arguments[0]).text, scalar(call.arguments[1]).text);
    if (filter::is_comparison(call.op))
        return compared(scalar(call.arguments[0]), filter::name_of(call.op),
                        scalar(call.arguments[1]));
    if (filter::is_temporal(call.op)) return temporal(call);
    return filter::is_array(call.op) ? array(call) : spatial(call);
}

std::string cql2_table(Cql2Rows const& rows) {
    std::string sql = "CREATE TABLE trials (id bigint, ";
    for (auto const& field : rows.fields) sql += field + " " + type_of(field) + ", ";
    return sql + "valid_from timestamptz, valid_to timestamptz, geometry geometry)";
}

std::string cql2_inserts(Cql2Rows const& rows, std::size_t first, std::size_t last) {
    std::string sql;
    auto const& columns = rows.columns;
    auto const end = [](std::int64_t at, std::int64_t open, std::string_view infinite) {
        return at == open ? fmt::format("'{}'", infinite) : literal(Instant{at});
    };
    for (std::size_t i = first; i < last; ++i) {
        sql += (i - first) % 500 == 0 ? ";INSERT INTO trials VALUES (" : ",(";
        sql += fmt::format("{},", columns.fids[i]);
        for (auto const& values : rows.values) sql += literal(values[i]) + ",";
        auto const& period = columns.periods[i];
        sql += period == Period::never() ? "NULL,NULL"
                                         : end(period.begin, Period::open_begin, "-infinity") +
                                               "," + end(period.end, Period::open_end, "infinity");
        auto const& geometry = columns.geometries[i];
        sql +=
            "," + (geometry.empty() ? "NULL" : shape_sql({filter::Shape{{geometry}, false}})) + ")";
    }
    return sql;
}

} // namespace diaban::tests
