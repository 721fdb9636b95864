#include "data/postgis/record_health.hpp"

#include "data/postgis/session.hpp"
#include "data/postgis/wire.hpp"

namespace diaban::data::postgis {
namespace {

constexpr char const* all_roles =
    "(VALUES ('diaban_owner'), ('diaban_feed'), ('diaban_serve'), ('diaban_edit'), "
    "('diaban_access')) AS wanted (name)";

std::chrono::seconds seconds(pqxx::field const& field) {
    return std::chrono::seconds{field.as<std::int64_t>(0)};
}

std::vector<std::string> first_column(pqxx::result const& rows) {
    std::vector<std::string> names;
    for (auto const row : rows) names.emplace_back(row[0].c_str());
    return names;
}

} // namespace

struct RecordHealth::State {
    explicit State(std::string const& uri) : connection{connection_string(uri)} {
        pqxx::nontransaction{connection.sql}.exec("SET statement_timeout = '5s'");
    }

    template <class Question>
    auto ask(Question const& question) {
        try {
            pqxx::read_transaction transaction{connection.sql};
            return question(transaction);
        } catch (pqxx::failure const& failure) {
            bool lost = false;
            throw translated(failure, connection.sql, lost);
        }
    }

    QuietConnection connection;
};

RecordHealth::RecordHealth(std::string const& uri) {
    try {
        m_state = std::make_unique<State>(uri);
    } catch (pqxx::failure const& failure) {
        throw database_down(failure.what());
    }
}

RecordHealth::~RecordHealth() = default;

RecordHealth::Server RecordHealth::server() const {
    return m_state->ask([](auto& sql) {
        auto const row = sql.exec1(
            "SELECT current_setting('server_version_num')::int, current_setting('server_version'), "
            "current_setting('server_encoding'), pg_is_in_recovery(), EXISTS (SELECT FROM "
            "pg_timezone_names WHERE name = 'Asia/Ho_Chi_Minh' AND utc_offset = interval '7 "
            "hours')");
        return Server{row[0].template as<int>(), row[1].c_str(), row[2].c_str(),
                      row[3].template as<bool>(), row[4].template as<bool>()};
    });
}

geo::Instant RecordHealth::clock() const {
    return m_state->ask([](auto& sql) {
        auto const row =
            sql.exec1("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint");
        return geo::Instant{row[0].template as<std::int64_t>()};
    });
}

std::vector<RecordHealth::Extension> RecordHealth::extensions() const {
    return m_state->ask([](auto& sql) {
        std::vector<Extension> found;
        for (auto const row : sql.exec(
                 "SELECT wanted.name, coalesce(e.extversion, ''), coalesce(a.default_version, '') "
                 "FROM (VALUES ('postgis'), ('pg_trgm')) AS wanted (name) "
                 "LEFT JOIN pg_extension AS e ON e.extname = wanted.name "
                 "LEFT JOIN pg_available_extensions AS a ON a.name = wanted.name"))
            found.push_back({row[0].c_str(), row[1].c_str(), row[2].c_str()});
        return found;
    });
}

int RecordHealth::vietnamese_systems() const {
    return m_state->ask([](auto& sql) {
        if (sql.exec1("SELECT to_regclass('public.spatial_ref_sys')")[0].is_null()) return 0;
        // Two UTM sheets and eighteen TM-3 zones.
        return sql
            .exec1("SELECT count(*) FROM public.spatial_ref_sys WHERE srid IN (3405, 3406) OR srid "
                   "BETWEEN 5896 AND 5899 OR srid BETWEEN 9205 AND 9218")[0]
            .template as<int>();
    });
}

RecordHealth::Rights RecordHealth::rights() const {
    return m_state->ask([](auto& sql) {
        Rights rights;
        rights.absent = first_column(sql.exec(std::string{"SELECT name FROM "} + all_roles +
                                              " WHERE to_regrole(name) IS NULL"));
        if (!rights.absent.empty()) return rights;
        rights.closed =
            first_column(sql.exec(std::string{"SELECT name FROM "} + all_roles +
                                  " WHERE NOT pg_has_role(current_user, name, 'MEMBER')"));
        if (!rights.closed.empty()) return rights;
        auto const row = sql.exec1(
            "SELECT (SELECT rolbypassrls FROM pg_roles WHERE rolname = 'diaban_feed'), "
            "has_schema_privilege('diaban_serve', 'record', 'USAGE') AND "
            "has_table_privilege('diaban_serve', 'diaban.collection', 'SELECT') AND NOT EXISTS ("
            "SELECT FROM diaban.collection AS c JOIN pg_class AS t ON t.relname = c.id "
            "AND t.relnamespace = 'record'::regnamespace "
            "WHERE NOT has_any_column_privilege('diaban_serve', t.oid, 'SELECT')), "
            "coalesce((SELECT proleakproof FROM pg_proc WHERE oid = "
            "to_regprocedure('public.geometry_overlaps(public.geometry, public.geometry)')), "
            "false)");
        rights.feed_sees_all = row[0].template as<bool>();
        rights.serve_reads = row[1].template as<bool>();
        rights.leakproof = row[2].template as<bool>();
        return rights;
    });
}

RecordHealth::Feed RecordHealth::feed() const {
    return m_state->ask([](auto& sql) {
        // Who holds the feed's lock is told before the role is entered, which may see less.
        auto const held = sql.exec1(
            "SELECT coalesce(extract(epoch FROM max(clock_timestamp() - a.xact_start)), 0)::bigint "
            "FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid) WHERE l.locktype = "
            "'advisory' "
            "AND l.classid = 0 AND l.objid = 7263001 AND l.objsubid = 1 AND l.database = (SELECT "
            "d.oid FROM pg_database AS d WHERE d.datname = current_database())");
        sql.exec0("SET LOCAL ROLE diaban_feed");
        auto const row =
            sql.exec1("SELECT generation, diaban.feed_head(), feed_trimmed, feed_keep_rows, "
                      "extract(epoch FROM feed_keep_age)::bigint, (SELECT extract(epoch FROM "
                      "clock_timestamp() - at)::bigint FROM diaban.change ORDER BY seq LIMIT 1) "
                      "FROM diaban.instance");
        sql.exec0("SET LOCAL ROLE diaban_edit"); // the judge's place is the editors'
        auto const judged = sql.exec("SELECT seq FROM alert.judge WHERE generation = " +
                                     std::string{row[0].c_str()} + " AND seq IS NOT NULL");
        std::chrono::seconds behind{0};
        if (!judged.empty()) {
            sql.exec0("SET LOCAL ROLE diaban_feed");
            auto const waiting = sql.exec_params(
                "SELECT extract(epoch FROM clock_timestamp() - at)::bigint FROM diaban.change "
                "WHERE seq > $1 ORDER BY seq LIMIT 1",
                judged[0][0].template as<std::int64_t>());
            if (!waiting.empty()) behind = seconds(waiting[0][0]);
        }
        return Feed{.generation = row[0].template as<std::int64_t>(),
                    .head = row[1].template as<std::int64_t>(),
                    .trimmed = row[2].template as<std::int64_t>(),
                    .keep_rows = row[3].template as<std::int64_t>(),
                    .keep_age = seconds(row[4]),
                    .oldest = seconds(row[5]),
                    .behind = behind,
                    .held = seconds(held[0])};
    });
}

std::vector<blob::Blob> RecordHealth::owned_blobs(std::string const& from, int most) const {
    return m_state->ask([&](auto& sql) {
        sql.exec0("SET LOCAL ROLE diaban_edit");
        std::vector<blob::Blob> blobs;
        for (auto const row : sql.exec_params(
                 "(SELECT sha256, size FROM diaban.blob ORDER BY created_at DESC LIMIT $2) UNION "
                 "(SELECT sha256, size FROM diaban.blob WHERE sha256 >= $1 ORDER BY sha256 LIMIT "
                 "$2)",
                 from, most))
            blobs.push_back({row[0].c_str(), row[1].template as<std::uint64_t>()});
        return blobs;
    });
}

std::vector<std::string> RecordHealth::orphans(std::vector<std::string> const& names) const {
    if (names.empty()) return {};
    std::string list; // hexadecimal digits only, or PostgreSQL finds no row
    for (auto const& name : names) list += (list.empty() ? "" : ",") + name;
    return m_state->ask([&](auto& sql) {
        sql.exec0("SET LOCAL ROLE diaban_edit");
        return first_column(sql.exec_params(
            "SELECT name FROM unnest(string_to_array($1, ',')) AS name "
            "WHERE NOT EXISTS (SELECT FROM diaban.blob WHERE sha256 = name) ORDER BY name",
            list));
    });
}

} // namespace diaban::data::postgis
