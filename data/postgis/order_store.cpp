#include "data/postgis/order_store.hpp"

#include "data/postgis/access_sql.hpp"
#include "data/postgis/session.hpp"

namespace diaban::data::postgis {

std::uint64_t OrderStore::escalate(geo::Instant now) const {
    return writing(m_pool, [&](pqxx::work& sql) {
        set_policy(sql, geo::Policy::everything());
        set_author(sql, "watch", "not acknowledged in time");
        return std::uint64_t(
            sql.exec_params(
                   "UPDATE record.event_orders AS o SET state = 'escalated', escalated_at = " +
                       instant_of("$1") +
                       ", escalated_to = coalesce((SELECT d.superior FROM record.duty_roster AS d "
                       "WHERE d.unit = o.unit AND d.name = o.to_whom ORDER BY d.fid DESC LIMIT 1), "
                       "o.superior) WHERE o.fid IN (SELECT w.fid FROM record.event_orders AS w "
                       "WHERE w.state = 'issued' AND w.issued_at + w.due_minutes * interval '1 "
                       "minute' <= " +
                       instant_of("$1") +
                       " ORDER BY w.issued_at, w.fid LIMIT 1000 FOR UPDATE SKIP LOCKED)",
                   now.microseconds)
                .affected_rows());
    });
}

} // namespace diaban::data::postgis
