#include "data/postgis/wire.hpp"

#include "data/postgis/errors.hpp"
#include "data/postgis/sql_text.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <new>

namespace diaban::data::postgis {
namespace {

struct Clear {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
    void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
    void operator()(char* memory) const noexcept { PQfreemem(memory); }
    void operator()(PGnotify* note) const noexcept { PQfreemem(note); }
};
using Result = std::unique_ptr<PGresult, Clear>;

std::string field_of(PGresult const* result, int field) {
    char const* text = result == nullptr ? nullptr : PQresultErrorField(result, field);
    return text == nullptr ? std::string{} : std::string{text};
}

std::uint64_t rows_touched(PGresult* result) {
    std::string_view const text{PQcmdTuples(result)};
    std::uint64_t rows = 0;
    std::from_chars(text.data(), text.data() + text.size(), rows);
    return rows;
}

void append_option(std::string& text, std::string_view name, std::string_view value) {
    text += text.empty() ? "" : " ";
    text += std::string{name} + "='";
    for (char const c : value) {
        if (c == '\'' || c == '\\') text += '\\';
        text += c;
    }
    text += '\'';
}

std::unique_ptr<PQconninfoOption, Clear> options_of(std::string const& uri) {
    char* reason = nullptr;
    std::unique_ptr<PQconninfoOption, Clear> options{PQconninfoParse(uri.c_str(), &reason)};
    std::unique_ptr<char, Clear> const held{reason};
    if (!options)
        throw geo::Error{
            geo::Code::bad_input, "bad-database-uri", {}, reason == nullptr ? "" : reason};
    return options;
}

} // namespace

std::string connection_string(std::string const& uri) {
    auto const options = options_of(uri);
    constexpr std::array<std::pair<char const*, char const*>, 6> defaults{{
        {"connect_timeout", "5"},      // s, each host
        {"tcp_user_timeout", "10000"}, // ms a sent byte may stay unacknowledged
        // Whoever waits for an answer sends nothing: a cable that is cut meanwhile is found by
        // these.
        {"keepalives_idle", "5"},     // s of silence
        {"keepalives_interval", "2"}, // s
        {"keepalives_count", "3"},
        {"application_name", "diaban"},
    }};
    std::string text;
    for (auto const* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr)
            append_option(text, option->keyword, option->val);
        else
            for (auto const& [name, value] : defaults)
                if (std::strcmp(name, option->keyword) == 0) append_option(text, name, value);
    }
    return text;
}

std::vector<NamedFile> certificate_files(std::string const& uri) {
    constexpr std::array<std::string_view, 4> settings{"sslcert", "sslkey", "sslrootcert",
                                                       "sslcrl"};
    auto const options = options_of(uri);
    std::vector<NamedFile> files;
    for (auto const* option = options.get(); option->keyword != nullptr; ++option) {
        std::string_view const value{option->val == nullptr ? "" : option->val};
        if (!value.empty() && value != "system" &&
            std::ranges::find(settings, option->keyword) != settings.end())
            files.push_back({option->keyword, std::string{value}});
    }
    return files;
}

struct Wire::State {
    std::unique_ptr<PGconn, Clear> connection;

    [[noreturn]] void fail(PGresult const* result) const {
        // A row that does not fit into our own memory leaves libpq without the connection.
        if (std::string_view{PQerrorMessage(connection.get())}.find("cannot allocate memory") !=
            std::string_view::npos)
            throw std::bad_alloc{};
        SqlFailure const failure{.state = field_of(result, PG_DIAG_SQLSTATE),
                                 .message = field_of(result, PG_DIAG_MESSAGE_PRIMARY),
                                 .detail = field_of(result, PG_DIAG_MESSAGE_DETAIL),
                                 .constraint = field_of(result, PG_DIAG_CONSTRAINT_NAME)};
        if (failure.state.empty() || PQstatus(connection.get()) == CONNECTION_BAD)
            throw database_down(PQerrorMessage(connection.get()));
        throw error_of(failure);
    }

    Result expect(PGresult* raw, ExecStatusType wanted) const {
        Result result{raw};
        if (PQresultStatus(raw) != wanted) fail(raw);
        return result;
    }

    Result execute(std::string const& sql, std::vector<Parameter> const& parameters) const {
        std::vector<char const*> values;
        values.reserve(parameters.size());
        for (auto const& parameter : parameters)
            values.push_back(parameter ? parameter->c_str() : nullptr);
        Result result{PQexecParams(connection.get(), sql.c_str(), static_cast<int>(values.size()),
                                   nullptr, values.data(), nullptr, nullptr, 0)};
        auto const status = PQresultStatus(result.get());
        if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) fail(result.get());
        return result;
    }

    /// Whether a notification has come; takes all that have.
    bool take_notifications() const {
        if (PQconsumeInput(connection.get()) != 1) fail(nullptr);
        bool any = false;
        while (std::unique_ptr<PGnotify, Clear> const note{PQnotifies(connection.get())})
            any = true;
        return any;
    }

    /// What ends a COPY in either direction: its command result, then nothing more.
    std::uint64_t finish_copy() const {
        auto const result = expect(PQgetResult(connection.get()), PGRES_COMMAND_OK);
        while (Result{PQgetResult(connection.get())}) {
        }
        return rows_touched(result.get());
    }
};

Wire::Wire(std::string const& uri, Role role) : m_state{std::make_unique<State>()} {
    m_state->connection.reset(PQconnectdb(connection_string(uri).c_str()));
    auto* connection = m_state->connection.get();
    if (PQstatus(connection) != CONNECTION_OK) throw database_down(PQerrorMessage(connection));
    PQsetNoticeProcessor(
        connection, [](void*, char const*) {}, nullptr);
    run("SET ROLE " + quoted(role_name(role)) +
        "; SET statement_timeout = 0; SET TimeZone = 'UTC'; SET client_encoding = 'UTF8'");
}

Wire::~Wire() = default;

void Wire::run(std::string const& sql) {
    Result const result{PQexec(m_state->connection.get(), sql.c_str())};
    auto const status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) m_state->fail(result.get());
}

std::vector<Wire::Row> Wire::query(std::string const& sql,
                                   std::vector<Parameter> const& parameters) {
    auto const result = m_state->execute(sql, parameters);
    std::vector<Row> rows(static_cast<std::size_t>(PQntuples(result.get())));
    int const columns = PQnfields(result.get());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        int const row = static_cast<int>(i);
        for (int column = 0; column < columns; ++column) {
            if (PQgetisnull(result.get(), row, column) != 0)
                rows[i].emplace_back();
            else
                rows[i].emplace_back(PQgetvalue(result.get(), row, column));
        }
    }
    return rows;
}

std::uint64_t Wire::touch(std::string const& sql, std::vector<Parameter> const& parameters) {
    return rows_touched(m_state->execute(sql, parameters).get());
}

void Wire::begin_copy_in(std::string const& sql) {
    m_state->expect(PQexec(m_state->connection.get(), sql.c_str()), PGRES_COPY_IN);
}

void Wire::put(std::span<std::byte const> bytes) {
    if (PQputCopyData(m_state->connection.get(), reinterpret_cast<char const*>(bytes.data()),
                      static_cast<int>(bytes.size())) != 1)
        m_state->fail(nullptr);
}

std::uint64_t Wire::end_copy_in() {
    if (PQputCopyEnd(m_state->connection.get(), nullptr) != 1) m_state->fail(nullptr);
    return m_state->finish_copy();
}

void Wire::copy_out(std::string const& sql,
                    std::function<void(std::span<std::byte const>)> const& take) {
    auto* connection = m_state->connection.get();
    m_state->expect(PQexec(connection, sql.c_str()), PGRES_COPY_OUT);
    for (;;) {
        char* raw = nullptr;
        int const size = PQgetCopyData(connection, &raw, 0);
        std::unique_ptr<char, Clear> const held{raw};
        if (size == -1) break;
        if (size < 0) m_state->fail(nullptr);
        take({reinterpret_cast<std::byte const*>(raw), static_cast<std::size_t>(size)});
    }
    m_state->finish_copy();
}

bool Wire::await_notification(std::chrono::milliseconds patience, int other) {
    using Clock = std::chrono::steady_clock;
    auto const end = Clock::now() + patience;
    for (;;) {
        if (m_state->take_notifications()) return true; // one may lie in libpq's own buffer
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
        if (left.count() <= 0) return false;
        std::array<pollfd, 2> sources{
            {{PQsocket(m_state->connection.get()), POLLIN, 0}, {other, POLLIN, 0}}};
        auto const ready = ::poll(sources.data(), sources.size(), static_cast<int>(left.count()));
        if (ready < 0 && errno != EINTR) throw database_down("poll failed");
        if (ready > 0 && sources[1].revents != 0) return m_state->take_notifications();
    }
}

} // namespace diaban::data::postgis
