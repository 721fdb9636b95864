#include "data/postgis/webhook_store.hpp"

#include "data/postgis/access_sql.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "geo/error.hpp"

namespace diaban::data::postgis {

namespace {

using model::Delivery;
using model::Posting;
using model::Subscription;

std::optional<std::string> scopes_text(Subscription const& subscription) {
    if (!subscription.scopes) return std::nullopt;
    return array_text(*subscription.scopes);
}

void check_found(pqxx::result const& changed, std::int64_t id) {
    if (changed.affected_rows() == 0)
        throw geo::Error{geo::Code::not_found, "no-webhook", {{"value", std::to_string(id)}}};
}

Posting posting_of(pqxx::row const& row) {
    Posting posting;
    posting.delivery = row[0].as<std::int64_t>();
    posting.message = row[1].c_str();
    posting.attempts = row[2].as<int>();
    posting.since = {row[3].as<std::int64_t>()};
    posting.type = row[4].c_str();
    posting.sent = {row[5].as<std::int64_t>()};
    posting.refers = words_of(row[6]);
    posting.said = row[7].c_str();
    return posting;
}

} // namespace

std::vector<Subscription> WebhookStore::list() const {
    return reading(m_pool, [](pqxx::transaction_base& sql) {
        std::vector<Subscription> all;
        for (auto const row :
             sql.exec("SELECT id, title, url, to_json(collections), to_json(severities), level, "
                      "to_json(scopes), enabled FROM alert.subscription ORDER BY id")) {
            auto& one = all.emplace_back();
            one.id = row[0].as<std::int64_t>();
            one.title = row[1].c_str();
            one.url = row[2].c_str();
            one.collections = words_of(row[3]);
            one.severities = words_of(row[4]);
            one.level = std::uint8_t(row[5].as<int>());
            if (!row[6].is_null()) one.scopes = words_of(row[6]);
            one.enabled = row[7].as<bool>();
        }
        return all;
    });
}

std::int64_t WebhookStore::add(Subscription const& one, std::string const& who) const {
    return writing(m_pool, [&](pqxx::work& sql) {
        return sql
            .exec_params1("INSERT INTO alert.subscription (title, url, secret, collections, "
                          "severities, level, scopes, enabled, created_by) VALUES ($1, $2, $3, "
                          "$4::text[], $5::text[], $6, $7::text[], $8, $9) RETURNING id",
                          one.title, one.url, one.secret, array_text(one.collections),
                          array_text(one.severities), int{one.level}, scopes_text(one), one.enabled,
                          who)[0]
            .as<std::int64_t>();
    });
}

void WebhookStore::set(Subscription const& one) const {
    writing(m_pool, [&](pqxx::work& sql) {
        check_found(sql.exec_params(
                        "UPDATE alert.subscription SET title = $2, url = $3, secret = "
                        "coalesce(nullif($4, ''), secret), collections = $5::text[], "
                        "severities = $6::text[], level = $7, scopes = $8::text[], enabled = "
                        "$9, rests_until = '-infinity' WHERE id = $1",
                        one.id, one.title, one.url, one.secret, array_text(one.collections),
                        array_text(one.severities), int{one.level}, scopes_text(one), one.enabled),
                    one.id);
    });
}

void WebhookStore::remove(std::int64_t id) const {
    writing(m_pool, [&](pqxx::work& sql) {
        check_found(sql.exec_params("DELETE FROM alert.subscription WHERE id = $1", id), id);
    });
}

std::vector<Delivery> WebhookStore::deliveries(std::int64_t subscription,
                                               std::string const& state) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        if (sql.exec_params("SELECT FROM alert.subscription WHERE id = $1", subscription).empty())
            throw geo::Error{
                geo::Code::not_found, "no-webhook", {{"value", std::to_string(subscription)}}};
        std::vector<Delivery> all;
        for (auto const row : sql.exec_params(
                 "SELECT d.id, d.message, d.state, " + microseconds("d.created_at") +
                     ", d.attempts, " + microseconds("r.at") +
                     ", r.status, coalesce(r.fault, '') FROM alert.delivery AS d LEFT JOIN LATERAL "
                     "(SELECT * FROM alert.receipt AS l WHERE l.delivery = d.id ORDER BY l.id DESC "
                     "LIMIT 1) AS r ON true WHERE d.subscription = $1 AND ($2 = '' OR d.state = "
                     "$2) ORDER BY d.id DESC LIMIT 1000",
                 subscription, state)) {
            auto& one = all.emplace_back();
            one.id = row[0].as<std::int64_t>();
            one.subscription = subscription;
            one.message = row[1].c_str();
            one.state = row[2].c_str();
            one.created = {row[3].as<std::int64_t>()};
            one.attempts = row[4].as<int>();
            if (!row[5].is_null()) one.last_at = geo::Instant{row[5].as<std::int64_t>()};
            if (!row[6].is_null()) one.last_status = row[6].as<int>();
            one.last_fault = row[7].c_str();
        }
        return all;
    });
}

void WebhookStore::retry(std::int64_t delivery) const {
    writing(m_pool, [&](pqxx::work& sql) {
        check_found(sql.exec_params("UPDATE alert.delivery SET state = 'waiting', attempts = 0, "
                                    "since = clock_timestamp() WHERE id = $1",
                                    delivery),
                    delivery);
        sql.exec_params("UPDATE alert.subscription SET rests_until = '-infinity' WHERE id = "
                        "(SELECT d.subscription FROM alert.delivery AS d WHERE d.id = $1)",
                        delivery);
    });
}

bool WebhookStore::deliver(
    std::function<model::Receipt(model::Posting const&)> const& attempt) const {
    return writing(m_pool, [&](pqxx::work& sql) {
        set_policy(sql, geo::Policy::everything());
        auto const open = sql.exec(
            "SELECT s.id, s.url, s.secret FROM alert.subscription AS s WHERE s.enabled AND "
            "s.rests_until <= clock_timestamp() AND EXISTS (SELECT FROM alert.delivery AS d WHERE "
            "d.subscription = s.id AND d.state = 'waiting') ORDER BY s.rests_until, s.id LIMIT 1 "
            "FOR NO KEY UPDATE OF s SKIP LOCKED"); // alerts that are raised meanwhile do not wait
        if (open.empty()) return false;
        auto const subscription = open[0][0].as<std::int64_t>();
        // With the lock held: what another has just delivered waits no more.
        auto const first = sql.exec_params(
            "SELECT d.id, d.message, d.attempts, " + microseconds("d.since") + ", m.type, " +
                microseconds("m.sent") +
                ", to_json(m.refers), m.said::text FROM alert.delivery AS d JOIN alert.message AS "
                "m ON m.identifier = d.message WHERE d.subscription = $1 AND d.state = 'waiting' "
                "ORDER BY d.id LIMIT 1",
            subscription);
        if (first.empty()) return false;
        auto posting = posting_of(first[0]);
        posting.url = open[0][1].c_str();
        posting.secret = open[0][2].c_str();
        auto const receipt = attempt(posting);
        sql.exec_params("INSERT INTO alert.receipt (delivery, status, fault) VALUES ($1, $2, $3)",
                        posting.delivery, receipt.status, receipt.fault);
        sql.exec_params("UPDATE alert.delivery SET attempts = attempts + 1, state = $2 WHERE id = "
                        "$1",
                        posting.delivery,
                        receipt.taken      ? "delivered"
                        : receipt.gives_up ? "dead"
                                           : "waiting");
        sql.exec_params(
            "UPDATE alert.subscription SET rests_until = clock_timestamp() + $2::bigint "
            "* interval '1 microsecond' WHERE id = $1",
            subscription, receipt.rest);
        return true;
    });
}

void WebhookStore::tidy() const {
    writing(m_pool, [](pqxx::work& sql) { sql.exec("SELECT alert.forget_deliveries()"); });
}

} // namespace diaban::data::postgis
