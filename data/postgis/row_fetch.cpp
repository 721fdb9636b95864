#include "data/postgis/row_fetch.hpp"

#include "data/postgis/sql_text.hpp"
#include "data/postgis/wire.hpp"
#include "geo/error.hpp"

#include <optional>
#include <utility>

namespace diaban::data::postgis {

struct RowFetch::State {
    std::string uri;
    std::optional<Wire> wire;

    /// Begins a snapshot, on a fresh connection if the one at hand turns out to be lost.
    Cursor begin() {
        bool const was_open = wire.has_value();
        try {
            if (!wire) {
                wire.emplace(uri, Role::feed);
                wire->run("SET statement_timeout = '30s'");
            }
            begin_snapshot(*wire);
            return feed_head(*wire);
        } catch (geo::Error const&) {
            wire.reset();
            if (!was_open) throw;
        }
        return begin();
    }
};

RowFetch::RowFetch(std::string uri) : m_state{std::make_unique<State>()} {
    m_state->uri = std::move(uri);
}
RowFetch::~RowFetch() = default;

std::vector<geo::Field> RowFetch::fields(model::Collection const& collection, Fields fields) {
    return CopyRows{collection.schema, fields, geo::Policy::everything()}.fields();
}

Cursor RowFetch::read(model::Collection const& collection, Fields fields,
                      std::span<std::int64_t const> fids, RowSink const& sink) {
    CopyRows const rows{collection.schema, fields, geo::Policy::everything()};
    auto const cursor = m_state->begin();
    auto& wire = *m_state->wire;
    try {
        if (!fids.empty())
            rows.read(wire,
                      "SELECT " + rows.columns("t") + " FROM " + table_of(collection.schema.id) +
                          " AS t WHERE t.fid = ANY ('" + array_text(fids) + "'::bigint[])",
                      sink);
        wire.run("COMMIT");
    } catch (...) { // the sink's too: a stream cut short leaves a connection of no use
        m_state->wire.reset();
        throw;
    }
    return cursor;
}

} // namespace diaban::data::postgis
