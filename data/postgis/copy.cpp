#include "data/postgis/copy.hpp"

#include "data/postgis/sql_text.hpp"
#include "data/postgis/wire.hpp"

#include <utility>

namespace diaban::data::postgis {
namespace {

/// A table that holds rows: the collection's own, or one of its partitions.
struct Leaf {
    std::string name; ///< quoted
    std::uint64_t blocks = 0;
};

} // namespace

struct CopyOut::State {
    std::string uri;
    geo::Policy policy;
    CopyRows rows;
    Wire leader; // its transaction keeps the snapshot alive
    std::string snapshot;
    std::vector<Leaf> tables;
    Cursor cursor;
    std::uint64_t estimated_rows = 0;

    State(std::string where, geo::Schema const& schema, Fields chosen, geo::Policy const& who)
        : uri{std::move(where)}, policy{who}, rows{schema, chosen, who}, leader{uri, Role::feed} {}

    /// Rows of `leaf` from block `from` up to, not including, block `to`; without end if `open`.
    [[nodiscard]] std::string statement(Leaf const& leaf, std::uint64_t from, std::uint64_t to,
                                        bool open) const {
        std::string sql = "SELECT " + rows.columns("t") + " FROM ONLY " + leaf.name +
                          " AS t WHERE t.ctid >= '(" + std::to_string(from) + ",0)'::tid";
        if (!open) sql += " AND t.ctid < '(" + std::to_string(to) + ",0)'::tid";
        return sql + " AND " + policy_condition(policy, "t");
    }
};

CopyOut::CopyOut(std::string uri, model::Collection const& collection, Fields fields,
                 geo::Policy const& policy)
    : m_state{std::make_unique<State>(std::move(uri), collection.schema, fields, policy)} {
    auto& state = *m_state;
    auto const table = table_of(collection.schema.id);
    // Before the snapshot is taken, which holds all that is settled now, and what came since; those
    // changes are read again.
    state.cursor = feed_head(state.leader);
    begin_snapshot(state.leader);
    // Before the snapshot is taken, so that nothing rewrites the table under it.
    state.leader.run("LOCK TABLE " + table + " IN ACCESS SHARE MODE");
    state.snapshot = state.leader.query("SELECT pg_export_snapshot()").at(0).at(0).value_or("");
    for (auto const& row : state.leader.query(
             "SELECT format('%I.%I', nspname, relname), "
             "pg_relation_size(c.oid) / current_setting('block_size')::bigint, "
             "greatest(reltuples, 0)::bigint "
             "FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
             "WHERE c.relkind = 'r' AND (c.oid = $1::regclass "
             "OR c.oid IN (SELECT relid FROM pg_partition_tree($1::regclass))) ORDER BY c.oid",
             {table})) {
        state.tables.push_back({row.at(0).value_or(""), std::stoull(row.at(1).value_or("0"))});
        state.estimated_rows += std::stoull(row.at(2).value_or("0"));
    }
}

CopyOut::~CopyOut() = default;

std::vector<geo::Field> const& CopyOut::fields() const noexcept {
    return m_state->rows.fields();
}
std::int64_t CopyOut::cursor_generation() const noexcept {
    return m_state->cursor.generation;
}
std::int64_t CopyOut::cursor_seq() const noexcept {
    return m_state->cursor.seq;
}
std::uint64_t CopyOut::estimated_rows() const noexcept {
    return m_state->estimated_rows;
}

void CopyOut::read(unsigned part, unsigned parts, RowSink const& sink) const {
    auto const& state = *m_state;
    Wire wire{state.uri, Role::feed};
    begin_snapshot(wire);
    wire.run("SET TRANSACTION SNAPSHOT '" + state.snapshot + "'");
    set_policy(wire, state.policy);
    for (auto const& leaf : state.tables) {
        if (leaf.blocks == 0) continue;
        auto const from = leaf.blocks * part / parts;
        auto const to = leaf.blocks * (part + 1) / parts;
        bool const last = part + 1 == parts;
        if (from == to && !last) continue;
        state.rows.read(wire, state.statement(leaf, from, to, last), sink);
    }
}

} // namespace diaban::data::postgis
