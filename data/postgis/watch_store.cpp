#include "data/postgis/watch_store.hpp"

#include "data/postgis/access_sql.hpp"
#include "data/postgis/session.hpp"

namespace diaban::data::postgis {

namespace {

using model::AlertAct;

constexpr int most_readings = 1000;

/// What is written is written by the watch, and not by whoever sent a value.
void begin_watch(pqxx::transaction_base& sql) {
    set_policy(sql, geo::Policy::everything());
    set_author(sql, "watch", {});
}

std::optional<double> number(pqxx::field const& field) {
    return field.is_null() ? std::nullopt : std::optional{field.as<double>()};
}

std::optional<WatchTask> read_task(pqxx::transaction_base& sql, std::int64_t datastream) {
    auto const rows = sql.exec_params(
        "SELECT d.sensor, d.name, coalesce(d.unit_symbol, ''), d.level_1, d.level_2, d.level_3, "
        "coalesce(d.falling, false), coalesce(d.hysteresis, 0), d.change, "
        "coalesce(d.change_seconds, 0), coalesce(d.expected_seconds, 0), w.state, " +
            microseconds("d.recorded_at") +
            ", coalesce(s.name, d.name) FROM sensor.watch AS w JOIN record.datastreams AS d ON "
            "d.fid = w.datastream LEFT JOIN record.sensors AS s ON s.fid = d.sensor WHERE "
            "w.datastream = $1 FOR UPDATE OF w SKIP LOCKED",
        datastream);
    if (rows.empty()) return std::nullopt;
    auto const row = rows[0];
    constexpr std::int64_t second = 1'000'000;
    WatchTask task;
    auto& stream = task.stream;
    stream.datastream = datastream;
    stream.station = row[0].as<std::int64_t>();
    stream.name = row[1].as<std::string>();
    stream.unit = row[2].as<std::string>();
    auto& rule = stream.rule;
    for (int i = 0; i < 3; ++i) rule.levels[std::size_t(i)] = number(row[3 + i]);
    rule.falling = row[6].as<bool>();
    rule.hysteresis = row[7].as<double>();
    rule.change = number(row[8]);
    rule.window = row[9].as<std::int64_t>() * second;
    rule.silence = row[10].as<std::int64_t>() * second;
    task.state = row[11].as<std::string>();
    task.since = {row[12].as<std::int64_t>()};
    task.station = row[13].as<std::string>();
    return task;
}

void read_readings(pqxx::transaction_base& sql, WatchTask& task) {
    for (auto const row : sql.exec_params(
             "SELECT " + microseconds("o.at") +
                 ", o.value FROM sensor.observation AS o WHERE o.datastream = $1 AND o.at > "
                 "(SELECT "
                 "w.at FROM sensor.watch AS w WHERE w.datastream = $1) ORDER BY o.at, o.message "
                 "LIMIT $2",
             task.stream.datastream, most_readings))
        task.readings.push_back({{row[0].as<std::int64_t>()}, row[1].as<double>()});
}

void raise(pqxx::transaction_base& sql, std::int64_t datastream, AlertAct const& act) {
    auto const& words = act.words;
    auto const changed = sql.exec_params(
        "UPDATE record.alerts SET level = $3, event = $4, severity = $5, urgency = $6, certainty = "
        "$7, headline = $8, headline_en = $9, description = $10, description_en = $11, event_en = "
        "$13, expires = " +
            instant_of("$12") +
            " WHERE source_kind = 'datastream' AND source = $1 AND kind = $2 AND state IN ('open', "
            "'acknowledged')",
        datastream, act.kind, act.level, words.event, words.severity, words.urgency,
        words.certainty, words.headline, words.headline_en, words.description, words.description_en,
        act.expires.microseconds, words.event_en);
    if (changed.affected_rows() > 0 || act.only_if_open) return;
    // The area is the commune that the station stands in; without one, what lies around it.
    sql.exec_params(
        "INSERT INTO record.alerts (identifier, kind, source_kind, source, state, level, event, "
        "severity, urgency, certainty, headline, headline_en, description, description_en, onset, "
        "opened_at, expires, event_en, scope, sensitivity, geom) SELECT "
        "format('datastream-%s-%s-%s', "
        "$1::bigint, $2::text, $13::bigint), $2::text, 'datastream', d.fid, 'open', $3::bigint, "
        "$4::text, $5::text, $6::text, $7::text, $8::text, $9::text, $10::text, $11::text, " +
            instant_of("$13") + ", clock_timestamp(), " + instant_of("$12") +
            ", $14::text, d.scope, d.sensitivity, coalesce((SELECT p.geom FROM record.places AS p "
            "WHERE "
            "p.level "
            "= 'commune' AND p.valid_to IS NULL AND ST_Covers(p.geom, s.geom) ORDER BY p.fid LIMIT "
            "1), ST_Buffer(s.geom::geography, 1000)::geometry) FROM record.datastreams AS d LEFT "
            "JOIN record.sensors AS s ON s.fid = d.sensor WHERE d.fid = $1::bigint ON CONFLICT DO "
            "NOTHING",
        datastream, act.kind, act.level, words.event, words.severity, words.urgency,
        words.certainty, words.headline, words.headline_en, words.description, words.description_en,
        act.expires.microseconds, act.at.microseconds, words.event_en);
}

/// Of an alert that stands and would expire within the hour.
void renew(pqxx::transaction_base& sql, std::int64_t datastream, AlertAct const& act) {
    sql.exec_params("UPDATE record.alerts SET expires = " + instant_of("$3") +
                        " WHERE source_kind = 'datastream' AND source = $1 AND kind = $2 AND state "
                        "IN ('open', 'acknowledged') AND expires < " +
                        instant_of("$4") + " + interval '1 hour'",
                    datastream, act.kind, act.expires.microseconds, act.at.microseconds);
}

void end(pqxx::transaction_base& sql, std::int64_t datastream, AlertAct const& act) {
    sql.exec_params("UPDATE record.alerts SET state = 'closed', closed_at = clock_timestamp(), "
                    "closed_by = 'watch', close_reason = 'condition' WHERE source_kind = "
                    "'datastream' AND source = $1 AND kind = $2 AND state IN ('open', "
                    "'acknowledged')",
                    datastream, act.kind);
}

/// What the station shows: of the datastream that has levels, or of its first.
void show(pqxx::transaction_base& sql, WatchTask const& task, WatchVerdict const& verdict) {
    auto const shown =
        sql.exec_params("SELECT d.fid FROM record.datastreams AS d WHERE d.sensor = "
                        "$1 ORDER BY coalesce(d.level_1, "
                        "d.level_2, d.level_3) IS NULL, d.gate_figure IS DISTINCT FROM "
                        "'queue', d.fid LIMIT 1",
                        task.stream.station);
    if (shown.empty() || shown[0][0].as<std::int64_t>() != task.stream.datastream) return;
    sql.exec_params(
        "UPDATE record.sensors AS s SET reading = nullif($2, ''), reading_value = l.value, "
        "reading_at = l.at, alert_level = $3::bigint, no_data = $4 FROM (SELECT (SELECT value "
        "FROM sensor.latest WHERE datastream = $5) AS value, (SELECT at FROM "
        "sensor.latest WHERE datastream = $5) AS at) AS l WHERE s.fid = $1 AND ROW "
        "(s.reading, s.reading_value, s.reading_at, s.alert_level, s.no_data) IS DISTINCT "
        "FROM ROW (nullif($2, ''), l.value, l.at, $3::bigint, $4::boolean)",
        task.stream.station, verdict.reading, verdict.level, verdict.silent,
        task.stream.datastream);
}

} // namespace

std::vector<std::int64_t> WatchStore::due(geo::Instant now) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        set_policy(sql, geo::Policy::everything());
        std::vector<std::int64_t> all;
        for (auto const row : sql.exec_params(
                 "SELECT w.datastream FROM sensor.watch AS w JOIN record.datastreams AS d ON d.fid "
                 "= "
                 "w.datastream LEFT JOIN sensor.latest AS l ON l.datastream = w.datastream WHERE "
                 "l.at > w.at OR (NOT w.silent AND d.expected_seconds IS NOT NULL AND " +
                     instant_of("$1") +
                     " > CASE WHEN isfinite(w.at) THEN w.at ELSE d.recorded_at END + "
                     "d.expected_seconds "
                     "* interval '1 second') ORDER BY w.datastream",
                 now.microseconds))
            all.push_back(row[0].as<std::int64_t>());
        return all;
    });
}

bool WatchStore::judge(std::int64_t datastream,
                       std::function<WatchVerdict(WatchTask const&)> const& verdict) const {
    return writing(m_pool, [&](pqxx::work& sql) {
        begin_watch(sql);
        auto task = read_task(sql, datastream);
        if (!task) return false;
        read_readings(sql, *task);
        auto const made = verdict(*task);
        for (auto const& act : made.acts) {
            switch (act.act) {
            case AlertAct::Kind::raise: raise(sql, datastream, act); break;
            case AlertAct::Kind::renew: renew(sql, datastream, act); break;
            case AlertAct::Kind::end: end(sql, datastream, act); break;
            }
        }
        show(sql, *task, made);
        auto const state = made.state;
        if (task->readings.empty())
            sql.exec_params(
                "UPDATE sensor.watch SET state = $2::jsonb, silent = $3 WHERE datastream "
                "= $1",
                datastream, state, made.silent);
        else
            sql.exec_params("UPDATE sensor.watch SET state = $2::jsonb, silent = $3, at = " +
                                instant_of("$4") + " WHERE datastream = $1",
                            datastream, state, made.silent, task->readings.back().at.microseconds);
        return task->readings.size() == std::size_t{most_readings};
    });
}

std::vector<model::AlertTemplate> WatchStore::templates() const {
    return reading(m_pool, [](pqxx::transaction_base& sql) {
        std::vector<model::AlertTemplate> all;
        for (auto const row : sql.exec(
                 "SELECT kind, level, severity, urgency, certainty, event, event_en, headline, "
                 "headline_en, description, description_en FROM alert.template"))
            all.push_back({row[0].as<std::string>(), row[1].as<int>(), row[2].as<std::string>(),
                           row[3].as<std::string>(), row[4].as<std::string>(),
                           row[5].as<std::string>(), row[6].as<std::string>(),
                           row[7].as<std::string>(), row[8].as<std::string>(),
                           row[9].as<std::string>(), row[10].as<std::string>()});
        return all;
    });
}

std::uint64_t WatchStore::expire(geo::Instant now) const {
    return writing(m_pool, [&](pqxx::work& sql) {
        begin_watch(sql);
        return std::uint64_t(
            sql.exec_params("UPDATE record.alerts SET state = 'expired', closed_at = "
                            "expires WHERE state IN ('open', 'acknowledged') AND "
                            "expires <= " +
                                instant_of("$1"),
                            now.microseconds)
                .affected_rows());
    });
}

} // namespace diaban::data::postgis
