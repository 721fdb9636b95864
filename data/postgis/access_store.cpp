#include "data/postgis/access_store.hpp"

#include "data/postgis/access_sql.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"

#include <algorithm>
#include <map>

namespace diaban::data::postgis {
namespace {

std::string columns_of_role() {
    return "SELECT r.name, r.title, r.administer, r.audit, r.operate FROM diaban.role AS r "
           "ORDER BY r.name";
}

constexpr char const* grants =
    "SELECT g.role, g.collection, g.action, g.everywhere, g.level, array_to_json(g.masked), "
    "coalesce((SELECT json_agg(json_build_array(s.unit, nullif(s.valid_from, '-infinity') - DATE "
    "'1970-01-01', nullif(s.valid_to, 'infinity') - DATE '1970-01-01') ORDER BY s.unit, "
    "s.valid_from) FROM diaban.role_scope AS s WHERE s.role_grant = g.id), '[]'), "
    "coalesce((SELECT json_agg(DISTINCT u) FROM diaban.role_scope AS s, "
    "diaban.units_within(s.unit, diaban.today()) AS u WHERE s.role_grant = g.id AND "
    "diaban.today() BETWEEN s.valid_from AND s.valid_to), '[]') "
    "FROM diaban.role_grant AS g ORDER BY g.id";

constexpr char const* accounts =
    "SELECT a.login, a.name, a.disabled, a.password IS NOT NULL, a.totp_secret IS NOT NULL, "
    "coalesce((SELECT json_agg(r.role ORDER BY r.role) FROM diaban.account_role AS r WHERE r.login "
    "= a.login AND diaban.today() BETWEEN r.valid_from AND r.valid_to), '[]') "
    "FROM diaban.account AS a ORDER BY a.login";

void read_roles(pqxx::transaction_base& sql, model::AccessRecord& record) {
    std::map<std::string, model::AccessRole*, std::less<>> by_name;
    auto const rows = sql.exec(columns_of_role());
    record.roles.reserve(static_cast<std::size_t>(rows.size()));
    for (auto const row : rows) {
        record.roles.push_back({row[0].as<std::string>(),
                                row[1].as<std::string>(),
                                row[2].as<bool>(),
                                row[3].as<bool>(),
                                row[4].as<bool>(),
                                {}});
        by_name[record.roles.back().name] = &record.roles.back();
    }
    for (auto const row : sql.exec(grants)) {
        model::RoleGrant grant;
        grant.collection = row[1].as<std::string>();
        grant.action = row[2].as<std::string>();
        grant.everywhere = row[3].as<bool>();
        grant.level = static_cast<std::uint8_t>(row[4].as<int>());
        grant.masked = words_of(row[5]);
        grant.scopes = scopes_of(row[6]);
        grant.units = words_of(row[7]);
        by_name.at(row[0].as<std::string>())->grants.push_back(std::move(grant));
    }
}

void read_credentials(pqxx::transaction_base& sql, model::AccessRecord& record) {
    for (auto const row : sql.exec("SELECT id, login, " + std::string{microseconds("expires_at")} +
                                   " FROM diaban.session WHERE expires_at > now()"))
        record.sessions.push_back(
            {row[0].as<std::string>(), row[1].as<std::string>(), {row[2].as<std::int64_t>()}});
    for (auto const row :
         sql.exec("SELECT id, sha256, login, title, array_to_json(scopes), " +
                  std::string{microseconds("expires_at")} + " FROM diaban.token ORDER BY id"))
        record.tokens.push_back({row[0].as<std::int64_t>(),
                                 row[1].as<std::string>(),
                                 row[2].as<std::string>(),
                                 row[3].as<std::string>(),
                                 words_of(row[4]),
                                 {row[5].as<std::int64_t>()}});
}

void read_providers(pqxx::transaction_base& sql, model::AccessRecord& record) {
    for (auto const row :
         sql.exec("SELECT name, title, issuer, client_id, client_secret, scopes, makes_accounts, "
                  "array_to_json(roles) FROM diaban.identity_provider ORDER BY name"))
        record.providers.push_back(
            {row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::string>(),
             row[3].as<std::string>(),
             row[4].is_null() ? std::nullopt : std::optional{row[4].as<std::string>()},
             row[5].as<std::string>(), row[6].as<bool>(), words_of(row[7])});
}

std::string version_of(pqxx::transaction_base& sql) {
    return sql.exec1("SELECT version || '/' || diaban.today() FROM diaban.access_state")[0]
        .as<std::string>();
}

/// A login made of what a provider calls somebody: lower case, what is not allowed left out.
std::string login_like(std::string_view wish) {
    std::string login;
    for (char c : wish.substr(0, 48)) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        bool const plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (plain || (!login.empty() && (c == '.' || c == '_' || c == '@' || c == '-'))) login += c;
    }
    return login.empty() ? "user" : login;
}

/// Of several the first that is free: `an`, `an-2`, `an-3`, …
std::string make_account(pqxx::transaction_base& sql, model::IdentityProvider const& provider,
                         std::string const& wish, std::string_view name) {
    constexpr int most_of_a_name = 1000;
    for (int i = 1; i <= most_of_a_name; ++i) {
        auto const login = i == 1 ? wish : wish + "-" + std::to_string(i);
        auto const made = sql.exec_params(
            "INSERT INTO diaban.account (login, name) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            login, std::string{name.substr(0, 200)});
        if (made.affected_rows() == 0) continue;
        for (auto const& role : provider.roles)
            sql.exec_params("INSERT INTO diaban.account_role (login, role) SELECT $1, name FROM "
                            "diaban.role WHERE name = $2",
                            login, role);
        note(sql, {"",
                   "account-add",
                   {},
                   {},
                   {},
                   json_of({{"login", login}, {"provider", provider.name}})});
        return login;
    }
    throw geo::Error{geo::Code::conflict, "account-exists", {{"value", wish}}};
}

} // namespace

std::string AccessStore::version() const {
    return reading(m_pool, [](auto& sql) { return version_of(sql); });
}

model::AccessRecord AccessStore::read() const {
    return reading(m_pool, [](auto& sql) {
        model::AccessRecord record;
        record.version = version_of(sql); // what changes from here on is another one
        read_roles(sql, record);
        for (auto const row : sql.exec(accounts))
            record.accounts.push_back({row[0].template as<std::string>(),
                                       row[1].template as<std::string>(),
                                       row[2].template as<bool>(), row[3].template as<bool>(),
                                       row[4].template as<bool>(), words_of(row[5])});
        read_credentials(sql, record);
        read_providers(sql, record);
        return record;
    });
}

std::optional<geo::Instant> AccessStore::begin_attempt(std::string_view login) const {
    return writing(m_pool, [&](auto& sql) -> std::optional<geo::Instant> {
        sql.exec("DELETE FROM diaban.sign_in WHERE login IN (SELECT login FROM diaban.sign_in "
                 "WHERE at < now() - interval '1 day' LIMIT 8 FOR UPDATE SKIP LOCKED)");
        auto const name = std::string{login};
        auto const counted = sql.exec_params(
            "INSERT INTO diaban.sign_in AS s (login, failures) VALUES ($1, 1) "
            "ON CONFLICT (login) DO UPDATE SET at = now(), failures = s.failures + 1, "
            "locked_until = CASE WHEN s.failures >= 4 THEN now() + least(interval '15 minutes', "
            "interval '30 seconds' * 2 ^ least(s.failures - 4, 10)) ELSE s.locked_until END "
            "WHERE s.locked_until <= now() RETURNING failures",
            name);
        if (!counted.empty()) return std::nullopt;
        return geo::Instant{sql.exec_params1("SELECT " + std::string{microseconds("locked_until")} +
                                                 " FROM diaban.sign_in WHERE login = $1",
                                             name)[0]
                                .template as<std::int64_t>()};
    });
}

std::optional<model::Credentials> AccessStore::credentials(std::string_view login) const {
    return reading(m_pool, [&](auto& sql) -> std::optional<model::Credentials> {
        auto const rows = sql.exec_params("SELECT password, encode(totp_secret, 'hex'), disabled "
                                          "FROM diaban.account WHERE login = $1",
                                          std::string{login});
        if (rows.empty()) return std::nullopt;
        auto const row = rows[0];
        model::Credentials found;
        if (!row[0].is_null()) found.password = row[0].template as<std::string>();
        if (!row[1].is_null()) found.totp_secret = bytes_of(view(row[1]));
        found.disabled = row[2].template as<bool>();
        return found;
    });
}

bool AccessStore::use_totp_step(std::string_view login, std::int64_t step) const {
    return writing(m_pool, [&](auto& sql) {
        return sql.exec_params("UPDATE diaban.sign_in SET totp_step = $2 WHERE login = $1 AND "
                               "totp_step < $2",
                               std::string{login}, step)
                   .affected_rows() == 1;
    });
}

void AccessStore::begin_session(model::Session const& session, std::string_view how) const {
    writing(m_pool, [&](auto& sql) {
        sql.exec("DELETE FROM diaban.session WHERE expires_at <= now()");
        sql.exec_params("INSERT INTO diaban.session (id, login, expires_at) VALUES ($1, $2, " +
                            std::string{instant_of("$3")} + ")",
                        session.id, session.login, session.expires_at.microseconds);
        sql.exec_params("UPDATE diaban.sign_in SET failures = 0 WHERE login = $1", session.login);
        note(sql, {session.login, "sign-in", {}, {}, {}, json_of({{"how", std::string{how}}})});
    });
}

void AccessStore::end_session(std::string_view id, std::string_view by) const {
    writing(m_pool, [&](auto& sql) {
        auto const ended =
            sql.exec_params("DELETE FROM diaban.session WHERE id = $1", std::string{id});
        if (ended.affected_rows() > 0) note(sql, {std::string{by}, "sign-out"});
    });
}

std::optional<std::string> AccessStore::account_of(model::IdentityProvider const& provider,
                                                   std::string_view subject, std::string_view login,
                                                   std::string_view name) const {
    return writing(m_pool, [&](auto& sql) -> std::optional<std::string> {
        auto const known = sql.exec_params(
            "SELECT i.login, a.disabled FROM diaban.account_identity AS i JOIN diaban.account AS a "
            "USING (login) WHERE i.issuer = $1 AND i.subject = $2",
            provider.issuer, std::string{subject});
        if (!known.empty()) {
            if (known[0][1].template as<bool>()) return std::nullopt;
            return known[0][0].template as<std::string>();
        }
        if (!provider.makes_accounts) return std::nullopt;
        auto made = make_account(sql, provider, login_like(login), name);
        sql.exec_params("INSERT INTO diaban.account_identity VALUES ($1, $2, $3)", provider.issuer,
                        std::string{subject}, made);
        return made;
    });
}

} // namespace diaban::data::postgis
