#pragma once

#include "data/model/alert.hpp"
#include "data/postgis/pool.hpp"
#include "geo/policy.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::data::postgis {

/// What was said of alerts.
///
/// Pool     of Role::serve.
/// Policy   of the collection `alerts`, an argument of every read.
/// Throws   Error{unavailable, …}.
class AlertStore {
public:
    explicit AlertStore(Pool& pool) : m_pool{pool} {}

    /// The last message of each alert that is not over at `now`, the latest first; at most a
    /// thousand.
    [[nodiscard]] std::vector<model::AlertMessage> active(geo::Instant now,
                                                          geo::Policy const& policy) const;
    [[nodiscard]] std::optional<model::AlertMessage> message(std::string const& identifier,
                                                             geo::Policy const& policy) const;

    /// Alerts that others said, by `sender,identifier`: their numbers, and whether they stand.
    struct Foreign {
        std::int64_t fid = 0;
        std::string identity;
        bool stands = false;
    };
    [[nodiscard]] std::vector<Foreign> foreign(std::vector<std::string> const& identities,
                                               geo::Policy const& policy) const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
