#include "data/postgis/access_sql.hpp"
#include "data/postgis/inspection_sql.hpp"
#include "data/postgis/pack_sql.hpp"
#include "data/postgis/pack_store.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace diaban::data::postgis {

namespace {

using model::FieldValues;
using model::PackFault;
using model::ReturnedCase;

/// Writes what was found: the case is inspected, or was and is put right. Gives its new version.
std::int64_t write_values(pqxx::transaction_base& sql, std::int64_t inspection,
                          std::int64_t version, FieldValues const& values,
                          geo::Policy const& policy) {
    auto const answers = model::json_of({{}, {}, {}, values.answers});
    auto const rows = sql.exec_params(
        "UPDATE record.inspection_cases AS c SET state = 'inspected', move = 'inspect', finding = "
        "$3, measured_m2 = $4, error_m2 = $5, answers = ($6::jsonb -> 'answers')::text WHERE "
        "c.fid = $1 AND c.version = $2 AND c.state IN ('assigned', 'inspected') AND (" +
            policy_condition(policy, "c") + ") RETURNING c.version",
        inspection, version, values.finding, values.measured_m2, values.error_m2, answers);
    if (rows.empty()) throw geo::Error{geo::Code::conflict, "work-changed"};
    return rows[0][0].as<std::int64_t>();
}

/// A case of the pack: as it was given, as it was taken last, and as it is.
struct Known {
    std::int64_t inspection = 0;
    FieldValues given;
    std::optional<FieldValues> taken;
    std::int64_t base_version = 0; ///< of what the field changed
    bool seen = false;
    std::int64_t version = 0;
    std::string state;
    std::string checklist;
    FieldValues record;
};

/// One return, in its transaction.
class Return {
public:
    Return(pqxx::transaction_base& sql, model::ReturnedPack const& pack, geo::Instant now,
           model::Author const& author, InspectionStore::Policies const& policies)
        : m_sql{sql}, m_pack{pack}, m_now{now}, m_author{author}, m_policies{policies} {
        set_policy(sql, policies.cases);
        set_author(sql, author.who, author.why);
        if (sql.exec_params("SELECT FROM land.pack WHERE id = $1 AND login = $2 FOR UPDATE",
                            pack.id, author.who)
                .empty())
            throw no_pack(pack.id);
        read_known();
        for (auto const row : sql.exec("SELECT since::text, items FROM land.checklist"))
            m_checklists.emplace(row[0].as<std::string>(), model::checklist_of(view(row[1])));
    }

    model::PackOutcome run() {
        for (auto const& row : m_pack.cases) judge(row);
        if (!m_outcome.faults.empty()) {
            auto faults = std::move(m_outcome.faults);
            m_outcome = {};
            m_outcome.faults = std::move(faults);
            return m_outcome;
        }
        if (m_changed.size() + m_new.size() > PackStore::most_changes)
            throw geo::Error{geo::Code::too_large,
                             "pack-too-many-changes",
                             {{"value", std::to_string(m_changed.size() + m_new.size())},
                              {"accepted", std::to_string(PackStore::most_changes)}}};
        for (auto const& [known, values] : m_changed) take(*known, values);
        for (auto const& [row, values] : m_new) open(*row, values);
        m_sql.exec_params("UPDATE land.pack SET returned_at = now() WHERE id = $1", m_pack.id);
        return m_outcome;
    }

private:
    void read_known() {
        for (auto const row : m_sql.exec_params(
                 "SELECT g.inspection, g.given, g.taken, coalesce(g.taken_version, g.version), "
                 "c.fid IS NOT NULL, c.version, c.state, c.checklist::text, c.key, c.opened_by, " +
                     std::string{value_columns} +
                     " FROM land.pack_case AS g LEFT JOIN record.inspection_cases AS c ON c.fid = "
                     "g.inspection AND (" +
                     policy_condition(m_policies.cases, "c") + ") WHERE g.pack = $1",
                 m_pack.id)) {
            Known known;
            known.inspection = row[0].as<std::int64_t>();
            known.given = model::field_values(view(row[1]));
            if (!row[2].is_null()) known.taken = model::field_values(view(row[2]));
            known.base_version = row[3].as<std::int64_t>();
            known.seen = row[4].as<bool>();
            if (known.seen) {
                known.version = row[5].as<std::int64_t>();
                known.state = row[6].as<std::string>();
                known.checklist = row[7].as<std::string>();
                known.record = values_of(row, 10);
                if (row[9].as<std::string>() == m_author.who && !row[8].is_null())
                    m_keys.emplace(row[8].as<std::string>(), known.inspection);
            }
            m_known.emplace(known.inspection, std::move(known));
        }
    }

    void fault(ReturnedCase const& row, std::string column, std::string value,
               std::string accepted) {
        m_outcome.faults.push_back(
            {row.row, std::move(column), std::move(value), std::move(accepted)});
    }

    void judge(ReturnedCase const& row) {
        auto const id = row.cells.find("case_id");
        bool const made_there = id == row.cells.end() || id->second == geo::Value{};
        if (made_there) return judge_new(row);
        auto const* const fid = std::get_if<std::int64_t>(&id->second);
        auto const known = fid == nullptr ? m_known.end() : m_known.find(*fid);
        if (known == m_known.end() || !known->second.seen)
            return fault(row, "case_id", fid == nullptr ? "" : std::to_string(*fid),
                         "a case of this pack");
        judge_known(row, known->second);
    }

    void judge_known(ReturnedCase const& row, Known const& known) {
        if (!m_rows.insert(known.inspection).second)
            return fault(row, "case_id", std::to_string(known.inspection), "one row a case");
        auto const before = m_outcome.faults.size();
        auto values = model::read_values(row, m_outcome.faults);
        if (m_outcome.faults.size() > before) return;
        if (values == known.given) {
            ++m_outcome.unchanged;
            return;
        }
        if (values == known.taken ||
            (known.version != known.base_version && values == known.record)) {
            ++m_outcome.repeated;
            return;
        }
        check_columns(row, values, known.given);
        model::check_values(values, m_checklists[known.checklist], row.row, m_outcome.faults);
        bool const here_alone = known.version == known.base_version;
        if (here_alone && known.state != "assigned" && known.state != "inspected")
            fault(row, "state", known.state, "assigned, inspected");
        m_changed.emplace_back(&known, std::move(values));
    }

    /// What the visitor may not write is not changed.
    void check_columns(ReturnedCase const& row, FieldValues const& values,
                       FieldValues const& given) {
        auto const may = [&](char const* column, bool changed) {
            if (changed && !m_policies.cases.sees_field(column))
                fault(row, column, "", "no change: you may not write it");
        };
        may("finding", values.finding != given.finding);
        may("measured_m2", values.measured_m2 != given.measured_m2);
        may("error_m2", values.error_m2 != given.error_m2);
        may("answers", values.answers != given.answers);
    }

    void judge_new(ReturnedCase const& row) {
        auto const text = [&](std::string_view column) {
            auto const at = row.cells.find(column);
            auto const* const held =
                at == row.cells.end() ? nullptr : std::get_if<std::string>(&at->second);
            return held == nullptr ? std::string{} : *held;
        };
        auto const key = text("field_key");
        constexpr std::size_t longest_key = 100;
        if (key.empty() || key.size() > longest_key ||
            !std::ranges::all_of(key, [](char c) { return c > ' ' && c < '\x7f'; }))
            return fault(row, "field_key", key.substr(0, 40), "1 to 100 printable ASCII letters");
        if (auto const known = m_keys.find(key); known != m_keys.end())
            return judge_known(row, m_known.at(known->second));
        if (!m_new_keys.insert(key).second)
            return fault(row, "field_key", key.substr(0, 40), "a key of its own");
        auto const reason = text("reason");
        constexpr std::size_t longest_reason = 2000;
        if (reason.empty() || reason.size() > longest_reason)
            fault(row, "reason", reason.substr(0, 40), "why it is to be looked at");
        if (!row.at) fault(row, "geom", "", "a point of the world (EPSG:4326)");
        auto values = model::read_values(row, m_outcome.faults);
        check_columns(row, values, {});
        if (!values.empty())
            model::check_values(
                values, m_checklists.empty() ? model::Checklist{} : m_checklists.rbegin()->second,
                row.row, m_outcome.faults);
        m_new.emplace_back(&row, std::move(values));
    }

    void take(Known const& known, FieldValues const& values) {
        if (known.version != known.base_version) return keep_conflict(known, values);
        auto const version =
            write_values(m_sql, known.inspection, known.version, values, m_policies.cases);
        note_taken(known.inspection, values, version);
        m_outcome.taken.push_back(known.inspection);
    }

    void note_taken(std::int64_t inspection, FieldValues const& values, std::int64_t version) {
        m_sql.exec_params("UPDATE land.pack_case SET taken = $3::jsonb, taken_version = $4 WHERE "
                          "pack = $1 AND inspection = $2",
                          m_pack.id, inspection, model::json_of(values), version);
    }

    /// One that nobody settled takes what came last; the same once more is none.
    void keep_conflict(Known const& known, FieldValues const& values) {
        auto const field = model::json_of(values);
        auto const same = m_sql.exec_params(
            "SELECT FROM land.pack_conflict WHERE pack = $1 AND inspection = $2 AND field = "
            "$3::jsonb",
            m_pack.id, known.inspection, field);
        if (!same.empty()) {
            ++m_outcome.repeated;
            return;
        }
        auto const open = m_sql.exec_params(
            "UPDATE land.pack_conflict SET field = $3::jsonb, arrived_at = now() WHERE pack = $1 "
            "AND inspection = $2 AND take IS NULL RETURNING number",
            m_pack.id, known.inspection, field);
        auto const kept =
            !open.empty()
                ? open
                : m_sql.exec_params(
                      "INSERT INTO land.pack_conflict (pack, number, inspection, base, field) "
                      "SELECT $1, coalesce(max(number), 0) + 1, $2, $4::jsonb, $3::jsonb FROM "
                      "land.pack_conflict WHERE pack = $1 RETURNING number",
                      m_pack.id, known.inspection, field,
                      model::json_of(known.taken.value_or(known.given)));
        m_outcome.conflicts.push_back(kept[0][0].as<std::int64_t>());
    }

    /// The parcel that holds the point, of those that are in force and seen.
    std::optional<std::int64_t> parcel_at(geo::Position at) {
        set_policy(m_sql, m_policies.parcels);
        auto const rows = m_sql.exec_params(
            "SELECT p.fid FROM record.parcels AS p WHERE p.geom && ST_Point($1, $2, 4326) AND "
            "ST_Covers(p.geom, ST_Point($1, $2, 4326)) AND (p.valid_to IS NULL OR p.valid_to > "
            "now()) AND (" +
                policy_condition(m_policies.parcels, "p") + ") ORDER BY p.fid LIMIT 1",
            at.x, at.y);
        if (rows.empty()) return std::nullopt;
        return rows[0][0].as<std::int64_t>();
    }

    void open(ReturnedCase const& row, FieldValues const& values) {
        model::NewInspection asked;
        asked.key = std::get<std::string>(row.cells.find("field_key")->second);
        asked.origin = "hand";
        asked.reason = std::get<std::string>(row.cells.find("reason")->second);
        asked.at = *row.at;
        asked.parcel = parcel_at(asked.at);
        auto const opened = open_case(m_sql, asked, m_now, m_author, m_policies);
        set_policy(m_sql, m_policies.cases);
        auto const one =
            m_sql.exec_params1("SELECT version, " + microseconds("recorded_at") +
                                   ", state FROM record.inspection_cases WHERE fid = $1",
                               opened.fid);
        m_sql.exec_params("INSERT INTO land.pack_case (pack, inspection, version, recorded_at, "
                          "given) VALUES ($1, $2, $3, " +
                              instant_of("$4") + ", $5::jsonb) ON CONFLICT DO NOTHING",
                          m_pack.id, opened.fid, one[0].as<std::int64_t>(),
                          one[1].as<std::int64_t>(), model::json_of({}));
        m_outcome.opened.push_back(opened.fid);
        if (values.empty()) return;
        auto version = one[0].as<std::int64_t>();
        if (view(one[2]) == "new") version = give_to_author(opened.fid);
        note_taken(opened.fid, values,
                   write_values(m_sql, opened.fid, version, values, m_policies.cases));
    }

    /// Where nobody inspects, who found something does.
    std::int64_t give_to_author(std::int64_t inspection) {
        return m_sql
            .exec_params1("UPDATE record.inspection_cases SET state = 'assigned', move = 'assign', "
                          "assignee = $2 WHERE fid = $1 RETURNING version",
                          inspection, m_author.who)[0]
            .as<std::int64_t>();
    }

    pqxx::transaction_base& m_sql;
    model::ReturnedPack const& m_pack;
    geo::Instant m_now;
    model::Author const& m_author;
    InspectionStore::Policies const& m_policies;
    std::map<std::int64_t, Known> m_known;
    std::map<std::string, std::int64_t> m_keys; ///< of cases that this pack opened
    std::map<std::string, model::Checklist> m_checklists;
    std::set<std::int64_t> m_rows;
    std::set<std::string> m_new_keys;
    std::vector<std::pair<Known const*, FieldValues>> m_changed;
    std::vector<std::pair<ReturnedCase const*, FieldValues>> m_new;
    model::PackOutcome m_outcome;
};

} // namespace

model::PackOutcome PackStore::bring_back(model::ReturnedPack const& pack, geo::Instant now,
                                         model::Author const& author,
                                         InspectionStore::Policies const& policies) const {
    if (!is_uuid(pack.id)) throw no_pack(pack.id);
    return writing(m_pool, [&](pqxx::work& sql) {
        return Return{sql, pack, now, author, policies}.run();
    });
}

void PackStore::settle(std::string const& id, std::int64_t number, bool take_field,
                       model::Author const& author, geo::Policy const& cases) const {
    auto const wanted = take_field ? "field" : "record";
    geo::Error const missing{
        geo::Code::not_found, "no-conflict", {{"value", std::to_string(number)}}};
    if (!is_uuid(id)) throw missing;
    writing(m_pool, [&](pqxx::work& sql) {
        set_policy(sql, cases);
        set_author(sql, author.who, author.why);
        auto const rows = sql.exec_params(
            "SELECT k.inspection, k.field, coalesce(k.take, ''), c.version, c.state FROM "
            "land.pack_conflict AS k JOIN record.inspection_cases AS c ON c.fid = k.inspection "
            "AND (" +
                policy_condition(cases, "c") +
                ") WHERE k.pack = $1 AND k.number = $2 FOR UPDATE OF k, c",
            id, number);
        if (rows.empty()) throw missing;
        auto const row = rows[0];
        auto const take = row[2].as<std::string>();
        if (take == wanted) return;
        if (!take.empty())
            throw geo::Error{geo::Code::conflict,
                             "conflict-settled",
                             {{"value", std::to_string(number)}, {"accepted", take}}};
        auto const state = row[4].as<std::string>();
        if (take_field && state != "assigned" && state != "inspected")
            throw geo::Error{
                geo::Code::conflict,
                "case-state",
                {{"value", state}, {"move", "inspect"}, {"accepted", "assigned, inspected"}}};
        if (take_field) {
            auto const values = model::field_values(view(row[1]));
            auto const version = write_values(sql, row[0].as<std::int64_t>(),
                                              row[3].as<std::int64_t>(), values, cases);
            sql.exec_params("UPDATE land.pack_case SET taken = $3::jsonb, taken_version = $4 "
                            "WHERE pack = $1 AND inspection = $2",
                            id, row[0].as<std::int64_t>(), model::json_of(values), version);
        }
        sql.exec_params("UPDATE land.pack_conflict SET take = $3, settled_by = $4, settled_at = "
                        "now() WHERE pack = $1 AND number = $2",
                        id, number, wanted, author.who);
    });
}

} // namespace diaban::data::postgis
