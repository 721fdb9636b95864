#include "services/access/oidc.hpp"

#include "geo/error.hpp"
#include "services/access/fetch.hpp"
#include "services/access/secret.hpp"
#include "services/http/uri.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace diaban::services::access {

namespace {

using Json = nlohmann::json;
using data::model::IdentityProvider;

constexpr std::int64_t keys_last = 3600; // s
constexpr std::int64_t keys_spared = 10; // s: no sooner again, whatever tokens come

geo::Error unreachable(std::string_view issuer, std::string detail) {
    return {geo::Code::unavailable,
            "provider-unreachable",
            {{"value", std::string{issuer}}},
            std::move(detail)};
}

Json fetch_json(std::string const& url, std::string const& issuer) {
    // A document of https is never fetched in the clear.
    if (issuer.starts_with("https://") && !url.starts_with("https://"))
        throw unreachable(issuer, url + " is not https");
    auto const fetched = fetch({url});
    auto json = Json::parse(fetched.body, nullptr, false);
    if (fetched.status != 200 || !json.is_object())
        throw unreachable(issuer, fmt::format("{}: {}", url, fetched.status));
    return json;
}

std::string form_of(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
    std::string form;
    for (auto const& [name, value] : fields)
        form += fmt::format("{}{}={}", form.empty() ? "" : "&", name, http::percent_encode(value));
    return form;
}

} // namespace

OidcJourney OidcJourney::begin() {
    return {random_secret(), random_secret(), random_secret()};
}

std::optional<OidcJourney> OidcJourney::read(std::string_view text) {
    auto const first = text.find('.');
    auto const second = text.find('.', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
    OidcJourney made{std::string{text.substr(0, first)},
                     std::string{text.substr(first + 1, second - first - 1)},
                     std::string{text.substr(second + 1)}};
    if (made.state.empty() || made.nonce.empty() || made.verifier.empty()) return std::nullopt;
    return made;
}

OidcClient::Known OidcClient::known(IdentityProvider const& provider, std::int64_t now) {
    {
        std::lock_guard const lock{m_mutex};
        auto const at = m_known.find(provider.issuer);
        if (at != m_known.end() && at->second.discovered_at > now - keys_last) return at->second;
    }
    auto issuer = provider.issuer;
    while (issuer.ends_with('/')) issuer.pop_back();
    auto const json = fetch_json(issuer + "/.well-known/openid-configuration", provider.issuer);
    if (json.value("issuer", "") != provider.issuer)
        throw unreachable(provider.issuer, "it says to be " + json.value("issuer", ""));
    Known made{json.value("authorization_endpoint", ""),
               json.value("token_endpoint", ""),
               json.value("jwks_uri", ""),
               {},
               now,
               0};
    std::lock_guard const lock{m_mutex};
    auto& kept = m_known[provider.issuer];
    made.jwks = kept.jwks;
    made.keys_at = kept.keys_at;
    kept = made;
    return made;
}

std::string OidcClient::keys(IdentityProvider const& provider, std::int64_t now, bool newer) {
    auto const place = known(provider, now);
    auto const age = now - place.keys_at;
    if (!place.jwks.empty() && age < (newer ? keys_spared : keys_last)) return place.jwks;
    auto keys = fetch_json(place.jwks_uri, provider.issuer).dump();
    std::lock_guard const lock{m_mutex};
    auto& kept = m_known[provider.issuer];
    kept.jwks = keys;
    kept.keys_at = now;
    return keys;
}

std::string OidcClient::leave(IdentityProvider const& provider, OidcJourney const& journey,
                              std::string_view back, std::int64_t now) {
    auto const place = known(provider, now);
    auto const challenge = base64url(sha256_bytes(journey.verifier));
    auto const query = form_of({{"response_type", "code"},
                                {"client_id", provider.client_id},
                                {"redirect_uri", back},
                                {"scope", provider.scopes},
                                {"state", journey.state},
                                {"nonce", journey.nonce},
                                {"code_challenge", challenge},
                                {"code_challenge_method", "S256"}});
    bool const has_query = place.authorization_endpoint.find('?') != std::string::npos;
    return place.authorization_endpoint + (has_query ? "&" : "?") + query;
}

OidcClaims OidcClient::arrive(IdentityProvider const& provider, OidcJourney const& journey,
                              std::string_view back, std::string_view code, std::int64_t now) {
    auto const place = known(provider, now);
    Fetch wanted{place.token_endpoint, form_of({{"grant_type", "authorization_code"},
                                                {"code", code},
                                                {"redirect_uri", back},
                                                {"client_id", provider.client_id},
                                                {"code_verifier", journey.verifier}})};
    if (provider.client_secret) {
        wanted.user = http::percent_encode(provider.client_id); // RFC 6749, 2.3.1
        wanted.password = http::percent_encode(*provider.client_secret);
    }
    if (provider.issuer.starts_with("https://") && !wanted.url.starts_with("https://"))
        throw unreachable(provider.issuer, "its token endpoint is not https");
    auto const fetched = fetch(wanted);
    auto const json = Json::parse(fetched.body, nullptr, false);
    if (fetched.status != 200 || !json.is_object() || !json.contains("id_token") ||
        !json["id_token"].is_string())
        throw geo::Error{geo::Code::forbidden,
                         "sign-in-failed",
                         {},
                         fmt::format("token endpoint: {}", fetched.status)};
    OidcExpectation const expected{provider.issuer, provider.client_id, journey.nonce, now};
    auto const token = json["id_token"].get<std::string>();
    auto claims = read_id_token(token, keys(provider, now, false), expected);
    if (!claims) claims = read_id_token(token, keys(provider, now, true), expected);
    if (!claims)
        throw geo::Error{geo::Code::forbidden, "sign-in-failed", {}, "ID token: unknown key"};
    return *claims;
}

} // namespace diaban::services::access
