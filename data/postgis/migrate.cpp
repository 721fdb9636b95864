#include "data/postgis/migrate.hpp"

#include "data/blob/sha256.hpp"
#include "data/postgis/file_text.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/wire.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>

namespace diaban::data::postgis {
namespace {

using geo::Code;
using geo::Error;

/// Migrating processes of one database take turns by this number; any that nothing else uses.
constexpr char const* take_turn = "SELECT pg_advisory_lock(7263000)";

/// `0001_roles.sql` → 1 and `roles`; nothing for another name.
bool read_name(std::string const& file_name, Migration& into) {
    constexpr std::size_t digits = 4;
    if (file_name.size() <= digits + 1 || file_name[digits] != '_') return false;
    auto const [end, fault] =
        std::from_chars(file_name.data(), file_name.data() + digits, into.number);
    into.name = file_name.substr(digits + 1, file_name.size() - digits - 1 - 4);
    return fault == std::errc{} && end == file_name.data() + digits;
}

std::filesystem::path file_of(std::filesystem::path const& folder, Migration const& migration) {
    std::string number = std::to_string(migration.number);
    number.insert(0, 4 - std::min<std::size_t>(number.size(), 4), '0');
    return folder / (number + "_" + migration.name + ".sql");
}

std::vector<Migration> applied(pqxx::transaction_base& transaction) {
    std::vector<Migration> done;
    if (transaction.exec1("SELECT to_regclass('diaban.migration')")[0].is_null()) return done;
    for (auto const row :
         transaction.exec("SELECT number, name, sha256 FROM diaban.migration ORDER BY number"))
        done.push_back({row[0].as<int>(), row[1].as<std::string>(), row[2].as<std::string>()});
    return done;
}

void check(std::vector<Migration> const& done, std::vector<Migration> const& known) {
    if (done.size() > known.size())
        throw Error{Code::conflict,
                    "database-newer",
                    {{"migration", done.back().name}, {"known", std::to_string(known.size())}}};
    for (std::size_t i = 0; i < done.size(); ++i)
        if (done[i].number != known[i].number || done[i].sha256 != known[i].sha256)
            throw Error{Code::conflict, "migration-changed", {{"migration", done[i].name}}};
}

void apply(pqxx::connection& connection, std::filesystem::path const& folder,
           Migration const& migration) {
    try {
        pqxx::work transaction{connection};
        transaction.exec(file_text(file_of(folder, migration)));
        transaction.exec("SET LOCAL ROLE diaban_owner");
        transaction.exec_params(
            "INSERT INTO diaban.migration (number, name, sha256) VALUES ($1, $2, $3)",
            migration.number, migration.name, migration.sha256);
        transaction.commit();
    } catch (pqxx::failure const& failure) {
        throw Error{
            Code::internal, "migration-failed", {{"migration", migration.name}}, failure.what()};
    }
}

} // namespace

std::vector<Migration> list_migrations(std::filesystem::path const& folder) {
    std::vector<Migration> found;
    std::error_code fault;
    for (auto const& entry : std::filesystem::directory_iterator{folder, fault}) {
        if (entry.path().extension() != ".sql") continue;
        Migration migration;
        if (!read_name(entry.path().filename().string(), migration))
            throw Error{
                Code::bad_input, "bad-migrations", {{"file", entry.path().filename().string()}}};
        auto const text = file_text(entry.path());
        migration.sha256 = blob::hex(blob::sha256(std::as_bytes(std::span{text})));
        found.push_back(std::move(migration));
    }
    std::sort(found.begin(), found.end(),
              [](auto const& a, auto const& b) { return a.number < b.number; });
    for (std::size_t i = 0; i < found.size(); ++i)
        if (found[i].number != static_cast<int>(i) + 1)
            throw Error{Code::bad_input,
                        "bad-migrations",
                        {{"file", found[i].name}, {"expected", std::to_string(i + 1)}}};
    if (found.empty())
        throw Error{Code::bad_input, "bad-migrations", {}, folder.string() + ": no migration"};
    return found;
}

std::vector<Migration> applied_migrations(std::string const& uri) {
    std::optional<QuietConnection> connection;
    try {
        connection.emplace(connection_string(uri));
        pqxx::read_transaction transaction{connection->sql};
        if (!transaction.exec1("SELECT to_regrole('diaban_owner')")[0].is_null())
            transaction.exec0("SET LOCAL ROLE diaban_owner");
        return applied(transaction);
    } catch (pqxx::failure const& failure) {
        bool lost = false;
        throw connection ? translated(failure, connection->sql, lost)
                         : database_down(failure.what());
    }
}

std::vector<Migration> migrate(std::string const& uri, std::filesystem::path const& folder) {
    auto const known = list_migrations(folder);
    try {
        QuietConnection connection{connection_string(uri)};
        {
            pqxx::nontransaction turn{connection.sql};
            turn.exec(take_turn);
            turn.exec("SET client_min_messages = warning");
        }
        std::vector<Migration> done;
        {
            pqxx::read_transaction transaction{connection.sql};
            done = applied(transaction);
        }
        check(done, known);
        std::vector<Migration> const missing(
            known.begin() + static_cast<std::ptrdiff_t>(done.size()), known.end());
        for (auto const& migration : missing) apply(connection.sql, folder, migration);
        return missing;
    } catch (pqxx::failure const& failure) {
        throw database_down(failure.what());
    }
}

} // namespace diaban::data::postgis
