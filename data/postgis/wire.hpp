#pragma once

#include "data/postgis/pool.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::data::postgis {

/// `uri` with what every connection of Diaban sets unless the URI says otherwise: a bound on
/// connecting and on a silent network, and a name in pg_stat_activity. A machine that is gone
/// without a word is noticed after 11 s. Throws Error{bad_input, "bad-database-uri"}.
std::string connection_string(std::string const& uri);

/// A file that a database URI names for TLS.
struct NamedFile {
    std::string setting; ///< sslcert, sslkey, sslrootcert or sslcrl
    std::string path;
};
/// All of them; not the word "system", which stands for the machine's own authorities.
/// Throws Error{bad_input, "bad-database-uri"}.
[[nodiscard]] std::vector<NamedFile> certificate_files(std::string const& uri);

/// One libpq connection, for what libpqxx 6.4 lacks: binary COPY, in both directions, beside plain
/// statements of the same transaction.
///
/// Threads  one at a time.
/// Throws   every failure as error_of says; after one, only destruction (which rolls back) is left.
class Wire {
public:
    /// Connects in `role`, without statement timeout. Throws Error{unavailable, "database-down"}.
    Wire(std::string const& uri, Role role);
    ~Wire();
    Wire(Wire const&) = delete;
    Wire& operator=(Wire const&) = delete;

    /// One or several statements without parameters.
    void run(std::string const& sql);

    using Parameter = std::optional<std::string>;
    using Row = std::vector<std::optional<std::string>>;
    /// One statement; rows as text. `$1…` are `parameters`, absent: null.
    std::vector<Row> query(std::string const& sql, std::vector<Parameter> const& parameters = {});
    /// As `query`, for a statement without rows: how many rows it touched.
    std::uint64_t touch(std::string const& sql, std::vector<Parameter> const& parameters = {});

    /// Starts `COPY … FROM STDIN (FORMAT binary)`; then rows by `put`, until `end_copy_in`.
    void begin_copy_in(std::string const& sql);
    /// Bytes of the COPY stream; cut anywhere.
    void put(std::span<std::byte const> bytes);
    /// Ends the stream; how many rows went in.
    std::uint64_t end_copy_in();

    /// Runs `COPY … TO STDOUT`; every message of the stream goes to `take`.
    void copy_out(std::string const& sql,
                  std::function<void(std::span<std::byte const>)> const& take);

    /// Waits until a notification of a channel that this connection listens to has come (all that
    /// came are taken), the descriptor `other` can be read, or `patience` has passed; whether a
    /// notification came.
    bool await_notification(std::chrono::milliseconds patience, int other);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace diaban::data::postgis
