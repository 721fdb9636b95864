// ID tokens of OpenID Connect: signed here with keys of our own by another road than they are read.

#include "geo/error.hpp"
#include "services/access/oidc.hpp"
#include "services/access/secret.hpp"
#include "tests/support/database.hpp"

#include <boost/test/unit_test.hpp>
#include <cjose/cjose.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <memory>

using namespace diaban;
using namespace services::access;
using nlohmann::json;

namespace {

constexpr std::int64_t now = 1'760'000'000;

/// A signing key with a name.
class Key {
public:
    Key(std::string name, char const* algorithm) : m_name{std::move(name)}, m_algorithm{algorithm} {
        cjose_err fault{};
        m_key.reset(m_algorithm == "ES256" ? cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &fault)
                                           : cjose_jwk_create_RSA_random(2048, nullptr, 0, &fault));
        BOOST_REQUIRE(m_key);
    }
    [[nodiscard]] json jwk() const {
        cjose_err fault{};
        std::unique_ptr<char, decltype(&std::free)> const text{
            cjose_jwk_to_json(m_key.get(), false, &fault), &std::free};
        auto made = json::parse(text.get());
        made["kid"] = m_name;
        made["use"] = "sig";
        return made;
    }
    [[nodiscard]] std::string sign(json const& claims) const {
        cjose_err fault{};
        std::unique_ptr<cjose_header_t, decltype(&cjose_header_release)> const header{
            cjose_header_new(&fault), &cjose_header_release};
        cjose_header_set(header.get(), CJOSE_HDR_ALG, m_algorithm.c_str(), &fault);
        cjose_header_set(header.get(), CJOSE_HDR_KID, m_name.c_str(), &fault);
        auto const text = claims.dump();
        std::unique_ptr<cjose_jws_t, decltype(&cjose_jws_release)> const signed_one{
            cjose_jws_sign(m_key.get(), header.get(),
                           reinterpret_cast<std::uint8_t const*>(text.data()), text.size(), &fault),
            &cjose_jws_release};
        BOOST_REQUIRE(signed_one);
        char const* compact = nullptr;
        cjose_jws_export(signed_one.get(), &compact, &fault);
        return compact;
    }

private:
    std::string m_name;
    std::string m_algorithm;
    std::unique_ptr<cjose_jwk_t, bool (*)(cjose_jwk_t*)> m_key{nullptr, &cjose_jwk_release};
};

std::string set_of(std::initializer_list<Key const*> keys) {
    json all = json::array();
    for (auto const* const key : keys) all.push_back(key->jwk());
    return json{{"keys", all}}.dump();
}

json claims() {
    return {{"iss", "https://id.example"},
            {"sub", "42"},
            {"aud", "diaban"},
            {"exp", now + 300},
            {"iat", now},
            {"nonce", "n"},
            {"preferred_username", "An"},
            {"name", "Nguyễn An"}};
}

json with(char const* name, json value) {
    auto made = claims();
    made[name] = std::move(value);
    return made;
}

OidcExpectation const expected{"https://id.example", "diaban", "n", now};

/// Whether the token is taken.
bool takes(std::string const& token, std::string const& keys) {
    return !tests::throws("sign-in-failed",
                          [&] { BOOST_TEST(read_id_token(token, keys, expected).has_value()); });
}

} // namespace

BOOST_AUTO_TEST_SUITE(id_tokens)

BOOST_AUTO_TEST_CASE(a_token_of_each_algorithm_says_who_it_is) {
    for (auto const* const algorithm : {"RS256", "PS256", "ES256"}) {
        Key const key{"one", algorithm};
        Key const other{"other", "RS256"};
        auto const found = read_id_token(key.sign(claims()), set_of({&other, &key}), expected);
        BOOST_REQUIRE_MESSAGE(found, algorithm);
        BOOST_TEST(found->subject == "42");
        BOOST_TEST(found->login == "An");
        BOOST_TEST(found->name == "Nguyễn An");
    }
}

BOOST_AUTO_TEST_CASE(a_key_that_is_not_in_the_set_is_asked_for_again) {
    Key const old{"old", "RS256"};
    Key const young{"young", "RS256"};
    BOOST_TEST(!read_id_token(young.sign(claims()), set_of({&old}), expected));
    BOOST_TEST(read_id_token(young.sign(claims()), set_of({&old, &young}), expected).has_value());
}

BOOST_AUTO_TEST_CASE(a_token_of_another_key_or_with_another_content_is_refused) {
    Key const key{"one", "RS256"};
    Key const impostor{"one", "RS256"};
    BOOST_TEST(!takes(impostor.sign(claims()), set_of({&key})));
    auto token = key.sign(claims());
    auto const begin = token.find('.') + 1;
    auto const end = token.find('.', begin);
    token.replace(begin, end - begin, base64url(with("sub", "43").dump()));
    BOOST_TEST(!takes(token, set_of({&key})));
}

BOOST_AUTO_TEST_CASE(neither_none_nor_a_symmetric_algorithm_signs) {
    Key const key{"one", "RS256"};
    for (auto const* const algorithm : {"none", "HS256", "RS1", ""}) {
        auto const header = json{{"alg", algorithm}, {"kid", "one"}}.dump();
        BOOST_TEST(
            !takes(base64url(header) + "." + base64url(claims().dump()) + ".", set_of({&key})),
            algorithm);
    }
    BOOST_TEST(!takes("nonsense", set_of({&key})));
    BOOST_TEST(!takes("", set_of({&key})));
}

BOOST_AUTO_TEST_CASE(clocks_may_differ_by_a_minute_and_no_more) {
    Key const key{"one", "ES256"};
    auto const keys = set_of({&key});
    BOOST_TEST(takes(key.sign(with("exp", now - 59)), keys));
    BOOST_TEST(!takes(key.sign(with("exp", now - 61)), keys));
    BOOST_TEST(takes(key.sign(with("iat", now + 59)), keys));
    BOOST_TEST(!takes(key.sign(with("iat", now + 61)), keys));
    BOOST_TEST(!takes(key.sign(with("nbf", now + 61)), keys));
}

BOOST_AUTO_TEST_CASE(a_token_for_others_or_for_another_request_is_refused) {
    Key const key{"one", "ES256"};
    auto const keys = set_of({&key});
    BOOST_TEST(takes(key.sign(with("aud", json::array({"diaban"}))), keys));
    BOOST_TEST(!takes(key.sign(with("aud", "other")), keys));
    BOOST_TEST(!takes(key.sign(with("aud", json::array({"diaban", "other"}))), keys));
    BOOST_TEST(!takes(key.sign(with("azp", "other")), keys));
    BOOST_TEST(!takes(key.sign(with("iss", "https://id.example.evil")), keys));
    BOOST_TEST(!takes(key.sign(with("nonce", "m")), keys));
    BOOST_TEST(!takes(key.sign(with("sub", "")), keys));
    for (auto const* const name : {"iss", "sub", "aud", "exp", "iat", "nonce"}) {
        auto lacking = claims();
        lacking.erase(name);
        BOOST_TEST(!takes(key.sign(lacking), keys), name);
    }
}

BOOST_AUTO_TEST_SUITE_END()
