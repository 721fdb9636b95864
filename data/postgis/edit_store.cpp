#include "data/postgis/edit_store.hpp"

#include "data/postgis/edit_sql.hpp"
#include "data/postgis/selection.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "geo/error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <utility>

namespace diaban::data::postgis {
namespace {

using geo::Code;
using geo::Error;
using Json = nlohmann::json;
using Outcome = EditStore::Outcome;
using Request = EditStore::Request;

constexpr int most_attempts = 5;
constexpr auto answers_are_kept = "INTERVAL '1 day'";

pqxx::result run(pqxx::transaction_base& sql, Statement const& statement) {
    std::vector<char const*> texts;
    texts.reserve(statement.parameters.size());
    for (auto const& text : statement.parameters) texts.push_back(text ? text->c_str() : nullptr);
    return sql.exec_params(statement.sql, pqxx::prepare::make_dynamic_params(texts));
}

/// Rows are taken in one order by everyone, so that two requests rarely wait for each other.
std::vector<std::size_t> order_of(std::span<model::Edit const> edits) {
    std::vector<std::size_t> order(edits.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) {
        return std::pair{std::string_view{edits[i].collection->schema.id}, edits[i].fid};
    });
    return order;
}

/// Tells the transaction for whom it is; answers the number it has in the database's log.
std::string introduce(pqxx::transaction_base& sql, Request const& request) {
    return sql
        .exec_params1("SELECT pg_current_xact_id(), set_config('diaban.who', $1, true), "
                      "set_config('diaban.why', $2, true)",
                      request.author.who, request.author.why)[0]
        .as<std::string>();
}

/// Takes the key, or finds what was answered to it. Another request with the key that is under way
/// is waited for.
std::optional<model::Answer> find_answer(pqxx::transaction_base& sql, Request const& request) {
    auto const& [key, sha256] = *request.key;
    sql.exec(
        std::string{"DELETE FROM diaban.idempotency WHERE (login, key) IN (SELECT login, key FROM "
                    "diaban.idempotency WHERE created_at < clock_timestamp() - "} +
        answers_are_kept + " ORDER BY created_at LIMIT 4 FOR UPDATE SKIP LOCKED)");
    auto const taken = sql.exec_params(
        "INSERT INTO diaban.idempotency (login, key, request_sha256) VALUES ($1, $2, $3) "
        "ON CONFLICT (login, key) DO NOTHING",
        request.author.who, key, sha256);
    if (taken.affected_rows() == 1) return std::nullopt;
    auto const row =
        sql.exec_params1("SELECT request_sha256, status, headers, convert_from(body, 'UTF8') "
                         "FROM diaban.idempotency WHERE login = $1 AND key = $2",
                         request.author.who, key);
    if (row[0].as<std::string>() != sha256)
        throw Error{Code::bad_input, "key-reused", {{"value", key}}};
    model::Answer answer{row[1].as<int>(), {}, row[3].as<std::string>()};
    for (auto const& header : Json::parse(row[2].as<std::string>()))
        answer.headers.emplace_back(header[0].get<std::string>(), header[1].get<std::string>());
    return answer;
}

void keep_answer(pqxx::transaction_base& sql, Request const& request, model::Answer const& answer) {
    Json headers = Json::array();
    for (auto const& [name, value] : answer.headers) headers.push_back(Json::array({name, value}));
    sql.exec_params("UPDATE diaban.idempotency SET status = $3, headers = $4::jsonb, "
                    "body = convert_to($5, 'UTF8') WHERE login = $1 AND key = $2",
                    request.author.who, request.key->key, answer.status, headers.dump(),
                    answer.body);
}

void make_edits(pqxx::transaction_base& sql, Request const& request, Outcome& outcome) {
    outcome.edited.resize(request.edits.size());
    geo::Policy const* set = nullptr;
    for (auto const i : order_of(request.edits)) {
        auto const& edit = request.edits[i];
        auto const& policy = *request.policies[i];
        if (set == nullptr || set->key() != policy.key()) set_policy(sql, policy);
        set = &policy;
        Selection const selection{*edit.collection, policy, model::Personal::masked};
        bool const whole = request.features && edit.kind != model::EditKind::remove;
        auto const rows =
            run(sql, edit_statement(edit, policy,
                                    whole ? std::string_view{selection.columns()} : "t.fid"));
        if (rows.empty()) {
            auto const state = run(sql, state_statement(edit, policy));
            outcome.refused.push_back(
                {i, state.empty() ? std::nullopt : std::optional{stamp_of(state[0])}});
            continue;
        }
        constexpr pqxx::row::size_type first = 2; // after the stamp
        auto& edited = outcome.edited[i];
        edited.stamp = stamp_of(rows[0]);
        edited.fid = rows[0][first].as<std::int64_t>();
        if (whole) edited.feature = selection.feature(rows[0], first);
    }
    std::ranges::sort(outcome.refused, {}, &model::Refusal::edit);
}

/// All of the request inside `sql`; whether it is to be committed.
bool work(pqxx::transaction_base& sql, Request const& request, Outcome& outcome) {
    if (request.key) {
        outcome.answer = find_answer(sql, request);
        outcome.repeated = outcome.answer.has_value();
        if (outcome.repeated) return false;
    }
    make_edits(sql, request, outcome);
    if (!outcome.refused.empty()) {
        outcome.edited.clear();
        return false;
    }
    if (request.key) {
        outcome.answer = request.describe(outcome.edited);
        keep_answer(sql, request, *outcome.answer);
    }
    return true;
}

/// Where the session's last change stands in the feed; 0 if it never made one.
std::int64_t last_seq(pqxx::connection& connection) {
    try {
        pqxx::nontransaction sql{connection};
        return sql.exec1("SELECT currval('diaban.change_seq')")[0].as<std::int64_t>();
    } catch (pqxx::failure const&) { // none yet; or lost now, and the commit stands
        return 0;
    }
}

/// Whether the transaction of that number was committed, asked on another connection.
bool was_committed(Pool& pool, std::string const& number, Error const& doubt) {
    std::string status;
    try {
        status = reading(pool, [&](auto& sql) {
            return sql.exec_params1("SELECT coalesce(pg_xact_status($1::xid8), '')", number)[0]
                .template as<std::string>();
        });
    } catch (Error const&) { // still gone
    }
    if (status == "committed") return true;
    if (status == "aborted") return false;
    throw Error{Code::unavailable, "edit-in-doubt", {}, doubt.detail()};
}

enum class End : std::uint8_t { done, again, lost };

/// One attempt; nothing of it stays where it is to be made again.
End attempt(Pool& pool, Request const& request, Outcome& outcome, std::optional<Error>& fault) {
    Session session{pool};
    std::string number;
    bool committing = false;
    try {
        pqxx::work sql{session.connection()};
        number = introduce(sql, request);
        if (!work(sql, request, outcome)) return End::done;
        committing = true;
        sql.commit();
    } catch (pqxx::failure const& failure) {
        bool lost = false;
        auto const error = translated(failure, session.connection(), lost);
        if (lost) session.lose();
        if (error.type() != "concurrent-change" && !lost) throw error;
        if (lost && committing && was_committed(pool, number, error)) return End::done;
        fault = error;
        return lost ? End::lost : End::again;
    }
    outcome.seq = last_seq(session.connection());
    return End::done;
}

} // namespace

Outcome EditStore::apply(Request const& request) const {
    thread_local std::minstd_rand random{std::random_device{}()};
    std::optional<Error> fault;
    bool lost = false;
    for (int tries = 1; tries <= most_attempts; ++tries) {
        Outcome outcome;
        auto const end = attempt(m_pool, request, outcome, fault);
        if (end == End::done) return outcome;
        if (end == End::lost && std::exchange(lost, true)) throw *fault;
        std::this_thread::sleep_for(std::chrono::milliseconds{random() % (4U << unsigned(tries))});
    }
    throw Error{Code::unavailable, "database-busy", {}, fault->detail()};
}

} // namespace diaban::data::postgis
