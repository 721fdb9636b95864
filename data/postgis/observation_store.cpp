#include "data/postgis/observation_store.hpp"

#include "data/postgis/access_sql.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "data/postgis/text_rows.hpp"
#include "geo/error.hpp"

#include <chrono>
#include <cmath>
#include <set>
#include <string>

namespace diaban::data::postgis {

namespace {

using geo::Code;
using geo::Error;
using model::Observation;

constexpr std::size_t most_message = 200; // characters, as the table has it

/// A batch as arrays, a parameter each.
struct Columns {
    explicit Columns(std::span<Observation const> observations) {
        std::vector<std::int64_t> streams;
        std::vector<std::int64_t> times;
        std::vector<std::string> numbers;
        std::vector<std::string> messages;
        std::string results = "{";
        for (auto const& one : observations) {
            streams.push_back(one.datastream);
            times.push_back(one.at.microseconds);
            numbers.push_back(exact_text(one.value));
            messages.push_back(one.message);
            if (results.size() > 1) results += ',';
            results += one.result_at ? std::to_string(one.result_at->microseconds) : "NULL";
        }
        datastreams = array_text(streams);
        at = array_text(times);
        values = array_text(numbers);
        message = array_text(messages);
        result_at = results + "}";
    }
    std::string datastreams, at, values, result_at, message;
};

void check(std::span<Observation const> observations) {
    if (observations.size() > ObservationStore::most_a_batch)
        throw Error{Code::too_large,
                    "too-many-observations",
                    {{"accepted", std::to_string(ObservationStore::most_a_batch)}}};
    for (auto const& one : observations) {
        if (!std::isfinite(one.value)) throw Error{Code::bad_input, "bad-value", {}};
        if (one.message.size() > most_message)
            throw Error{Code::bad_input, "bad-value", {{"value", one.message.substr(0, 40)}}};
    }
}

/// Datastreams that the policy does not see, or that are not there.
void check_datastreams(pqxx::transaction_base& sql, Columns const& columns,
                       geo::Policy const& policy) {
    auto const missing = sql.exec_params(
        "SELECT g.id FROM (SELECT DISTINCT id FROM unnest($1::bigint[]) AS u (id)) AS g "
        "WHERE NOT EXISTS (SELECT FROM record.datastreams AS d WHERE d.fid = g.id AND (" +
            policy_condition(policy, "d") + ")) ORDER BY g.id LIMIT 1",
        columns.datastreams);
    if (!missing.empty())
        throw Error{
            Code::not_found, "unknown-datastream", {{"value", missing[0][0].as<std::string>()}}};
}

/// Days from 1970 to the first of the month (UTC).
std::int64_t first_of_month(geo::Instant at) {
    using namespace std::chrono;
    year_month_day const day{floor<days>(
        sys_time<std::chrono::microseconds>{std::chrono::microseconds{at.microseconds}})};
    return sys_days{day.year() / day.month() / 1}.time_since_epoch().count();
}

void check_times(pqxx::transaction_base& sql, std::span<Observation const> observations) {
    auto const bounds =
        sql.exec1("SELECT " + microseconds("now() - make_interval(days => keep_days)") + ", " +
                  microseconds("now() + interval '1 day'") +
                  ", now() - make_interval(days => keep_days), "
                  "now() + interval '1 day' FROM sensor.retention");
    auto const least = bounds[0].as<std::int64_t>();
    auto const most = bounds[1].as<std::int64_t>();
    std::set<std::int64_t> months; // by their first day
    for (auto const& one : observations) {
        auto const at = one.at.microseconds;
        if (at < least || at > most)
            throw Error{
                Code::bad_input,
                "observation-time",
                {{"accepted", bounds[2].as<std::string>() + " … " + bounds[3].as<std::string>()}}};
        months.insert(first_of_month(one.at));
    }
    for (auto const day : months)
        sql.exec_params("SELECT sensor.open_month(DATE '1970-01-01' + $1::integer)", day);
}

} // namespace

model::TakenBatch ObservationStore::take(std::span<Observation const> observations,
                                         geo::Policy const& policy) const {
    check(observations);
    if (observations.empty()) return {};
    Columns const columns{observations};
    return writing(m_pool, [&](pqxx::work& sql) {
        set_policy(sql, policy);
        check_datastreams(sql, columns, policy);
        check_times(sql, observations);
        static std::string const given =
            "SELECT number, datastream, " + instant_of("at") + " AS at, value, " +
            instant_of("result_at") +
            " AS result_at, message FROM unnest($1::bigint[], $2::bigint[], $3::float8[], "
            "$4::bigint[], $5::text[]) WITH ORDINALITY AS u (datastream, at, value, result_at, "
            "message, number)";
        auto const run = [&](std::string const& text) {
            return sql.exec_params(text, columns.datastreams, columns.at, columns.values,
                                   columns.result_at, columns.message);
        };
        // Rows of latest are locked in one order, whoever writes.
        static std::string const store =
            "WITH stored AS (INSERT INTO sensor.observation (datastream, at, value, result_at, "
            "message) SELECT datastream, at, value, result_at, message FROM (" +
            given +
            ") AS given ORDER BY number ON CONFLICT DO NOTHING RETURNING id, datastream, at, "
            "value, "
            "received_at), last AS (INSERT INTO sensor.latest AS l (datastream, first_at, at, "
            "value, received_at) SELECT DISTINCT ON (datastream) datastream, min(at) OVER "
            "(PARTITION BY datastream), at, value, received_at FROM stored ORDER BY datastream, at "
            "DESC, id DESC ON CONFLICT (datastream) DO UPDATE SET first_at = least(l.first_at, "
            "excluded.first_at), at = greatest(l.at, excluded.at), value = CASE WHEN excluded.at > "
            "l.at THEN excluded.value ELSE l.value END, received_at = CASE WHEN excluded.at > l.at "
            "THEN excluded.received_at ELSE l.received_at END) "
            "SELECT count(*), min(id) FROM stored";
        auto const stored = run(store);
        model::TakenBatch batch;
        batch.stored = stored[0][0].as<std::uint64_t>();
        static std::string const find = "SELECT o.id FROM (" + given +
                                        ") AS given JOIN sensor.observation AS o USING "
                                        "(datastream, at, message) ORDER BY number";
        for (auto const row : run(find)) batch.ids.push_back(row[0].as<std::int64_t>());
        if (batch.stored > 0)
            sql.exec_params("SELECT sensor.tell_batch($1)", stored[0][1].as<std::int64_t>());
        return batch;
    });
}

std::vector<model::WatchedStream> ObservationStore::watched(geo::Policy const& policy) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        set_policy(sql, policy);
        std::vector<model::WatchedStream> streams;
        auto const number = [](pqxx::field const& field) {
            return field.is_null() ? std::nullopt : std::optional{field.as<double>()};
        };
        for (auto const row :
             sql.exec("SELECT d.fid, d.sensor, d.name, coalesce(d.unit_symbol, ''), d.level_1, "
                      "d.level_2, "
                      "d.level_3, coalesce(d.falling, false), coalesce(d.hysteresis, 0), d.change, "
                      "coalesce(d.change_seconds, 0), coalesce(d.expected_seconds, 0), " +
                      microseconds("l.at") + ", l.value, " + microseconds("l.received_at") + ", " +
                      microseconds("d.recorded_at") +
                      " FROM record.datastreams AS d LEFT JOIN sensor.latest AS l ON l.datastream "
                      "= d.fid "
                      "WHERE " +
                      policy_condition(policy, "d") + " ORDER BY d.fid")) {
            constexpr std::int64_t second = 1'000'000;
            model::WatchedStream stream;
            stream.datastream = row[0].as<std::int64_t>();
            stream.station = row[1].as<std::int64_t>();
            stream.name = row[2].as<std::string>();
            stream.unit = row[3].as<std::string>();
            auto& rule = stream.rule;
            for (int i = 0; i < 3; ++i) rule.levels[std::size_t(i)] = number(row[4 + i]);
            rule.falling = row[7].as<bool>();
            rule.hysteresis = row[8].as<double>();
            rule.change = number(row[9]);
            rule.window = row[10].as<std::int64_t>() * second;
            rule.silence = row[11].as<std::int64_t>() * second;
            if (!row[12].is_null()) {
                stream.latest = {{row[12].as<std::int64_t>()}, row[13].as<double>()};
                stream.received_at = geo::Instant{row[14].as<std::int64_t>()};
            }
            stream.since = {row[15].as<std::int64_t>()};
            streams.push_back(std::move(stream));
        }
        return streams;
    });
}

std::uint64_t ObservationStore::maintain() const {
    return writing(m_pool, [](pqxx::work& sql) {
        return sql.exec1("SELECT sensor.maintain()")[0].as<std::uint64_t>();
    });
}

} // namespace diaban::data::postgis
