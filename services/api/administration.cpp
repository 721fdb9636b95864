#include "geo/error.hpp"
#include "services/access/accounts.hpp"
#include "services/access/secret.hpp"
#include "services/api/access_json.hpp"
#include "services/api/account.hpp"
#include "services/api/edit_request.hpp"

#include <algorithm>

namespace diaban::services::api {

namespace {

using Body = nlohmann::json;

std::shared_ptr<data::model::AccessRecord const> record_of(Backing const& backing) {
    auto record = backing.accounts.directory.record();
    if (!record) throw geo::Error{geo::Code::unavailable, "access-not-ready"};
    return record;
}

data::model::Account account_of(Backing const& backing, std::string const& login) {
    auto const record = record_of(backing);
    auto const* const account = find_account(*record, login);
    if (account == nullptr)
        throw geo::Error{geo::Code::not_found, "unknown-account", {{"value", login.substr(0, 64)}}};
    return *account;
}

http::Response answer_accounts(Backing const& backing) {
    auto accounts = Json::array();
    for (auto const& account : record_of(backing)->accounts)
        accounts.push_back(describe_account(account));
    return private_json(200, {{"accounts", std::move(accounts)}});
}

http::Response answer_new_account(Backing const& backing, http::Context const& context) {
    auto const body = read_json_body(context, {"application/json"});
    data::model::Account account;
    account.login = text_in(body, "login");
    account.name = text_in(body, "name", true);
    account.roles = words_in(body, "roles");
    auto const password = text_in(body, "password", true);
    std::optional<std::string> hash;
    if (!password.empty()) hash = access::hash_password(acceptable_password(password));
    backing.accounts.store.add_account(account, hash, context.visitor.login);
    backing.accounts.directory.refresh();
    return private_json(201, describe_account(account_of(backing, account.login)));
}

void change_roles(Backing const& backing, data::model::Account const& account,
                  std::vector<std::string> const& wanted, std::string const& by) {
    auto const has = [](std::vector<std::string> const& names, std::string const& name) {
        return std::ranges::find(names, name) != names.end();
    };
    auto const& store = backing.accounts.store;
    for (auto const& role : wanted)
        if (!has(account.roles, role)) store.give_role(account.login, role, by);
    for (auto const& role : account.roles)
        if (!has(wanted, role)) store.take_role(account.login, role, by);
}

http::Response answer_change(Backing const& backing, http::Context const& context,
                             std::string const& login) {
    auto const body = read_json_body(context, {"application/json"});
    auto const account = account_of(backing, login);
    auto const& by = context.visitor.login;
    auto const& store = backing.accounts.store;
    if (auto const password = text_in(body, "password", true); !password.empty())
        store.set_password(login, access::hash_password(acceptable_password(password)), by);
    if (body.contains("roles")) change_roles(backing, account, words_in(body, "roles"), by);
    if (auto const disabled = body.find("disabled"); disabled != body.end()) {
        if (!disabled->is_boolean()) refuse_member("disabled", disabled->dump(), "true, false");
        store.set_disabled(login, disabled->get<bool>(), by);
    }
    backing.accounts.directory.refresh();
    return private_json(200, describe_account(account_of(backing, login)));
}

http::Response answer_roles(Backing const& backing) {
    auto roles = Json::array();
    for (auto const& role : record_of(backing)->roles) roles.push_back(describe_role(role));
    return private_json(200, {{"roles", std::move(roles)}});
}

http::Response answer_set_role(Backing const& backing, http::Context const& context,
                               std::string const& name) {
    auto const body = read_json_body(context, {"application/json"});
    if (!body.is_object()) refuse_member("title", "", "{title, grants, …}");
    backing.accounts.store.set_role(read_role(name, body), context.visitor.login);
    backing.accounts.directory.refresh();
    for (auto const& role : record_of(backing)->roles)
        if (role.name == name) return private_json(200, describe_role(role));
    return no_content(); // another administrator was faster
}

} // namespace

void add_administration(http::Router& router, Backing const& backing) {
    using access::Need;
    using http::Method;
    router.get(Need::administer, "/access/accounts", {},
               [&backing](http::Context const&) { return answer_accounts(backing); });
    router.add(
        Method::post, Need::administer, "/access/accounts", {},
        [&backing](http::Context const& context) { return answer_new_account(backing, context); });
    router.add(Method::patch, Need::administer, "/access/accounts/{login}", {},
               [&backing](http::Context const& context, std::string const& login) {
                   return answer_change(backing, context, login);
               });
    router.add(Method::remove, Need::administer, "/access/accounts/{login}", {},
               [&backing](http::Context const& context, std::string const& login) {
                   backing.accounts.store.remove_account(login, context.visitor.login);
                   backing.accounts.directory.refresh();
                   return no_content();
               });
    router.get(Need::administer, "/access/roles", {},
               [&backing](http::Context const&) { return answer_roles(backing); });
    router.add(Method::put, Need::administer, "/access/roles/{role}", {},
               [&backing](http::Context const& context, std::string const& name) {
                   return answer_set_role(backing, context, name);
               });
    router.add(Method::remove, Need::administer, "/access/roles/{role}", {},
               [&backing](http::Context const& context, std::string const& name) {
                   backing.accounts.store.remove_role(name, context.visitor.login);
                   backing.accounts.directory.refresh();
                   return no_content();
               });
}

} // namespace diaban::services::api
