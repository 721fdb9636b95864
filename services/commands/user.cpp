#include "services/commands/user.hpp"

#include "geo/error.hpp"
#include "services/access/accounts.hpp"
#include "services/access/secret.hpp"
#include "services/access/totp.hpp"
#include "services/api/access_json.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

namespace diaban::services::commands {

namespace {

/// Who the audit says it was: the machine's own user.
std::string operator_name() {
    char const* const name = ::getenv("USER");
    return fmt::format("machine:{}", name != nullptr && *name != 0 ? name : "root");
}

/// Connects for one command.
struct Desk {
    explicit Desk(Settings const& settings)
        : pool{{.uri = settings.database,
                .role = data::postgis::Role::access,
                .size = 1,
                .wait = std::chrono::seconds{5},
                .statement_timeout = std::chrono::seconds{60}}} {}
    data::postgis::Pool pool;
    data::postgis::AccessStore store{pool};
    data::postgis::AuditStore audit{pool};
    std::string by = operator_name();
};

/// The first line of standard input; from a terminal without showing it.
std::string read_password() {
    bool const terminal = ::isatty(STDIN_FILENO) != 0;
    termios before{};
    if (terminal) {
        fmt::print(stderr, "Password: ");
        ::tcgetattr(STDIN_FILENO, &before);
        auto silent = before;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSANOW, &silent);
    }
    std::string line;
    std::getline(std::cin, line);
    if (terminal) {
        ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
        fmt::print(stderr, "\n");
    }
    return api::acceptable_password(std::move(line));
}

/// What the words of a command become; shared by its callback.
struct Words {
    std::string login;
    std::string name;
    std::string issuer;
    std::string subject;
    std::string title;
    std::vector<std::string> roles;
    std::vector<std::string> scopes;
    int days = 90;
    bool take = false;
    bool off = false;
    bool no_password = false;
};

using Given = std::shared_ptr<Words>;

void list_accounts(Settings const& settings) {
    auto const record = Desk{settings}.store.read();
    for (auto const& account : record.accounts)
        fmt::print("{}\t{}\t{}{}{}\t{}\n", account.login, account.name,
                   account.disabled ? "disabled" : "active",
                   account.has_password ? "" : ",no-password", account.has_totp ? ",code" : "",
                   fmt::join(account.roles, ","));
}

void add_account(Settings const& settings, Words const& words) {
    Desk const desk{settings};
    data::model::Account account;
    account.login = words.login;
    account.name = words.name;
    account.roles = words.roles;
    std::optional<std::string> hash;
    if (!words.no_password) hash = access::hash_password(read_password());
    desk.store.add_account(account, hash, desk.by);
}

void set_code(Settings const& settings, Words const& words) {
    Desk const desk{settings};
    if (words.off) return desk.store.set_totp(words.login, {}, desk.by);
    constexpr std::size_t bytes = 20; // RFC 4226, 4: as long as what HMAC-SHA-1 gives
    auto const secret = access::random_bytes(bytes);
    desk.store.set_totp(words.login, secret, desk.by);
    fmt::print("{}\n", access::totp_uri(words.login, secret));
}

void make_token(Settings const& settings, Words const& words) {
    Desk const desk{settings};
    data::model::Token token;
    token.login = words.login;
    token.title = words.title;
    token.scopes = words.scopes;
    for (auto const& scope : token.scopes)
        if (!access::is_token_scope(scope))
            api::refuse_member("--scope", scope, api::token_scopes_accepted);
    token.expires_at.microseconds =
        access::unix_microseconds() + std::int64_t{words.days} * 86'400'000'000;
    auto const secret = access::random_secret();
    token.sha256 = access::sha256_of(secret);
    static_cast<void>(desk.store.add_token(token, desk.by));
    fmt::print("{}\n", secret);
}

CLI::App* login_command(CLI::App& user, Given const& words, char const* name, char const* text) {
    auto* const command = user.add_subcommand(name, text);
    command->fallthrough();
    command->add_option("login", words->login)->required();
    return command;
}

void add_account_commands(CLI::App& user, Settings& settings, Given const& words) {
    auto* const list = user.add_subcommand("list", "Accounts, one a line");
    list->fallthrough()->callback([&settings] { list_accounts(settings); });
    auto* const add = login_command(user, words, "add",
                                    "Make an account; its password is read from "
                                    "standard input");
    add->add_option("--name", words->name, "full name");
    add->add_option("--role", words->roles, "a role it has");
    add->add_flag("--no-password", words->no_password, "it signs in by a provider alone");
    add->callback([&settings, words] { add_account(settings, *words); });
    login_command(user, words, "remove", "Remove an account")->callback([&settings, words] {
        Desk const desk{settings};
        desk.store.remove_account(words->login, desk.by);
    });
    login_command(user, words, "password", "Set a password, read from standard input")
        ->callback([&settings, words] {
            Desk const desk{settings};
            desk.store.set_password(words->login, access::hash_password(read_password()), desk.by);
        });
    auto* const disable = login_command(user, words, "disable", "Let an account in no more");
    disable->add_flag("--off", words->off, "let it in again");
    disable->callback([&settings, words] {
        Desk const desk{settings};
        desk.store.set_disabled(words->login, !words->off, desk.by);
    });
}

void add_credential_commands(CLI::App& user, Settings& settings, Given const& words) {
    auto* const code = login_command(user, words, "totp",
                                     "Ask for a code as well: prints what an "
                                     "authenticator app reads");
    code->add_flag("--off", words->off, "ask for none any more");
    code->callback([&settings, words] { set_code(settings, *words); });
    auto* const role = login_command(user, words, "role", "Give a role");
    role->add_option("role", words->roles, "its name")->required();
    role->add_flag("--take", words->take, "take it away");
    role->callback([&settings, words] {
        Desk const desk{settings};
        for (auto const& name : words->roles)
            words->take ? desk.store.take_role(words->login, name, desk.by)
                        : desk.store.give_role(words->login, name, desk.by);
    });
    auto* const token =
        login_command(user, words, "token", "Make a token for a machine; prints it");
    token->add_option("--scope", words->scopes, api::token_scopes_accepted)->required();
    token->add_option("--days", words->days, "for how long it holds")
        ->check(CLI::Range(1, 366))
        ->capture_default_str();
    token->add_option("--title", words->title, "what it is for");
    token->callback([&settings, words] { make_token(settings, *words); });
    auto* const identity =
        login_command(user, words, "identity", "Tie an account to a provider's subject");
    identity->add_option("issuer", words->issuer)->required();
    identity->add_option("subject", words->subject)->required();
    identity->callback([&settings, words] {
        Desk const desk{settings};
        desk.store.tie_identity(words->login, words->issuer, words->subject, desk.by);
    });
}

/// A provider's words; its secret comes from a file, never from the command line.
void add_provider_command(CLI::App& user, Settings& settings) {
    auto const provider = std::make_shared<data::model::IdentityProvider>();
    provider->scopes = "openid profile email";
    auto const secret_file = std::make_shared<std::string>();
    auto* const command =
        user.add_subcommand("provider", "Let those of an OpenID provider sign in");
    command->fallthrough();
    command->add_option("name", provider->name)->required();
    command->add_option("--title", provider->title, "what its button says")->required();
    command->add_option("--issuer", provider->issuer)->required();
    command->add_option("--client-id", provider->client_id)->required();
    command->add_option("--secret-file", *secret_file, "file that holds the client's secret");
    command->add_option("--scopes", provider->scopes)->capture_default_str();
    command->add_flag("--make-accounts", provider->makes_accounts, "strangers get an account");
    command->add_option("--role", provider->roles, "a role of those accounts");
    command->callback([&settings, provider, secret_file] {
        Desk const desk{settings};
        if (!secret_file->empty()) {
            std::ifstream file{*secret_file};
            std::string secret;
            if (!std::getline(file, secret))
                throw geo::Error{geo::Code::bad_input, "file-unreadable", {{"name", *secret_file}}};
            provider->client_secret = secret;
        }
        desk.store.set_provider(*provider, desk.by);
    });
}

} // namespace

void add_user(CLI::App& app, Settings& settings) {
    auto* const user = app.add_subcommand("user", "Accounts: who may sign in");
    user->require_subcommand(1);
    auto const words = std::make_shared<Words>();
    add_account_commands(*user, settings, words);
    add_credential_commands(*user, settings, words);
    add_provider_command(*user, settings);
}

void add_role(CLI::App& app, Settings& settings) {
    auto* const role = app.add_subcommand("role", "Roles: what an account may");
    role->require_subcommand(1);
    auto* const list = role->add_subcommand("list", "Roles as JSON, one a line");
    list->fallthrough()->callback([&settings] {
        for (auto const& one : Desk{settings}.store.read().roles)
            fmt::print("{}\n", api::dump(api::describe_role(one)));
    });
    auto const name = std::make_shared<std::string>();
    auto* const set =
        role->add_subcommand("set", "Make a role what standard input says, in JSON as "
                                    "`list` prints it");
    set->fallthrough()->add_option("name", *name)->required();
    set->callback([&settings, name] {
        std::ostringstream text;
        text << std::cin.rdbuf();
        auto const body = nlohmann::json::parse(text.str(), nullptr, false);
        if (!body.is_object()) api::refuse_member("standard input", "", "{title, grants, …}");
        Desk const desk{settings};
        desk.store.set_role(api::read_role(*name, body), desk.by);
    });
    auto* const remove = role->add_subcommand("remove", "Remove a role");
    remove->fallthrough()->add_option("name", *name)->required();
    remove->callback([&settings, name] {
        Desk const desk{settings};
        desk.store.remove_role(*name, desk.by);
    });
}

void add_audit(CLI::App& app, Settings& settings) {
    auto* const audit = app.add_subcommand("audit", "Who read and changed what");
    audit->require_subcommand(1);
    auto* const verify =
        audit->add_subcommand("verify", "Hold every entry to the one before; 1 if one is broken");
    verify->fallthrough()->callback([&settings] {
        auto const check = Desk{settings}.audit.check();
        if (!check.broken) {
            fmt::print("{} entries are whole; the last is {}, {}\n", check.entries, check.last_seq,
                       check.head);
            return;
        }
        fmt::print("entry {} is broken\n", *check.broken);
        throw CLI::RuntimeError{1};
    });
    auto* const trim = audit->add_subcommand("trim", "Remove what is kept no longer");
    trim->fallthrough()->callback([&settings] {
        Desk const desk{settings};
        fmt::print("{} entries were removed\n", desk.audit.trim(desk.by));
    });
}

} // namespace diaban::services::commands
