#include "data/postgis/steady_wire.hpp"

#include "data/postgis/copy_rows.hpp"
#include "geo/error.hpp"

#include <utility>

namespace diaban::data::postgis {

SteadyWire::SteadyWire(std::string uri, Role role, std::chrono::milliseconds statement_timeout)
    : m_uri{std::move(uri)}, m_role{role}, m_statement_timeout{statement_timeout} {}

void SteadyWire::connect() {
    m_wire.emplace(m_uri, m_role);
    m_wire->run("SET statement_timeout = " + std::to_string(m_statement_timeout.count()));
}

void SteadyWire::begin() {
    if (m_wire) {
        try {
            return begin_snapshot(*m_wire);
        } catch (geo::Error const&) { // lost while it lay idle
            m_wire.reset();
        }
    }
    connect();
    begin_snapshot(*m_wire);
}

void SteadyWire::read(std::function<void(Wire&)> const& work) {
    try {
        begin();
        work(*m_wire);
        m_wire->run("COMMIT");
    } catch (...) { // the work's own too: a stream cut short leaves a connection of no use
        m_wire.reset();
        throw;
    }
}

} // namespace diaban::data::postgis
