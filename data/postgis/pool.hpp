#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace diaban::data::postgis {

/// As whom the record is entered. The login role of the URI must be a member (or a superuser).
enum class Role : std::uint8_t {
    owner,  ///< diaban_owner: imports, schema
    feed,   ///< diaban_feed: mirrors and the change feed, past row-level security
    serve,  ///< diaban_serve: what answers requests; reads only
    edit,   ///< diaban_edit: edits of single rows
    access, ///< diaban_access: accounts, roles, sessions, the audit; no row of any collection
};

[[nodiscard]] std::string_view role_name(Role role) noexcept;

struct PoolOptions {
    std::string uri;
    Role role = Role::serve;
    unsigned size = 8;                                ///< at most this many in SQL at once
    std::chrono::milliseconds wait{250};              ///< how long the next one waits
    std::chrono::milliseconds statement_timeout{500}; ///< 0: none
};

/// For a command that is alone with its work: one connection as the owner, no statement timeout.
[[nodiscard]] inline PoolOptions for_long_work(std::string uri) {
    return {.uri = std::move(uri),
            .role = Role::owner,
            .size = 1,
            .wait = std::chrono::seconds{5},
            .statement_timeout = std::chrono::milliseconds{0}};
}

class Session;
class SteadyWire;

/// A bounded set of connections to the record, opened when first needed.
///
/// Threads   any number; at most `size` are in SQL, the next waits at most `wait`.
/// Throws    Error{unavailable, "database-busy"} after that wait, Error{unavailable,
///           "database-down"} if no connection can be had.
/// Faults    a lost connection is replaced: a read that met it is tried once more.
class Pool {
public:
    explicit Pool(PoolOptions options);
    ~Pool();
    Pool(Pool const&) = delete;
    Pool& operator=(Pool const&) = delete;

    [[nodiscard]] PoolOptions const& options() const noexcept;

    /// Asks the database for an answer to nothing; false if it cannot be reached.
    [[nodiscard]] bool alive();

    struct Counters {
        std::uint64_t leases = 0;
        std::uint64_t refusals = 0; ///< waits that ended in "database-busy"
        std::uint64_t connects = 0;
        std::uint64_t losses = 0; ///< connections found broken
        unsigned busy = 0;
    };
    [[nodiscard]] Counters counters() const;

private:
    friend class Session;    // data/postgis/session.hpp: where libpqxx begins
    friend class LeasedWire; // data/postgis/leased_wire.hpp: for binary COPY
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace diaban::data::postgis
