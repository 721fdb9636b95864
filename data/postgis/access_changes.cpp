#include "data/postgis/access_sql.hpp"
#include "data/postgis/access_store.hpp"
#include "data/postgis/sql_text.hpp"
#include "geo/error.hpp"

namespace diaban::data::postgis {
namespace {

using geo::Code;
using geo::Error;

/// Runs a change of one thing, which must be there, and notes it.
template <class Change>
void change(Pool& pool, char const* missing, std::string_view name, model::AuditNote const& entry,
            Change const& make) {
    writing(pool, [&](auto& sql) {
        if (make(sql).affected_rows() == 0)
            throw Error{Code::not_found, missing, {{"value", std::string{name}}}};
        note(sql, entry);
    });
}

model::AuditNote about(std::string_view by, std::string_view action, std::string_view login) {
    return {
        std::string{by}, std::string{action}, {}, {}, {}, json_of({{"login", std::string{login}}})};
}

std::optional<std::string> day_text(std::optional<geo::Date> const& day) {
    return day ? std::optional{std::to_string(day->days)} : std::nullopt;
}

void end_sessions(pqxx::transaction_base& sql, std::string_view login) {
    sql.exec_params("DELETE FROM diaban.session WHERE login = $1", std::string{login});
}

void check_role(pqxx::transaction_base& sql, std::string_view role) {
    if (sql.exec_params("SELECT FROM diaban.role WHERE name = $1", std::string{role}).empty())
        throw Error{Code::not_found, "unknown-role", {{"value", std::string{role}}}};
}

void write_grants(pqxx::transaction_base& sql, model::AccessRole const& role) {
    sql.exec_params("DELETE FROM diaban.role_grant WHERE role = $1", role.name);
    for (auto const& grant : role.grants) {
        auto const id =
            sql.exec_params1("INSERT INTO diaban.role_grant (role, collection, action, everywhere, "
                             "level, masked) VALUES ($1, $2, $3, $4, $5, $6::text[]) RETURNING id",
                             role.name, grant.collection, grant.action, grant.everywhere,
                             int{grant.level}, array_text(grant.masked))[0]
                .as<std::int64_t>();
        for (auto const& scope : grant.scopes)
            sql.exec_params(
                "INSERT INTO diaban.role_scope VALUES ($1, $2, coalesce(DATE '1970-01-01' + "
                "$3::integer, '-infinity'), coalesce(DATE '1970-01-01' + $4::integer, 'infinity'))",
                id, scope.unit, day_text(scope.valid_from), day_text(scope.valid_to));
    }
}

} // namespace

void AccessStore::add_account(model::Account const& account,
                              std::optional<std::string> const& password,
                              std::string_view by) const {
    writing(m_pool, [&](auto& sql) {
        auto const made = sql.exec_params("INSERT INTO diaban.account (login, name, password) "
                                          "VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                                          account.login, account.name, password);
        if (made.affected_rows() == 0)
            throw Error{Code::conflict, "account-exists", {{"value", account.login}}};
        for (auto const& role : account.roles) {
            check_role(sql, role);
            sql.exec_params("INSERT INTO diaban.account_role (login, role) VALUES ($1, $2)",
                            account.login, role);
        }
        note(sql, about(by, "account-add", account.login));
    });
}

void AccessStore::set_password(std::string_view login, std::optional<std::string> const& password,
                               std::string_view by) const {
    change(m_pool, "unknown-account", login, about(by, "password-set", login), [&](auto& sql) {
        end_sessions(sql, login);
        sql.exec_params("DELETE FROM diaban.sign_in WHERE login = $1", std::string{login});
        return sql.exec_params("UPDATE diaban.account SET password = $2 WHERE login = $1",
                               std::string{login}, password);
    });
}

void AccessStore::set_totp(std::string_view login, std::string_view secret,
                           std::string_view by) const {
    auto const action = secret.empty() ? "totp-remove" : "totp-set";
    change(m_pool, "unknown-account", login, about(by, action, login), [&](auto& sql) {
        return sql.exec_params("UPDATE diaban.account SET totp_secret = "
                               "nullif(decode($2, 'hex'), '') WHERE login = $1",
                               std::string{login}, hexadecimal_of(secret));
    });
}

void AccessStore::set_disabled(std::string_view login, bool disabled, std::string_view by) const {
    auto const action = disabled ? "account-disable" : "account-enable";
    change(m_pool, "unknown-account", login, about(by, action, login), [&](auto& sql) {
        if (disabled) end_sessions(sql, login);
        return sql.exec_params("UPDATE diaban.account SET disabled = $2 WHERE login = $1",
                               std::string{login}, disabled);
    });
}

void AccessStore::remove_account(std::string_view login, std::string_view by) const {
    change(m_pool, "unknown-account", login, about(by, "account-remove", login), [&](auto& sql) {
        return sql.exec_params("DELETE FROM diaban.account WHERE login = $1", std::string{login});
    });
}

void AccessStore::tie_identity(std::string_view login, std::string_view issuer,
                               std::string_view subject, std::string_view by) const {
    change(m_pool, "unknown-account", login, about(by, "identity-tie", login), [&](auto& sql) {
        return sql.exec_params(
            "INSERT INTO diaban.account_identity (issuer, subject, login) SELECT $1, $2, login "
            "FROM diaban.account WHERE login = $3 ON CONFLICT (issuer, subject) DO UPDATE SET "
            "login = excluded.login",
            std::string{issuer}, std::string{subject}, std::string{login});
    });
}

void AccessStore::give_role(std::string_view login, std::string_view role,
                            std::string_view by) const {
    auto entry = about(by, "role-give", login);
    entry.detail = json_of({{"login", std::string{login}}, {"role", std::string{role}}});
    change(m_pool, "unknown-account", login, entry, [&](auto& sql) {
        check_role(sql, role);
        return sql.exec_params("INSERT INTO diaban.account_role (login, role) SELECT login, $2 "
                               "FROM diaban.account WHERE login = $1 ON CONFLICT (login, role) "
                               "DO UPDATE SET valid_to = 'infinity'",
                               std::string{login}, std::string{role});
    });
}

void AccessStore::take_role(std::string_view login, std::string_view role,
                            std::string_view by) const {
    auto entry = about(by, "role-take", login);
    entry.detail = json_of({{"login", std::string{login}}, {"role", std::string{role}}});
    change(m_pool, "unknown-role", role, entry, [&](auto& sql) {
        return sql.exec_params("DELETE FROM diaban.account_role WHERE login = $1 AND role = $2",
                               std::string{login}, std::string{role});
    });
}

std::int64_t AccessStore::add_token(model::Token const& token, std::string_view by) const {
    std::int64_t id = 0;
    auto entry = about(by, "token-add", token.login);
    entry.detail = json_of({{"login", token.login}, {"title", token.title}});
    change(m_pool, "unknown-account", token.login, entry, [&](auto& sql) {
        auto made = sql.exec_params(
            "INSERT INTO diaban.token (sha256, login, title, scopes, expires_at) SELECT $1, login, "
            "$3, $4::text[], " +
                instant_of("$5") + " FROM diaban.account WHERE login = $2 RETURNING id",
            token.sha256, token.login, token.title, array_text(token.scopes),
            token.expires_at.microseconds);
        if (!made.empty()) id = made[0][0].template as<std::int64_t>();
        return made;
    });
    return id;
}

void AccessStore::remove_token(std::int64_t id, std::string_view by) const {
    auto const name = std::to_string(id);
    model::AuditNote const entry{std::string{by},           "token-remove", {}, {}, {},
                                 json_of({{"token", name}})};
    change(m_pool, "unknown-token", name, entry, [&](auto& sql) {
        return sql.exec_params("DELETE FROM diaban.token WHERE id = $1", id);
    });
}

void AccessStore::set_role(model::AccessRole const& role, std::string_view by) const {
    model::AuditNote const entry{
        std::string{by}, "role-set", {}, {}, {}, json_of({{"role", role.name}})};
    change(m_pool, "unknown-role", role.name, entry, [&](auto& sql) {
        auto made = sql.exec_params(
            "INSERT INTO diaban.role (name, title, administer, audit, operate) VALUES ($1, $2, $3, "
            "$4, $5) ON CONFLICT (name) DO UPDATE SET title = excluded.title, administer = "
            "excluded.administer, audit = excluded.audit, operate = excluded.operate",
            role.name, role.title, role.administer, role.audit, role.operate);
        write_grants(sql, role);
        return made;
    });
}

void AccessStore::remove_role(std::string_view name, std::string_view by) const {
    model::AuditNote const entry{
        std::string{by}, "role-remove", {}, {}, {}, json_of({{"role", std::string{name}}})};
    change(m_pool, "unknown-role", name, entry, [&](auto& sql) {
        return sql.exec_params("DELETE FROM diaban.role WHERE name = $1", std::string{name});
    });
}

void AccessStore::set_provider(model::IdentityProvider const& provider, std::string_view by) const {
    model::AuditNote const entry{
        std::string{by}, "provider-set", {}, {}, {}, json_of({{"provider", provider.name}})};
    change(m_pool, "unknown-provider", provider.name, entry, [&](auto& sql) {
        return sql.exec_params(
            "INSERT INTO diaban.identity_provider (name, title, issuer, client_id, client_secret, "
            "scopes, makes_accounts, roles) VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text[]) "
            "ON CONFLICT (name) DO UPDATE SET title = excluded.title, issuer = excluded.issuer, "
            "client_id = excluded.client_id, client_secret = excluded.client_secret, scopes = "
            "excluded.scopes, makes_accounts = excluded.makes_accounts, roles = excluded.roles",
            provider.name, provider.title, provider.issuer, provider.client_id,
            provider.client_secret, provider.scopes, provider.makes_accounts,
            array_text(provider.roles));
    });
}

void AccessStore::remove_provider(std::string_view name, std::string_view by) const {
    model::AuditNote const entry{
        std::string{by}, "provider-remove", {}, {}, {}, json_of({{"provider", std::string{name}}})};
    change(m_pool, "unknown-provider", name, entry, [&](auto& sql) {
        return sql.exec_params("DELETE FROM diaban.identity_provider WHERE name = $1",
                               std::string{name});
    });
}

} // namespace diaban::data::postgis
