#include "data/postgis/copy.hpp"

#include "data/postgis/binary_rows.hpp"
#include "data/postgis/sql_text.hpp"
#include "data/postgis/wire.hpp"

#include <algorithm>

namespace diaban::data::postgis {
namespace {

/// A table that holds rows: the collection's own, or one of its partitions.
struct Leaf {
    std::string name; ///< quoted
    std::uint64_t blocks = 0;
};

constexpr char const* consistent = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

void set_policy(Wire& wire, geo::Policy const& policy) {
    wire.query(
        "SELECT set_config('diaban.scopes', $1, true), set_config('diaban.level', $2, true)",
        {policy.all_scopes() ? "*" : array_text(policy.scopes()), std::to_string(policy.level())});
}

bool leaves(geo::Field const& field, Fields fields, geo::Policy const& policy) {
    if (!policy.sees_field(field.name)) return false;
    if (fields == Fields::tile) return field.tile;
    return fields == Fields::all || !field.personal;
}

} // namespace

struct CopyOut::State {
    std::string uri;
    model::Collection collection;
    geo::Policy policy;
    std::vector<geo::Field> fields;
    std::unique_ptr<Wire> leader; // its transaction keeps the snapshot alive
    std::string snapshot;
    std::vector<Leaf> tables;
    std::int64_t generation = 0;
    std::int64_t seq = 0;
    std::uint64_t estimated_rows = 0;

    /// Rows of `leaf` from block `from` up to, not including, block `to`; without end if `open`.
    [[nodiscard]] std::string statement(Leaf const& leaf, std::uint64_t from, std::uint64_t to,
                                        bool open) const {
        std::string sql = "COPY (SELECT t.fid, t.scope, t.sensitivity, t.geom";
        for (auto const& field : fields) sql += ", " + field_expression(field, "t");
        sql += " FROM ONLY " + leaf.name + " AS t WHERE t.ctid >= '(" + std::to_string(from) +
               ",0)'::tid";
        if (!open) sql += " AND t.ctid < '(" + std::to_string(to) + ",0)'::tid";
        return sql + " AND " + policy_condition(policy, "t") + ") TO STDOUT (FORMAT binary)";
    }
};

CopyOut::CopyOut(std::string uri, model::Collection collection, Fields fields,
                 geo::Policy const& policy)
    : m_state{std::make_unique<State>()} {
    auto& state = *m_state;
    state.uri = std::move(uri);
    state.collection = std::move(collection);
    state.policy = policy;
    for (auto const& field : state.collection.schema.fields)
        if (leaves(field, fields, policy)) state.fields.push_back(field);

    state.leader = std::make_unique<Wire>(state.uri, Role::feed);
    auto const table = table_of(state.collection.schema.id);
    state.leader->run(consistent);
    // Before the snapshot is taken, so that nothing rewrites the table under it.
    state.leader->run("LOCK TABLE " + table + " IN ACCESS SHARE MODE");
    auto const cursor = state.leader->query(
        "SELECT pg_export_snapshot(), generation, "
        "(SELECT coalesce(max(seq), 0) FROM diaban.change) FROM diaban.instance");
    state.snapshot = cursor.at(0).at(0).value_or("");
    state.generation = std::stoll(cursor.at(0).at(1).value_or("0"));
    state.seq = std::stoll(cursor.at(0).at(2).value_or("0"));
    for (auto const& row : state.leader->query(
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
    return m_state->fields;
}
std::int64_t CopyOut::cursor_generation() const noexcept {
    return m_state->generation;
}
std::int64_t CopyOut::cursor_seq() const noexcept {
    return m_state->seq;
}
std::uint64_t CopyOut::estimated_rows() const noexcept {
    return m_state->estimated_rows;
}

void CopyOut::read(unsigned part, unsigned parts,
                   std::function<void(geo::RowView const&)> const& sink) const {
    auto const& state = *m_state;
    Wire wire{state.uri, Role::feed};
    wire.run(consistent);
    wire.run("SET TRANSACTION SNAPSHOT '" + state.snapshot + "'");
    set_policy(wire, state.policy);

    std::vector<geo::ValueView> values(state.fields.size());
    bool at_start = true;
    auto const take = [&](std::span<std::byte const> message) {
        if (at_start) message = message.subspan(std::min(message.size(), copy_header_size));
        at_start = false;
        RowReader reader{message};
        if (reader.fields() < 0) return; // the trailer
        geo::RowView row;
        row.fid = reader.int8();
        row.scope = reader.text();
        row.sensitivity = static_cast<std::uint8_t>(reader.int2());
        if (auto const shape = reader.bytes()) row.wkb = *shape;
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = reader.value(state.fields[i].type);
        row.values = values;
        sink(row);
    };
    for (auto const& leaf : state.tables) {
        if (leaf.blocks == 0) continue;
        auto const from = leaf.blocks * part / parts;
        auto const to = leaf.blocks * (part + 1) / parts;
        bool const last = part + 1 == parts;
        if (from == to && !last) continue;
        at_start = true;
        wire.copy_out(state.statement(leaf, from, to, last), take);
    }
}

} // namespace diaban::data::postgis
