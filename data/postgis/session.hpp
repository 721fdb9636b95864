#pragma once

#include "data/postgis/errors.hpp"
#include "data/postgis/pool.hpp"
#include "geo/policy.hpp"

#include <pqxx/pqxx>

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace diaban::data::postgis {

/// A connection whose remarks are not printed.
struct QuietConnection {
    explicit QuietConnection(std::string const& text) : sql{text}, quiet{sql} {}
    pqxx::connection sql;
    pqxx::quiet_errorhandler quiet;
};

/// Where libpqxx begins: a connection leased from a pool. Included by sources of this room only.
class Session {
public:
    /// Waits for a connection as Pool says.
    explicit Session(Pool& pool);
    ~Session();
    Session(Session const&) = delete;
    Session& operator=(Session const&) = delete;

    [[nodiscard]] pqxx::connection& connection() noexcept { return m_connection->sql; }
    /// The connection is broken: it does not go back to the pool.
    void lose() noexcept;

private:
    Pool& m_pool;
    std::unique_ptr<QuietConnection> m_connection;
};

/// A field's text; empty for null.
[[nodiscard]] inline std::string_view view(pqxx::field const& field) {
    return {field.c_str(), field.size()};
}

/// What libpqxx threw, as the error of this house; `lost` is set if the connection is gone.
geo::Error translated(pqxx::failure const& failure, pqxx::connection const& connection, bool& lost);

/// Runs `work(transaction)` in one read-only transaction (or another kind that changes nothing);
/// once more on a fresh connection if this one turns out to be lost. `work` must be repeatable.
template <class Transaction = pqxx::read_transaction, class Work>
auto reading(Pool& pool, Work const& work) {
    for (bool last_try = false;; last_try = true) {
        Session session{pool};
        bool lost = false;
        try {
            Transaction transaction{session.connection()};
            return work(transaction);
        } catch (pqxx::failure const& failure) {
            auto const error = translated(failure, session.connection(), lost);
            if (lost) session.lose();
            if (!lost || last_try) throw error;
        }
    }
}

/// Runs `work(transaction)` in one transaction and commits it. Never tried twice: whether a lost
/// commit happened is not known.
template <class Work>
auto writing(Pool& pool, Work const& work) {
    Session session{pool};
    try {
        pqxx::work transaction{session.connection()};
        if constexpr (std::is_void_v<decltype(work(transaction))>) {
            work(transaction);
            transaction.commit();
        } else {
            auto result = work(transaction);
            transaction.commit();
            return result;
        }
    } catch (pqxx::failure const& failure) {
        bool lost = false;
        auto const error = translated(failure, session.connection(), lost);
        if (lost) session.lose();
        throw error;
    }
}

/// Hands the policy to the transaction, for the conditions of sql_text and for row-level security.
void set_policy(pqxx::transaction_base& transaction, geo::Policy const& policy);
/// Says in whose name the transaction changes rows, and why: history keeps both.
void set_author(pqxx::transaction_base& transaction, std::string const& who,
                std::string const& why);

} // namespace diaban::data::postgis
