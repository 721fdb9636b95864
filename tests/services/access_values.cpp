// Rights, codes and secrets as values: no server, no database.

#include "services/access/rights.hpp"
#include "services/access/secret.hpp"
#include "services/access/totp.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <chrono>

using namespace diaban::services::access;

namespace {

Reach at(std::vector<std::string> scopes, std::uint8_t level,
         std::vector<std::string> masked = {}) {
    return {false, std::move(scopes), level, std::move(masked)};
}

Reach everywhere(std::uint8_t level, std::vector<std::string> masked = {}) {
    return {true, {}, level, std::move(masked)};
}

Rights rights_of(std::vector<Role> const& roles, Role const& for_all) {
    std::vector<Role const*> pointers;
    for (auto const& role : roles) pointers.push_back(&role);
    return Rights{pointers, for_all};
}

} // namespace

BOOST_AUTO_TEST_SUITE(access_values)

BOOST_AUTO_TEST_CASE(what_is_joined_shows_nothing_that_neither_shows) {
    std::vector<Reach> const reaches{at({}, 0),           at({"a"}, 0),        at({"a", "b"}, 1),
                                     at({"b"}, 2, {"x"}), everywhere(0),       everywhere(1, {"x"}),
                                     at({"a"}, 3, {"y"}), everywhere(2, {"y"})};
    for (auto const& one : reaches)
        for (auto const& other : reaches)
            for (auto const* const scope : {"a", "b", "c"})
                for (std::uint8_t level = 0; level < 4; ++level)
                    for (auto const* const field : {"x", "y", "z"}) {
                        auto const sees = [&](Reach const& reach) {
                            auto const policy = reach.policy();
                            return policy.sees(scope, level) && policy.sees_field(field);
                        };
                        BOOST_TEST((!sees(joined(one, other)) || sees(one) || sees(other)));
                        BOOST_TEST(sees(common(one, other)) == (sees(one) && sees(other)));
                    }
}

BOOST_AUTO_TEST_CASE(scopes_of_one_level_and_mask_are_joined_whole) {
    auto const both = joined(at({"a"}, 1), at({"b"}, 1)).policy();
    BOOST_TEST(both.sees("a", 1));
    BOOST_TEST(both.sees("b", 1));
    BOOST_TEST(!both.sees("c", 0));
    auto const wider = joined(everywhere(0, {"x"}), everywhere(2)).policy();
    BOOST_TEST(wider.sees("c", 2));
    BOOST_TEST(wider.sees_field("x"));
}

BOOST_AUTO_TEST_CASE(what_a_role_says_of_a_collection_stands_before_what_it_says_of_all) {
    Role const for_all{"public", {{"*", Action::read, everywhere(0)}}, {}};
    Role const land{
        "land",
        {{"parcels", Action::read, at({"18739"}, 2)}, {"parcels", Action::edit, at({"18739"}, 1)}},
        {}};
    auto const rights = rights_of({land}, for_all);
    BOOST_TEST(rights.find("parcels", Action::read)->sees("18739", 2));
    BOOST_TEST(!rights.find("parcels", Action::read)->sees("18073", 0));
    BOOST_TEST(rights.find("roads", Action::read)->sees("18073", 0));
    BOOST_TEST(!rights.find("roads", Action::edit));
    BOOST_TEST(!rights.find("parcels", Action::edit)->sees("18739", 2));
}

BOOST_AUTO_TEST_CASE(nothing_is_edited_that_is_not_read) {
    Role const role{"writer",
                    {{"parcels", Action::read, at({"a"}, 0, {"x"})},
                     {"parcels", Action::edit, everywhere(255)},
                     {"roads", Action::edit, everywhere(255)}},
                    {}};
    auto const rights = rights_of({role}, Role{});
    auto const* const edit = rights.find("parcels", Action::edit);
    BOOST_REQUIRE(edit);
    BOOST_TEST(!edit->sees("b", 0));
    BOOST_TEST(!edit->sees("a", 1));
    BOOST_TEST(!edit->sees_field("x"));
    BOOST_TEST(!rights.find("roads", Action::edit));
}

BOOST_AUTO_TEST_CASE(a_token_has_no_more_than_its_scopes_say) {
    auto role = Rights::open_to_all();
    role.duties = {true, true, true};
    auto const rights = rights_of({role}, Role{});
    std::vector<std::string> const scopes{"read", "edit:parcels", "audit", "nonsense"};
    auto const limited = rights.limited_to(scopes);
    BOOST_TEST(limited.find("roads", Action::read));
    BOOST_TEST(limited.find("parcels", Action::edit));
    BOOST_TEST(!limited.find("roads", Action::edit));
    BOOST_TEST(limited.may(Duty::audit));
    BOOST_TEST(!limited.may(Duty::administer));
    BOOST_TEST(limited.key() != rights.key());
    BOOST_TEST(!rights.limited_to({}).find("roads", Action::read));
    BOOST_TEST(is_token_scope("read:parcels"));
    BOOST_TEST(!is_token_scope("read:"));
    BOOST_TEST(!is_token_scope("root"));
}

BOOST_AUTO_TEST_CASE(equal_rights_have_equal_keys_and_no_name_passes_for_two) {
    Role const one{"one", {{"parcels", Action::read, at({"a", "b"}, 0)}}, {}};
    Role const same{"other", {{"parcels", Action::read, at({"b", "a", "b"}, 0)}}, {}};
    Role const tricky{"tricky", {{"parcels", Action::read, at({"a,b"}, 0)}}, {}};
    auto const key = [](Role const& role) { return rights_of({role}, Role{}).key(); };
    BOOST_TEST(key(one) == key(same));
    BOOST_TEST(key(one) != key(tricky));
    using diaban::geo::Policy;
    BOOST_TEST(Policy::limited({"1:a"}, 0).key() != Policy::limited({"a", ""}, 0).key());
    BOOST_TEST(Policy::everything(0).key() != Policy::everything(0, {"x"}).key());
    BOOST_TEST(Policy{}.key() == Policy::limited({}, 0).key());
}

BOOST_AUTO_TEST_CASE(codes_are_those_of_rfc_6238_appendix_b) {
    std::string const secret = "12345678901234567890";
    BOOST_TEST(totp_code(secret, totp_step(59), 8) == "94287082");
    BOOST_TEST(totp_code(secret, totp_step(1111111109), 8) == "07081804");
    BOOST_TEST(totp_code(secret, totp_step(1111111111), 8) == "14050471");
    BOOST_TEST(totp_code(secret, totp_step(1234567890), 8) == "89005924");
    BOOST_TEST(totp_code(secret, totp_step(2000000000), 8) == "69279037");
    BOOST_TEST(totp_code(secret, totp_step(20000000000), 8) == "65353130");
}

BOOST_AUTO_TEST_CASE(a_code_holds_for_the_step_before_and_after_and_no_longer) {
    auto const secret = random_bytes(20);
    constexpr std::int64_t now = 1'700'000'000;
    auto const code = totp_code(secret, totp_step(now));
    for (auto const late : {-30, 0, 30})
        BOOST_TEST(matching_step(secret, code, now + late).value_or(0) == totp_step(now));
    for (auto const late : {-90, 90}) BOOST_TEST(!matching_step(secret, code, now + late));
    BOOST_TEST(!matching_step(secret, "", now));
}

BOOST_AUTO_TEST_CASE(base32_is_that_of_rfc_4648_section_10) {
    BOOST_TEST(base32("") == "");
    BOOST_TEST(base32("f") == "MY");
    BOOST_TEST(base32("fo") == "MZXQ");
    BOOST_TEST(base32("foo") == "MZXW6");
    BOOST_TEST(base32("foobar") == "MZXW6YTBOI");
    BOOST_TEST(totp_uri("an@xa", "foobar") ==
               "otpauth://totp/Diaban:an%40xa?secret=MZXW6YTBOI&issuer=Diaban");
}

BOOST_AUTO_TEST_CASE(passwords_are_kept_as_argon2id_and_fail_alike_where_there_is_none) {
    auto const kept = hash_password("mật khẩu dài");
    BOOST_TEST(kept.starts_with("$argon2id$v=19$m=65536,t=2,p=1$"));
    BOOST_TEST(hash_password("mật khẩu dài") != kept);
    BOOST_TEST(verify_password(kept, "mật khẩu dài"));
    BOOST_TEST(!verify_password(kept, "mật khẩu khác"));
    BOOST_TEST(!verify_password(std::nullopt, "mật khẩu dài"));
    BOOST_TEST(!is_acceptable_password("ngắn"));
    BOOST_TEST(!is_acceptable_password("aaaaaaaaaaaaaaaa"));
}

BOOST_AUTO_TEST_CASE(secrets_are_long_and_what_is_made_of_them_tells_nothing) {
    auto const secret = random_secret();
    BOOST_TEST(secret.size() == 43U);
    BOOST_TEST(random_secret() != secret);
    BOOST_TEST(csrf_of(secret) == csrf_of(secret));
    BOOST_TEST(csrf_of(secret) != csrf_of(random_secret()));
    BOOST_TEST(from_base64url(base64url("\xff\xfe\x00 a")).value_or("") == "\xff\xfe\x00 a");
    BOOST_TEST(!from_base64url("a+b/"));
    // FIPS 180-2, B.1
    BOOST_TEST(sha256_of("abc") ==
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

BOOST_AUTO_TEST_SUITE_END()
