#pragma once

#include "data/postgis/access_store.hpp"
#include "data/postgis/pool.hpp"
#include "services/access/directory.hpp"
#include "services/access/oidc.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace diaban::services::access {

/// Signing in and out, and what stands behind it.
struct Accounts {
    static constexpr std::chrono::hours session_length{12};

    explicit Accounts(std::string database);

    /// A session as its browser is to hold it.
    struct SignedIn {
        std::string secret;
        std::string login;
        geo::Instant expires_at;
    };
    /// By password, and by a code where the account has a second factor.
    ///
    /// Throws   Error{forbidden, "sign-in-failed"}: whether login, password or account are wrong is
    ///          not said; "code-needed" where the password is right and no code was given;
    ///          Error{unavailable, "too-many-attempts"} while the login is locked, known or not.
    [[nodiscard]] SignedIn sign_in(std::string_view login, std::string_view password,
                                   std::string_view code);
    /// By what a provider said. Throws Error{forbidden, "sign-in-failed"} for a stranger.
    [[nodiscard]] SignedIn sign_in(data::model::IdentityProvider const& provider,
                                   OidcClaims const& claims);
    void sign_out(Visitor const& visitor);
    /// Whether the password is the account's; counted as an attempt to sign in.
    [[nodiscard]] bool knows_password(std::string_view login, std::string_view password);

    data::postgis::Pool pool; ///< role access
    data::postgis::AccessStore store{pool};
    data::postgis::AuditStore audit{pool};
    Directory directory{store};
    OidcClient oidc;

private:
    void begin_attempt(std::string_view login);
    SignedIn begin_session(std::string_view login, std::string_view how);
};

[[nodiscard]] std::int64_t unix_microseconds() noexcept;

} // namespace diaban::services::access
