#pragma once

#include "data/model/access.hpp"
#include "data/postgis/pool.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::data::postgis {

/// Accounts, roles, sessions and tokens in the record. Each change is noted in the audit by the
/// same transaction: `by` is whoever makes it.
///
/// Pool     of Role::access.
/// Threads  any number.
/// Throws   Error{unavailable, …} if the database is busy or gone; Error{not_found,
///          "unknown-account"}, "unknown-role", "unknown-token"; Error{conflict, "account-exists"};
///          Error{bad_input, …} where a rule of the record is broken.
class AccessStore {
public:
    explicit AccessStore(Pool& pool) : m_pool{pool} {}

    /// Changes with anything that decides who may do what, and with the day.
    [[nodiscard]] std::string version() const;
    [[nodiscard]] model::AccessRecord read() const;

    // --- signing in

    /// Counts an attempt; when the login is locked instead, says until when. After five failures
    /// in a row it is locked for half a minute, then twice as long each time, to a quarter of an
    /// hour. Logins that do not exist are counted alike.
    [[nodiscard]] std::optional<geo::Instant> begin_attempt(std::string_view login) const;
    /// Nothing for an account that there is not.
    [[nodiscard]] std::optional<model::Credentials> credentials(std::string_view login) const;
    /// Whether this step of the second factor was not used yet; it is from now on.
    [[nodiscard]] bool use_totp_step(std::string_view login, std::int64_t step) const;
    void begin_session(model::Session const& session, std::string_view how) const;
    void end_session(std::string_view id, std::string_view by) const;
    /// The account tied to a provider's subject; where the provider makes accounts a stranger gets
    /// one, called `login` or like it. Nothing if it is not known and none is made.
    [[nodiscard]] std::optional<std::string> account_of(model::IdentityProvider const& provider,
                                                        std::string_view subject,
                                                        std::string_view login,
                                                        std::string_view name) const;

    // --- accounts

    void add_account(model::Account const& account, std::optional<std::string> const& password,
                     std::string_view by) const;
    /// Ends the account's sessions.
    void set_password(std::string_view login, std::optional<std::string> const& password,
                      std::string_view by) const;
    /// Empty: no second factor.
    void set_totp(std::string_view login, std::string_view secret, std::string_view by) const;
    /// Ends the account's sessions and locks its tokens out.
    void set_disabled(std::string_view login, bool disabled, std::string_view by) const;
    void remove_account(std::string_view login, std::string_view by) const;
    void tie_identity(std::string_view login, std::string_view issuer, std::string_view subject,
                      std::string_view by) const;
    void give_role(std::string_view login, std::string_view role, std::string_view by) const;
    void take_role(std::string_view login, std::string_view role, std::string_view by) const;
    [[nodiscard]] std::int64_t add_token(model::Token const& token, std::string_view by) const;
    void remove_token(std::int64_t id, std::string_view by) const;

    // --- roles and providers

    /// Makes it, or what it is from now on.
    void set_role(model::AccessRole const& role, std::string_view by) const;
    void remove_role(std::string_view name, std::string_view by) const;
    void set_provider(model::IdentityProvider const& provider, std::string_view by) const;
    void remove_provider(std::string_view name, std::string_view by) const;

private:
    Pool& m_pool;
};

/// The audit: only added to. Pool, threads and throws as AccessStore.
class AuditStore {
public:
    explicit AuditStore(Pool& pool) : m_pool{pool} {}

    void note(model::AuditNote const& note) const;
    [[nodiscard]] std::vector<model::AuditEntry> entries(model::AuditQuery const& query) const;
    [[nodiscard]] model::AuditCheck check() const;
    /// Removes what is kept no longer; returns how many entries.
    [[nodiscard]] std::int64_t trim(std::string_view by) const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
