#pragma once

#include "data/postgis/pool.hpp"

#include <string>

namespace diaban::data::postgis {

/// What belongs to cameras beside their rows.
///
/// Pool     any that reads.
/// Throws   Error{unavailable, …} if the database is busy, slow or gone.
class CameraStore {
public:
    explicit CameraStore(Pool& pool) : m_pool{pool} {}

    /// Where streams are had, `{camera}` standing for a camera's number; empty: no gateway.
    [[nodiscard]] std::string stream_gateway() const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
