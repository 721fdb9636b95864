#pragma once

#include "data/model/access.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace diaban::services::access {

/// What a provider says of somebody who signed in there.
struct OidcClaims {
    std::string subject;
    std::string login; ///< what it would call them: preferred_username, else email
    std::string name;
};

/// What the browser keeps between leaving for a provider and coming back, in a cookie.
struct OidcJourney {
    std::string state;
    std::string nonce;
    std::string verifier;

    [[nodiscard]] static OidcJourney begin();
    [[nodiscard]] static std::optional<OidcJourney> read(std::string_view text);
    [[nodiscard]] std::string text() const { return state + "." + nonce + "." + verifier; }
};

/// What an ID token is held to.
struct OidcExpectation {
    std::string issuer;
    std::string client_id;
    std::string nonce;
    std::int64_t now = 0; ///< seconds since 1970
};

/// By how much the clock of a provider may differ from ours.
inline constexpr std::int64_t most_clock_skew = 60;

/// Reads and checks an ID token (OpenID Connect Core 1.0, 3.1.3.7) with the keys of a JWK set.
///
/// Algorithms  RS256, PS256, ES256; by `kid`, or with the only key that fits. libcjose's.
/// Empty       if no key of that name is in the set: it may be younger than the set.
/// Throws      Error{forbidden, "sign-in-failed"} with the reason in its detail.
[[nodiscard]] std::optional<OidcClaims> read_id_token(std::string_view token, std::string_view jwks,
                                                      OidcExpectation const& expected);

/// OpenID Connect: the authorization code flow with PKCE (RFC 7636, S256), of any provider with
/// discovery.
///
/// Keys     kept an hour; a token of a key that is not among them has them fetched again, at most
///          every ten seconds.
/// Network  libcurl: no redirects, a megabyte, five seconds; https, or http where the issuer is.
/// Threads  any number. Throws Error{unavailable, "provider-unreachable"}.
class OidcClient {
public:
    /// Where the browser is to go. `back`: the address that it comes back to.
    [[nodiscard]] std::string leave(data::model::IdentityProvider const& provider,
                                    OidcJourney const& journey, std::string_view back,
                                    std::int64_t now);
    /// What the code that the browser brought back stands for.
    [[nodiscard]] OidcClaims arrive(data::model::IdentityProvider const& provider,
                                    OidcJourney const& journey, std::string_view back,
                                    std::string_view code, std::int64_t now);

private:
    struct Known {
        std::string authorization_endpoint;
        std::string token_endpoint;
        std::string jwks_uri;
        std::string jwks;
        std::int64_t discovered_at = 0;
        std::int64_t keys_at = 0;
    };
    [[nodiscard]] Known known(data::model::IdentityProvider const& provider, std::int64_t now);
    [[nodiscard]] std::string keys(data::model::IdentityProvider const& provider, std::int64_t now,
                                   bool newer);

    std::mutex m_mutex;
    std::map<std::string, Known> m_known; ///< by issuer
};

} // namespace diaban::services::access
