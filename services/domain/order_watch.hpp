#pragma once

#include "data/postgis/order_store.hpp"
#include "services/domain/rounds.hpp"

namespace diaban::services::domain {

/// Watches orders: those not acknowledged within their minutes go to the superior by name, each
/// once. What it knows stands in the record: restarts lose nothing, and any number of nodes may
/// watch.
///
/// Threads  one of its own.
class OrderWatch {
public:
    explicit OrderWatch(data::postgis::OrderStore const& store) : m_store{store} {}

    void start();
    void stop() { m_rounds.stop(); }

    /// One look at everything, as of `now`.
    void look(geo::Instant now) const;

private:
    data::postgis::OrderStore const& m_store;
    Rounds m_rounds{"watch of orders"}; ///< last: ends before what it uses
};

} // namespace diaban::services::domain
