#include "data/postgis/change_feed.hpp"

#include "data/postgis/session.hpp"
#include "data/postgis/text_rows.hpp"
#include "geo/error.hpp"

#include <algorithm>
#include <limits>

namespace diaban::data::postgis {
namespace {

using geo::Error;

Operation operation_of(std::string_view name) {
    if (name == "insert") return Operation::insert;
    if (name == "update") return Operation::update;
    if (name == "delete") return Operation::remove;
    return Operation::import;
}

double coordinate(pqxx::field const& field) {
    return std::get<double>(read_value(view(field), geo::FieldType::number));
}

/// A side's columns: version, west, south, east, north, scope, sensitivity; from `first` on.
std::optional<Side> side_of(pqxx::row const& row, pqxx::row::size_type first) {
    if (row[first].is_null()) return std::nullopt;
    Side side;
    side.version = row[first].as<std::int64_t>();
    if (!row[first + 1].is_null())
        side.box = {coordinate(row[first + 1]), coordinate(row[first + 2]),
                    coordinate(row[first + 3]), coordinate(row[first + 4])};
    side.scope = row[first + 5].c_str();
    side.sensitivity = static_cast<std::uint8_t>(row[first + 6].as<int>());
    return side;
}

std::string side_columns(std::string const& side) {
    std::string sql = side + "_version";
    for (auto const* axis : {"[1]", "[2]", "[3]", "[4]"}) sql += ", " + side + "_box" + axis;
    return sql + ", " + side + "_scope, " + side + "_sensitivity";
}

/// Whether a number is missing after `from`: it was rolled back, or is being committed.
bool has_gap(std::vector<Change> const& changes, std::int64_t from) {
    return !changes.empty() &&
           changes.back().seq - from != static_cast<std::int64_t>(changes.size());
}

/// Where the feed ends, and what of it was trimmed.
struct Extent {
    Cursor head;
    std::int64_t trimmed = 0;

    [[nodiscard]] bool continues(Cursor from) const noexcept {
        return from.generation == head.generation && from.seq >= trimmed && from.seq <= head.seq;
    }
};

Extent extent(pqxx::transaction_base& sql) {
    auto const row =
        sql.exec1("SELECT generation, diaban.feed_head(), feed_trimmed FROM diaban.instance");
    return {{row[0].as<std::int64_t>(), row[1].as<std::int64_t>()}, row[2].as<std::int64_t>()};
}

} // namespace

Cursor ChangeFeed::head() const {
    // A transaction of its own, and no block: no writer waits longer than this one statement.
    return reading<pqxx::nontransaction>(m_pool, [](auto& sql) -> Cursor {
        auto const row = sql.exec1("SELECT generation, diaban.feed_settled() FROM diaban.instance");
        return {row[0].template as<std::int64_t>(), row[1].template as<std::int64_t>()};
    });
}

std::uint64_t ChangeFeed::record_identity() const {
    return reading(m_pool, [](auto& sql) {
        auto const row = sql.exec1("SELECT system_identifier, (SELECT oid FROM pg_database WHERE "
                                   "datname = current_database()) FROM pg_control_system()");
        constexpr std::uint64_t golden = 0x9E3779B97F4A7C15U; // 2^64 / φ: spreads the small number
        return static_cast<std::uint64_t>(row[0].template as<std::int64_t>()) ^
               row[1].template as<std::uint64_t>() * golden;
    });
}

std::optional<std::vector<Change>> ChangeFeed::after(Cursor from, std::uint32_t limit) const {
    auto changes = between(from, std::numeric_limits<std::int64_t>::max(), limit);
    if (!changes || !has_gap(*changes, from.seq)) return changes;
    try {
        return between(from, head().seq, limit);
    } catch (Error const& error) {
        if (error.type() != "database-busy") throw;
    }
    // What stands behind the first gap is left for the next reading.
    auto next = from.seq;
    auto const gap =
        std::ranges::find_if(*changes, [&](Change const& change) { return change.seq != ++next; });
    changes->erase(gap, changes->end());
    return changes;
}

std::optional<std::vector<Change>> ChangeFeed::between(Cursor from, std::int64_t to,
                                                       std::uint32_t limit) const {
    static std::string const select =
        "SELECT seq, (extract(epoch FROM at) * 1000000)::bigint, collection, operation, "
        "coalesce(fid, 0), coalesce(import, 0), " +
        side_columns("old") + ", " + side_columns("new") +
        " FROM diaban.change WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3";
    constexpr pqxx::row::size_type old_side = 6;
    constexpr pqxx::row::size_type new_side = 13;
    return reading(m_pool, [&](auto& sql) -> std::optional<std::vector<Change>> {
        std::vector<Change> changes;
        for (auto const row : sql.exec_params(select, from.seq, to, limit)) {
            auto& change = changes.emplace_back();
            change.seq = row[0].template as<std::int64_t>();
            change.at = {row[1].template as<std::int64_t>()};
            change.collection = row[2].c_str();
            change.operation = operation_of(view(row[3]));
            change.fid = row[4].template as<std::int64_t>();
            change.import_id = row[5].template as<std::int64_t>();
            change.before = side_of(row, old_side);
            change.after = side_of(row, new_side);
        }
        // Asked after the changes were read: what was trimmed meanwhile shows.
        if (!extent(sql).continues(from)) return std::nullopt;
        return changes;
    });
}

std::uint64_t ChangeFeed::trim(std::uint32_t most) const {
    return writing(m_pool, [most](auto& sql) {
        return sql.exec_params1("SELECT diaban.trim_changes($1)", most)[0]
            .template as<std::uint64_t>();
    });
}

} // namespace diaban::data::postgis
