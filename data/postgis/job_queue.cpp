#include "data/postgis/job_queue.hpp"

#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "geo/error.hpp"

#include <algorithm>

namespace diaban::data::postgis {
namespace {

using model::Job;
using model::JobState;

constexpr char columns[] =
    "j.id, j.process, j.inputs, j.login, j.policy, j.language, j.priority, j.state, j.attempts, "
    "j.progress, j.message, j.result, j.problem, j.blob, "
    "(extract(epoch FROM j.created_at) * 1000000)::bigint, "
    "(extract(epoch FROM j.updated_at) * 1000000)::bigint, "
    "(extract(epoch FROM j.started_at) * 1000000)::bigint, "
    "(extract(epoch FROM j.finished_at) * 1000000)::bigint, j.paused";

JobState state_named(std::string_view name) {
    for (auto const state : {JobState::accepted, JobState::running, JobState::successful,
                             JobState::failed, JobState::dismissed})
        if (to_string(state) == name) return state;
    throw geo::Error{geo::Code::internal, "internal", {}, "state of a job: " + std::string{name}};
}

std::optional<geo::Instant> instant(pqxx::field const& field) {
    if (field.is_null()) return std::nullopt;
    return geo::Instant{field.as<std::int64_t>()};
}

Job job_of(pqxx::row const& row) {
    Job job;
    job.id = row[0].as<std::string>();
    job.request = {.process = row[1].as<std::string>(),
                   .inputs = row[2].as<std::string>(),
                   .login = row[3].as<std::string>(),
                   .policy = row[4].as<std::string>(),
                   .language = row[5].as<std::string>(),
                   .priority = row[6].as<std::int32_t>()};
    job.state = state_named(row[7].c_str());
    job.attempts = row[8].as<std::int32_t>();
    job.progress = row[9].as<std::int32_t>();
    job.message = row[10].as<std::string>();
    job.result = row[11].as<std::string>("");
    job.problem = row[12].as<std::string>("");
    if (!row[13].is_null()) job.blob = row[13].as<std::string>();
    job.created = *instant(row[14]);
    job.updated = *instant(row[15]);
    job.started = instant(row[16]);
    job.finished = instant(row[17]);
    job.paused = row[18].as<bool>();
    return job;
}

std::optional<Job> only(pqxx::result const& rows) {
    if (rows.empty()) return std::nullopt;
    return job_of(rows[0]);
}

/// Whether the text is a UUID as PostgreSQL writes it: anything else names no job.
bool is_id(std::string_view text) noexcept {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool const dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool const digit = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
        if (dash ? text[i] != '-' : !digit) return false;
    }
    return true;
}

std::string in_seconds(std::chrono::seconds lease) {
    return std::to_string(lease.count());
}

/// What taking a job sets; $1 is the node, $2 the lease in seconds.
constexpr char taking[] =
    "UPDATE diaban.job AS j SET state = 'running', attempts = attempts + 1, node = $1, "
    "leased_until = clock_timestamp() + make_interval(secs => $2::integer), progress = 0, "
    "message = '', started_at = clock_timestamp(), updated_at = clock_timestamp() ";

void check_limits(pqxx::transaction_base& sql, std::string const& login,
                  QueueLimits const& limits) {
    // One at a time counts and adds, so that the bound holds.
    sql.exec("SELECT pg_advisory_xact_lock(hashtext('diaban.job'))");
    auto const row = sql.exec_params1("SELECT count(*), count(*) FILTER (WHERE login = $1) "
                                      "FROM diaban.job WHERE state IN ('accepted', 'running')",
                                      login);
    auto const all = row[0].as<std::int64_t>();
    auto const own = row[1].as<std::int64_t>();
    if (all < limits.of_all && own < limits.of_login) return;
    auto const least = own >= limits.of_login ? limits.of_login : limits.of_all;
    throw geo::Error{geo::Code::unavailable,
                     "too-many-jobs",
                     {{"accepted", std::to_string(least)}, {"retry_after", "30"}}};
}

/// Takes the files of jobs that are gone out of the record, where nobody else has them.
void forget_blobs(pqxx::transaction_base& sql, pqxx::result const& rows) {
    std::vector<std::string> names;
    for (auto const row : rows)
        if (!row[0].is_null()) names.push_back(row[0].as<std::string>());
    if (!names.empty())
        sql.exec_params("SELECT diaban.forget_blobs($1::text[])", array_text(names));
}

} // namespace

std::string JobQueue::submit(model::JobRequest const& request, QueueLimits const& limits) const {
    return writing(m_pool, [&](auto& sql) {
        check_limits(sql, request.login, limits);
        return sql
            .exec_params1("INSERT INTO diaban.job (process, inputs, login, policy, language, "
                          "priority) VALUES ($1, $2::jsonb, $3, $4, $5, $6) RETURNING id",
                          request.process, request.inputs, request.login, request.policy,
                          request.language, request.priority)[0]
            .template as<std::string>();
    });
}

std::optional<Job> JobQueue::find(std::string_view id, std::string_view login) const {
    if (!is_id(id)) return std::nullopt;
    return reading(m_pool, [&](auto& sql) {
        return only(sql.exec_params(std::string{"SELECT "} + columns +
                                        " FROM diaban.job AS j WHERE id = $1::uuid AND login = $2",
                                    std::string{id}, std::string{login}));
    });
}

std::vector<Job> JobQueue::list(std::string_view login, Query const& query) const {
    return reading(m_pool, [&](auto& sql) {
        std::vector<Job> jobs;
        for (auto const row :
             sql.exec_params(std::string{"SELECT "} + columns +
                                 " FROM diaban.job AS j WHERE login = $1 "
                                 "AND (cardinality($2::text[]) = 0 OR state = ANY ($2::text[])) "
                                 "AND (cardinality($3::text[]) = 0 OR process = ANY ($3::text[])) "
                                 "ORDER BY created_at DESC, id LIMIT $4",
                             std::string{login}, array_text(query.states),
                             array_text(query.processes), query.limit))
            jobs.push_back(job_of(row));
        return jobs;
    });
}

std::optional<Job> JobQueue::take(std::string_view node, std::chrono::seconds lease,
                                  std::span<std::string const> processes) const {
    std::vector<std::string> const names{processes.begin(), processes.end()};
    return writing(m_pool, [&](auto& sql) {
        return only(sql.exec_params(
            std::string{taking} +
                "WHERE id = (SELECT o.id FROM diaban.job AS o JOIN (SELECT login, "
                "count(*) FILTER (WHERE state = 'running') AS running, max(started_at) AS served "
                "FROM diaban.job GROUP BY login) AS who USING (login) "
                "WHERE o.state = 'accepted' AND NOT o.paused AND o.process = ANY ($3::text[]) "
                "ORDER BY o.priority DESC, who.running, who.served NULLS FIRST, o.created_at, o.id "
                "LIMIT 1 FOR UPDATE OF o SKIP LOCKED) RETURNING " +
                columns,
            std::string{node}, in_seconds(lease), array_text(names)));
    });
}

std::optional<Job> JobQueue::take_one(std::string_view id, std::string_view node,
                                      std::chrono::seconds lease) const {
    if (!is_id(id)) return std::nullopt;
    return writing(m_pool, [&](auto& sql) {
        return only(sql.exec_params(
            std::string{taking} + "WHERE id = $3::uuid AND state = 'accepted' RETURNING " + columns,
            std::string{node}, in_seconds(lease), std::string{id}));
    });
}

std::optional<Job> JobQueue::held(std::string_view id, std::string_view node) const {
    if (!is_id(id)) return std::nullopt;
    return reading(m_pool, [&](auto& sql) {
        return only(sql.exec_params(std::string{"SELECT "} + columns +
                                        " FROM diaban.job AS j WHERE id = $1::uuid AND node = $2 "
                                        "AND state = 'running'",
                                    std::string{id}, std::string{node}));
    });
}

std::vector<std::string> JobQueue::held(std::string_view node) const {
    return reading(m_pool, [&](auto& sql) {
        std::vector<std::string> ids;
        for (auto const row :
             sql.exec_params("SELECT id FROM diaban.job WHERE node = $1 AND state = 'running'",
                             std::string{node}))
            ids.push_back(row[0].template as<std::string>());
        return ids;
    });
}

std::int64_t JobQueue::resting(std::string_view node) const {
    return reading(m_pool, [&](auto& sql) {
        return sql
            .exec_params1("SELECT count(*) FROM diaban.job WHERE node = $1 AND state = 'running' "
                          "AND paused",
                          std::string{node})[0]
            .template as<std::int64_t>();
    });
}

std::optional<JobQueue::Beat> JobQueue::beat(std::string_view id, std::string_view node,
                                             std::chrono::seconds lease, std::int32_t progress,
                                             std::string_view message) const {
    return writing(m_pool, [&](auto& sql) -> std::optional<Beat> {
        auto const rows =
            sql.exec_params("UPDATE diaban.job SET leased_until = clock_timestamp() + "
                            "make_interval(secs => $3::integer), "
                            "progress = greatest(progress, $4::smallint), message = $5, "
                            "updated_at = clock_timestamp() "
                            "WHERE id = $1::uuid AND node = $2 AND state = 'running' "
                            "RETURNING paused",
                            std::string{id}, std::string{node}, in_seconds(lease),
                            std::clamp(progress, 0, 100), std::string{message});
        if (rows.empty()) return std::nullopt;
        return Beat{rows[0][0].template as<bool>()};
    });
}

bool JobQueue::finish(std::string_view id, std::string_view node, std::string const& result,
                      std::optional<model::JobFile> const& file) const {
    return writing(m_pool, [&](auto& sql) {
        if (file)
            sql.exec_params(
                "INSERT INTO diaban.blob (sha256, size, media_type) VALUES ($1, $2, $3) "
                "ON CONFLICT DO NOTHING",
                file->sha256, file->size, file->media_type);
        bool const held =
            sql.exec_params("UPDATE diaban.job SET state = 'successful', progress = 100, "
                            "message = '', result = $3::jsonb, blob = nullif($4, ''), node = NULL, "
                            "leased_until = NULL, finished_at = clock_timestamp(), "
                            "updated_at = clock_timestamp() "
                            "WHERE id = $1::uuid AND node = $2 AND state = 'running'",
                            std::string{id}, std::string{node}, result, file ? file->sha256 : "")
                .affected_rows() == 1;
        if (!held && file) sql.exec_params("SELECT diaban.forget_blobs(ARRAY[$1])", file->sha256);
        return held;
    });
}

bool JobQueue::fail(std::string_view id, std::string_view node, std::string const& problem) const {
    return writing(m_pool, [&](auto& sql) {
        return sql.exec_params("UPDATE diaban.job SET state = 'failed', problem = $3::jsonb, "
                               "message = '', node = NULL, leased_until = NULL, "
                               "finished_at = clock_timestamp(), updated_at = clock_timestamp() "
                               "WHERE id = $1::uuid AND node = $2 AND state = 'running'",
                               std::string{id}, std::string{node}, problem)
                   .affected_rows() == 1;
    });
}

bool JobQueue::give_back(std::string_view id, std::string_view node) const {
    return writing(m_pool, [&](auto& sql) {
        return sql.exec_params("UPDATE diaban.job SET state = 'accepted', progress = 0, "
                               "message = '', attempts = attempts - 1, node = NULL, "
                               "leased_until = NULL, updated_at = clock_timestamp() "
                               "WHERE id = $1::uuid AND node = $2 AND state = 'running'",
                               std::string{id}, std::string{node})
                   .affected_rows() == 1;
    });
}

std::optional<Job> JobQueue::pause(std::string_view id, std::string_view login, bool paused) const {
    if (!is_id(id)) return std::nullopt;
    return writing(m_pool, [&](auto& sql) {
        return only(sql.exec_params(
            std::string{"UPDATE diaban.job AS j SET paused = $3, updated_at = clock_timestamp() "
                        "WHERE id = $1::uuid AND login = $2 AND state IN ('accepted', 'running') "
                        "RETURNING "} +
                columns,
            std::string{id}, std::string{login}, paused));
    });
}

std::optional<Job> JobQueue::dismiss(std::string_view id, std::string_view login) const {
    if (!is_id(id)) return std::nullopt;
    return writing(m_pool, [&](auto& sql) -> std::optional<Job> {
        auto job = only(sql.exec_params(
            std::string{"UPDATE diaban.job AS j SET state = 'dismissed', message = '', "
                        "node = NULL, leased_until = NULL, finished_at = clock_timestamp(), "
                        "updated_at = clock_timestamp() WHERE id = $1::uuid AND login = $2 "
                        "AND state IN ('accepted', 'running') RETURNING "} +
                columns,
            std::string{id}, std::string{login}));
        if (job) return job;
        job = only(sql.exec_params(std::string{"DELETE FROM diaban.job AS j WHERE id = $1::uuid "
                                               "AND login = $2 RETURNING "} +
                                       columns,
                                   std::string{id}, std::string{login}));
        if (!job) return std::nullopt;
        if (job->blob) sql.exec_params("SELECT diaban.forget_blobs(ARRAY[$1])", *job->blob);
        job->state = JobState::dismissed;
        return job;
    });
}

std::int64_t JobQueue::recover() const {
    return writing(m_pool, [&](auto& sql) {
        return static_cast<std::int64_t>(
            sql.exec_params(
                   "UPDATE diaban.job SET "
                   "state = CASE WHEN attempts < $1 THEN 'accepted' ELSE 'failed' END, "
                   "problem = CASE WHEN attempts < $1 THEN NULL ELSE jsonb_build_object("
                   "'code', 'unavailable', 'type', 'job-abandoned', 'parameters', "
                   "jsonb_build_object('value', attempts::text)) END, "
                   "finished_at = CASE WHEN attempts < $1 THEN NULL ELSE clock_timestamp() END, "
                   "progress = 0, message = '', node = NULL, leased_until = NULL, "
                   "updated_at = clock_timestamp() "
                   "WHERE state = 'running' AND leased_until < clock_timestamp()",
                   most_attempts)
                .affected_rows());
    });
}

std::int64_t JobQueue::forget(std::chrono::seconds age) const {
    return writing(m_pool, [&](auto& sql) {
        auto const rows = sql.exec_params(
            "DELETE FROM diaban.job WHERE id IN (SELECT id FROM diaban.job WHERE finished_at < "
            "clock_timestamp() - make_interval(secs => $1::integer) ORDER BY finished_at "
            "LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING blob",
            in_seconds(age));
        forget_blobs(sql, rows);
        return static_cast<std::int64_t>(rows.size());
    });
}

bool JobQueue::owns(std::string_view sha256) const {
    return reading(m_pool, [&](auto& sql) {
        return !sql.exec_params("SELECT FROM diaban.blob WHERE sha256 = $1", std::string{sha256})
                    .empty();
    });
}

} // namespace diaban::data::postgis
