#pragma once

#include "data/postgis/pool.hpp"
#include "data/postgis/steady_wire.hpp"

#include <memory>

namespace diaban::data::postgis {

/// A connection for binary COPY, leased from a pool: it counts among those that are in SQL at once.
class LeasedWire {
public:
    /// Waits for its turn as Pool says.
    explicit LeasedWire(Pool& pool);
    ~LeasedWire();
    LeasedWire(LeasedWire const&) = delete;
    LeasedWire& operator=(LeasedWire const&) = delete;

    [[nodiscard]] SteadyWire& wire() noexcept { return *m_wire; }

private:
    Pool& m_pool;
    std::unique_ptr<SteadyWire> m_wire;
};

} // namespace diaban::data::postgis
