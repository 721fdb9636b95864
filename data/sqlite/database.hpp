#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace diaban::data::sqlite {

struct CloseDatabase {
    void operator()(sqlite3* database) const noexcept;
};
struct Finalise {
    void operator()(sqlite3_stmt* statement) const noexcept;
};

/// A statement that is asked again and again. Columns and parameters are counted as SQLite does:
/// columns from 0, parameters from 1.
class Statement {
public:
    Statement(sqlite3* database, std::string_view sql);

    void bind(int parameter, std::int64_t value);
    /// `text` and `bytes` must live until the next `reset`.
    void bind_text(int parameter, std::string_view text);
    void bind_bytes(int parameter, std::string_view bytes);
    /// Whether there is another row. Throws Error{unavailable, "archive-unreadable"}.
    bool step();
    void reset();
    [[nodiscard]] std::int64_t number(int column) const;
    /// Valid until the next `step` or `reset`.
    [[nodiscard]] std::string_view bytes(int column) const;
    [[nodiscard]] std::string_view text(int column) const; ///< likewise, UTF-8

private:
    std::unique_ptr<sqlite3_stmt, Finalise> m_statement;
};

/// A file of SQLite. For one thread at a time.
class Database {
public:
    enum class Use : std::uint8_t {
        read,  ///< of a file by anybody: nothing in it can make anything happen
        create ///< a new file, ours until it is closed, written without journal
    };
    /// Throws  Error{bad_input, "bad-archive"} with the `reason` if it cannot be opened.
    Database(std::filesystem::path const& file, Use use);

    void run(char const* sql) const;
    [[nodiscard]] Statement prepare(std::string_view sql) const { return {m_database.get(), sql}; }

private:
    std::unique_ptr<sqlite3, CloseDatabase> m_database;
};

} // namespace diaban::data::sqlite
