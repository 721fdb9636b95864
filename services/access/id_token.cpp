#include "geo/error.hpp"
#include "services/access/oidc.hpp"
#include "services/access/secret.hpp"

#include <cjose/cjose.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

namespace diaban::services::access {

namespace {

using Json = nlohmann::json;

struct JwkEnd {
    void operator()(cjose_jwk_t* key) const noexcept { cjose_jwk_release(key); }
};
struct JwsEnd {
    void operator()(cjose_jws_t* token) const noexcept { cjose_jws_release(token); }
};

geo::Error refused(std::string reason) {
    return {geo::Code::forbidden, "sign-in-failed", {}, "ID token: " + std::move(reason)};
}

std::string text_of(Json const& object, char const* name) {
    auto const at = object.find(name);
    return at != object.end() && at->is_string() ? at->get<std::string>() : std::string{};
}

std::int64_t seconds_of(Json const& claims, char const* name) {
    auto const at = claims.find(name);
    if (at == claims.end() || !at->is_number()) throw refused(std::string{name} + " is missing");
    return static_cast<std::int64_t>(at->get<double>());
}

/// Algorithms with the type of the key that each needs: nothing symmetric, never `none`.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> algorithms{
    {{"RS256", "RSA"}, {"PS256", "RSA"}, {"ES256", "EC"}}};

/// Keys of the set that may have signed: of that name, or all of that type where it names none.
std::vector<Json> fitting_keys(Json const& set, std::string_view type, std::string const& id) {
    std::vector<Json> keys;
    for (auto const& key : set.value("keys", Json::array())) {
        if (!key.is_object() || text_of(key, "kty") != type) continue;
        if (auto const use = text_of(key, "use"); !use.empty() && use != "sig") continue;
        if (id.empty() || text_of(key, "kid") == id) keys.push_back(key);
    }
    return keys;
}

bool verifies(cjose_jws_t* token, Json const& key) {
    auto const text = key.dump();
    cjose_err fault{};
    std::unique_ptr<cjose_jwk_t, JwkEnd> const jwk{
        cjose_jwk_import(text.data(), text.size(), &fault)};
    return jwk && cjose_jws_verify(token, jwk.get(), &fault);
}

void check_audience(Json const& claims, OidcExpectation const& expected) {
    auto const at = claims.find("aud");
    if (at == claims.end()) throw refused("aud is missing");
    bool const among = at->is_array()
                           ? std::ranges::find(*at, Json(expected.client_id)) != at->end()
                           : *at == Json(expected.client_id);
    if (!among) throw refused("it is for another client");
    auto const party = text_of(claims, "azp");
    bool const several = at->is_array() && at->size() > 1;
    if ((several || !party.empty()) && party != expected.client_id)
        throw refused("another party is authorized");
}

void check_claims(Json const& claims, OidcExpectation const& expected) {
    if (text_of(claims, "iss") != expected.issuer) throw refused("it is of another issuer");
    check_audience(claims, expected);
    if (seconds_of(claims, "exp") <= expected.now - most_clock_skew) throw refused("it is over");
    if (seconds_of(claims, "iat") > expected.now + most_clock_skew)
        throw refused("it was issued in the future");
    if (claims.contains("nbf") && seconds_of(claims, "nbf") > expected.now + most_clock_skew)
        throw refused("it is not valid yet");
    if (!equal_secrets(text_of(claims, "nonce"), expected.nonce))
        throw refused("it answers another request");
}

OidcClaims claims_of(Json const& claims) {
    OidcClaims made{text_of(claims, "sub"), text_of(claims, "preferred_username"),
                    text_of(claims, "name")};
    if (made.subject.empty() || made.subject.size() > 255) throw refused("sub is missing");
    if (made.login.empty()) made.login = text_of(claims, "email");
    return made;
}

} // namespace

std::optional<OidcClaims> read_id_token(std::string_view token, std::string_view jwks,
                                        OidcExpectation const& expected) {
    auto const first = token.substr(0, token.find('.'));
    auto const header = Json::parse(from_base64url(first).value_or(""), nullptr, false);
    if (!header.is_object()) throw refused("its header cannot be read");
    auto const name = text_of(header, "alg");
    auto const* const algorithm =
        std::ranges::find(algorithms, name, [](auto const& one) { return one.first; });
    if (algorithm == algorithms.end()) throw refused("algorithm “" + name + "”");
    auto const set = Json::parse(jwks, nullptr, false);
    if (!set.is_object()) throw refused("the keys cannot be read");
    auto const keys = fitting_keys(set, algorithm->second, text_of(header, "kid"));
    if (keys.empty()) return std::nullopt;

    cjose_err fault{};
    std::unique_ptr<cjose_jws_t, JwsEnd> const jws{
        cjose_jws_import(token.data(), token.size(), &fault)};
    if (!jws) throw refused("it cannot be read");
    if (std::ranges::none_of(keys, [&](Json const& key) { return verifies(jws.get(), key); }))
        throw refused("its signature is wrong");
    std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
    if (!cjose_jws_get_plaintext(jws.get(), &bytes, &size, &fault))
        throw refused("it has no payload");
    auto const claims = Json::parse(bytes, bytes + size, nullptr, false);
    if (!claims.is_object()) throw refused("its claims cannot be read");
    check_claims(claims, expected);
    return claims_of(claims);
}

} // namespace diaban::services::access
