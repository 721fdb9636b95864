#include "services/access/accounts.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/access/secret.hpp"
#include "services/access/totp.hpp"

#include <utility>

namespace diaban::services::access {

namespace {

data::postgis::PoolOptions pool_options(std::string database) {
    data::postgis::PoolOptions options;
    options.uri = std::move(database);
    options.role = data::postgis::Role::access;
    options.size = 4;
    options.wait = std::chrono::seconds{2};
    options.statement_timeout = std::chrono::seconds{5};
    return options;
}

/// Longer ones are nobody's.
constexpr std::size_t longest_login = 64;

geo::Error failed() {
    return {geo::Code::forbidden, "sign-in-failed"};
}

} // namespace

std::int64_t unix_microseconds() noexcept {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

Accounts::Accounts(std::string database) : pool{pool_options(std::move(database))} {}

void Accounts::begin_attempt(std::string_view login) {
    auto const locked_until = store.begin_attempt(login);
    if (!locked_until) return;
    std::string until;
    geo::codec::append_instant(until, *locked_until);
    throw geo::Error{geo::Code::unavailable, "too-many-attempts", {{"value", until}}};
}

bool Accounts::knows_password(std::string_view login, std::string_view password) {
    begin_attempt(login);
    auto const held = store.credentials(login);
    return verify_password(held ? held->password : std::nullopt, password);
}

Accounts::SignedIn Accounts::sign_in(std::string_view login, std::string_view password,
                                     std::string_view code) {
    if (login.empty() || login.size() > longest_login) throw failed();
    begin_attempt(login);
    auto const held = store.credentials(login);
    bool const right = verify_password(held ? held->password : std::nullopt, password);
    if (!right || held->disabled) {
        audit.note({"", "sign-in-failed", {}, {}, {}, "{\"how\":\"password\"}"});
        throw failed();
    }
    if (held->totp_secret.empty()) return begin_session(login, "password");
    if (code.empty()) throw geo::Error{geo::Code::forbidden, "code-needed"};
    auto const step = matching_step(held->totp_secret, code, unix_microseconds() / 1'000'000);
    if (!step || !store.use_totp_step(login, *step)) {
        audit.note({"", "sign-in-failed", {}, {}, {}, "{\"how\":\"code\"}"});
        throw failed();
    }
    return begin_session(login, "password-and-code");
}

Accounts::SignedIn Accounts::sign_in(data::model::IdentityProvider const& provider,
                                     OidcClaims const& claims) {
    auto const login = store.account_of(provider, claims.subject, claims.login, claims.name);
    if (!login) {
        audit.note({"", "sign-in-failed", {}, {}, {}, "{\"how\":\"" + provider.name + "\"}"});
        throw failed();
    }
    return begin_session(*login, provider.name);
}

Accounts::SignedIn Accounts::begin_session(std::string_view login, std::string_view how) {
    auto const length = std::chrono::duration_cast<std::chrono::microseconds>(session_length);
    SignedIn made{random_secret(), std::string{login}, {unix_microseconds() + length.count()}};
    store.begin_session({sha256_of(made.secret), made.login, made.expires_at}, how);
    directory.refresh();
    return made;
}

void Accounts::sign_out(Visitor const& visitor) {
    if (visitor.way != Visitor::Way::session) return;
    store.end_session(visitor.session, visitor.login);
    directory.refresh();
}

} // namespace diaban::services::access
