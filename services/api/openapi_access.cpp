#include "services/api/openapi_access.hpp"

#include "services/access/directory.hpp"
#include "services/api/openapi_change.hpp"

#include <string_view>

namespace diaban::services::api {

namespace {

using http::Method;

constexpr Change changes[] = {
    {Method::post, "/account/session", "signIn", "Sign in: begins a session in the browser",
     "SignIn", "SignedIn", "200", false},
    {Method::remove, "/account/session", "signOut", "Sign out", "", "", "204"},
    {Method::post, "/account/password", "setPassword", "Set one's password", "NewPassword", "",
     "204"},
    {Method::post, "/account/tokens", "makeToken", "Make a token for a machine; it is said once",
     "NewToken", "MadeToken", "201"},
    {Method::remove, "/account/tokens/{token}", "removeToken", "Remove a token of one's own", "",
     "", "204"},
    {Method::post, "/access/accounts", "makeAccount", "Make an account", "NewAccount", "Account",
     "201"},
    {Method::patch, "/access/accounts/{login}", "changeAccount",
     "Set an account's password or roles, or let it in no more", "AccountChange", "Account", "200"},
    {Method::remove, "/access/accounts/{login}", "removeAccount", "Remove an account", "", "",
     "204"},
    {Method::put, "/access/roles/{role}", "setRole", "Make a role, or what it is from now on",
     "NewRole", "Role", "200"},
    {Method::remove, "/access/roles/{role}", "removeRole", "Remove a role", "", "", "204"},
};

// Closed where they are answered; bodies that are read may have more, which counts for nothing.
constexpr std::string_view schemas[] = {
    R"("SignIn": {"type": "object", "required": ["login", "password"], "properties": {
    "login": {"type": "string"}, "password": {"type": "string"},
    "code": {"type": "string"}}})",
    R"("SignedIn": {"type": "object", "required": ["login", "csrf"], "properties": {
    "login": {"type": "string"}, "csrf": {"type": "string"}},
    "additionalProperties": false})",
    R"("NewPassword": {"type": "object", "required": ["current", "password"], "properties": {
    "current": {"type": "string"}, "password": {"type": "string", "minLength": 10,
    "maxLength": 200}}})",
    R"("NewToken": {"type": "object", "required": ["scopes", "days"], "properties": {
    "title": {"type": "string"}, "scopes": {"type": "array", "items": {"type": "string"}},
    "days": {"type": "integer", "minimum": 1, "maximum": 366}}})",
    R"("Token": {"type": "object", "required": ["id", "login", "title", "scopes", "expires"],
    "properties": {"id": {"type": "integer"}, "login": {"type": "string"},
    "title": {"type": "string"}, "scopes": {"type": "array", "items": {"type": "string"}},
    "expires": {"type": "string", "format": "date-time"}}, "additionalProperties": false})",
    R"("MadeToken": {"type": "object", "required": ["id", "login", "title", "scopes", "expires",
    "token"], "properties": {"id": {"type": "integer"}, "login": {"type": "string"},
    "title": {"type": "string"}, "scopes": {"type": "array", "items": {"type": "string"}},
    "expires": {"type": "string", "format": "date-time"}, "token": {"type": "string"}},
    "additionalProperties": false})",
    R"("Tokens": {"type": "object", "required": ["tokens"], "properties": {"tokens": {
    "type": "array", "items": {"$ref": "#/components/schemas/Token"}}},
    "additionalProperties": false})",
    R"("Visitor": {"type": "object", "required": ["login", "name", "roles", "way", "rights",
    "providers"], "properties": {"login": {"type": "string", "nullable": true},
    "name": {"type": "string"}, "roles": {"type": "array", "items": {"type": "string"}},
    "way": {"type": "string", "enum": ["anonymous", "session", "token"]},
    "csrf": {"type": "string"}, "rights": {"type": "object", "required": ["collections",
    "duties"], "properties": {"collections": {"type": "object", "additionalProperties": {
    "type": "array", "items": {"type": "string"}}}, "duties": {"type": "array",
    "items": {"type": "string"}}}, "additionalProperties": false}, "providers": {
    "type": "array", "items": {"type": "object", "required": ["name", "title", "href"],
    "properties": {"name": {"type": "string"}, "title": {"type": "string"}, "href": {
    "type": "string", "format": "uri"}}, "additionalProperties": false}}},
    "additionalProperties": false})",
    R"("NewAccount": {"type": "object", "required": ["login"], "properties": {
    "login": {"type": "string"}, "name": {"type": "string"}, "password": {"type": "string"},
    "roles": {"type": "array", "items": {"type": "string"}}}})",
    R"("AccountChange": {"type": "object", "properties": {"password": {"type": "string"},
    "roles": {"type": "array", "items": {"type": "string"}},
    "disabled": {"type": "boolean"}}})",
    R"("Account": {"type": "object", "required": ["login", "name", "disabled", "password", "code",
    "roles"], "properties": {"login": {"type": "string"}, "name": {"type": "string"},
    "disabled": {"type": "boolean"}, "password": {"type": "boolean"},
    "code": {"type": "boolean"}, "roles": {"type": "array", "items": {"type": "string"}}},
    "additionalProperties": false})",
    R"("Accounts": {"type": "object", "required": ["accounts"], "properties": {"accounts": {
    "type": "array", "items": {"$ref": "#/components/schemas/Account"}}},
    "additionalProperties": false})",
    R"("Grant": {"type": "object", "required": ["collection", "action"], "properties": {
    "collection": {"type": "string"}, "action": {"type": "string", "enum": ["read", "edit",
    "personal", "count"]}, "everywhere": {"type": "boolean"}, "level": {"type": "integer",
    "minimum": 0, "maximum": 255}, "masked": {"type": "array", "items": {"type": "string"}},
    "scopes": {"type": "array", "items": {"type": "object", "required": ["unit"],
    "properties": {"unit": {"type": "string"}, "from": {"type": "string", "format": "date",
    "nullable": true}, "to": {"type": "string", "format": "date", "nullable": true}},
    "additionalProperties": false}}}, "additionalProperties": false})",
    R"("NewRole": {"type": "object", "properties": {"title": {"type": "string"},
    "administer": {"type": "boolean"}, "audit": {"type": "boolean"},
    "operate": {"type": "boolean"}, "grants": {"type": "array",
    "items": {"$ref": "#/components/schemas/Grant"}}}})",
    R"("Role": {"type": "object", "required": ["name", "title", "administer", "audit", "operate",
    "grants"], "properties": {"name": {"type": "string"}, "title": {"type": "string"},
    "administer": {"type": "boolean"}, "audit": {"type": "boolean"},
    "operate": {"type": "boolean"}, "grants": {"type": "array",
    "items": {"$ref": "#/components/schemas/Grant"}}}, "additionalProperties": false})",
    R"("Roles": {"type": "object", "required": ["roles"], "properties": {"roles": {
    "type": "array", "items": {"$ref": "#/components/schemas/Role"}}},
    "additionalProperties": false})",
    R"("Personal": {"type": "object", "required": ["collection", "fid", "personal"],
    "properties": {"collection": {"type": "string"}, "fid": {"type": "integer"},
    "personal": {"type": "object", "additionalProperties": true}},
    "additionalProperties": false})",
    R"("AuditEntries": {"type": "object", "required": ["entries"], "properties": {"entries": {
    "type": "array", "items": {"type": "object", "required": ["seq", "at", "who", "action",
    "collection", "fid", "why", "detail", "hash"], "properties": {"seq": {"type": "integer"},
    "at": {"type": "string", "format": "date-time"}, "who": {"type": "string"},
    "action": {"type": "string"}, "collection": {"type": "string"}, "fid": {"type": "integer",
    "nullable": true}, "why": {"type": "string"}, "detail": {"type": "object"},
    "hash": {"type": "string"}}, "additionalProperties": false}}},
    "additionalProperties": false})",
    R"("AuditCheck": {"type": "object", "required": ["whole", "broken", "entries", "last", "head"],
    "properties": {"whole": {"type": "boolean"}, "broken": {"type": "integer",
    "nullable": true}, "entries": {"type": "integer"}, "last": {"type": "integer"},
    "head": {"type": "string"}}, "additionalProperties": false})",
};

} // namespace

Json describe_access_change(http::Method method, std::string_view pattern) {
    constexpr std::string_view problems[] = {"400", "401", "403", "404",
                                             "409", "415", "429", "503"};
    auto const* const found = find_change(changes, method, pattern);
    return found == nullptr ? Json(nullptr) : describe_change(*found, "Access", problems);
}

Json access_schemas() {
    return schemas_of(schemas);
}

Json security_schemes() {
    return {{"session", {{"type", "apiKey"}, {"in", "cookie"}, {"name", access::session_cookie}}},
            {"token", {{"type", "http"}, {"scheme", "bearer"}}}};
}

} // namespace diaban::services::api
