#pragma once

#include "data/model/gate.hpp"
#include "data/postgis/pool.hpp"
#include "geo/policy.hpp"

#include <vector>

namespace diaban::data::postgis {

/// Border gates: stations whose datastreams count lanes, queues and what passed.
///
/// Pool     of Role::serve.
/// Policy   of the collections `sensors` and `datastreams`, arguments of every read.
/// Throws   Error{unavailable, …}.
class GateStore {
public:
    explicit GateStore(Pool& pool) : m_pool{pool} {}

    /// All of them as of `now`, by number; at most a thousand figures.
    [[nodiscard]] std::vector<model::Gate> gates(geo::Instant now, geo::Policy const& sensors,
                                                 geo::Policy const& datastreams) const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
