#include "data/sqlite/database.hpp"

#include "geo/error.hpp"

#include <sqlite3.h>

#include <utility>

namespace diaban::data::sqlite {

namespace {

[[noreturn]] void refuse(sqlite3* database) {
    throw geo::Error{geo::Code::bad_input,
                     "bad-archive",
                     {{"reason", std::string{"SQLite says: "} + sqlite3_errmsg(database)}}};
}

/// What statements on a file by anybody may do: read.
int allow(void*, int action, char const*, char const*, char const*, char const*) {
    bool const reads = action == SQLITE_SELECT || action == SQLITE_READ;
    return reads ? SQLITE_OK : SQLITE_DENY;
}

void guard(sqlite3* database) {
    for (auto const& [option, value] :
         {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1}, std::pair{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
          std::pair{SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
          std::pair{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
          std::pair{SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0}})
        sqlite3_db_config(database, option, value, nullptr);
    for (auto const& [limit, value] :
         {std::pair{SQLITE_LIMIT_LENGTH, 32 << 20}, std::pair{SQLITE_LIMIT_SQL_LENGTH, 1 << 16},
          std::pair{SQLITE_LIMIT_COLUMN, 100}, std::pair{SQLITE_LIMIT_EXPR_DEPTH, 20},
          std::pair{SQLITE_LIMIT_ATTACHED, 0}, std::pair{SQLITE_LIMIT_TRIGGER_DEPTH, 1}})
        sqlite3_limit(database, limit, value);
    sqlite3_set_authorizer(database, allow, nullptr);
    // A statement by the primary key takes some hundred steps; one that walks a table is none of
    // ours.
    constexpr int steps = 2'000'000;
    sqlite3_progress_handler(
        database, steps, [](void*) { return 1; }, nullptr);
}

} // namespace

void CloseDatabase::operator()(sqlite3* database) const noexcept {
    sqlite3_close_v2(database);
}

void Finalise::operator()(sqlite3_stmt* statement) const noexcept {
    sqlite3_finalize(statement);
}

Statement::Statement(sqlite3* database, std::string_view sql) {
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &made, nullptr) !=
        SQLITE_OK)
        refuse(database);
    m_statement.reset(made);
}

void Statement::bind(int parameter, std::int64_t value) {
    sqlite3_bind_int64(m_statement.get(), parameter, value);
}

void Statement::bind_text(int parameter, std::string_view text) {
    sqlite3_bind_text(m_statement.get(), parameter, text.data(), static_cast<int>(text.size()),
                      SQLITE_STATIC);
}

void Statement::bind_bytes(int parameter, std::string_view bytes) {
    sqlite3_bind_blob64(m_statement.get(), parameter, bytes.data(), bytes.size(), SQLITE_STATIC);
}

bool Statement::step() {
    auto const status = sqlite3_step(m_statement.get());
    if (status == SQLITE_ROW) return true;
    if (status == SQLITE_DONE) return false;
    auto* const database = sqlite3_db_handle(m_statement.get());
    std::string reason = sqlite3_errmsg(database);
    sqlite3_reset(m_statement.get());
    throw geo::Error{
        geo::Code::unavailable, "archive-unreadable", {}, "SQLite: " + std::move(reason)};
}

void Statement::reset() {
    sqlite3_reset(m_statement.get());
    // The steps that it may take are counted from here.
    sqlite3_stmt_status(m_statement.get(), SQLITE_STMTSTATUS_VM_STEP, 1);
    sqlite3_clear_bindings(m_statement.get());
}

std::int64_t Statement::number(int column) const {
    return sqlite3_column_int64(m_statement.get(), column);
}

std::string_view Statement::bytes(int column) const {
    auto const* const held =
        static_cast<char const*>(sqlite3_column_blob(m_statement.get(), column));
    auto const size = sqlite3_column_bytes(m_statement.get(), column);
    return held == nullptr ? std::string_view{} : std::string_view{held, std::size_t(size)};
}

std::string_view Statement::text(int column) const {
    auto const* const held = sqlite3_column_text(m_statement.get(), column);
    auto const size = sqlite3_column_bytes(m_statement.get(), column);
    return held == nullptr
               ? std::string_view{}
               : std::string_view{reinterpret_cast<char const*>(held), std::size_t(size)};
}

Database::Database(std::filesystem::path const& file, Use use) {
    sqlite3* opened = nullptr;
    auto const flags =
        use == Use::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    auto const status =
        sqlite3_open_v2(file.c_str(), &opened, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    m_database.reset(opened);
    if (status != SQLITE_OK) refuse(opened);
    if (use == Use::read) {
        guard(opened);
        return;
    }
    run("PRAGMA journal_mode = OFF");
    run("PRAGMA synchronous = OFF"); // whoever writes it brings it to the disk when it is whole
}

void Database::run(char const* sql) const {
    if (sqlite3_exec(m_database.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        refuse(m_database.get());
}

} // namespace diaban::data::sqlite
