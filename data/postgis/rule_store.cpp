#include "data/postgis/rule_store.hpp"

#include "data/postgis/access_sql.hpp"
#include "data/postgis/selection.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "data/postgis/watch_store.hpp"

namespace diaban::data::postgis {

namespace {

using model::RuleAct;
using model::WatchedRow;

constexpr char live[] = "state IN ('open', 'acknowledged')";

std::string stamped_columns(Selection const& selection) {
    return std::string{stamp_columns()} + ", t.scope, t.sensitivity, " +
           microseconds("t.valid_from") + ", " + microseconds("t.valid_to") + ", " +
           selection.columns();
}

WatchedRow row_of(Selection const& selection, pqxx::row const& row) {
    auto const stamp = stamp_of(row);
    WatchedRow read;
    read.version = stamp.version;
    read.recorded = stamp.recorded_at;
    read.scope = row[2].c_str();
    read.sensitivity = std::uint8_t(row[3].as<int>());
    if (!row[4].is_null()) read.valid.begin = row[4].as<std::int64_t>();
    if (!row[5].is_null()) read.valid.end = row[5].as<std::int64_t>() - 1;
    read.feature = selection.feature(row, 6);
    return read;
}

Selection everything_of(model::Collection const& collection) {
    return {collection, geo::Policy::everything(), model::Personal::masked};
}

/// Of nobody but the watch.
void begin(pqxx::transaction_base& sql) {
    set_policy(sql, geo::Policy::everything());
    set_author(sql, "watch", {});
}

/// Its area is the zone; of a rule about values, what lies around the object.
void open(pqxx::transaction_base& sql, RuleAct const& act) {
    auto const area = act.zones.empty() ? "ST_Buffer((SELECT o.geom FROM " + table_of(act.source) +
                                              " AS o WHERE o.fid = $3)::geography, 1000)::geometry"
                                        : "(SELECT z.geom FROM " + table_of(act.zones) +
                                              " AS z WHERE z.fid = $4)";
    auto const& words = act.words;
    auto const expires =
        act.expires ? std::optional{std::to_string(act.expires->microseconds)} : std::nullopt;
    sql.exec_params(
        "INSERT INTO record.alerts (identifier, kind, source_kind, source, object, zone, state, "
        "level, event, event_en, severity, urgency, certainty, headline, headline_en, description, "
        "description_en, onset, opened_at, expires, scope, sensitivity, geom) SELECT "
        "format('rule-%s-%s-%s-%s', $1::bigint, $3::bigint, $4::bigint, $15::bigint), $2::text, "
        "'rule', $1::bigint, $3::bigint, nullif($4::bigint, 0), 'open', 0, $5::text, $6::text, "
        "$7::text, $8::text, $9::text, $10::text, $11::text, $12::text, $13::text, " +
            instant_of("$15") + ", clock_timestamp(), CASE WHEN $14::text = '' THEN NULL ELSE " +
            instant_of("$14::text") + " END, $16::text, $17::smallint, " + area +
            " ON CONFLICT DO NOTHING",
        act.rule, act.kind, act.object, act.zone, words.event, words.event_en, words.severity,
        words.urgency, words.certainty, words.headline, words.headline_en, words.description,
        words.description_en, expires.value_or(std::string{}), act.at.microseconds, act.scope,
        int{act.sensitivity});
}

void close(pqxx::transaction_base& sql, RuleAct const& act) {
    bool const by_rule = act.act == RuleAct::Kind::close_rule;
    bool const by_zone = act.act == RuleAct::Kind::close_zone;
    bool const by_object = act.act == RuleAct::Kind::close_object;
    sql.exec_params("UPDATE record.alerts SET state = 'closed', closed_at = clock_timestamp(), "
                    "closed_by = 'watch', close_reason = $6 WHERE source_kind = 'rule' AND source "
                    "= $1 AND ($4 OR coalesce(object, 0) = $2) AND ($5 OR coalesce(zone, 0) = $3) "
                    "AND " +
                        std::string{live},
                    act.rule, act.object, act.zone, by_rule || by_zone, by_rule || by_object,
                    by_rule ? "rule" : "condition");
}

void put_stays(pqxx::transaction_base& sql, RuleWork const& work) {
    struct {
        std::vector<std::int64_t> rules, objects, zones, since, told;
    } begun, ended;
    for (auto const& [key, stay] : work.stays) {
        auto& into = stay ? begun : ended;
        into.rules.push_back(std::get<0>(key));
        into.objects.push_back(std::get<1>(key));
        into.zones.push_back(std::get<2>(key));
        if (!stay) continue;
        into.since.push_back(stay->since.microseconds);
        into.told.push_back(stay->told ? 1 : 0);
    }
    if (!ended.rules.empty())
        sql.exec_params("DELETE FROM alert.stay AS s USING unnest($1::bigint[], $2::bigint[], "
                        "$3::bigint[]) AS e (rule, object, zone) WHERE s.rule = e.rule AND "
                        "s.object = e.object AND s.zone = e.zone",
                        array_text(ended.rules), array_text(ended.objects),
                        array_text(ended.zones));
    if (!begun.rules.empty())
        sql.exec_params("INSERT INTO alert.stay (rule, object, zone, since, told) SELECT rule, "
                        "object, zone, " +
                            instant_of("since") +
                            ", told = 1 FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], "
                            "$4::bigint[], $5::bigint[]) AS b (rule, object, zone, since, told) ON "
                            "CONFLICT (rule, object, zone) DO UPDATE SET since = excluded.since, "
                            "told = excluded.told",
                        array_text(begun.rules), array_text(begun.objects), array_text(begun.zones),
                        array_text(begun.since), array_text(begun.told));
}

} // namespace

std::optional<RuleStore::Seat> RuleStore::take_seat(std::string const& node) const {
    return writing(m_edit, [&](pqxx::work& sql) -> std::optional<Seat> {
        auto const rows = sql.exec_params(
            "UPDATE alert.judge SET node = $1, until = clock_timestamp() + interval '10 seconds' "
            "WHERE node = $1 OR until < clock_timestamp() RETURNING generation, seq",
            node);
        if (rows.empty()) return std::nullopt;
        Seat seat;
        if (!rows[0][0].is_null())
            seat.cursor = Cursor{rows[0][0].as<std::int64_t>(), rows[0][1].as<std::int64_t>()};
        return seat;
    });
}

void RuleStore::leave_seat(std::string const& node) const {
    writing(m_edit, [&](pqxx::work& sql) {
        sql.exec_params("UPDATE alert.judge SET until = '-infinity' WHERE node = $1", node);
    });
}

std::vector<model::WatchRule> RuleStore::rules() const {
    return reading(m_feed, [](pqxx::transaction_base& sql) {
        std::vector<model::WatchRule> all;
        auto const text = [](pqxx::field const& field) { return std::string{view(field)}; };
        for (auto const row : sql.exec(
                 "SELECT fid, version, name, kind, source, source_filter, zones, zone_filter, "
                 "field, coalesce(threshold, 0), coalesce(margin, 0), coalesce(dwell_seconds, 0), "
                 "severity, headline, headline_en, description, description_en, sensitivity FROM "
                 "record.watch_rules WHERE enabled ORDER BY fid")) {
            constexpr std::int64_t second = 1'000'000;
            model::WatchRule rule;
            rule.fid = row[0].as<std::int64_t>();
            rule.version = row[1].as<std::int64_t>();
            rule.name = text(row[2]);
            rule.kind = text(row[3]);
            rule.source = text(row[4]);
            rule.source_filter = text(row[5]);
            rule.zones = text(row[6]);
            rule.zone_filter = text(row[7]);
            rule.field = text(row[8]);
            rule.threshold = row[9].as<double>();
            rule.margin = row[10].as<double>();
            rule.dwell = row[11].as<std::int64_t>() * second;
            rule.severity = text(row[12]);
            rule.headline = text(row[13]);
            rule.headline_en = text(row[14]);
            rule.description = text(row[15]);
            rule.description_en = text(row[16]);
            rule.sensitivity = std::uint8_t(row[17].as<int>());
            all.push_back(std::move(rule));
        }
        return all;
    });
}

std::vector<model::RuleState> RuleStore::states() const {
    return reading(m_edit, [](pqxx::transaction_base& sql) {
        std::vector<model::RuleState> all;
        for (auto const row : sql.exec("SELECT rule, version, kind, source, zones, fault FROM "
                                       "alert.rule_state ORDER BY rule"))
            all.push_back({row[0].as<std::int64_t>(), row[1].as<std::int64_t>(), row[2].c_str(),
                           row[3].c_str(), row[4].c_str(), row[5].c_str()});
        return all;
    });
}

std::vector<model::RuleStay> RuleStore::stays(std::int64_t rule) const {
    return reading(m_edit, [&](pqxx::transaction_base& sql) {
        std::vector<model::RuleStay> all;
        for (auto const row : sql.exec_params("SELECT object, zone, " + microseconds("since") +
                                                  ", told FROM alert.stay WHERE rule = $1",
                                              rule))
            all.push_back({row[0].as<std::int64_t>(),
                           row[1].as<std::int64_t>(),
                           {row[2].as<std::int64_t>()},
                           row[3].as<bool>()});
        return all;
    });
}

std::vector<model::AlertTemplate> RuleStore::templates() const {
    return WatchStore{m_edit}.templates();
}

std::vector<WatchedRow> RuleStore::rows(model::Collection const& collection, std::int64_t after,
                                        std::uint32_t limit) const {
    auto const selection = everything_of(collection);
    return reading(m_feed, [&](pqxx::transaction_base& sql) {
        std::vector<WatchedRow> all;
        for (auto const row :
             sql.exec_params("SELECT " + stamped_columns(selection) + selection.from() +
                                 "WHERE t.fid > $1 ORDER BY t.fid LIMIT $2",
                             after, limit))
            all.push_back(row_of(selection, row));
        return all;
    });
}

std::vector<WatchedRow>
RuleStore::versions(model::Collection const& collection,
                    std::span<std::pair<std::int64_t, std::int64_t> const> wanted) const {
    auto const selection = everything_of(collection);
    std::vector<std::int64_t> fids;
    std::vector<std::int64_t> numbers;
    for (auto const& [fid, version] : wanted) {
        fids.push_back(fid);
        numbers.push_back(version);
    }
    auto const from = [&](std::string const& table) {
        return "SELECT " + stamped_columns(selection) + " FROM " + table +
               " AS t JOIN unnest($1::bigint[], $2::bigint[]) AS asked (fid, version) ON t.fid = "
               "asked.fid AND t.version = asked.version";
    };
    auto const& id = collection.schema.id;
    return reading(m_feed, [&](pqxx::transaction_base& sql) {
        std::vector<WatchedRow> all;
        for (auto const row :
             sql.exec_params(from(table_of(id)) + " UNION ALL " + from(table_of(id + "_history")),
                             array_text(fids), array_text(numbers)))
            all.push_back(row_of(selection, row));
        return all;
    });
}

bool RuleStore::write(std::string const& node, Cursor cursor, RuleWork const& work) const {
    return writing(m_edit, [&](pqxx::work& sql) {
        begin(sql);
        auto const seat = sql.exec_params(
            "UPDATE alert.judge SET until = clock_timestamp() + interval '10 seconds', generation "
            "= $2, seq = $3 WHERE node = $1",
            node, cursor.generation, cursor.seq);
        if (seat.affected_rows() == 0) return false;
        if (!work.dropped.empty()) {
            auto const rules = array_text(work.dropped);
            sql.exec_params("DELETE FROM alert.stay WHERE rule = ANY ($1::bigint[])", rules);
            sql.exec_params("DELETE FROM alert.rule_state WHERE rule = ANY ($1::bigint[])", rules);
        }
        for (auto const& act : work.acts) {
            if (act.act == RuleAct::Kind::open)
                open(sql, act);
            else
                close(sql, act);
        }
        put_stays(sql, work);
        for (auto const& state : work.states)
            sql.exec_params("INSERT INTO alert.rule_state (rule, version, kind, source, zones, "
                            "fault) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (rule) DO UPDATE "
                            "SET version = excluded.version, kind = excluded.kind, source = "
                            "excluded.source, zones = excluded.zones, fault = excluded.fault",
                            state.rule, state.version, state.kind, state.source, state.zones,
                            state.fault);
        return true;
    });
}

} // namespace diaban::data::postgis
