#pragma once

#include "data/postgis/pool.hpp"
#include "geo/feature.hpp"

#include <cstdint>

namespace diaban::data::postgis {

/// Orders that wait to be acknowledged. What was escalated stands in their rows alone, so that a
/// node that dies leaves nothing behind.
///
/// Pool     of Role::edit. Sees everything: an order stays with the scope and sensitivity it has.
/// Threads  any number, and any number of nodes: each order is escalated by one of them, once.
/// Throws   Error{unavailable, …}.
class OrderStore {
public:
    explicit OrderStore(Pool& pool) : m_pool{pool} {}

    /// Hands what is due at `now` and not acknowledged to the superior of whoever it went to: as
    /// the duty roster has it by then, else as it was when the order was issued.
    /// Gives    how many; at most a thousand, the longest due first.
    std::uint64_t escalate(geo::Instant now) const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
