#include "data/postgis/pool.hpp"

#include "data/postgis/lease_watch.hpp"
#include "data/postgis/leased_wire.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "data/postgis/wire.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace diaban::data::postgis {
namespace {

std::atomic<decltype(LeaseWatch::asked)> told_when_asked{nullptr};
std::atomic<decltype(LeaseWatch::ended)> told_when_ended{nullptr};

void tell(Lease const& lease) noexcept {
    if (auto* const watch = told_when_ended.load()) watch(lease);
}
/// How long a transaction may lie without a statement: a node that is cut off in the middle of one
/// must not keep its rows from all others. Our own take milliseconds between two statements.
constexpr std::chrono::milliseconds longest_idle{10'000};

/// Opens a connection, quiet, in the pool's role.
std::unique_ptr<QuietConnection> open(PoolOptions const& options) {
    try {
        auto connection = std::make_unique<QuietConnection>(connection_string(options.uri));
        pqxx::nontransaction setup{connection->sql};
        setup.exec("SET ROLE " + quoted(role_name(options.role)));
        setup.exec("SET statement_timeout = " + std::to_string(options.statement_timeout.count()));
        if (options.statement_timeout.count() > 0)
            setup.exec("SET idle_in_transaction_session_timeout = " +
                       std::to_string(std::max(longest_idle, options.statement_timeout).count()));
        setup.exec(
            "SET TimeZone = 'UTC'; SET client_encoding = 'UTF8'; SET extra_float_digits = 1");
        return connection;
    } catch (pqxx::failure const& failure) {
        throw database_down(failure.what());
    }
}

} // namespace

std::string_view role_name(Role role) noexcept {
    switch (role) {
    case Role::owner: return "diaban_owner";
    case Role::feed: return "diaban_feed";
    case Role::serve: return "diaban_serve";
    case Role::edit: return "diaban_edit";
    case Role::access: return "diaban_access";
    }
    return "diaban_serve";
}

void watch_leases(LeaseWatch const& watch) noexcept {
    told_when_asked = watch.asked;
    told_when_ended = watch.ended;
}

struct Pool::State {
    /// A lease under way, by whoever has it.
    struct Out {
        void const* holder;
        Lease lease;
    };
    PoolOptions options;
    std::mutex mutex;
    std::condition_variable freed;
    std::vector<std::unique_ptr<QuietConnection>> idle;
    std::vector<std::unique_ptr<SteadyWire>> wires; // idle too
    std::vector<Out> out;                           // as many as are busy
    Counters counters;

    /// Waits until one more may be in SQL; from then on it is.
    std::unique_lock<std::mutex> enter(void const* holder) {
        using Clock = std::chrono::steady_clock;
        Lease lease{.role = options.role, .asked = Clock::now()};
        if (auto* const watch = told_when_asked.load()) watch();
        std::unique_lock lock{mutex};
        bool const free =
            freed.wait_for(lock, options.wait, [this] { return counters.busy < options.size; });
        lease.begun = Clock::now();
        if (!free) {
            ++counters.refusals;
            lock.unlock();
            lease.ended = lease.begun;
            lease.refused = true;
            tell(lease);
            throw geo::Error{geo::Code::unavailable, "database-busy"};
        }
        out.push_back({holder, lease});
        ++counters.busy;
        ++counters.leases;
        return lock;
    }
    /// With `lock` held, which it lets go.
    void leave(void const* holder, std::unique_lock<std::mutex> lock) {
        auto const it = std::ranges::find(out, holder, &Out::holder);
        auto lease = it->lease;
        out.erase(it);
        --counters.busy;
        freed.notify_one();
        lock.unlock();
        lease.ended = std::chrono::steady_clock::now();
        tell(lease);
    }
};

Pool::Pool(PoolOptions options) : m_state{std::make_unique<State>()} {
    m_state->options = std::move(options);
}
Pool::~Pool() = default;

PoolOptions const& Pool::options() const noexcept {
    return m_state->options;
}

Pool::Counters Pool::counters() const {
    std::lock_guard const lock{m_state->mutex};
    return m_state->counters;
}

bool Pool::alive() {
    try {
        return reading(*this,
                       [](auto& transaction) { return transaction.exec("SELECT 1").size() == 1; });
    } catch (geo::Error const&) {
        return false;
    }
}

Session::Session(Pool& pool) : m_pool{pool} {
    auto& state = *pool.m_state;
    {
        auto const lock = state.enter(this);
        if (!state.idle.empty()) {
            m_connection = std::move(state.idle.back());
            state.idle.pop_back();
            return;
        }
        ++state.counters.connects;
    }
    try {
        m_connection = open(state.options);
    } catch (...) {
        state.leave(this, std::unique_lock{state.mutex});
        throw;
    }
}

Session::~Session() {
    auto& state = *m_pool.m_state;
    std::unique_lock lock{state.mutex};
    if (m_connection) state.idle.push_back(std::move(m_connection));
    state.leave(this, std::move(lock));
}

LeasedWire::LeasedWire(Pool& pool) : m_pool{pool} {
    auto& state = *pool.m_state;
    auto const lock = state.enter(this);
    if (state.wires.empty()) {
        auto const& options = state.options;
        m_wire = std::make_unique<SteadyWire>(options.uri, options.role, options.statement_timeout);
    } else {
        m_wire = std::move(state.wires.back());
        state.wires.pop_back();
    }
}

LeasedWire::~LeasedWire() {
    auto& state = *m_pool.m_state;
    std::unique_lock lock{state.mutex};
    state.wires.push_back(std::move(m_wire));
    state.leave(this, std::move(lock));
}

void Session::lose() noexcept {
    auto& state = *m_pool.m_state;
    std::lock_guard const lock{state.mutex};
    // Where one connection is gone, those that lay idle most likely are too.
    state.counters.losses += 1 + state.idle.size();
    state.idle.clear();
    m_connection.reset();
}

geo::Error translated(pqxx::failure const& failure, pqxx::connection const& connection,
                      bool& lost) {
    if (auto const* sql = dynamic_cast<pqxx::sql_error const*>(&failure)) {
        lost = means_lost(sql->sqlstate()) || !connection.is_open();
        if (!lost || !sql->sqlstate().empty())
            return error_of(
                {.state = sql->sqlstate(), .message = sql->what(), .detail = {}, .constraint = {}});
    } else if (dynamic_cast<pqxx::transaction_rollback const*>(&failure) != nullptr) {
        // A deadlock or a serialization failure, whose state libpqxx does not tell.
        return error_of(
            {.state = "40001", .message = failure.what(), .detail = {}, .constraint = {}});
    } else {
        lost = dynamic_cast<pqxx::broken_connection const*>(&failure) != nullptr ||
               !connection.is_open();
    }
    if (lost) return database_down(failure.what());
    return error_of({.state = {}, .message = failure.what(), .detail = {}, .constraint = {}});
}

void set_policy(pqxx::transaction_base& transaction, geo::Policy const& policy) {
    transaction.exec_params("SELECT set_config('diaban.scopes', $1, true), "
                            "set_config('diaban.level', $2, true)",
                            policy.all_scopes() ? "*" : array_text(policy.scopes()),
                            std::to_string(policy.level()));
}

void set_author(pqxx::transaction_base& transaction, std::string const& who,
                std::string const& why) {
    transaction.exec_params(
        "SELECT set_config('diaban.who', $1, true), set_config('diaban.why', $2, true)", who, why);
}

} // namespace diaban::data::postgis
