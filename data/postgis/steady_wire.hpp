#pragma once

#include "data/postgis/pool.hpp"
#include "data/postgis/wire.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace diaban::data::postgis {

/// A Wire that stays open from one read to the next.
///
/// Threads  one at a time.
/// Faults   a connection that turns out to be lost before anything was read is replaced; after any
///          other failure the next read connects anew.
class SteadyWire {
public:
    SteadyWire(std::string uri, Role role, std::chrono::milliseconds statement_timeout);

    /// Runs `work` in a read-only transaction that sees one moment throughout.
    void read(std::function<void(Wire&)> const& work);

private:
    void connect();
    void begin();

    std::string m_uri;
    Role m_role;
    std::chrono::milliseconds m_statement_timeout;
    std::optional<Wire> m_wire;
};

} // namespace diaban::data::postgis
