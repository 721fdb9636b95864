#include "data/postgis/land_statistics_store.hpp"

#include "data/postgis/access_sql.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"

#include <optional>
#include <string>

namespace diaban::data::postgis {

namespace {

using model::LandStatistics;
using model::LandUseArea;
using model::LandUseChange;

/// Some row of the statistics `s` that the policy sees.
std::string has_seen_rows(geo::Policy const& policy, std::string const& statistics) {
    return "EXISTS (SELECT FROM land.statistics_rows AS r WHERE r.statistics = " + statistics +
           " AND (" + policy_condition(policy, "r") + "))";
}

std::string header_columns(geo::Policy const& policy) {
    return "s.id, s.taken_on - DATE '1970-01-01', s.kind, s.version, " +
           microseconds("s.known_at") + ", " + microseconds("s.frozen_at") +
           ", s.author, CASE WHEN " + has_seen_rows(policy, "s.previous") + " THEN s.previous END";
}

LandStatistics header_of(pqxx::row const& row) {
    LandStatistics made;
    made.id = row[0].as<std::int64_t>();
    made.taken_on = {row[1].as<std::int32_t>()};
    made.kind = row[2].as<std::string>();
    made.version = row[3].as<std::int32_t>();
    made.known_at = {row[4].as<std::int64_t>()};
    made.frozen_at = {row[5].as<std::int64_t>()};
    made.author = row[6].as<std::string>();
    if (!row[7].is_null()) made.previous = row[7].as<std::int64_t>();
    return made;
}

std::optional<LandStatistics> find(pqxx::transaction_base& sql, std::int64_t id,
                                   geo::Policy const& policy) {
    auto const rows = sql.exec_params("SELECT " + header_columns(policy) +
                                          " FROM land.statistics AS s WHERE s.id = $1 AND " +
                                          has_seen_rows(policy, "s.id"),
                                      id);
    return rows.empty() ? std::nullopt : std::optional{header_of(rows[0])};
}

/// One after the other, until the transaction ends: as the function that freezes does.
void begin_turn(pqxx::transaction_base& sql) {
    constexpr std::int64_t turn = 7'311'050;
    sql.exec_params("SELECT pg_advisory_xact_lock($1)", turn);
}

void check_not_frozen(pqxx::transaction_base& sql, model::NewLandStatistics const& asked) {
    if (asked.again) return;
    auto const frozen = sql.exec_params1("SELECT coalesce(max(version), 0) FROM land.statistics "
                                         "WHERE taken_on = $1::date AND kind = $2",
                                         geo::codec::date_text(asked.taken_on), asked.kind);
    if (auto const version = frozen[0].as<std::int32_t>(); version > 0)
        throw geo::Error{geo::Code::conflict,
                         "statistics-frozen",
                         {{"value", geo::codec::date_text(asked.taken_on)},
                          {"version", std::to_string(version)}}};
}

std::int64_t write(pqxx::transaction_base& sql, model::NewLandStatistics const& asked,
                   std::string const& who) {
    std::optional<std::int64_t> known;
    if (asked.known_at) known = asked.known_at->microseconds;
    return sql
        .exec_params1("SELECT land.freeze_statistics($1::date, $2, $3, " + instant_of("$4") +
                          ", $5)",
                      geo::codec::date_text(asked.taken_on), asked.kind, asked.again, known, who)[0]
        .as<std::int64_t>();
}

/// There are some, and whoever freezes them may edit each.
void check_rows(pqxx::transaction_base& sql, std::int64_t id, geo::Policy const& policy,
                geo::Date day) {
    auto const rows = sql.exec_params1(
        "SELECT EXISTS (SELECT FROM land.statistics_rows AS r WHERE r.statistics = $1), EXISTS "
        "(SELECT FROM land.statistics_rows AS r WHERE r.statistics = $1 AND NOT (" +
            policy_condition(policy, "r") + "))",
        id);
    if (!rows[0].as<bool>())
        throw geo::Error{
            geo::Code::conflict, "statistics-empty", {{"value", geo::codec::date_text(day)}}};
    if (rows[1].as<bool>()) throw geo::Error{geo::Code::forbidden, "statistics-scope"};
}

} // namespace

LandStatistics LandStatisticsStore::freeze(model::NewLandStatistics const& asked,
                                           model::Author const& author,
                                           geo::Policy const& policy) const {
    return writing(m_edit, [&](pqxx::work& sql) {
        sql.exec("SET LOCAL statement_timeout = '10min'"); // once a year, of millions of parcels
        begin_turn(sql);
        check_not_frozen(sql, asked);
        auto const id = write(sql, asked, author.who);
        set_policy(sql, policy);
        check_rows(sql, id, policy, asked.taken_on);
        auto const made = find(sql, id, policy);
        if (!made)
            throw geo::Error{geo::Code::internal, "database", {}, "statistics are not there"};
        note(sql, {author.who,
                   "land-statistics",
                   "parcels",
                   {},
                   author.why,
                   json_of({{"taken_on", geo::codec::date_text(made->taken_on)},
                            {"kind", made->kind},
                            {"version", std::to_string(made->version)}})});
        return *made;
    });
}

std::vector<LandStatistics> LandStatisticsStore::list(geo::Policy const& policy) const {
    return reading(m_serve, [&](pqxx::transaction_base& sql) {
        set_policy(sql, policy);
        std::vector<LandStatistics> found;
        for (auto const& row :
             sql.exec("SELECT " + header_columns(policy) + " FROM land.statistics AS s WHERE " +
                      has_seen_rows(policy, "s.id") +
                      " ORDER BY s.taken_on DESC, s.kind, s.version DESC LIMIT "
                      "1000"))
            found.push_back(header_of(row));
        return found;
    });
}

LandStatistics LandStatisticsStore::statistics(std::int64_t id, geo::Policy const& policy) const {
    return reading(m_serve, [&](pqxx::transaction_base& sql) {
        set_policy(sql, policy);
        auto found = find(sql, id, policy);
        if (!found)
            throw geo::Error{
                geo::Code::not_found, "no-statistics", {{"value", std::to_string(id)}}};
        return *std::move(found);
    });
}

std::vector<LandUseArea> LandStatisticsStore::areas(std::int64_t id,
                                                    geo::Policy const& policy) const {
    return reading(m_edit, [&](pqxx::transaction_base& sql) {
        set_policy(sql, policy);
        std::vector<LandUseArea> found;
        // Decimals: their sum is the same in any order.
        for (auto const& row : sql.exec_params(
                 "SELECT r.commune, r.land_use, count(*), count(*) - count(r.area_m2), "
                 "coalesce(sum(r.area_m2::numeric), 0)::float8 FROM land.statistics_rows AS r "
                 "WHERE r.statistics = $1 AND (" +
                     policy_condition(policy, "r") +
                     ") GROUP BY r.commune, r.land_use ORDER BY r.commune, r.land_use",
                 id))
            found.push_back({row[0].as<std::string>(), row[1].as<std::string>(),
                             row[2].as<std::int64_t>(), row[3].as<std::int64_t>(),
                             row[4].as<double>()});
        return found;
    });
}

std::vector<LandUseChange> LandStatisticsStore::changes(std::int64_t before, std::int64_t after,
                                                        std::string const& commune,
                                                        geo::Policy const& policy) const {
    auto const side = [&](char const* statistics) {
        return std::string{"(SELECT r.parcel, r.land_use, coalesce(r.area_m2, 0)::numeric AS m2 "
                           "FROM land.statistics_rows AS r WHERE r.statistics = "} +
               statistics + " AND ($3 = '' OR r.commune = $3) AND (" +
               policy_condition(policy, "r") + "))";
    };
    return reading(m_edit, [&](pqxx::transaction_base& sql) {
        set_policy(sql, policy);
        std::vector<LandUseChange> found;
        auto const add = [&](std::optional<std::string> from, std::optional<std::string> to,
                             double area) {
            if (area > 0) found.push_back({std::move(from), std::move(to), area});
        };
        for (auto const& row : sql.exec_params(
                 "SELECT b.land_use, a.land_use, coalesce(sum(least(b.m2, a.m2)) FILTER (WHERE "
                 "b.m2 IS NOT NULL AND a.m2 IS NOT NULL), 0)::float8, coalesce(sum(b.m2 - "
                 "least(b.m2, coalesce(a.m2, 0))), 0)::float8, coalesce(sum(a.m2 - least(a.m2, "
                 "coalesce(b.m2, 0))), 0)::float8 FROM " +
                     side("$1") + " AS b FULL JOIN " + side("$2") +
                     " AS a USING (parcel) GROUP BY b.land_use, a.land_use ORDER BY b.land_use, "
                     "a.land_use",
                 before, after, commune)) {
            std::optional<std::string> from, to;
            if (!row[0].is_null()) from = row[0].as<std::string>();
            if (!row[1].is_null()) to = row[1].as<std::string>();
            if (from && to) add(from, to, row[2].as<double>());
            if (from) add(from, std::nullopt, row[3].as<double>());
            if (to) add(std::nullopt, to, row[4].as<double>());
        }
        return found;
    });
}

std::vector<model::LandUse> LandStatisticsStore::uses(geo::Date on) const {
    return reading(m_serve, [&](pqxx::transaction_base& sql) {
        std::vector<model::LandUse> found;
        for (auto const& row : sql.exec_params(
                 "SELECT c.code, coalesce(g.use_group, ''), c.title_vi, c.title_en FROM (SELECT "
                 "DISTINCT ON (code) code, position, title_vi, title_en FROM diaban.code WHERE "
                 "list = 'land_use' ORDER BY code, valid_from DESC) AS c LEFT JOIN land.use_group "
                 "AS g ON g.land_use = c.code AND $1::date >= g.valid_from AND $1::date < "
                 "g.valid_to ORDER BY c.position, c.code",
                 geo::codec::date_text(on)))
            found.push_back({row[0].as<std::string>(), row[1].as<std::string>(),
                             row[2].as<std::string>(), row[3].as<std::string>()});
        return found;
    });
}

} // namespace diaban::data::postgis
