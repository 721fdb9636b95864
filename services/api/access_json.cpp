#include "services/api/access_json.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/access/rights.hpp"
#include "services/access/secret.hpp"

#include <algorithm>

namespace diaban::services::api {

namespace {

using data::model::RoleGrant;

constexpr std::size_t longest_text = 2000;
constexpr std::size_t most_words = 4000;

bool truth_in(nlohmann::json const& body, char const* name) {
    auto const at = body.find(name);
    if (at == body.end()) return false;
    if (!at->is_boolean()) refuse_member(name, at->dump(), "true, false");
    return at->get<bool>();
}

std::optional<geo::Date> day_in(nlohmann::json const& body, char const* name) {
    auto const text = text_in(body, name, true);
    if (text.empty()) return std::nullopt;
    auto const day = geo::codec::read_date(text);
    if (!day) refuse_member(name, text, "2025-07-01");
    return day;
}

Json day_text(std::optional<geo::Date> const& day) {
    return day ? Json(geo::codec::date_text(*day)) : Json(nullptr);
}

RoleGrant read_grant(nlohmann::json const& body) {
    if (!body.is_object())
        refuse_member("grants", body.dump().substr(0, 64), "{collection, action, …}");
    RoleGrant grant;
    grant.collection = text_in(body, "collection");
    grant.action = text_in(body, "action");
    if (!access::action_named(grant.action))
        refuse_member("action", grant.action, "read, edit, personal, count");
    grant.everywhere = truth_in(body, "everywhere");
    auto const level = body.find("level");
    if (level != body.end() && (!level->is_number_integer() || *level < 0 || *level > 255))
        refuse_member("level", level->dump(), "0..255");
    if (level != body.end()) grant.level = level->get<std::uint8_t>();
    grant.masked = words_in(body, "masked");
    auto const scopes = body.find("scopes");
    if (scopes == body.end()) return grant;
    if (!scopes->is_array() || scopes->size() > most_words)
        refuse_member("scopes", "", "[{unit, from, to}, …]");
    for (auto const& scope : *scopes) {
        if (!scope.is_object())
            refuse_member("scopes", scope.dump().substr(0, 64), "{unit, from, to}");
        grant.scopes.push_back(
            {text_in(scope, "unit"), day_in(scope, "from"), day_in(scope, "to")});
    }
    return grant;
}

} // namespace

http::Response private_json(int status, Json const& json) {
    auto response = http::answer(status, "application/json", dump(json));
    response.with("Cache-Control", "no-store");
    return response;
}

http::Response no_content() {
    http::Response response{.status = 204, .headers = {}, .body = {}};
    response.with("Cache-Control", "no-store");
    return response;
}

void refuse_member(std::string_view name, std::string_view value, std::string_view accepted) {
    throw geo::Error{geo::Code::bad_input,
                     "bad-member",
                     {{"parameter", std::string{name}},
                      {"value", std::string{value.substr(0, 64)}},
                      {"accepted", std::string{accepted}}}};
}

std::string text_in(nlohmann::json const& body, char const* name, bool may_lack) {
    auto const at = body.is_object() ? body.find(name) : body.end();
    if (at == body.end() || at->is_null()) {
        if (may_lack) return {};
        refuse_member(name, "", "text");
    }
    if (!at->is_string()) refuse_member(name, "", "text");
    auto text = at->get<std::string>();
    if (text.size() > longest_text || text.find('\0') != std::string::npos)
        refuse_member(name, "", "text of 2000 bytes at most");
    return text;
}

std::vector<std::string> words_in(nlohmann::json const& body, char const* name) {
    std::vector<std::string> words;
    auto const at = body.is_object() ? body.find(name) : body.end();
    if (at == body.end()) return words;
    if (!at->is_array() || at->size() > most_words) refuse_member(name, "", "[text, …]");
    for (auto const& word : *at) {
        if (!word.is_string() || word.get_ref<std::string const&>().size() > longest_text)
            refuse_member(name, word.dump().substr(0, 64), "text");
        words.push_back(word.get<std::string>());
    }
    return words;
}

std::string acceptable_password(std::string text) {
    if (!access::is_acceptable_password(text))
        throw geo::Error{geo::Code::bad_input, "bad-password", {{"accepted", "10..200"}}};
    return text;
}

data::model::Account const* find_account(data::model::AccessRecord const& record,
                                         std::string_view login) noexcept {
    auto const at = std::ranges::find(record.accounts, login, &data::model::Account::login);
    return at == record.accounts.end() ? nullptr : &*at;
}

Json describe_token(data::model::Token const& token) {
    std::string until;
    geo::codec::append_instant(until, token.expires_at);
    return {{"id", token.id},
            {"login", token.login},
            {"title", token.title},
            {"scopes", token.scopes},
            {"expires", until}};
}

Json describe_account(data::model::Account const& account) {
    return {{"login", account.login},       {"name", account.name},
            {"disabled", account.disabled}, {"password", account.has_password},
            {"code", account.has_totp},     {"roles", account.roles}};
}

Json describe_role(data::model::AccessRole const& role) {
    auto grants = Json::array();
    for (auto const& grant : role.grants) {
        auto scopes = Json::array();
        for (auto const& scope : grant.scopes)
            scopes.push_back({{"unit", scope.unit},
                              {"from", day_text(scope.valid_from)},
                              {"to", day_text(scope.valid_to)}});
        grants.push_back({{"collection", grant.collection},
                          {"action", grant.action},
                          {"everywhere", grant.everywhere},
                          {"level", grant.level},
                          {"masked", grant.masked},
                          {"scopes", std::move(scopes)}});
    }
    return {{"name", role.name},   {"title", role.title},     {"administer", role.administer},
            {"audit", role.audit}, {"operate", role.operate}, {"grants", std::move(grants)}};
}

data::model::AccessRole read_role(std::string const& name, nlohmann::json const& body) {
    data::model::AccessRole role;
    role.name = name;
    role.title = text_in(body, "title", true);
    role.administer = truth_in(body, "administer");
    role.audit = truth_in(body, "audit");
    role.operate = truth_in(body, "operate");
    auto const grants = body.find("grants");
    if (grants == body.end()) return role;
    if (!grants->is_array() || grants->size() > most_words)
        refuse_member("grants", "", "[{collection, action, …}, …]");
    for (auto const& grant : *grants) role.grants.push_back(read_grant(grant));
    return role;
}

} // namespace diaban::services::api
