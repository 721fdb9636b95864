#include "data/postgis/alert_store.hpp"

#include "data/postgis/access_sql.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"

#include <algorithm>

namespace diaban::data::postgis {

namespace {

/// Of the message `m` about the alert `a`. The outline is as fine as a map of the province.
std::string columns() {
    return "m.identifier, m.type, " + microseconds("m.sent") +
           ", m.said::text, "
           "coalesce(ST_AsGeoJSON(ST_SimplifyPreserveTopology(m.area, 0.0005), 5), ''), "
           "coalesce((SELECT p.full_name FROM record.places AS p WHERE p.level = 'commune' AND "
           "p.valid_to IS NULL AND ST_Covers(p.geom, ST_PointOnSurface(m.area)) ORDER BY p.fid "
           "LIMIT "
           "1), ''), (SELECT string_agg(r.identifier || ' ' || " +
           microseconds("r.sent") +
           ", ' ' ORDER BY r.number) FROM alert.message AS r WHERE r.identifier = ANY (m.refers)), "
           "w.sender, w.name, w.status";
}

model::AlertMessage message_of(pqxx::row const& row) {
    model::AlertMessage message{row[0].as<std::string>(),    row[1].as<std::string>(),
                                {row[2].as<std::int64_t>()}, {},
                                row[3].as<std::string>(),    row[4].as<std::string>(),
                                row[5].as<std::string>(),    row[7].as<std::string>(),
                                row[8].as<std::string>(),    row[9].as<std::string>()};
    auto refers = view(row[6]);
    while (!refers.empty()) { // identifier and time, by spaces
        auto const name = refers.substr(0, refers.find(' '));
        refers.remove_prefix(name.size() + 1);
        auto const time = refers.substr(0, refers.find(' '));
        refers.remove_prefix(std::min(time.size() + 1, refers.size()));
        message.refers.emplace_back(name, geo::Instant{std::stoll(std::string{time})});
    }
    return message;
}

} // namespace

std::vector<model::AlertMessage> AlertStore::active(geo::Instant now,
                                                    geo::Policy const& policy) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        set_policy(sql, policy);
        std::vector<model::AlertMessage> all;
        for (
            auto const row : sql.exec_params(
                "SELECT " + columns() +
                    " FROM record.alerts AS a CROSS JOIN LATERAL (SELECT * FROM alert.message AS l "
                    "WHERE l.alert = a.fid ORDER BY l.number DESC LIMIT 1) AS m CROSS JOIN "
                    "alert.sender AS w WHERE a.state IN ('open', 'acknowledged') AND (a.expires IS "
                    "NULL OR a.expires > " +
                    instant_of("$1") + ") AND (" + policy_condition(policy, "a") +
                    ") ORDER BY m.sent DESC, m.identifier LIMIT 1000",
                now.microseconds))
            all.push_back(message_of(row));
        return all;
    });
}

std::optional<model::AlertMessage> AlertStore::message(std::string const& identifier,
                                                       geo::Policy const& policy) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) -> std::optional<model::AlertMessage> {
        set_policy(sql, policy);
        auto const rows = sql.exec_params("SELECT " + columns() +
                                              " FROM alert.message AS m JOIN record.alerts AS a ON "
                                              "a.fid = m.alert CROSS JOIN alert.sender AS w WHERE "
                                              "m.identifier = $1 AND (" +
                                              policy_condition(policy, "a") + ")",
                                          identifier);
        if (rows.empty()) return std::nullopt;
        return message_of(rows[0]);
    });
}

std::vector<AlertStore::Foreign> AlertStore::foreign(std::vector<std::string> const& identities,
                                                     geo::Policy const& policy) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        set_policy(sql, policy);
        std::vector<Foreign> all;
        for (auto const row : sql.exec_params(
                 "SELECT a.fid, a.identifier, coalesce(a.state IN ('open', 'acknowledged'), false) "
                 "FROM record.alerts AS a WHERE a.source_kind = 'cap' AND a.identifier = ANY "
                 "($1::text[]) AND (" +
                     policy_condition(policy, "a") + ") ORDER BY a.fid",
                 array_text(identities)))
            all.push_back({row[0].as<std::int64_t>(), row[1].c_str(), row[2].as<bool>()});
        return all;
    });
}

} // namespace diaban::data::postgis
