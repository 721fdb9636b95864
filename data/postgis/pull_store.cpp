#include "data/postgis/pull_store.hpp"

#include "data/postgis/session.hpp"

namespace diaban::data::postgis {

bool PullStore::claim(std::string const& collection, std::int64_t source,
                      std::int64_t minutes) const {
    return writing(m_pool, [&](pqxx::work& sql) {
        return !sql.exec_params("INSERT INTO diaban.pull AS p (collection, source, next_at, "
                                "asked_at) VALUES ($1, $2, clock_timestamp() + make_interval(mins "
                                "=> $3::integer), clock_timestamp()) ON CONFLICT (collection, "
                                "source) DO UPDATE SET next_at = excluded.next_at, asked_at = "
                                "excluded.asked_at WHERE p.next_at <= clock_timestamp() RETURNING "
                                "source",
                                collection, source, minutes)
                    .empty();
    });
}

void PullStore::tell_good(std::string const& collection, std::int64_t source,
                          std::int64_t stored) const {
    writing(m_pool, [&](pqxx::work& sql) {
        sql.exec_params(
            "UPDATE diaban.pull SET good_at = clock_timestamp(), stored = $3, fault = '' "
            "WHERE collection = $1 AND source = $2",
            collection, source, stored);
    });
}

void PullStore::tell_fault(std::string const& collection, std::int64_t source,
                           std::string const& fault) const {
    writing(m_pool, [&](pqxx::work& sql) {
        sql.exec_params("UPDATE diaban.pull SET fault = $3 WHERE collection = $1 AND source = $2",
                        collection, source, fault);
    });
}

std::map<std::int64_t, PullState> PullStore::states(std::string const& collection) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        std::map<std::int64_t, PullState> states;
        for (auto const row :
             sql.exec_params("SELECT source, (extract(epoch FROM next_at) * 1000000)::bigint, "
                             "(extract(epoch FROM asked_at) * 1000000)::bigint, "
                             "(extract(epoch FROM good_at) * 1000000)::bigint, stored, fault "
                             "FROM diaban.pull WHERE collection = $1",
                             collection)) {
            PullState state{{row[1].as<std::int64_t>()},
                            {row[2].as<std::int64_t>()},
                            {},
                            row[4].as<std::int64_t>(),
                            row[5].as<std::string>()};
            if (!row[3].is_null()) state.good_at = geo::Instant{row[3].as<std::int64_t>()};
            states.emplace(row[0].as<std::int64_t>(), std::move(state));
        }
        return states;
    });
}

std::set<std::string, std::less<>> PullStore::hosts() const {
    return reading(m_pool, [](pqxx::transaction_base& sql) {
        std::set<std::string, std::less<>> hosts;
        for (auto const row : sql.exec("SELECT host FROM diaban.pull_host"))
            hosts.insert(row[0].as<std::string>());
        return hosts;
    });
}

} // namespace diaban::data::postgis
