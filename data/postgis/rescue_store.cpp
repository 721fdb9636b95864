#include "data/postgis/rescue_store.hpp"

#include "data/postgis/access_sql.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "geo/error.hpp"

#include <vector>

namespace diaban::data::postgis {

namespace {

/// One decision after the other; and in whose name.
void begin_decision(pqxx::transaction_base& sql, geo::Policy const& policy,
                    model::Author const& author) {
    constexpr std::int64_t turn = 7'311'027;
    sql.exec_params("SELECT pg_advisory_xact_lock($1)", turn);
    set_policy(sql, policy);
    set_author(sql, author.who, author.why);
}

std::optional<model::TakenCall>
known_call(pqxx::transaction_base& sql, model::RescueCall const& call, geo::Policy const& policy) {
    auto const rows = sql.exec_params(
        "SELECT c.fid, c.state, c.merged_into, c.priority, " + microseconds("c.received_at") +
            ", c.event = $2 AND c.text = $3 FROM record.rescue_calls AS c WHERE c.key = $1 AND (" +
            policy_condition(policy, "c") + ")",
        call.key, call.event, call.text);
    if (rows.empty()) return std::nullopt;
    auto const row = rows[0];
    if (!row[5].as<bool>())
        throw geo::Error{geo::Code::bad_input, "key-reused", {{"value", call.key}}};
    model::TakenCall taken;
    taken.fid = row[0].as<std::int64_t>();
    taken.state = row[1].as<std::string>();
    if (!row[2].is_null()) taken.merged_into = row[2].as<std::int64_t>();
    taken.priority = row[3].as<int>();
    taken.received_at = {row[4].as<std::int64_t>()};
    taken.repeated = true;
    return taken;
}

struct EarlierRow {
    geo::hazard::EarlierCall call;
    std::string text;
};

std::vector<EarlierRow> earlier_calls(pqxx::transaction_base& sql, model::RescueCall const& call,
                                      geo::Policy const& policy) {
    std::vector<EarlierRow> earlier;
    for (auto const row : sql.exec_params(
             "SELECT coalesce(c.merged_into, c.fid), c.merged_into IS NULL, c.phone = $5, "
             "ST_Distance(c.geom::geography, ST_Point($2, $3, 4326)::geography), abs(" +
                 microseconds("c.received_at") +
                 " - $4::bigint), c.text FROM record.rescue_calls AS c LEFT JOIN "
                 "record.rescue_calls AS r ON r.fid = c.merged_into WHERE c.event = $1 AND "
                 "coalesce(r.state, c.state) <> 'done' AND ((c.phone = $5 AND $5 <> '') OR "
                 "(c.merged_into IS NULL AND c.geom && ST_Expand(ST_Point($2, $3, 4326), 0.001) "
                 "AND c.received_at > " +
                 instant_of("$4") + " - interval '1 hour')) AND (" + policy_condition(policy, "c") +
                 ") ORDER BY c.received_at, c.fid LIMIT 1000",
             call.event, call.at.x, call.at.y, call.received_at.microseconds, call.phone))
        earlier.push_back({{row[0].as<std::int64_t>(),
                            row[1].as<bool>(),
                            row[2].as<bool>(false),
                            row[3].as<double>(),
                            row[4].as<std::int64_t>(),
                            {}},
                           row[5].as<std::string>()});
    return earlier;
}

std::int64_t insert_call(pqxx::transaction_base& sql, model::RescueCall const& call,
                         RescueStore::Verdict const& verdict) {
    return sql
        .exec_params1(
            "INSERT INTO record.rescue_calls (event, key, source, text, people, vulnerable, "
            "depth_m, received_at, state, merged_into, priority, caller, phone, geom, scope) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, " +
                instant_of("$8") +
                ", CASE WHEN $9::bigint IS NULL THEN 'new' ELSE 'merged' END, $9::bigint, $10, "
                "nullif($11, ''), nullif($12, ''), ST_Point($13, $14, 4326), coalesce((SELECT "
                "p.code FROM record.places AS p WHERE p.level = 'commune' AND p.valid_to IS NULL "
                "AND ST_Covers(p.geom, ST_Point($13, $14, 4326)) ORDER BY p.fid LIMIT 1), '')) "
                "RETURNING fid",
            call.event, call.key, call.source, call.text, call.people, call.vulnerable, call.depth,
            call.received_at.microseconds, verdict.merged_into, verdict.priority, call.caller,
            call.phone, call.at.x, call.at.y)[0]
        .as<std::int64_t>();
}

/// The call, to be changed by this transaction alone.
pqxx::row locked_call(pqxx::transaction_base& sql, std::int64_t fid, geo::Policy const& policy) {
    auto const rows = sql.exec_params("SELECT c.state, c.team, coalesce(c.distance_m, 0), " +
                                          microseconds("c.assigned_at") + ", c.people, " +
                                          microseconds("c.done_at") +
                                          " FROM record.rescue_calls AS c WHERE c.fid = $1 AND (" +
                                          policy_condition(policy, "c") + ") FOR UPDATE",
                                      fid);
    if (rows.empty())
        throw geo::Error{geo::Code::not_found,
                         "no-item",
                         {{"collection", "rescue_calls"}, {"value", std::to_string(fid)}}};
    return rows[0];
}

[[noreturn]] void refuse_state(std::string const& state, char const* accepted) {
    throw geo::Error{geo::Code::conflict, "call-state", {{"value", state}, {"accepted", accepted}}};
}

void describe_team(model::Dispatch& dispatch, pqxx::row const& row) {
    dispatch.team = row[0].as<std::int64_t>();
    dispatch.name = row[1].as<std::string>();
    if (!row[2].is_null()) dispatch.capacity = row[2].as<std::int64_t>();
}

void send_nearest(pqxx::transaction_base& sql, model::Dispatch& dispatch,
                  RescueStore::Policies const& policies) {
    // Where the call lies is read under its own policy, teams under theirs.
    auto const place = sql.exec_params1(
        "SELECT ST_X(c.geom), ST_Y(c.geom) FROM record.rescue_calls AS c WHERE c.fid = $1",
        dispatch.call);
    set_policy(sql, policies.teams);
    auto const teams = sql.exec_params(
        "SELECT t.fid, t.name, t.capacity, ST_Distance(t.geom::geography, ST_Point($1, $2, "
        "4326)::geography) AS metres FROM record.rescue_teams AS t WHERE t.state = 'free' AND "
        "t.geom IS NOT NULL AND (" +
            policy_condition(policies.teams, "t") + ") ORDER BY metres, t.fid LIMIT 1 FOR UPDATE",
        place[0].as<double>(), place[1].as<double>());
    if (teams.empty()) throw geo::Error{geo::Code::conflict, "no-free-team"};
    describe_team(dispatch, teams[0]);
    dispatch.metres = teams[0][3].as<double>();
    sql.exec_params("UPDATE record.rescue_teams SET state = 'busy' WHERE fid = $1", dispatch.team);
    set_policy(sql, policies.calls);
    sql.exec_params("UPDATE record.rescue_calls SET state = 'assigned', team = $2, distance_m = "
                    "$3, assigned_at = " +
                        instant_of("$4") + " WHERE fid = $1",
                    dispatch.call, dispatch.team, dispatch.metres,
                    dispatch.assigned_at.microseconds);
}

} // namespace

model::TakenCall RescueStore::take(model::RescueCall const& call, Judge const& judge,
                                   std::span<SendLimit const> limits, model::Author const& author,
                                   geo::Policy const& policy) const {
    return writing(m_pool, [&](pqxx::work& sql) {
        begin_decision(sql, policy, author);
        if (auto const known = known_call(sql, call, policy)) return *known;
        if (!limits.empty()) count_sent(sql, limits, "too-many-calls");
        auto const rows = earlier_calls(sql, call, policy);
        std::vector<geo::hazard::EarlierCall> earlier;
        for (auto const& row : rows) {
            earlier.push_back(row.call);
            earlier.back().text = row.text;
        }
        auto const verdict = judge(earlier);
        model::TakenCall taken{insert_call(sql, call, verdict),
                               verdict.merged_into ? "merged" : "new",
                               verdict.merged_into,
                               verdict.priority,
                               call.received_at,
                               false};
        if (verdict.merged_into)
            sql.exec_params("UPDATE record.rescue_calls SET priority = $2 WHERE fid = $1 AND "
                            "priority > $2",
                            *verdict.merged_into, verdict.priority);
        return taken;
    });
}

model::Dispatch RescueStore::assign(std::int64_t call, geo::Instant now,
                                    model::Author const& author, Policies const& policies) const {
    return writing(m_pool, [&](pqxx::work& sql) {
        begin_decision(sql, policies.calls, author);
        auto const row = locked_call(sql, call, policies.calls);
        auto const state = row[0].as<std::string>();
        model::Dispatch dispatch;
        dispatch.call = call;
        dispatch.people = row[4].as<std::int64_t>();
        dispatch.assigned_at = now;
        if (state == "new") {
            send_nearest(sql, dispatch, policies);
            return dispatch;
        }
        if (state != "assigned") refuse_state(state, "new, assigned");
        dispatch.metres = row[2].as<double>();
        dispatch.assigned_at = {row[3].as<std::int64_t>()};
        dispatch.team = row[1].as<std::int64_t>();
        dispatch.repeated = true;
        set_policy(sql, policies.teams);
        auto const teams = sql.exec_params(
            "SELECT t.fid, t.name, t.capacity FROM record.rescue_teams AS t WHERE t.fid = $1 AND "
            "(" +
                policy_condition(policies.teams, "t") + ")",
            dispatch.team);
        if (!teams.empty()) describe_team(dispatch, teams[0]);
        return dispatch;
    });
}

geo::Instant RescueStore::finish(std::int64_t call, geo::Instant now, model::Author const& author,
                                 Policies const& policies) const {
    return writing(m_pool, [&](pqxx::work& sql) {
        begin_decision(sql, policies.calls, author);
        auto const row = locked_call(sql, call, policies.calls);
        auto const state = row[0].as<std::string>();
        if (state == "done") return geo::Instant{row[5].as<std::int64_t>()};
        if (state != "assigned") refuse_state(state, "assigned, done");
        sql.exec_params("UPDATE record.rescue_calls SET state = 'done', done_at = " +
                            instant_of("$2") + " WHERE fid = $1",
                        call, now.microseconds);
        set_policy(sql, policies.teams);
        sql.exec_params(
            "UPDATE record.rescue_teams SET state = 'free' WHERE fid = $1 AND state = 'busy'",
            row[1].as<std::int64_t>());
        return now;
    });
}

} // namespace diaban::data::postgis
