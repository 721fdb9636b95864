#include "data/postgis/row_fetch.hpp"

#include "data/postgis/sql_text.hpp"
#include "data/postgis/steady_wire.hpp"

#include <utility>

namespace diaban::data::postgis {

struct RowFetch::State {
    SteadyWire wire;
};

RowFetch::RowFetch(std::string uri)
    : m_state{new State{{std::move(uri), Role::feed, std::chrono::seconds{30}}}} {}
RowFetch::~RowFetch() = default;

std::vector<geo::Field> RowFetch::fields(model::Collection const& collection, Fields fields) {
    return CopyRows{collection.schema, fields, geo::Policy::everything()}.fields();
}

void RowFetch::read(model::Collection const& collection, Fields fields,
                    std::span<std::int64_t const> fids, RowSink const& sink) {
    CopyRows const rows{collection.schema, fields, geo::Policy::everything()};
    if (fids.empty()) return;
    m_state->wire.read([&](Wire& wire) {
        rows.read(wire,
                  "SELECT " + rows.columns("t") + " FROM " + table_of(collection.schema.id) +
                      " AS t WHERE t.fid = ANY ('" + array_text(fids) + "'::bigint[])",
                  sink);
    });
}

} // namespace diaban::data::postgis
