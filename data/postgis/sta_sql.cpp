#include "data/postgis/sta_sql.hpp"

#include "data/postgis/sql_text.hpp"
#include "data/postgis/text_rows.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <optional>

namespace diaban::data::postgis {

namespace {

using geo::sta::Entity;
using geo::sta::Expression;
using enum StaType;

struct Function {
    std::string_view name;
    std::array<StaType, 3> takes;
    std::size_t count;
    StaType gives;
    std::string_view sql; ///< `#1`, … are its arguments
};

/// Operators and functions of 18-088, tables 22 to 25; comparisons stand apart. Distances and
/// lengths are metres on the ellipsoid.
constexpr Function functions[] = {
    {"and", {truth, truth}, 2, truth, "(#1 AND #2)"},
    {"or", {truth, truth}, 2, truth, "(#1 OR #2)"},
    {"not", {truth}, 1, truth, "(NOT #1)"},
    {"negate", {number}, 1, number, "(-#1)"},
    {"add", {number, number}, 2, number, "(#1 + #2)"},
    {"sub", {number, number}, 2, number, "(#1 - #2)"},
    {"mul", {number, number}, 2, number, "(#1 * #2)"},
    {"div", {number, number}, 2, number, "(#1 / #2)"},
    {"mod", {number, number}, 2, number, "mod(#1::numeric, #2::numeric)::float8"},
    {"substringof", {text, text}, 2, truth, "(position(#1 IN #2) > 0)"},
    {"endswith", {text, text}, 2, truth, "(right(#1, length(#2)) = #2)"},
    {"startswith", {text, text}, 2, truth, "starts_with(#1, #2)"},
    {"length", {text}, 1, number, "length(#1)::float8"},
    {"indexof", {text, text}, 2, number, "(position(#2 IN #1) - 1)::float8"},
    {"substring", {text, number}, 2, text, "substr(#1, #2::integer + 1)"},
    {"substring", {text, number, number}, 3, text, "substr(#1, #2::integer + 1, #3::integer)"},
    {"tolower", {text}, 1, text, "lower(#1)"},
    {"toupper", {text}, 1, text, "upper(#1)"},
    {"trim", {text}, 1, text, "btrim(#1)"},
    {"concat", {text, text}, 2, text, "(#1 || #2)"},
    {"year", {time}, 1, number, "extract(year FROM #1 AT TIME ZONE 'UTC')::float8"},
    {"month", {time}, 1, number, "extract(month FROM #1 AT TIME ZONE 'UTC')::float8"},
    {"day", {time}, 1, number, "extract(day FROM #1 AT TIME ZONE 'UTC')::float8"},
    {"hour", {time}, 1, number, "extract(hour FROM #1 AT TIME ZONE 'UTC')::float8"},
    {"minute", {time}, 1, number, "extract(minute FROM #1 AT TIME ZONE 'UTC')::float8"},
    {"second", {time}, 1, number, "floor(extract(second FROM #1))::float8"},
    {"fractionalseconds", {time}, 1, number, "mod(extract(second FROM #1), 1)::float8"},
    {"totaloffsetminutes", {time}, 1, number, "(CASE WHEN #1 IS NOT NULL THEN 0::float8 END)"},
    {"date", {time}, 1, text, "to_char(#1 AT TIME ZONE 'UTC', 'YYYY-MM-DD')"},
    {"time", {time}, 1, text, "to_char(#1 AT TIME ZONE 'UTC', 'HH24:MI:SS')"},
    {"now", {}, 0, time, "now()"},
    {"mindatetime", {}, 0, time, "'-infinity'::timestamptz"},
    {"maxdatetime", {}, 0, time, "'infinity'::timestamptz"},
    {"round", {number}, 1, number, "round(#1::numeric)::float8"},
    {"floor", {number}, 1, number, "floor(#1)"},
    {"ceiling", {number}, 1, number, "ceil(#1)"},
    {"geo.distance", {geometry, geometry}, 2, number, "ST_Distance(#1::geography, #2::geography)"},
    {"geo.length", {geometry}, 1, number, "ST_Length(#1::geography)"},
    {"geo.intersects", {geometry, geometry}, 2, truth, "ST_Intersects(#1, #2)"},
    {"st_equals", {geometry, geometry}, 2, truth, "ST_Equals(#1, #2)"},
    {"st_disjoint", {geometry, geometry}, 2, truth, "ST_Disjoint(#1, #2)"},
    {"st_touches", {geometry, geometry}, 2, truth, "ST_Touches(#1, #2)"},
    {"st_within", {geometry, geometry}, 2, truth, "ST_Within(#1, #2)"},
    {"st_overlaps", {geometry, geometry}, 2, truth, "ST_Overlaps(#1, #2)"},
    {"st_crosses", {geometry, geometry}, 2, truth, "ST_Crosses(#1, #2)"},
    {"st_intersects", {geometry, geometry}, 2, truth, "ST_Intersects(#1, #2)"},
    {"st_contains", {geometry, geometry}, 2, truth, "ST_Contains(#1, #2)"},
    {"st_relate", {geometry, geometry, text}, 3, truth, "ST_Relate(#1, #2, #3)"},
};

constexpr std::pair<std::string_view, std::string_view> comparisons[] = {
    {"eq", "="}, {"ne", "<>"}, {"gt", ">"}, {"ge", ">="}, {"lt", "<"}, {"le", "<="}};

[[noreturn]] void refuse(char const* type, std::string value, std::string accepted = {}) {
    throw geo::Error{geo::Code::bad_input,
                     type,
                     {{"value", value.substr(0, 80)}, {"accepted", std::move(accepted)}}};
}

std::string path_text(std::vector<std::string> const& path, std::size_t from = 0) {
    std::string joined;
    for (std::size_t i = from; i < path.size(); ++i)
        joined += (joined.empty() ? "" : "/") + path[i];
    return joined;
}

bool is_id(std::string_view name) noexcept {
    return name == "id" || name == "@iot.id";
}

struct Typed {
    std::string sql;
    StaType type = other;
    bool is_null = false;
    bool is_id = false;
    bool is_whole = false; ///< a literal that is a whole number
};

class Compiler {
public:
    Compiler(Entity entity, StaPolicies const& policies, StaParameters& parameters,
             StaSearch const* search)
        : m_entity{entity}, m_policies{policies}, m_parameters{parameters}, m_search{search} {}

    Typed compile(Expression const& expression) {
        switch (expression.kind) {
        case Expression::Kind::literal: return literal(expression.literal);
        case Expression::Kind::property: return property(expression);
        case Expression::Kind::call: break;
        }
        bool const joins =
            expression.name == "and" || expression.name == "or" || expression.name == "not";
        if (!joins)
            if (auto const* const relation = way_of(expression))
                return along(*relation, expression);
        return call(expression);
    }

    std::string condition(Expression const& expression) {
        if (expression.kind == Expression::Kind::property)
            if (auto const* const relation = way_of(expression))
                return along(*relation, expression).sql;
        auto const made = compile(expression);
        if (made.type != truth) refuse("sta-type", "$filter", "true, false");
        return made.sql;
    }

private:
    Typed literal(geo::sta::Literal const& value) {
        struct Write {
            StaParameters& parameters;
            Typed operator()(std::monostate) const { return {"NULL", other, true}; }
            Typed operator()(bool held) const { return {held ? "true" : "false", truth}; }
            Typed operator()(double held) const {
                Typed made{parameters.add(exact_text(held)) + "::float8", number};
                constexpr double exact = 0x1p53;
                made.is_whole = std::abs(held) < exact && std::trunc(held) == held;
                return made;
            }
            Typed operator()(std::string const& held) const {
                return {parameters.add(held) + "::text", text};
            }
            Typed operator()(geo::Instant held) const {
                std::string written;
                geo::codec::append_instant(written, held);
                return {parameters.add(written) + "::timestamptz", time};
            }
            Typed operator()(geo::sta::Shape const& held) const {
                return {"ST_SetSRID(ST_GeomFromText(" + parameters.add(held.wkt) + "), 4326)",
                        geometry};
            }
        };
        return std::visit(Write{m_parameters}, value);
    }

    Typed property(Expression const& expression) {
        auto const name = path_text(expression.path);
        if (is_id(name)) {
            Typed made{std::string{sta_table(m_entity).id} + "::float8", number};
            made.is_id = true;
            return made;
        }
        auto const* const column = find_sta_column(m_entity, name, m_policies);
        if (column == nullptr) refuse("sta-property", name, names());
        return {std::string{column->sql}, column->type};
    }

    /// The relation that all properties of a comparison go by first; null if they are its own.
    geo::sta::Relation const* way_of(Expression const& expression) {
        std::optional<geo::sta::Relation const*> way;
        look_for_way(expression, way);
        return way.value_or(nullptr);
    }
    void look_for_way(Expression const& expression, std::optional<geo::sta::Relation const*>& way) {
        if (expression.kind == Expression::Kind::property) {
            auto const* const relation = geo::sta::find_relation(m_entity, expression.path.front());
            if (way && *way != relation) refuse("sta-path", path_text(expression.path));
            if (relation != nullptr && expression.path.size() < 2)
                refuse("sta-path", path_text(expression.path));
            way = relation;
        }
        for (auto const& argument : expression.arguments) look_for_way(argument, way);
    }

    Typed along(geo::sta::Relation const& relation, Expression expression) {
        if (m_search == nullptr) refuse("sta-path", std::string{relation.name});
        auto const link = sta_link(relation);
        if (!link.field.empty() && !sees_link(link)) return {"false", truth};
        strip(expression);
        auto const ids = (*m_search)(relation, expression);
        std::string const key{relation.many ? sta_table(m_entity).id : link.key};
        return {"(" + key + " = ANY (" + m_parameters.add(array_text(ids)) + "::bigint[]))", truth};
    }
    bool sees_link(StaLink const& link) const {
        auto const* const policy = m_policies("datastreams");
        return policy != nullptr && policy->sees_field(link.field);
    }
    static void strip(Expression& expression) {
        if (expression.kind == Expression::Kind::property)
            expression.path.erase(expression.path.begin());
        for (auto& argument : expression.arguments) strip(argument);
    }

    Typed call(Expression const& expression) {
        std::vector<Typed> arguments;
        for (auto const& argument : expression.arguments) arguments.push_back(compile(argument));
        auto const* const comparison = std::ranges::find(
            comparisons, expression.name, &std::pair<std::string_view, std::string_view>::first);
        if (comparison != std::end(comparisons))
            return compare(comparison->first, std::string{comparison->second}, arguments);
        bool known = false;
        for (auto const& function : functions) {
            if (function.name != expression.name) continue;
            known = true;
            if (function.count != arguments.size()) continue;
            if (takes(function, arguments)) return {fill(function, arguments), function.gives};
        }
        if (known) refuse("sta-type", expression.name);
        refuse("sta-function", expression.name);
    }

    Typed compare(std::string_view name, std::string const& sign,
                  std::vector<Typed> const& sides) const {
        auto const& left = sides[0];
        auto const& right = sides[1];
        if (left.is_null || right.is_null) {
            if (name != "eq" && name != "ne") refuse("sta-type", std::string{name}, "eq, ne");
            auto const& held = left.is_null ? right : left;
            return {"(" + held.sql + (name == "eq" ? " IS NULL)" : " IS NOT NULL)"), truth};
        }
        if (left.type != right.type || left.type == geometry || left.type == other)
            refuse("sta-type", std::string{name});
        if (left.is_id && right.is_whole) // as it is stored: an index finds it
            return {"(" + std::string{sta_table(m_entity).id} + " " + sign + " " + right.sql +
                        "::bigint)",
                    truth};
        return {"(" + left.sql + " " + sign + " " + right.sql + ")", truth};
    }

    static bool takes(Function const& function, std::vector<Typed> const& arguments) {
        for (std::size_t i = 0; i < arguments.size(); ++i)
            if (arguments[i].type != function.takes[i]) return false;
        return true;
    }
    static std::string fill(Function const& function, std::vector<Typed> const& arguments) {
        std::string sql;
        for (std::size_t i = 0; i < function.sql.size(); ++i) {
            if (function.sql[i] != '#') {
                sql += function.sql[i];
                continue;
            }
            sql += arguments[std::size_t(function.sql[++i] - '1')].sql;
        }
        return sql;
    }

    std::string names() const {
        std::string all = "id";
        for (auto const& column : sta_table(m_entity).columns)
            if (find_sta_column(m_entity, column.property, m_policies) != nullptr)
                all += ", " + std::string{column.property};
        return all;
    }

    Entity m_entity;
    StaPolicies const& m_policies;
    StaParameters& m_parameters;
    StaSearch const* m_search;
};

} // namespace

StaColumn const* find_sta_column(Entity entity, std::string_view property,
                                 StaPolicies const& policies) {
    auto const& table = sta_table(entity);
    auto const found = std::ranges::find(table.columns, property, &StaColumn::property);
    if (found == table.columns.end()) return nullptr;
    auto const* const policy = policies(table.collection);
    if (policy == nullptr) return nullptr;
    return found->field.empty() || policy->sees_field(found->field) ? &*found : nullptr;
}

std::string sta_condition(Entity entity, Expression const& expression, StaPolicies const& policies,
                          StaParameters& parameters, StaSearch const& search) {
    return "(" + Compiler{entity, policies, parameters, &search}.condition(expression) + ")";
}

std::string sta_ordering(Entity entity, Expression const& expression, StaPolicies const& policies,
                         StaParameters& parameters) {
    return Compiler{entity, policies, parameters, nullptr}.compile(expression).sql;
}

} // namespace diaban::data::postgis
