#pragma once

#include "data/postgis/access_store.hpp"
#include "services/access/accounts.hpp"
#include "services/access/secret.hpp"
#include "tests/services/edit_client.hpp"
#include "tests/services/world.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace diaban::tests {

inline constexpr char password[] = "một mật khẩu dài";
inline constexpr char as_json[] = "Content-Type: application/json\r\n";

/// Accounts of one database, as whoever looks after it makes them.
class Registrar {
public:
    explicit Registrar(Database const& database)
        : m_pool{database.options(data::postgis::Role::access)} {}

    void role(data::model::AccessRole const& role) const { m_store.set_role(role, "test"); }
    void account(std::string const& login, std::vector<std::string> roles) const {
        static auto const hash = services::access::hash_password(password);
        m_store.add_account({login, "Tên " + login, false, true, false, std::move(roles)}, hash,
                            "test");
    }
    /// A token as a field line of a request.
    [[nodiscard]] std::string token(std::string const& login, std::vector<std::string> scopes,
                                    std::chrono::seconds lasts = std::chrono::hours{1}) const {
        auto const secret = services::access::random_secret();
        data::model::Token token;
        token.sha256 = services::access::sha256_of(secret);
        token.login = login;
        token.scopes = std::move(scopes);
        token.expires_at.microseconds =
            services::access::unix_microseconds() +
            std::chrono::duration_cast<std::chrono::microseconds>(lasts).count();
        static_cast<void>(m_store.add_token(token, "test"));
        return "Authorization: Bearer " + secret + "\r\n";
    }
    [[nodiscard]] data::postgis::AccessStore const& store() const { return m_store; }

private:
    data::postgis::Pool m_pool;
    data::postgis::AccessStore m_store{m_pool};
};

/// A browser: keeps the cookie that it is given, and shows what its page knows.
class Browser {
public:
    explicit Browser(std::uint16_t port) : m_port{port} {}

    RawAnswer sign_in(std::string const& login, std::string const& word = password,
                      std::string const& code = {}) {
        nlohmann::json const body{{"login", login}, {"password", word}, {"code", code}};
        auto answer = request(m_port, "POST", "/account/session", as_json, body.dump());
        if (answer.status == 200) {
            auto const set = answer.field("set-cookie");
            m_cookie = "Cookie: " + set.substr(0, set.find(';')) + "\r\n";
            m_csrf = nlohmann::json::parse(answer.body)["csrf"];
        }
        return answer;
    }
    RawAnswer get(std::string_view target, std::string const& fields = {}) const {
        return request(m_port, "GET", target, m_cookie + fields);
    }
    RawAnswer send(std::string_view method, std::string_view target,
                   nlohmann::json const& body = {}, std::string const& fields = {}) const {
        return request(m_port, method, target,
                       m_cookie + "X-CSRF-Token: " + m_csrf + "\r\n" + as_json + fields,
                       body.is_null() ? std::string{} : body.dump());
    }
    [[nodiscard]] std::string const& cookie() const { return m_cookie; }
    [[nodiscard]] std::string const& csrf() const { return m_csrf; }

private:
    std::uint16_t m_port;
    std::string m_cookie;
    std::string m_csrf;
};

inline data::model::RoleGrant grant(std::string collection, std::string action) {
    data::model::RoleGrant made;
    made.collection = std::move(collection);
    made.action = std::move(action);
    return made;
}

inline data::model::RoleGrant all_of(std::string collection, std::string action,
                                     std::uint8_t level = 0, std::vector<std::string> masked = {}) {
    auto made = grant(std::move(collection), std::move(action));
    made.everywhere = true;
    made.level = level;
    made.masked = std::move(masked);
    return made;
}

inline data::model::RoleGrant within(std::string collection, std::string action,
                                     std::vector<std::string> const& units, std::uint8_t level = 0,
                                     std::vector<std::string> masked = {}) {
    auto made = grant(std::move(collection), std::move(action));
    for (auto const& unit : units) made.scopes.push_back({unit, {}, {}});
    made.level = level;
    made.masked = std::move(masked);
    return made;
}

} // namespace diaban::tests
