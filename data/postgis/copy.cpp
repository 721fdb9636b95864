#include "data/postgis/copy.hpp"

#include "data/postgis/sql_text.hpp"
#include "data/postgis/wire.hpp"
#include "geo/error.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace diaban::data::postgis {
namespace {

/// A table that holds rows: the collection's own, or one of its partitions.
struct Leaf {
    std::string name; ///< quoted
    std::uint64_t blocks = 0;
};

} // namespace

CopyLine::CopyLine(std::string uri) : m_uri{std::move(uri)} {}
CopyLine::~CopyLine() = default;

void CopyLine::close() {
    take().reset();
}

std::unique_ptr<Wire> CopyLine::take() {
    std::lock_guard const lock{m_mutex};
    return std::move(m_waiting);
}

void CopyLine::give_back(std::unique_ptr<Wire> wire) {
    std::lock_guard const lock{m_mutex};
    m_waiting = std::move(wire);
}

struct CopyOut::State {
    std::string uri;
    geo::Policy policy;
    CopyRows rows;
    CopyLine* line = nullptr;     // that the leader goes back to
    std::unique_ptr<Wire> leader; // its transaction keeps the snapshot alive
    std::string snapshot;
    std::vector<Leaf> tables;
    Cursor cursor;
    std::uint64_t estimated_rows = 0;

    State(std::string where, geo::Schema const& schema, Fields chosen, geo::Policy const& who)
        : uri{std::move(where)}, policy{who}, rows{schema, chosen, who} {}

    /// Begins the leader's transaction.
    void begin(std::string const& table);

    [[nodiscard]] std::uint64_t blocks() const noexcept {
        std::uint64_t all = 0;
        for (auto const& leaf : tables) all += leaf.blocks;
        return all;
    }

    /// Reads a part on `wire`, which sees the snapshot.
    void read(Wire& wire, unsigned part, unsigned parts, RowSink const& sink) const;

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
    m_state->leader = std::make_unique<Wire>(m_state->uri, Role::feed);
    m_state->begin(table_of(collection.schema.id));
}

CopyOut::CopyOut(CopyLine& line, model::Collection const& collection, Fields fields)
    : m_state{std::make_unique<State>(line.uri(), collection.schema, fields,
                                      geo::Policy::everything())} {
    auto const table = table_of(collection.schema.id);
    m_state->line = &line;
    m_state->leader = line.take();
    if (m_state->leader) {
        try {
            m_state->begin(table);
            return;
        } catch (geo::Error const&) { // it may have been cut while it waited: another one tells
            m_state->leader.reset();
        }
    }
    m_state->leader = std::make_unique<Wire>(m_state->uri, Role::feed);
    m_state->begin(table);
}

void CopyOut::State::begin(std::string const& table) {
    tables.clear();
    estimated_rows = 0;
    // Before the snapshot is taken, which holds all that is settled now, and what came since; those
    // changes are read again.
    cursor = feed_head(*leader);
    begin_snapshot(*leader);
    // Before the snapshot is taken, so that nothing rewrites the table under it.
    leader->run("LOCK TABLE " + table + " IN ACCESS SHARE MODE");
    snapshot = leader->query("SELECT pg_export_snapshot()").at(0).at(0).value_or("");
    for (auto const& row : leader->query(
             "SELECT format('%I.%I', nspname, relname), "
             "pg_relation_size(c.oid) / current_setting('block_size')::bigint, "
             "greatest(reltuples, 0)::bigint "
             "FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
             "WHERE c.relkind = 'r' AND (c.oid = $1::regclass "
             "OR c.oid IN (SELECT relid FROM pg_partition_tree($1::regclass))) ORDER BY c.oid",
             {table})) {
        tables.push_back({row.at(0).value_or(""), std::stoull(row.at(1).value_or("0"))});
        estimated_rows += std::stoull(row.at(2).value_or("0"));
    }
}

CopyOut::~CopyOut() {
    if (m_state->line == nullptr) return;
    try {
        m_state->leader->run("COMMIT");
        m_state->line->give_back(std::move(m_state->leader));
    } catch (std::exception const&) { // cut, or in the midst of a COPY: not to be lent again
    }
}

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

std::uint64_t CopyOut::blocks() const noexcept {
    return m_state->blocks();
}

void CopyOut::read(unsigned part, unsigned parts, RowSink const& sink) const {
    if (blocks() * part / parts == blocks() * (part + 1) / parts) return; // worth no connection
    if (parts > 1) return CopyReader{*this}.read(part, parts, sink);
    set_policy(*m_state->leader, m_state->policy);
    m_state->read(*m_state->leader, part, parts, sink);
}

CopyReader::CopyReader(CopyOut const& picture)
    : m_picture{*picture.m_state}, m_wire{std::make_unique<Wire>(m_picture.uri, Role::feed)} {
    begin_snapshot(*m_wire);
    // The leader has the table already: whoever is queued before us waits for it to end.
    m_wire->run("SET LOCAL lock_timeout = '5s'");
    m_wire->run("SET TRANSACTION SNAPSHOT '" + m_picture.snapshot + "'");
    set_policy(*m_wire, m_picture.policy);
}

CopyReader::~CopyReader() = default;

void CopyReader::read(unsigned part, unsigned parts, RowSink const& sink) {
    m_picture.read(*m_wire, part, parts, sink);
}

void CopyOut::State::read(Wire& wire, unsigned part, unsigned parts, RowSink const& sink) const {
    auto const all = blocks();
    auto const from = all * part / parts;
    auto const to = all * (part + 1) / parts;
    std::uint64_t begin = 0;
    for (auto const& leaf : tables) {
        auto const end = begin + leaf.blocks;
        auto const first = std::max(from, begin);
        auto const last = std::min(to, end);
        if (first < last)
            rows.read(wire, statement(leaf, first - begin, last - begin, last == end), sink);
        begin = end;
    }
}

} // namespace diaban::data::postgis
