#include "data/postgis/standing_store.hpp"

#include "data/postgis/session.hpp"

namespace diaban::data::postgis {

StandingStore::Jobs StandingStore::jobs() const {
    return reading(m_edits, [](pqxx::transaction_base& sql) {
        auto const row =
            sql.exec1("SELECT count(*) FILTER (WHERE state = 'accepted'), "
                      "count(*) FILTER (WHERE state = 'running'), count(*) FILTER (WHERE paused), "
                      "coalesce(extract(epoch FROM clock_timestamp() - min(created_at) FILTER "
                      "(WHERE state = 'accepted')), 0)::float8 "
                      "FROM diaban.job WHERE state IN ('accepted', 'running')");
        return Jobs{row[0].as<std::int64_t>(), row[1].as<std::int64_t>(), row[2].as<std::int64_t>(),
                    row[3].as<double>()};
    });
}

std::vector<StandingStore::Alerts> StandingStore::alerts() const {
    return reading(m_feed, [](pqxx::transaction_base& sql) {
        std::vector<Alerts> all;
        for (auto const row :
             sql.exec("SELECT coalesce(level, 0), count(*) FILTER (WHERE state = 'open'), "
                      "count(*) FILTER (WHERE state = 'acknowledged') FROM record.alerts "
                      "WHERE state IN ('open', 'acknowledged') GROUP BY 1 ORDER BY 1"))
            all.push_back({row[0].as<int>(), row[1].as<std::int64_t>(), row[2].as<std::int64_t>()});
        return all;
    });
}

} // namespace diaban::data::postgis
