#include "services/api/account.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/access/accounts.hpp"
#include "services/access/secret.hpp"
#include "services/api/access_json.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace diaban::services::api {

namespace {

using access::Visitor;
using Body = nlohmann::json;

constexpr char journey_cookie[] = "diaban_oidc";
constexpr std::int64_t journey_seconds = 600;
constexpr std::int64_t most_token_days = 366;

bool is_https(http::Context const& context) {
    return context.origin.starts_with("https://");
}

/// A cookie that scripts cannot read and other sites do not send along with what they change.
std::string cookie(http::Context const& context, std::string_view name, std::string_view value,
                   std::string_view path, std::int64_t seconds) {
    return fmt::format("{}={}; Path={}; Max-Age={}; HttpOnly; SameSite=Lax{}", name, value, path,
                       seconds, is_https(context) ? "; Secure" : "");
}

std::string session_cookie(http::Context const& context, access::Accounts::SignedIn const& made) {
    auto const seconds = (made.expires_at.microseconds - access::unix_microseconds()) / 1'000'000;
    return cookie(context, access::session_cookie, made.secret, "/", seconds);
}

/// A page of another site may make a browser send a form, but not say where it comes from.
void check_same_origin(http::Context const& context) {
    auto const origin = context.request.header("origin");
    if (!origin.empty() && origin != context.origin)
        throw geo::Error{geo::Code::forbidden, "csrf-token", {{"parameter", "Origin"}}};
}

Json describe_rights(Backing const& backing, access::Rights const& rights) {
    auto collections = Json::object();
    auto const add = [&](std::string const& id) {
        if (!rights.find(id, access::Action::read)) return;
        auto& actions = collections[id] = Json::array();
        for (std::size_t i = 0; i < access::action_count; ++i)
            if (rights.find(id, static_cast<access::Action>(i)))
                actions.push_back(access::action_names[i]);
    };
    auto const picture = backing.atlas.picture();
    for (auto const& view : picture->views) add(view->id());
    for (auto const& collection : picture->waiting) add(collection.schema.id);
    auto duties = Json::array();
    for (std::size_t i = 0; i < access::duty_count; ++i)
        if (rights.may(static_cast<access::Duty>(i))) duties.push_back(access::duty_names[i]);
    return {{"collections", std::move(collections)}, {"duties", std::move(duties)}};
}

Json describe_visitor(Backing const& backing, http::Context const& context,
                      Visitor const& visitor) {
    auto const record = backing.accounts.directory.record();
    Json json{{"login", visitor.login.empty() ? Json{} : Json(visitor.login)}};
    json["name"] = "";
    json["roles"] = Json::array();
    auto const* const account = record ? find_account(*record, visitor.login) : nullptr;
    if (account != nullptr) {
        json["name"] = account->name;
        json["roles"] = account->roles;
    }
    json["way"] = visitor.way == Visitor::Way::session ? "session"
                  : visitor.way == Visitor::Way::token ? "token"
                                                       : "anonymous";
    if (!visitor.csrf.empty()) json["csrf"] = visitor.csrf;
    json["rights"] = describe_rights(backing, *visitor.rights);
    auto& providers = json["providers"] = Json::array();
    if (record)
        for (auto const& provider : record->providers)
            providers.push_back(
                {{"name", provider.name},
                 {"title", provider.title},
                 {"href", fmt::format("{}/account/oidc/{}", context.origin, provider.name)}});
    return json;
}

http::Response answer_sign_in(Backing const& backing, http::Context const& context) {
    check_same_origin(context);
    auto const body = read_json_body(context, {"application/json"});
    auto const made = backing.accounts.sign_in(text_in(body, "login"), text_in(body, "password"),
                                               text_in(body, "code", true));
    Json const answer{{"login", made.login}, {"csrf", access::csrf_of(made.secret)}};
    return private_json(200, answer).with("Set-Cookie", session_cookie(context, made));
}

http::Response answer_sign_out(Backing const& backing, http::Context const& context) {
    backing.accounts.sign_out(context.visitor);
    http::Response response{.status = 204, .headers = {}, .body = {}};
    response.with("Set-Cookie", cookie(context, access::session_cookie, "", "/", 0))
        .with("Cache-Control", "no-store");
    return response;
}

http::Response answer_password(Backing const& backing, http::Context const& context) {
    auto const body = read_json_body(context, {"application/json"});
    auto const& login = context.visitor.login;
    if (!backing.accounts.knows_password(login, text_in(body, "current")))
        throw geo::Error{geo::Code::forbidden, "sign-in-failed"};
    auto const wanted = acceptable_password(text_in(body, "password"));
    backing.accounts.store.set_password(login, access::hash_password(wanted), login);
    backing.accounts.directory.refresh();
    return no_content();
}

// --- tokens

http::Response answer_tokens(Backing const& backing, http::Context const& context) {
    auto tokens = Json::array();
    if (auto const record = backing.accounts.directory.record())
        for (auto const& token : record->tokens)
            if (token.login == context.visitor.login) tokens.push_back(describe_token(token));
    return private_json(200, {{"tokens", std::move(tokens)}});
}

http::Response answer_new_token(Backing const& backing, http::Context const& context) {
    if (context.visitor.way != Visitor::Way::session) // a token makes no others
        throw geo::Error{geo::Code::forbidden, "not-allowed"};
    auto const body = read_json_body(context, {"application/json"});
    data::model::Token token;
    token.login = context.visitor.login;
    token.title = text_in(body, "title", true);
    token.scopes = words_in(body, "scopes");
    for (auto const& scope : token.scopes)
        if (!access::is_token_scope(scope)) refuse_member("scopes", scope, token_scopes_accepted);
    auto const days = body.find("days");
    if (days == body.end() || !days->is_number_integer() || *days < 1 || *days > most_token_days)
        refuse_member("days", days == body.end() ? "" : days->dump(), "1..366");
    token.expires_at.microseconds =
        access::unix_microseconds() + days->get<std::int64_t>() * 86'400'000'000;
    auto const secret = access::random_secret();
    token.sha256 = access::sha256_of(secret);
    token.id = backing.accounts.store.add_token(token, context.visitor.login);
    backing.accounts.directory.refresh();
    auto answer = describe_token(token);
    answer["token"] = secret; // said once
    return private_json(201, answer);
}

http::Response answer_remove_token(Backing const& backing, http::Context const& context,
                                   std::int64_t id) {
    auto const record = backing.accounts.directory.record();
    bool const own = record && std::ranges::any_of(record->tokens, [&](auto const& token) {
                         return token.id == id && token.login == context.visitor.login;
                     });
    if (!own)
        throw geo::Error{geo::Code::not_found, "unknown-token", {{"value", std::to_string(id)}}};
    backing.accounts.store.remove_token(id, context.visitor.login);
    backing.accounts.directory.refresh();
    return no_content();
}

// --- OpenID Connect

data::model::IdentityProvider provider_of(Backing const& backing, std::string const& name) {
    auto const record = backing.accounts.directory.record();
    if (record)
        for (auto const& provider : record->providers)
            if (provider.name == name) return provider;
    throw geo::Error{geo::Code::not_found, "unknown-provider", {{"value", name.substr(0, 64)}}};
}

std::string back_of(http::Context const& context, std::string const& name) {
    return fmt::format("{}/account/oidc/{}/callback", context.origin, name);
}

http::Response go_to(std::string where) {
    http::Response response{.status = 303, .headers = {}, .body = {}};
    response.with("Location", std::move(where)).with("Cache-Control", "no-store");
    return response;
}

http::Response answer_leave(Backing const& backing, http::Context const& context,
                            std::string const& name) {
    auto const provider = provider_of(backing, name);
    auto const journey = access::OidcJourney::begin();
    auto const now = access::unix_microseconds() / 1'000'000;
    auto response =
        go_to(backing.accounts.oidc.leave(provider, journey, back_of(context, name), now));
    response.with("Set-Cookie", cookie(context, journey_cookie, journey.text(),
                                       "/account/oidc/" + name, journey_seconds));
    return response;
}

http::Response answer_arrive(Backing const& backing, http::Context const& context,
                             std::string const& name) {
    auto const provider = provider_of(backing, name);
    auto const journey =
        access::OidcJourney::read(access::cookie_of(context.request, journey_cookie));
    auto const state = context.query.find("state").value_or("");
    auto const code = context.query.find("code").value_or("");
    auto const issuer = context.query.find("iss").value_or(provider.issuer);
    if (!journey || code.empty() || issuer != provider.issuer ||
        !access::equal_secrets(journey->state, state))
        throw geo::Error{geo::Code::forbidden, "sign-in-failed", {}, "the journey is another's"};
    auto const claims = backing.accounts.oidc.arrive(provider, *journey, back_of(context, name),
                                                     code, access::unix_microseconds() / 1'000'000);
    auto const made = backing.accounts.sign_in(provider, claims);
    auto response = go_to("/console/");
    response.with("Set-Cookie", session_cookie(context, made))
        .with("Set-Cookie", cookie(context, journey_cookie, "", "/account/oidc/" + name, 0));
    return response;
}

} // namespace

void add_account(http::Router& router, Backing const& backing) {
    using access::Need;
    router.get(Need::read, "/account", {}, [&backing](http::Context const& context) {
        return private_json(200, describe_visitor(backing, context, context.visitor));
    });
    router.add(
        http::Method::post, Need::open, "/account/session", {},
        [&backing](http::Context const& context) { return answer_sign_in(backing, context); });
    router.add(
        http::Method::remove, Need::account, "/account/session", {},
        [&backing](http::Context const& context) { return answer_sign_out(backing, context); });
    router.add(
        http::Method::post, Need::account, "/account/password", {},
        [&backing](http::Context const& context) { return answer_password(backing, context); });
    router.get(Need::account, "/account/tokens", {}, [&backing](http::Context const& context) {
        return answer_tokens(backing, context);
    });
    router.add(
        http::Method::post, Need::account, "/account/tokens", {},
        [&backing](http::Context const& context) { return answer_new_token(backing, context); });
    router.add(http::Method::remove, Need::account, "/account/tokens/{token}", {},
               [&backing](http::Context const& context, std::int64_t id) {
                   return answer_remove_token(backing, context, id);
               });
    router.get(Need::open, "/account/oidc/{provider}", {},
               [&backing](http::Context const& context, std::string const& name) {
                   return answer_leave(backing, context, name);
               });
    router.get(Need::open, "/account/oidc/{provider}/callback", {"*"},
               [&backing](http::Context const& context, std::string const& name) {
                   return answer_arrive(backing, context, name);
               });
}

} // namespace diaban::services::api
