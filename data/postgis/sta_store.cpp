#include "data/postgis/sta_store.hpp"

#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "data/postgis/sta_schema.hpp"
#include "data/postgis/sta_sql.hpp"
#include "geo/error.hpp"

#include <algorithm>

namespace diaban::data::postgis {

namespace {

using geo::sta::Entity;
using geo::sta::Expression;
using geo::sta::Query;
using geo::sta::Relation;

constexpr std::size_t most_ids = 10'000; // that a condition may reach over relations
constexpr std::size_t most_said = 60;

/// What of an entity the policy sees.
std::string guard(StaTable const& table, geo::Policy const& policy) {
    if (!table.guarded.empty()) return "(" + policy_condition(policy, table.guarded) + ")";
    return "t.datastream IN (SELECT d.fid FROM record.datastreams AS d WHERE " +
           policy_condition(policy, "d") + ")";
}

/// A property as JSON text: times in UTC with no more digits than they need.
std::string json_of(StaColumn const& column) {
    std::string const sql{column.sql};
    switch (column.type) {
    case StaType::geometry: return "ST_AsGeoJSON(" + sql + ", 15)";
    case StaType::time:
        return "to_json(rtrim(rtrim(to_char(" + sql +
               " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), '0'), '.') || 'Z')::text";
    default: return "to_json(" + sql + ")::text";
    }
}

pqxx::result run(pqxx::transaction_base& sql, std::string const& text,
                 StaParameters const& parameters) {
    return sql.exec_params(text, pqxx::prepare::make_dynamic_params(parameters.texts()));
}

/// Refuses what PostGIS cannot read as a geometry.
void check_shapes(pqxx::transaction_base& sql, Expression const& expression) {
    if (auto const* const shape = std::get_if<geo::sta::Shape>(&expression.literal)) {
        try {
            sql.exec_params("SELECT ST_GeomFromText($1)", shape->wkt);
        } catch (pqxx::sql_error const& error) {
            throw geo::Error{geo::Code::bad_input,
                             "sta-syntax",
                             {{"value", shape->wkt.substr(0, most_said)}},
                             error.what()};
        }
    }
    for (auto const& argument : expression.arguments) check_shapes(sql, argument);
}

bool sees_relation(Relation const& relation, StaStore::Policies const& policies) {
    auto const link = sta_link(relation);
    if (link.field.empty()) return true;
    auto const* const policy = policies("datastreams");
    return policy != nullptr && policy->sees_field(link.field);
}

/// One SELECT, put together piece by piece.
struct Statement {
    StaParameters parameters;
    std::string columns;
    std::string where;
    std::string order;
};

std::string order_text(Entity entity, Query const& query, StaStore::Policies const& policies,
                       StaParameters& parameters) {
    std::string text;
    for (auto const& one : query.order)
        text += sta_ordering(entity, one.by, policies, parameters) +
                (one.descending ? " DESC NULLS LAST, " : " ASC NULLS LAST, ");
    return text + std::string{sta_table(entity).order};
}

} // namespace

StaPage StaStore::read(StaSource const& source, Query const& query, std::uint32_t most,
                       std::span<Relation const* const> links, Policies const& policies) const {
    auto const& table = sta_table(source.entity);
    auto const* const policy = policies(table.collection);
    StaPage page;
    if (policy == nullptr ||
        (source.relation != nullptr && !sees_relation(*source.relation, policies)))
        return page;
    Statement made;
    std::string const parent = source.relation != nullptr ? "parents.id" : "0::bigint";
    made.columns = std::string{table.id} + ", " + parent;
    for (auto const& column : table.columns) {
        if (find_sta_column(source.entity, column.property, policies) == nullptr) continue;
        page.properties.push_back({column.property, column.said_if_null});
        made.columns += ", " + json_of(column);
    }
    for (auto const* const link : links)
        made.columns += ", " + (sees_relation(*link, policies) ? std::string{sta_link(*link).key}
                                                               : std::string{"NULL::bigint"});
    std::string from;
    if (source.relation != nullptr)
        from = "unnest(" + made.parameters.add(array_text(source.parents)) +
               "::bigint[]) AS parents (id) CROSS JOIN LATERAL ";
    made.where = guard(table, *policy);
    if (source.ids)
        made.where += " AND " + std::string{table.id} + " = ANY (" +
                      made.parameters.add(array_text(*source.ids)) + "::bigint[])";
    if (source.relation != nullptr) {
        auto const link = sta_link(*source.relation);
        made.where += " AND " + std::string{link.key} + " = parents.id";
        if (!link.condition.empty()) made.where += " AND " + std::string{link.condition};
    }
    if (query.filter)
        made.where +=
            " AND " + sta_condition(source.entity, *query.filter, policies, made.parameters,
                                    [&](Relation const& way, Expression const& condition) {
                                        return search(way, condition, policies);
                                    });
    auto counting = made.parameters;
    made.order = order_text(source.entity, query, policies, made.parameters);
    auto const rows_of = [&](std::string const& columns, std::string const& rest) {
        return "SELECT " + columns + " FROM " + std::string{table.from} + " WHERE " + made.where +
               rest;
    };
    auto const limits = " ORDER BY " + made.order + " LIMIT " + std::to_string(most) + " OFFSET " +
                        std::to_string(query.skip);
    auto text = rows_of(made.columns, limits);
    auto count_text = rows_of("count(*)", "");
    if (source.relation != nullptr) {
        text = "SELECT found.* FROM " + from + "(" + text + ") AS found";
        count_text = "SELECT parents.id, found.* FROM " + from + "(" + count_text + ") AS found";
    } else {
        count_text = "SELECT 0::bigint, found.* FROM (" + count_text + ") AS found";
    }
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        set_policy(sql, *policy);
        if (query.filter) check_shapes(sql, *query.filter);
        auto answer = page;
        for (auto const row : run(sql, text, made.parameters)) {
            StaRow one;
            one.id = row[0].as<std::int64_t>();
            one.parent = row[1].as<std::int64_t>();
            pqxx::row::size_type at = 2;
            for (std::size_t i = 0; i < page.properties.size(); ++i, ++at)
                one.values.push_back(row[at].is_null() ? std::nullopt
                                                       : std::optional{row[at].as<std::string>()});
            for (std::size_t i = 0; i < links.size(); ++i, ++at)
                one.links.push_back(row[at].is_null() ? std::nullopt
                                                      : std::optional{row[at].as<std::int64_t>()});
            answer.rows.push_back(std::move(one));
        }
        if (query.count)
            for (auto const row : run(sql, count_text, counting))
                answer.counts.emplace_back(row[0].as<std::int64_t>(), row[1].as<std::uint64_t>());
        return answer;
    });
}

std::vector<std::int64_t> StaStore::search(Relation const& relation, Expression const& condition,
                                           Policies const& policies) const {
    auto const& table = sta_table(relation.to);
    auto const* const policy = policies(table.collection);
    if (policy == nullptr) return {};
    StaParameters parameters;
    auto where = guard(table, *policy) + " AND " +
                 sta_condition(relation.to, condition, policies, parameters,
                               [&](Relation const& way, Expression const& inner) {
                                   return search(way, inner, policies);
                               });
    auto const link = sta_link(relation);
    if (relation.many && !link.condition.empty()) where += " AND " + std::string{link.condition};
    std::string const wanted{relation.many ? link.key : table.id};
    auto const text = "SELECT DISTINCT " + wanted + " FROM " + std::string{table.from} + " WHERE " +
                      where + " LIMIT " + std::to_string(most_ids + 1);
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        set_policy(sql, *policy);
        check_shapes(sql, condition);
        std::vector<std::int64_t> ids;
        for (auto const row : run(sql, text, parameters))
            if (!row[0].is_null()) ids.push_back(row[0].as<std::int64_t>());
        if (ids.size() > most_ids)
            throw geo::Error{
                geo::Code::bad_input,
                "sta-too-many",
                {{"value", std::string{relation.name}}, {"accepted", std::to_string(most_ids)}}};
        return ids;
    });
}

} // namespace diaban::data::postgis
