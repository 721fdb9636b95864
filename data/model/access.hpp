#pragma once

#include "geo/feature.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::data::model {

/// One line of a role: which rows and fields of a collection (`*`: of those that the role does not
/// name) for an action.
struct RoleGrant {
    struct Scope {
        std::string unit; ///< code of a unit; empty: what belongs to none
        std::optional<geo::Date> valid_from;
        std::optional<geo::Date> valid_to; ///< last day
    };
    std::string collection;
    std::string action; ///< read, edit, personal, count
    bool everywhere = false;
    std::uint8_t level = 0;
    std::vector<std::string> masked; ///< names of fields
    std::vector<Scope> scopes;       ///< as they were given
    std::vector<std::string> units;  ///< what they mean today: those units and all that lie in them
};

struct AccessRole {
    std::string name;
    std::string title;
    bool administer = false;
    bool audit = false;
    bool operate = false;
    std::vector<RoleGrant> grants;
};

/// Somebody who may sign in.
struct Account {
    std::string login;
    std::string name;
    bool disabled = false;
    bool has_password = false;
    bool has_totp = false;
    std::vector<std::string> roles; ///< that hold today
};

struct Session {
    std::string id; ///< SHA-256 of what the browser holds, hexadecimal
    std::string login;
    geo::Instant expires_at;
};

struct Token {
    std::int64_t id = 0;
    std::string sha256; ///< of what the machine holds, hexadecimal
    std::string login;
    std::string title;
    std::vector<std::string> scopes;
    geo::Instant expires_at;
};

/// A provider of OpenID Connect.
struct IdentityProvider {
    std::string name;
    std::string title;
    std::string issuer;
    std::string client_id;
    std::optional<std::string> client_secret;
    std::string scopes;
    bool makes_accounts = false;
    std::vector<std::string> roles; ///< of accounts that it makes
};

/// All that decides who may do what, as it is on one day.
struct AccessRecord {
    std::string version; ///< another one: look again
    std::vector<AccessRole> roles;
    std::vector<Account> accounts;
    std::vector<Session> sessions;
    std::vector<Token> tokens;
    std::vector<IdentityProvider> providers;
};

/// What a password is held against.
struct Credentials {
    std::optional<std::string> password; ///< argon2id, encoded
    std::string totp_secret;             ///< bytes; empty: no second factor
    bool disabled = false;
};

/// What is written into the audit.
struct AuditNote {
    std::string who; ///< login; empty: nobody who is known
    std::string action;
    std::string collection{};
    std::optional<std::int64_t> fid{};
    std::string why{};
    std::string detail = "{}"; ///< JSON
};

struct AuditEntry : AuditNote {
    std::int64_t seq = 0;
    geo::Instant at;
    std::string hash;
};

/// Which entries are asked for; newest first.
struct AuditQuery {
    std::string who{};
    std::string action{};
    std::string collection{};
    std::optional<std::int64_t> fid{};
    std::optional<geo::Instant> from{};
    std::optional<geo::Instant> to{}; ///< not included
    std::int64_t before = 0;          ///< only older entries than this one; 0: all
    std::uint32_t limit = 100;
};

/// Whether the audit's chain holds.
struct AuditCheck {
    std::optional<std::int64_t> broken; ///< the first entry that does not fit
    std::int64_t entries = 0;
    std::int64_t last_seq = 0;
    std::string head; ///< hash of the last one
};

} // namespace diaban::data::model
