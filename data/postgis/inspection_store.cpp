#include "data/postgis/inspection_store.hpp"

#include "data/postgis/access_sql.hpp"
#include "data/postgis/inspection_sql.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"

namespace diaban::data::postgis {

namespace {

using model::NewInspection;
using Policies = InspectionStore::Policies;

/// One after the other: who has least to do is judged by what was given before.
void begin_turn(pqxx::transaction_base& sql, geo::Policy const& policy,
                model::Author const& author) {
    constexpr std::int64_t turn = 7'311'028;
    sql.exec_params("SELECT pg_advisory_xact_lock($1)", turn);
    set_policy(sql, policy);
    set_author(sql, author.who, author.why);
}

std::optional<model::OpenedInspection> known_case(pqxx::transaction_base& sql,
                                                  NewInspection const& asked,
                                                  std::string const& who,
                                                  geo::Policy const& policy) {
    auto const seen = " AND (" + policy_condition(policy, "c") + ")";
    if (asked.origin == "suspicion") {
        auto const rows =
            sql.exec_params("SELECT c.fid FROM record.inspection_cases AS c WHERE c.parcel = $1 "
                            "AND c.reference = $2 AND c.origin = 'suspicion' AND c.state <> "
                            "'closed'" +
                                seen,
                            asked.parcel, asked.reference);
        if (rows.empty()) return std::nullopt;
        return model::OpenedInspection{rows[0][0].as<std::int64_t>(), true};
    }
    auto const rows = sql.exec_params(
        "SELECT c.fid, c.origin = $3 AND coalesce(c.reference, '') = $4 AND c.reason = $5 AND "
        "c.parcel IS NOT DISTINCT FROM $6::bigint FROM record.inspection_cases AS c WHERE "
        "c.opened_by = $1 AND c.key = $2" +
            seen,
        who, asked.key, asked.origin, asked.reference, asked.reason, asked.parcel);
    if (rows.empty()) return std::nullopt;
    if (!rows[0][1].as<bool>())
        throw geo::Error{geo::Code::bad_input, "key-reused", {{"value", asked.key}}};
    return model::OpenedInspection{rows[0][0].as<std::int64_t>(), true};
}

/// Where a case lies: in its parcel, else where it was said to be.
struct Ground {
    geo::Position at;
    std::string scope;
    std::optional<std::string> identifier;
    std::optional<std::int64_t> sheet;
    std::optional<std::int64_t> number;
};

Ground ground_of_parcel(pqxx::transaction_base& sql, std::int64_t parcel,
                        geo::Policy const& policy) {
    set_policy(sql, policy);
    auto const rows = sql.exec_params(
        "SELECT ST_X(i.at), ST_Y(i.at), p.scope, p.geohash, p.sheet, p.parcel_number FROM "
        "record.parcels AS p, ST_PointOnSurface(p.geom) AS i(at) WHERE p.fid = $1 AND p.geom IS "
        "NOT NULL AND (" +
            policy_condition(policy, "p") + ")",
        parcel);
    if (rows.empty())
        throw geo::Error{geo::Code::not_found, "no-parcel", {{"value", std::to_string(parcel)}}};
    auto const row = rows[0];
    Ground ground{{row[0].as<double>(), row[1].as<double>()}, row[2].as<std::string>(), {}, {}, {}};
    if (!row[3].is_null()) ground.identifier = row[3].as<std::string>();
    if (!row[4].is_null()) ground.sheet = row[4].as<std::int64_t>();
    if (!row[5].is_null()) ground.number = row[5].as<std::int64_t>();
    return ground;
}

Ground ground_of_place(pqxx::transaction_base& sql, geo::Position at) {
    auto const rows = sql.exec_params(
        "SELECT p.code FROM record.places AS p WHERE p.level = 'commune' AND p.valid_to IS NULL "
        "AND ST_Covers(p.geom, ST_Point($1, $2, 4326)) ORDER BY p.fid LIMIT 1",
        at.x, at.y);
    return {at, rows.empty() ? std::string{} : rows[0][0].as<std::string>(), {}, {}, {}};
}

/// Who inspects there, or that one if it is one of them; who has the fewest open cases first.
std::vector<model::Inspector> inspectors_of(pqxx::transaction_base& sql, std::string const& unit,
                                            std::string const& login, Policies const& policies) {
    set_policy(sql, policies.inspectors);
    auto const able = sql.exec_params(
        "WITH able AS (SELECT coalesce(i.unit, '') AS unit, i.office, i.login FROM "
        "record.land_inspectors AS i WHERE coalesce(i.unit, '') IN ($1, '') AND ($2 = '' OR "
        "i.login = $2) AND (" +
            policy_condition(policies.inspectors, "i") +
            ")) SELECT office, login FROM able WHERE unit = (SELECT max(unit) FROM able) ORDER BY "
            "login LIMIT 1000",
        unit, login);
    set_policy(sql, policies.cases);
    std::vector<std::string> logins;
    for (auto const row : able) logins.push_back(row[1].as<std::string>());
    std::vector<model::Inspector> inspectors;
    if (logins.empty()) return inspectors;
    for (auto const row :
         sql.exec_params("SELECT a.n, count(c.fid) FROM unnest($1::text[]) WITH ORDINALITY AS "
                         "a(login, n) LEFT JOIN record.inspection_cases AS c ON c.assignee = "
                         "a.login AND c.state <> 'closed' AND (" +
                             policy_condition(policies.cases, "c") +
                             ") GROUP BY a.n ORDER BY count(c.fid), a.n",
                         array_text(logins))) {
        auto const one = able[row[0].as<int>() - 1];
        inspectors.push_back(
            {one[0].as<std::string>(), one[1].as<std::string>(), row[1].as<std::int64_t>()});
    }
    return inspectors;
}

model::Inspector first_of(std::vector<model::Inspector> const& inspectors) {
    return inspectors.empty() ? model::Inspector{} : inspectors.front();
}

/// The commune of a case that the policy of cases sees.
std::optional<std::string> scope_of(pqxx::transaction_base& sql, std::int64_t inspection,
                                    geo::Policy const& policy) {
    set_policy(sql, policy);
    auto const rows =
        sql.exec_params("SELECT c.scope FROM record.inspection_cases AS c WHERE c.fid = $1 AND (" +
                            policy_condition(policy, "c") + ")",
                        inspection);
    if (rows.empty()) return std::nullopt;
    return rows[0][0].as<std::string>();
}

/// Whether a case `c` is overdue at the instant of parameter `now`.
std::string overdue(std::string const& now) {
    return "(c.state <> 'closed' AND CASE c.state WHEN 'decided' THEN c.follow_up_on ELSE c.due_on "
           "END < (" +
           instant_of(now) + " AT TIME ZONE 'Asia/Ho_Chi_Minh')::date)";
}

std::int64_t insert_case(pqxx::transaction_base& sql, NewInspection const& asked,
                         Ground const& ground, model::Inspector const& inspector,
                         std::string const& who, geo::Instant now) {
    std::optional<std::string> due;
    if (asked.due_on) due = geo::codec::date_text(*asked.due_on);
    // Local days: UTC+7.
    return sql
        .exec_params1(
            "WITH today AS (SELECT (" + instant_of("$9") +
                " AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day) INSERT INTO "
                "record.inspection_cases (key, origin, reference, parcel, identifier, sheet, "
                "number, reason, opened_at, opened_by, state, move, office, assignee, due_on, "
                "checklist, geom, scope) SELECT nullif($1, ''), $2, nullif($3, ''), $4::bigint, "
                "$5, $6::bigint, $7::bigint, $8, " +
                instant_of("$9") +
                ", $10, CASE WHEN $12 = '' THEN 'new' ELSE 'assigned' END, 'open', nullif($11, "
                "''), nullif($12, ''), coalesce($13::date, today.day + (SELECT r.value::integer "
                "FROM land.rule AS r WHERE r.id = 'inspection-days' AND today.day >= r.valid_from "
                "AND today.day < r.valid_to ORDER BY r.valid_from DESC LIMIT 1)), (SELECT "
                "max(l.since) FROM land.checklist AS l WHERE l.since <= today.day), ST_Point($14, "
                "$15, 4326), $16 FROM today RETURNING fid",
            asked.key, asked.origin, asked.reference, asked.parcel, ground.identifier, ground.sheet,
            ground.number, asked.reason, now.microseconds, who, inspector.office, inspector.login,
            due, ground.at.x, ground.at.y, ground.scope)[0]
        .as<std::int64_t>();
}

} // namespace

model::OpenedInspection open_case(pqxx::transaction_base& sql, NewInspection const& asked,
                                  geo::Instant now, model::Author const& author,
                                  Policies const& policies) {
    begin_turn(sql, policies.cases, author);
    if (auto const known = known_case(sql, asked, author.who, policies.cases)) return *known;
    auto const ground = asked.parcel ? ground_of_parcel(sql, *asked.parcel, policies.parcels)
                                     : ground_of_place(sql, asked.at);
    constexpr std::uint8_t least = 1; // no case is public
    if (!policies.cases.sees(ground.scope, least))
        throw geo::Error{geo::Code::forbidden, "edit-scope"};
    auto const inspector = first_of(inspectors_of(sql, ground.scope, {}, policies));
    return {insert_case(sql, asked, ground, inspector, author.who, now), false};
}

model::OpenedInspection InspectionStore::open(NewInspection const& asked, geo::Instant now,
                                              model::Author const& author,
                                              Policies const& policies) const {
    return writing(m_edit,
                   [&](pqxx::work& sql) { return open_case(sql, asked, now, author, policies); });
}

model::Inspector InspectionStore::lightest(std::int64_t inspection, std::string const& login,
                                           Policies const& policies) const {
    return reading(m_serve, [&](pqxx::transaction_base& sql) {
        auto const scope = scope_of(sql, inspection, policies.cases);
        return scope ? first_of(inspectors_of(sql, *scope, login, policies)) : model::Inspector{};
    });
}

std::vector<model::Inspector> InspectionStore::inspectors(std::int64_t inspection,
                                                          Policies const& policies) const {
    return reading(m_serve, [&](pqxx::transaction_base& sql) {
        auto const scope = scope_of(sql, inspection, policies.cases);
        return scope ? inspectors_of(sql, *scope, {}, policies) : std::vector<model::Inspector>{};
    });
}

model::InspectionList InspectionStore::cases(model::InspectionQuestion const& asked,
                                             geo::Instant now, geo::Policy const& policy) const {
    return reading(m_serve, [&](pqxx::transaction_base& sql) {
        set_policy(sql, policy);
        model::InspectionList list;
        for (auto const row : sql.exec_params(
                 "SELECT c.fid, count(*) OVER () FROM record.inspection_cases AS c WHERE ($1 = '' "
                 "OR c.state = $1 OR ($1 = 'open' AND c.state <> 'closed') OR ($1 = 'overdue' "
                 "AND " +
                     overdue("$3") + ")) AND ($2 = '' OR c.assignee = $2) AND (" +
                     policy_condition(policy, "c") +
                     ") ORDER BY c.state = 'closed', c.due_on, c.fid LIMIT $4",
                 asked.state, asked.assignee, now.microseconds, std::int64_t{asked.limit})) {
            list.fids.push_back(row[0].as<std::int64_t>());
            list.matched = row[1].as<std::int64_t>();
        }
        return list;
    });
}

model::InspectionCounts InspectionStore::counts(std::string const& who, geo::Instant now,
                                                geo::Policy const& policy) const {
    return reading(m_serve, [&](pqxx::transaction_base& sql) {
        set_policy(sql, policy);
        auto const row = sql.exec_params1(
            "SELECT count(*), count(*) FILTER (WHERE c.state <> 'closed'), count(*) FILTER "
            "(WHERE " +
                overdue("$2") +
                "), count(*) FILTER (WHERE c.state <> 'closed' AND c.assignee = $1) FROM "
                "record.inspection_cases AS c WHERE (" +
                policy_condition(policy, "c") + ")",
            who, now.microseconds);
        return model::InspectionCounts{row[0].as<std::int64_t>(), row[1].as<std::int64_t>(),
                                       row[2].as<std::int64_t>(), row[3].as<std::int64_t>()};
    });
}

std::vector<model::InspectionMove> InspectionStore::moves() const {
    return reading(m_serve, [&](pqxx::transaction_base& sql) {
        std::vector<model::InspectionMove> moves;
        for (auto const row :
             sql.exec("SELECT move, from_state, to_state FROM land.case_move ORDER BY 1, 2"))
            moves.push_back(
                {row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::string>()});
        return moves;
    });
}

std::string InspectionStore::checklist(geo::Date since) const {
    return reading(m_serve, [&](pqxx::transaction_base& sql) {
        auto const rows = sql.exec_params("SELECT items FROM land.checklist WHERE since = $1",
                                          geo::codec::date_text(since));
        return rows.empty() ? std::string{"[]"} : rows[0][0].as<std::string>();
    });
}

std::vector<model::InspectionStep> InspectionStore::steps(std::int64_t inspection,
                                                          geo::Policy const& policy) const {
    return reading(m_serve, [&](pqxx::transaction_base& sql) {
        set_policy(sql, policy);
        std::vector<model::InspectionStep> steps;
        auto const one = [&](std::string const& table) {
            return "SELECT c.version, c.move, c.state, c.assignee, c.recorded_at FROM record." +
                   table + " AS c WHERE c.fid = $1 AND (" + policy_condition(policy, "c") + ")";
        };
        for (auto const row : sql.exec_params(
                 "SELECT coalesce(v.move, ''), v.state, coalesce(v.assignee, ''), "
                 "coalesce(a.who, ''), coalesce(a.why, ''), " +
                     microseconds("v.recorded_at") + " FROM (" + one("inspection_cases_history") +
                     " UNION ALL " + one("inspection_cases") +
                     ") AS v LEFT JOIN diaban.authorship AS a ON a.collection = "
                     "'inspection_cases' AND a.fid = $1 AND a.version = v.version AND a.operation "
                     "<> 'delete' ORDER BY v.version LIMIT 1000",
                 inspection))
            steps.push_back({row[0].as<std::string>(),
                             row[1].as<std::string>(),
                             row[2].as<std::string>(),
                             row[3].as<std::string>(),
                             row[4].as<std::string>(),
                             {row[5].as<std::int64_t>()}});
        return steps;
    });
}

std::vector<std::int64_t> InspectionStore::counted(std::int64_t inspection,
                                                   geo::Policy const& cases,
                                                   geo::Policy const& indicators) const {
    return reading(m_serve, [&](pqxx::transaction_base& sql) {
        std::vector<std::int64_t> fids;
        set_policy(sql, cases);
        auto const decided = sql.exec_params(
            "SELECT land.commune_of(c.scope, c.geom), to_char(c.decided_on, 'YYYY'), "
            "to_char(c.decided_on, 'YYYY-MM') FROM "
            "record.inspection_cases AS c WHERE c.fid = $1 AND c.effect IN ('lost', 'restored') "
            "AND land.commune_of(c.scope, c.geom) IS NOT NULL AND (" +
                policy_condition(cases, "c") + ")",
            inspection);
        if (decided.empty()) return fids;
        set_policy(sql, indicators);
        for (auto const row : sql.exec_params(
                 "SELECT i.fid FROM record.indicators AS i WHERE i.place_code = $1 AND "
                 "i.place_name IS NULL AND ((i.code = 'farmland_lost' AND i.period = $2) OR "
                 "(i.code = 'farmland_lost_month' AND i.period = $3)) AND i.basis IS NOT NULL AND "
                 "(" +
                     policy_condition(indicators, "i") + ") ORDER BY i.code DESC",
                 decided[0][0].as<std::string>(), decided[0][1].as<std::string>(),
                 decided[0][2].as<std::string>()))
            fids.push_back(row[0].as<std::int64_t>());
        return fids;
    });
}

bool InspectionStore::is_no_farmland(std::int64_t parcel, geo::Date on,
                                     geo::Policy const& parcels) const {
    return reading(m_serve, [&](pqxx::transaction_base& sql) {
        set_policy(sql, parcels);
        return !sql.exec_params(
                       "SELECT FROM record.parcels AS p JOIN land.use_group AS g ON g.land_use = "
                       "p.land_use AND $2::date >= g.valid_from AND $2::date < g.valid_to WHERE "
                       "p.fid = $1 AND g.use_group <> 'agricultural' AND (" +
                           policy_condition(parcels, "p") + ")",
                       parcel, geo::codec::date_text(on))
                    .empty();
    });
}

} // namespace diaban::data::postgis
