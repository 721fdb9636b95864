#include "data/packs/returned_pack.hpp"

#include "geo/codec/wkb.hpp"
#include "geo/error.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <span>
#include <string>

namespace diaban::data::packs {

namespace {

[[noreturn]] void refuse(std::string reason, std::string detail = {}) {
    throw geo::Error{geo::Code::bad_input,
                     "pack-unreadable",
                     {{"reason", std::move(reason)}},
                     std::move(detail)};
}

struct CloseDatabase {
    void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
};
struct Finalise {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalise>;

/// What statements may do: read columns of the schema and of the two tables, and nothing else.
int allow(void*, int action, char const* first, char const*, char const*, char const* within) {
    // Whatever a view or a trigger would do is done within it.
    if (within != nullptr) return SQLITE_DENY;
    if (action == SQLITE_SELECT) return SQLITE_OK;
    if (action != SQLITE_READ || first == nullptr) return SQLITE_DENY;
    constexpr std::array<std::string_view, 3> tables{"sqlite_master", pack_table, cases_layer};
    return std::ranges::find(tables, std::string_view{first}) == tables.end() ? SQLITE_DENY
                                                                              : SQLITE_OK;
}

/// A GeoPackage in memory that nothing in it can make do anything.
class Package {
public:
    explicit Package(std::string_view bytes) : m_bytes{checked(bytes)} {
        sqlite3* opened = nullptr;
        auto const status = sqlite3_open_v2(":memory:", &opened,
                                            SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
        m_database.reset(opened);
        if (status != SQLITE_OK) throw geo::Error{geo::Code::internal, "internal", {}, "sqlite"};
        guard();
        auto* const start = reinterpret_cast<unsigned char*>(m_bytes.data());
        auto const size = static_cast<sqlite3_int64>(m_bytes.size());
        if (sqlite3_deserialize(opened, "main", start, size, size, SQLITE_DESERIALIZE_READONLY) !=
            SQLITE_OK)
            fail();
        sqlite3_set_authorizer(opened, allow, nullptr);
        check_tables();
    }

    [[nodiscard]] Statement prepare(std::string const& sql) const {
        sqlite3_stmt* made = nullptr;
        if (sqlite3_prepare_v2(m_database.get(), sql.c_str(), -1, &made, nullptr) != SQLITE_OK)
            fail();
        return Statement{made};
    }
    /// Whether there is another row.
    bool step(Statement const& statement) const {
        auto const status = sqlite3_step(statement.get());
        if (status != SQLITE_ROW && status != SQLITE_DONE) fail();
        return status == SQLITE_ROW;
    }

private:
    static std::string checked(std::string_view bytes) {
        constexpr std::string_view magic{"SQLite format 3\0", 16};
        constexpr std::size_t header = 100;
        if (bytes.size() > largest_pack)
            refuse("larger than " + std::to_string(largest_pack) + " bytes");
        if (bytes.size() < header || !bytes.starts_with(magic)) refuse("no SQLite database");
        if (bytes.substr(68, 4) != "GPKG") refuse("no GeoPackage by its application id");
        std::string copy{bytes};
        // Kept as a journal ahead of writing, it would want a file beside it.
        for (auto const at : {std::size_t{18}, std::size_t{19}})
            if (copy[at] == 2) copy[at] = 1;
        return copy;
    }

    void guard() const {
        auto* const database = m_database.get();
        for (auto const& [option, value] :
             {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1}, std::pair{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
              std::pair{SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
              std::pair{SQLITE_DBCONFIG_ENABLE_VIEW, 0},
              std::pair{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
              std::pair{SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0}})
            sqlite3_db_config(database, option, value, nullptr);
        for (auto const& [limit, value] :
             {std::pair{SQLITE_LIMIT_LENGTH, 1 << 20}, std::pair{SQLITE_LIMIT_SQL_LENGTH, 1 << 16},
              std::pair{SQLITE_LIMIT_COLUMN, 200}, std::pair{SQLITE_LIMIT_EXPR_DEPTH, 20},
              std::pair{SQLITE_LIMIT_ATTACHED, 0}, std::pair{SQLITE_LIMIT_TRIGGER_DEPTH, 1}})
            sqlite3_limit(database, limit, value);
        constexpr int steps = 10'000'000; // 20,000 cases of 200 columns
        sqlite3_progress_handler(
            database, steps, [](void*) { return 1; }, nullptr);
    }

    void check_tables() const {
        std::size_t found = 0;
        auto const rows = prepare("SELECT name, type, sql FROM sqlite_master");
        for (int seen = 0; step(rows); ++seen) {
            constexpr int most_entries = 1000;
            if (seen == most_entries) refuse("too many tables");
            auto const text = [&](int column) {
                auto const* const held = sqlite3_column_text(rows.get(), column);
                return std::string{held == nullptr ? "" : reinterpret_cast<char const*>(held)};
            };
            auto const name = text(0);
            if (name != pack_table && name != cases_layer) continue;
            auto const sql = text(2);
            if (text(1) != "table" || !sql.starts_with("CREATE TABLE"))
                refuse(name + " is no plain table");
            ++found;
        }
        if (found != 2)
            refuse("no field pack: it lacks " + std::string{pack_table} + " or " + cases_layer);
    }

    [[noreturn]] void fail() const {
        auto const code = sqlite3_errcode(m_database.get());
        if (code == SQLITE_INTERRUPT) refuse("it takes too long to read");
        if (code == SQLITE_NOMEM || code == SQLITE_TOOBIG) refuse("something in it is too long");
        if (code == SQLITE_AUTH) refuse("its tables are not as they were given out");
        refuse("damaged", sqlite3_errmsg(m_database.get()));
    }

    std::string m_bytes; // outlives what reads it
    std::unique_ptr<sqlite3, CloseDatabase> m_database;
};

geo::Value cell(sqlite3_stmt* row, int column) {
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER: return static_cast<std::int64_t>(sqlite3_column_int64(row, column));
    case SQLITE_FLOAT: return sqlite3_column_double(row, column);
    case SQLITE_TEXT: {
        auto const* const text = reinterpret_cast<char const*>(sqlite3_column_text(row, column));
        auto const size = static_cast<std::size_t>(sqlite3_column_bytes(row, column));
        return text == nullptr ? std::string{} : std::string{text, size};
    }
    default: return {};
    }
}

/// The point of a GeoPackage's geometry (OGC 12-128, 2.1.3); nothing for anything else.
std::optional<geo::Position> point_of(std::span<std::byte const> bytes) {
    constexpr std::array<std::size_t, 5> envelopes{0, 32, 48, 48, 64};
    constexpr std::size_t head = 8;
    if (bytes.size() < head || bytes[0] != std::byte{'G'} || bytes[1] != std::byte{'P'})
        return std::nullopt;
    auto const flags = std::to_integer<unsigned>(bytes[3]);
    auto const envelope = (flags >> 1U) & 7U;
    if (envelope >= envelopes.size() || bytes.size() < head + envelopes[envelope])
        return std::nullopt;
    geo::Geometry shape;
    try {
        geo::codec::read_wkb(bytes.subspan(head + envelopes[envelope]), shape);
    } catch (geo::Error const&) {
        return std::nullopt;
    }
    if (shape.kind != geo::GeometryKind::point || shape.positions.size() != 1) return std::nullopt;
    auto const at = shape.positions.front();
    bool const in_world =
        std::isfinite(at.x) && std::isfinite(at.y) && std::abs(at.x) <= 180 && std::abs(at.y) <= 90;
    return in_world ? std::optional{at} : std::nullopt;
}

model::ReturnedCase case_of(sqlite3_stmt* row) {
    model::ReturnedCase found;
    found.row = sqlite3_column_int64(row, 0);
    for (int column = 1; column < sqlite3_column_count(row); ++column) {
        std::string const name = sqlite3_column_name(row, column);
        if (name != "geom") {
            found.cells.emplace(name, cell(row, column));
            continue;
        }
        auto const* const blob = static_cast<std::byte const*>(sqlite3_column_blob(row, column));
        auto const size = static_cast<std::size_t>(sqlite3_column_bytes(row, column));
        if (blob != nullptr) found.at = point_of({blob, size});
    }
    return found;
}

} // namespace

model::ReturnedPack read_returned_pack(std::string_view bytes) {
    Package const package{bytes};
    model::ReturnedPack pack;
    auto const names = package.prepare("SELECT id FROM " + std::string{pack_table} + " LIMIT 2");
    while (package.step(names)) {
        auto const value = cell(names.get(), 0);
        auto const* const id = std::get_if<std::string>(&value);
        if (id == nullptr || !pack.id.empty()) refuse("it does not say which pack it is");
        pack.id = *id;
    }
    if (pack.id.empty()) refuse("it does not say which pack it is");
    auto const rows = package.prepare("SELECT rowid, * FROM " + std::string{cases_layer});
    while (package.step(rows)) {
        if (pack.cases.size() == model::most_pack_rows)
            throw geo::Error{geo::Code::too_large,
                             "pack-too-large",
                             {{"collection", "inspection_cases"},
                              {"accepted", std::to_string(model::most_pack_rows)}}};
        pack.cases.push_back(case_of(rows.get()));
    }
    return pack;
}

} // namespace diaban::data::packs
