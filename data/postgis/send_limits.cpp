#include "data/postgis/send_limits.hpp"

#include "geo/error.hpp"

namespace diaban::data::postgis {

void count_sent(pqxx::transaction_base& sql, std::span<SendLimit const> limits,
                char const* refused) {
    constexpr std::int64_t turn = 7'311'026; // one at a time: counts would pass each other
    sql.exec_params("SELECT pg_advisory_xact_lock($1)", turn);
    sql.exec0("DELETE FROM report.sent WHERE at < now() - interval '1 day'");
    for (auto const& limit : limits) {
        auto const seen = sql.exec_params1(
            "SELECT count(*), ceil($2::bigint - coalesce(extract(epoch FROM clock_timestamp() - "
            "min(at)), "
            "0)) FROM report.sent WHERE key = $1 AND at > now() - $2 * interval '1 second'",
            limit.key, static_cast<std::int64_t>(limit.window.count()));
        if (seen[0].as<std::int64_t>() >= limit.most)
            throw geo::Error{geo::Code::unavailable,
                             refused,
                             {{"accepted", std::to_string(limit.most)},
                              {"seconds", std::to_string(limit.window.count())},
                              {"retry_after", seen[1].as<std::string>()}}};
    }
    for (auto const& limit : limits)
        sql.exec_params0("INSERT INTO report.sent (key) VALUES ($1)", limit.key);
}

} // namespace diaban::data::postgis
